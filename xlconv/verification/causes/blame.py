"""What verification finds wrong at a cell, or at cells that it goes back to.

Findings in, those in question out; follows references backwards, and never judges a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.addresses import Cell, Range, a1_name, parse_a1
from xlconv.spreadsheet.precedents.precedents import Readings
from xlconv.spreadsheet.precedents.region import NOTHING, Region, region_of_range
from xlconv.verification.findings import Finding, Severity

_RANGE = re.compile(r"([A-Z]+[0-9]+)(?::([A-Z]+[0-9]+))?")


def accusations(findings: Iterable[Finding], sheet: str, cell: Cell) -> Iterator[Finding]:
    """Yield what is wrong at a cell, by itself or as one of several; stale values left out."""
    for one in findings:
        if one.sheet != sheet or one.code == "V101" or not one.root:
            continue
        if one.severity in (Severity.ERROR, Severity.WARNING) and _names(one, cell):
            yield one


def _names(one: Finding, cell: Cell) -> bool:
    here = Range(*cell, *cell)
    return one.cell == a1_name(cell) or any(area.holds(here) for area in _areas(one))


def _areas(one: Finding) -> Iterator[Range]:
    """Yield the cells that a finding is about, as far as it says which."""
    is_many = one.count > 1 or one.code == "G405"
    for text in (one.cell, one.block if is_many else ""):
        found = _RANGE.fullmatch(text)
        if found is not None:
            yield Range(*parse_a1(found[1]), *parse_a1(found[2] or found[1]))


def followed_from(
    book: LiftedWorkbook, sheet: int, cell: Cell, findings: Iterable[Finding]
) -> list[Finding]:
    """Return the errors nearest to a cell among those that it depends on, in their order."""
    numbers = {one.name: k for k, one in enumerate(book.workbook.sheets)}
    roots = [
        (one, numbers[one.sheet], area)
        for one in findings if one.root and one.severity is Severity.ERROR and one.sheet in numbers
        for area in _areas(one)
    ]  # fmt: skip
    if not roots:
        return []
    for level in _levels(Readings(book.calculation), sheet, cell):
        met = [
            one for one, home, area in roots
            if home in level and level[home] & region_of_range(area)
        ]  # fmt: skip
        if met:
            return list(dict.fromkeys(met))
    return []


def _levels(readings: Readings, sheet: int, cell: Cell) -> Iterator[dict[int, Region]]:
    """Yield the cells that a cell reads, those that they read, and so on: each cell once."""
    front, known = {sheet: region_of_range(Range(*cell, *cell))}, dict[int, Region]()
    while front:
        after: dict[int, Region] = {}
        for number, region in front.items():
            for home, read in readings.precedents(number, region).items():
                fresh = read - known.get(home, NOTHING)
                if fresh:
                    after[home] = after.get(home, NOTHING) | fresh
                    known[home] = known.get(home, NOTHING) | fresh
        if after:
            yield after
        front = after


def off_pattern(book: LiftedWorkbook, sheet: int, cell: Cell) -> Iterator[str]:
    """Yield what the block around a cell has there, where the cell holds something else."""
    for one in book.calculation.found_blocks[sheet]:
        place = one.lattice.index_of(cell)
        if place is None or one.regular[place] or one.cells[place] == -2:
            continue
        text = one.pattern.text(*place)
        expected = f"{{={text}}}" if one.is_array else f"={text}"
        yield f"off the pattern of {one.lattice.range.name}, which has {expected} here"
