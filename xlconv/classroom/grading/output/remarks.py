"""Findings of verify -> remarks: what is wrong in words for students, without codes and jargon.

A finding tells in one sentence what stands in a cell, what should, and why; here it is taken
apart, so that it can be said in any language. Finds nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xlconv.classroom.exercise_file import Mistake, cells_of
from xlconv.classroom.grading.answer_key import TaskKey
from xlconv.classroom.grading.graded_file import Remark, State
from xlconv.classroom.grading.marking import MarkedTask, Place
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding

MOST = 6  # remarks of a task in which cells are to be filled in
_ALIKE = {
    "S202": "values instead of formulas", "D704": "values instead of formulas",
    "T302": "a text instead of a formula", "S203": "cells left empty",
    "D701": "cells left empty", "D703": "formulas in other cells",
}  # fmt: skip
_OTHERWISE = "another function"
# How verify tells what differs: of a layer as a whole, and of some cells of one.
_WHY = {
    "D702": re.compile(r" declared [^;]*; (.*?) \([\d,]+ cells?(?:, [\d,]+ of them pasted)?\)"),
    "S201": re.compile(r"; expected .* \([\w. -]+: (.*)\)$"),
}
_REFERENCE = re.compile(
    r"\s*\([^()]*\$?[A-Z]{1,3}\$?\d+[^()]*\)|"
    r"\(?(?<![\w.])\$?[A-Z]{1,3}\$?\d+(:\$?[A-Z]{1,3}\$?\d+)?\b\)?|\b\w+\.\w+\[[\d, ]+\]"
)
_FOUND = re.compile(r"(?:^the (?:number|text) |^| holds )(?P<found>[^;]+); expected ")
_EXPECTED = re.compile(r"; expected (?P<expected>=.+?)(?: \([\w. \[\]-]+(?:: .*)?\))?$", re.DOTALL)


def slip_of(cause: Finding) -> str:
    """Return a mistake without its place and formulas, so that the same one is counted as such."""
    if cause.code in _ALIKE:
        return _ALIKE[cause.code]
    found = _WHY[cause.code].search(cause.message) if cause.code in _WHY else None
    if found is None:
        return _OTHERWISE
    parts = [one for one in found[1].split("; ") if not one.startswith("the cells compute")]
    said = " ".join(_REFERENCE.sub("", parts[0] if parts else _OTHERWISE).split())
    if said.startswith(("slides", "stands still")):
        return f"a reference {said}".replace("`", "")
    return _OTHERWISE if " gives " in said else said.removeprefix("is ")


def remark_of(cause: Finding) -> Remark:
    """Return a finding in parts."""
    found, expected = _FOUND.search(cause.message), _EXPECTED.search(cause.message)
    held = found["found"] if found else ""
    if held and not held.startswith("=") and not cause.message.startswith("the "):
        held = ""  # "no formula", or words of a layer
    return Remark(cause.place, slip_of(cause), held, expected["expected"] if expected else "")


def remarks_of(causes: Iterable[Finding]) -> tuple[Remark, ...]:
    """Return the causes of a task, each mistake once: holes are told by who reads them."""
    first, *rest = causes
    kept = [first, *(one for one in rest if not one.code.startswith("T3"))]
    by_slip = {one.slip: one for one in map(remark_of, reversed(kept))}
    return tuple(reversed(by_slip.values()))


def remarks_of_mistakes(
    facts: Facts, key: TaskKey, one: MarkedTask, causes: Sequence[Finding]
) -> tuple[Remark, ...]:
    """Return a remark for each mistake that is left, in the order in which they are listed."""
    return tuple(_left(facts, key, one, causes))


def _left(
    facts: Facts, key: TaskKey, one: MarkedTask, causes: Sequence[Finding]
) -> Iterator[Remark]:
    places = key.task.places
    stand = dict(zip(places, zip(one.states, one.places, strict=True), strict=True))
    right = dict(zip(places, key.formulas, strict=False))
    for mistake in key.task.mistakes:
        cells = [cell for area in mistake.cells for cell in cells_of(area)]
        wrong = [
            (cell, place) for cell in cells
            for state, place in (stand.get(cell, (State.LOST, None)),) if state is not State.RIGHT
        ]  # fmt: skip
        if wrong:
            yield _of_mistake(facts, mistake, wrong, causes, right)


def _of_mistake(
    facts: Facts, mistake: Mistake, wrong: Sequence[tuple[Cell, Place | None]],
    causes: Sequence[Finding], right: Mapping[Cell, str],
) -> Remark:  # fmt: skip
    """Return what verify says of a mistake, or else what is known of it: its cell and its slip."""
    told = {_name(facts, place): place for _, place in wrong if place is not None}
    for cause in causes:
        if cause.place in told:
            return remark_of(cause)
    cell, place = wrong[0]
    slip = mistake.slip or _OTHERWISE
    if place is None:
        return Remark(a1_name(cell), slip)
    # What stands elsewhere than in the solution is spelled otherwise there.
    expected = f"={right[cell]}" if place[1] == cell and right.get(cell) else ""
    held = _held(facts.workbook.sheets[place[0]], place)
    return Remark(_name(facts, place), slip, held, expected)


def _name(facts: Facts, place: Place) -> str:
    return f"{facts.workbook.sheets[place[0]].name}!{a1_name(place[1])}"


def _held(sheet: Sheet, place: Place) -> str:
    index = sheet.find(place[1])
    if index is None:
        return ""
    if sheet.kinds[index] >= Kind.FORMULA:
        return f"={sheet.texts[index]}"
    return f"{sheet.numbers[index]:g}" if sheet.kinds[index] == Kind.NUMBER else sheet.texts[index]
