"""Findings of verify -> remarks: what is wrong in words for students, without codes and jargon.

A finding tells in one sentence what stands in a cell, what should, and why; here it is taken
apart, so that it can be said in any language. Finds nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from xlconv.classroom.exercise_file import Mistake, Task, cells_of
from xlconv.classroom.grading.graded_file import Remark, State
from xlconv.classroom.grading.marking import MarkedTask, Place
from xlconv.spreadsheet.addresses import a1_name
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
_FOUND = re.compile(r"(?:^| holds |^the (?:number|text) )(?P<found>[^;]+); expected ")
_EXPECTED = re.compile(r"; expected (?P<expected>=.+?)(?: \([\w. \[\]-]+(?:: .*)?\))?$", re.DOTALL)


def slip_of(cause: Finding) -> str:
    """Return a mistake without its place and formulas, so that the same one is counted as such."""
    if cause.code in _ALIKE:
        return _ALIKE[cause.code]
    found = _WHY[cause.code].search(cause.message) if cause.code in _WHY else None
    if found is None:
        return _OTHERWISE
    parts = [one for one in found[1].split("; ") if not one.startswith("the cells compute")]
    said = " ".join(_REFERENCE.sub("", parts[0] if parts else found[1]).split())
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
    facts: Facts, task: Task, one: MarkedTask, causes: Sequence[Finding]
) -> tuple[Remark, ...]:
    """Return a remark for each mistake that is left, in the order in which they are listed."""
    return tuple(_left(facts, task, one, causes))


def _left(facts: Facts, task: Task, one: MarkedTask, causes: Sequence[Finding]) -> Iterator[Remark]:
    stand = dict(zip(task.places, zip(one.states, one.places, strict=True), strict=True))
    for mistake in task.mistakes:
        own = [stand.get(cell, (State.LOST, None)) for area in mistake.cells
               for cell in cells_of(area)]  # fmt: skip
        wrong = [place for state, place in own if state is not State.RIGHT]
        if wrong:
            yield _of_mistake(facts, mistake, wrong, causes)


def _of_mistake(
    facts: Facts, mistake: Mistake, wrong: Sequence[Place | None], causes: Sequence[Finding]
) -> Remark:
    places = [f"{facts.workbook.sheets[place[0]].name}!{a1_name(place[1])}"
              for place in wrong if place is not None]  # fmt: skip
    for cause in causes:
        if cause.place in places:
            return remark_of(cause)
    first = next((place for place in wrong if place is not None), None)
    if first is None:
        area = mistake.cells[0]
        return Remark(a1_name((area.top, area.left)), mistake.slip or _OTHERWISE)
    held = _held(facts.workbook.sheets[first[0]], first)
    return Remark(places[0], mistake.slip or _OTHERWISE, held)


def _held(sheet: Sheet, place: Place) -> str:
    index = sheet.find(place[1])
    if index is None:
        return ""
    if sheet.kinds[index] >= Kind.FORMULA:
        return f"={sheet.texts[index]}"
    return f"{sheet.numbers[index]:g}" if sheet.kinds[index] == Kind.NUMBER else sheet.texts[index]
