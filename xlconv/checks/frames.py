"""Frames around planes: the zeros of a padding, or the texts that a maximum passes over.

A frame says by most of its cells what belongs into it. Names no layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlconv.checks.facts import Facts
from xlconv.findings import Finding
from xlconv.plane import Plane
from xlconv.refs import Cell, name_of
from xlconv.sheet import Kind, Sheet
from xlconv.tensors import Overhang

# So many times more cells than not must hold the same.
_TRUST = 3
# Larger frames are not looked at, cell by cell.
_LARGEST = 100_000


def frames(facts: Facts) -> Iterator[Finding]:
    """Yield the odd cells of frames that windows reach, of zeros or of texts."""
    for tensor in facts.lifted.tensors:
        for plane in dict.fromkeys(one.plane for one in tensor.overhangs if one.fill == "mixed"):
            own = [one for one in tensor.overhangs if one.plane == plane]
            if sum(one.cells.size[0] * one.cells.size[1] for one in own) > _LARGEST:
                continue
            cells = [cell for one in own for cell in _cells_of(one)]
            yield from odd_cells(facts, tensor.sheet, list(dict.fromkeys(cells)), plane)


def odd_cells(facts: Facts, number: int, cells: Sequence[Cell], plane: Plane) -> Iterator[Finding]:
    """Yield those of a frame's cells that hold something else than the rest of them."""
    sheet = facts.calculation.workbook.sheets[number]
    held = {cell: _held(sheet, cell) for cell in cells}
    for fill, what in (("zero", "0"), ("text", "a text")):
        odd = [cell for cell in cells if held[cell] != fill]
        if not odd or len(cells) < (_TRUST + 1) * len(odd):
            continue
        for cell in odd:
            if (number, cell) in facts.told:
                continue
            facts.told.add((number, cell))
            code, found = _finding(sheet, cell)
            expected = f"{what}, as in the rest of the frame of {plane.range.name}"
            message = f"{found}; expected {expected}"
            yield Finding(code, sheet.name, name_of(cell), message, found, expected)


def _cells_of(one: Overhang) -> Iterator[Cell]:
    """Yield the cells that windows reach on one side; on spread planes not those between."""
    (sr, sc), (top, left), area = one.plane.step, one.plane.origin, one.cells
    for row in range(area.top + (top - area.top) % sr, area.bottom + 1, sr):
        for column in range(area.left + (left - area.left) % sc, area.right + 1, sc):
            yield row, column


def _held(sheet: Sheet, cell: Cell) -> str:
    index = sheet.find(cell)
    if index is None:
        return "blank"
    if sheet.kinds[index] == Kind.TEXT:
        return "text"
    return "zero" if sheet.kinds[index] == Kind.NUMBER and not sheet.numbers[index] else "other"


def _finding(sheet: Sheet, cell: Cell) -> tuple[str, str]:
    """Return the code for what stands in a frame, and what it is."""
    index = sheet.find(cell)
    if index is None:
        return "T301", "blank"
    if sheet.is_formula[index]:
        return "S201", f"={sheet.texts[index]}"
    if sheet.kinds[index] == Kind.TEXT:
        return "T302", f"the text {sheet.texts[index]!r}"
    return "G403", f"the number {sheet.numbers[index]:.10g}"
