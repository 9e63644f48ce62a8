"""Padding on the sheet: zeros around planes, texts that a maximum passes over, or a border.

Looks at the cells around a plane that windows reach: most of them tell what belongs there.
Never asks which layer reads them, and names none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlconv.layers.base.padding_modes import MODES, repeated_at
from xlconv.lifting.matching.relative_geometry import spread_cells
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula.equivalence import RETYPED
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.verification.check import CheckResult
from xlconv.verification.checks.patterns import what_stands
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding

# So many times more cells than not must hold the same.
_TRUST = 3

# Larger ones are not looked at, cell by cell.
_LARGEST = 100_000


def odd_padding(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the odd cells around planes that windows reach: of zeros, of texts, or of a border."""
    found = Collector(facts, earlier)
    for tensor in facts.lifted.tensors:
        odd = [one.plane for one in tensor.overhangs if one.fill in ("mixed", *MODES)]
        for plane in dict.fromkeys(odd):
            own = [one for one in tensor.overhangs if one.plane == plane]
            if sum(one.cells.size[0] * one.cells.size[1] for one in own) > _LARGEST:
                continue
            cells = list(
                dict.fromkeys(cell for one in own for cell in spread_cells(one.cells, one.plane))
            )
            odd_cells(found, facts, tensor.sheet, cells, plane)
            _odd_repeats(found, facts, tensor.sheet, cells, plane)
    return found.result()


def odd_cells(
    found: Collector, facts: Facts, number: int, cells: Sequence[Cell], plane: Plane
) -> None:
    """Find those of the cells around a plane that hold something else than the rest of them."""
    sheet = facts.workbook.sheets[number]
    held = {cell: held_around(sheet, cell) for cell in cells}
    for fill, what in (("zero", "0"), ("text", "a text")):
        odd = [cell for cell in cells if held[cell] != fill]
        if not odd or len(cells) < (_TRUST + 1) * len(odd):
            continue
        expected = f"{what}, as in the rest of the frame of {plane.range.name}"
        for cell in odd:
            _add_odd(found, facts, number, cell, expected)


def _odd_repeats(
    found: Collector, facts: Facts, number: int, cells: Sequence[Cell], plane: Plane
) -> None:
    """Find the cells of a border that do not repeat the entry that the others would have."""
    sheet = facts.workbook.sheets[number]
    best: list[tuple[Cell, str]] | None = None
    for mode in MODES:
        wanted = _repeated(mode, cells, plane)
        odd = [(cell, f"={name}") for cell, name in wanted if not _refers(sheet, cell, name)]
        if best is None or len(odd) < len(best):
            best = odd
    if best and len(cells) >= (_TRUST + 1) * len(best):
        for cell, expected in best:
            _add_odd(found, facts, number, cell, expected)


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


def _refers(sheet: Sheet, cell: Cell, name: str) -> bool:
    text = sheet.formula(cell)
    return text is not None and RETYPED.refers(text, name)


def _add_odd(found: Collector, facts: Facts, number: int, cell: Cell, expected: str) -> None:
    """Add the finding about an odd cell, once."""
    if found.has_reported(number, cell):
        return
    found.report(number, cell)
    sheet = facts.workbook.sheets[number]
    index = sheet.find(cell)
    code, what = what_stands(sheet, -1 if index is None else index)
    if not expected.startswith("="):  # it is no formula that is missing
        code = {"S203": "T301", "S202": "G403"}.get(code, code)
    what = "blank" if index is None else what
    found.mark_wrong(number, index)
    message = f"{what}; expected {expected}"
    found.add(Finding(code, sheet.name, a1_name(cell), message, what, expected))


def held_around(sheet: Sheet, cell: Cell) -> str:
    """Return what stands in a cell of padding: `blank`, `text`, `zero` or `other`."""
    index = sheet.find(cell)
    if index is None:
        return "blank"
    if sheet.kinds[index] == Kind.TEXT:
        return "text"
    return "zero" if sheet.kinds[index] == Kind.NUMBER and not sheet.numbers[index] else "other"
