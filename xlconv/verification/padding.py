"""Frames around planes: the zeros of a padding, or the texts that a maximum passes over.

A frame says by most of its cells what belongs into it. Names no layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlconv.layers.base.padding_modes import MODES, repeated_at
from xlconv.lifting.matching.relative_geometry import spread_cells
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.patterns import what_stands

# So many times more cells than not must hold the same.
_TRUST = 3

# Larger frames are not looked at, cell by cell.
_LARGEST = 100_000


def frames(facts: Facts) -> Iterator[Finding]:
    """Yield the odd cells of frames that windows reach: of zeros, of texts, or of a border."""
    for tensor in facts.lifted.tensors:
        odd = [one.plane for one in tensor.overhangs if one.fill in ("mixed", *MODES)]
        for plane in dict.fromkeys(odd):
            own = [one for one in tensor.overhangs if one.plane == plane]
            if sum(one.cells.size[0] * one.cells.size[1] for one in own) > _LARGEST:
                continue
            cells = list(
                dict.fromkeys(cell for one in own for cell in spread_cells(one.cells, one.plane))
            )
            yield from odd_cells(facts, tensor.sheet, cells, plane)
            yield from _odd_repeats(facts, tensor.sheet, cells, plane)


def odd_cells(facts: Facts, number: int, cells: Sequence[Cell], plane: Plane) -> Iterator[Finding]:
    """Yield those of a frame's cells that hold something else than the rest of them."""
    sheet = facts.calculation.workbook.sheets[number]
    held = {cell: _held(sheet, cell) for cell in cells}
    for fill, what in (("zero", "0"), ("text", "a text")):
        odd = [cell for cell in cells if held[cell] != fill]
        if not odd or len(cells) < (_TRUST + 1) * len(odd):
            continue
        expected = f"{what}, as in the rest of the frame of {plane.range.name}"
        for cell in odd:
            yield from _told(facts, number, cell, expected)


def _odd_repeats(
    facts: Facts, number: int, cells: Sequence[Cell], plane: Plane
) -> Iterator[Finding]:
    """Yield the cells of a border that do not repeat the entry that the others would have."""
    sheet = facts.calculation.workbook.sheets[number]
    best: list[tuple[Cell, str]] | None = None
    for mode in MODES:
        wanted = _repeated(mode, cells, plane)
        odd = [(cell, f"={name}") for cell, name in wanted if not _points(sheet, cell, name)]
        if best is None or len(odd) < len(best):
            best = odd
    if best and len(cells) >= (_TRUST + 1) * len(best):
        for cell, expected in best:
            yield from _told(facts, number, cell, expected)


def _repeated(mode: str, cells: Sequence[Cell], plane: Plane) -> list[tuple[Cell, str]]:
    """Return the name of the entry that each cell of a border shows in a padding mode."""
    axes = []
    for axis in (0, 1):
        at = [(cell[axis] - plane.origin[axis]) // plane.step[axis] for cell in cells]
        axes.append(repeated_at(mode, plane.shape[axis], np.array(at)).tolist())
    return [
        (cell, a1_name(plane.cell(i, j))) for cell, i, j in zip(cells, *axes, strict=True)
        if min(i, j) >= 0
    ]  # fmt: skip


def _points(sheet: Sheet, cell: Cell, name: str) -> bool:
    text = sheet.formula(cell)
    return text is not None and text.replace("$", "").upper() == name


def _told(facts: Facts, number: int, cell: Cell, expected: str) -> Iterator[Finding]:
    """Yield the finding about an odd cell, once."""
    sheet = facts.calculation.workbook.sheets[number]
    if (number, cell) in facts.reported:
        return
    facts.reported.add((number, cell))
    index = sheet.find(cell)
    code, found = what_stands(sheet, -1 if index is None else index)
    if not expected.startswith("="):  # it is no formula that is missing
        code = {"S203": "T301", "S202": "G403"}.get(code, code)
    found = "blank" if index is None else f"={found}" if code == "S201" else found
    if index is not None:
        facts.wrong[number][index] = True
    message = f"{found}; expected {expected}"
    yield Finding(code, sheet.name, a1_name(cell), message, found, expected)


def _held(sheet: Sheet, cell: Cell) -> str:
    index = sheet.find(cell)
    if index is None:
        return "blank"
    if sheet.kinds[index] == Kind.TEXT:
        return "text"
    return "zero" if sheet.kinds[index] == Kind.NUMBER and not sheet.numbers[index] else "other"
