"""Findings of verify and the states of cells -> what went wrong first in each task, in words.

A finding belongs to the task whose cell it is about. Nothing is found here that verify does
not tell, but for what needs no proof: cells that are empty, and numbers that are others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from xlconv.classroom.grading.answer_key import TaskKey
from xlconv.classroom.grading.graded_file import EMPTY, NOTHING, State, TaskMarks
from xlconv.classroom.grading.marking import MarkedTask, Place
from xlconv.classroom.grading.output.remarks import remarks_of, remarks_of_mistakes, slip_of
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding, Severity

# Of the file as it was saved, not of what was written into it.
_OF_SAVING = ("V101", "V102")
_WEIGHTY = (Severity.ERROR, Severity.WARNING, Severity.UNVERIFIED)


def with_causes(
    facts: Facts, findings: Iterable[Finding], keys: Sequence[TaskKey], marked: Sequence[MarkedTask]
) -> tuple[TaskMarks, ...]:
    """Return the marks of every task with the first cause of what is wrong in it."""
    owners: dict[Place, int] = {
        place: k for k, one in enumerate(marked) for place in one.places if place is not None
    }
    found: list[list[Finding]] = [[] for _ in marked]
    lost = []
    for one in findings:
        owner = _owner(facts, one, owners)
        if not one.root or one.code in _OF_SAVING or one.severity not in _WEIGHTY:
            continue
        if one.code == "D701" and owner is None:
            lost.append(one)
        elif owner is not None:
            found[owner].append(one)
    return tuple(
        _marks(facts, key, one, own or (lost if State.LOST in one.states else []))
        for key, one, own in zip(keys, marked, found, strict=True)
    )


def _owner(facts: Facts, one: Finding, owners: Mapping[Place, int]) -> int | None:
    """Return which task a finding is about: the one with its cell, or with cells of its range.

    What is said of a layer stands at the layer's first cell, and not where it went wrong.
    """
    home, first = _place_of(facts, one)
    if (home, first) in owners or not one.block:
        return owners.get((home, first))
    start, _, end = one.block.partition(",")[0].partition(":")
    (top, left), (bottom, right) = parse_a1(start), parse_a1(end or start)
    within = (
        k for (sheet, (row, column)), k in owners.items()
        if sheet == home and top <= row <= bottom and left <= column <= right
    )  # fmt: skip
    return next(within, None)


def outside_tasks(
    facts: Facts, findings: Iterable[Finding], marked: Sequence[MarkedTask]
) -> list[Finding]:
    """Return the causes that stand in cells which nobody was asked to change."""
    asked = {
        place: k
        for k, one in enumerate(marked)
        for place, state in zip(one.places, one.states, strict=True)
        if place is not None and state is not State.RIGHT
    }
    there = {place for one in marked for place in one.places}
    found = [
        one for one in findings
        if one.root and one.severity is Severity.ERROR and not one.code.startswith("V")
        and one.code != "D701" and _place_of(facts, one) not in there
        and _owner(facts, one, asked) is None
    ]  # fmt: skip
    # What reads an emptied plane finds blanks there: the plane itself comes first.
    return sorted(found, key=lambda one: one.code.startswith("T"))


def _place_of(facts: Facts, one: Finding) -> Place:
    names = [sheet.name for sheet in facts.workbook.sheets]
    home = names.index(one.sheet) if one.sheet in names else -1
    return home, parse_a1(one.first_cell)


def _marks(facts: Facts, key: TaskKey, one: MarkedTask, causes: Sequence[Finding]) -> TaskMarks:
    prints = _prints(facts, one)
    left = sum(state is not State.RIGHT for state in one.states)
    if not left:
        return TaskMarks(one.letters, contents=prints)
    states = set(one.states)
    first = next(k for k, state in enumerate(one.states) if state is not State.RIGHT)
    at = _name(facts, one.places[first])
    if states == {State.BLANK}:
        return TaskMarks(one.letters, NOTHING, EMPTY, NOTHING, at, contents=prints)
    if key.task.kind == "parameters":
        said = _of_numbers(one, left)
        return TaskMarks(one.letters, said, "numbers", "other numbers", at, contents=prints)
    ours = [cause for cause in causes if cause.severity is Severity.ERROR] or causes
    remarks = (
        remarks_of_mistakes(facts, key, one, ours) if key.task.mistakes
        else remarks_of(ours) if ours else ()
    )  # fmt: skip
    more = max(0, len(remarks) - 1)
    if ours:
        cause = ours[0]
        said = f"{cause.place}: {cause.message}"
        return TaskMarks(
            one.letters,
            said,
            cause.code,
            remarks[0].slip if remarks else slip_of(cause),
            cause.place,
            more,
            prints,
            remarks,
        )
    said = _in_general(one, left, at)
    return TaskMarks(
        one.letters, said, "cells", "cells that are not right", at, more, prints, remarks
    )


def _of_numbers(one: MarkedTask, left: int) -> str:
    blank = sum(state is State.BLANK for state in one.states)
    said = (
        f"{left} of {counted(len(one.states), 'number')} {'is' if left == 1 else 'are'} not right"
    )
    return f"{said}, {blank} of them empty" if blank else said


def _in_general(one: MarkedTask, left: int, at: str) -> str:
    words = {
        State.WRONG: "wrong", State.BLANK: "empty", State.PASTED: "values instead of formulas",
        State.UNKNOWN: "not evaluated", State.LOST: "nowhere to be found",
    }  # fmt: skip
    parts = [
        f"{one.states.count(state)} {word}" for state, word in words.items() if state in one.states
    ]
    where = f", from {at} on" if at else ""
    return f"{left} of {counted(len(one.states), 'cell')}: {', '.join(parts)}{where}"


def _name(facts: Facts, place: Place | None) -> str:
    if place is None:
        return ""
    return f"{facts.workbook.sheets[place[0]].name}!{a1_name(place[1])}"


# -- what wrong cells hold -------------------------------------------------------------------


def _prints(facts: Facts, one: MarkedTask) -> tuple[int, ...]:
    wrong = (State.WRONG, State.PASTED, State.UNKNOWN)
    if not any(state in wrong for state in one.states):
        return ()
    return tuple(
        _print(facts.workbook.sheets[place[0]], place)
        if state in wrong and place is not None else 0
        for state, place in zip(one.states, one.places, strict=True)
    )  # fmt: skip


def _print(sheet: Sheet, place: Place) -> int:
    index = sheet.find(place[1])
    if index is None:
        return 0
    is_number = sheet.kinds[index] == Kind.NUMBER
    text = repr(float(sheet.numbers[index])) if is_number else sheet.texts[index]
    written = re.sub(r"\s", "", text).upper()
    return int.from_bytes(hashlib.blake2b(written.encode(), digest_size=6).digest()) or 1
