"""A number to type in that shows a wrong formula to be wrong: `with 1 in H9 it gives 0.3`.

Evaluates the formula that stands in a cell and the one that should, side by side, on the
numbers of the sheet with one of them changed. Never writes a cell.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from xlconv.errors import FormulaError
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.evaluate_block import evaluated
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, single
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.formula import references
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.values import NUMBER, Unsupported
from xlconv.verification.tolerance import Tolerance

# So many of the cells that a formula reads are changed in turn.
_MOST_CHANGED = 60
_TOLERANCE = Tolerance(1e-6, 1e-9)  # a difference that can be seen
_TYPED = (1.0, -1.0, 5.0)


class Rivals(Struct, frozen=True):
    """A cell with the formula that stands there and the one that should, as texts."""

    sheet: int
    cell: Cell
    index: int
    found: str
    wanted: str
    found_is_array: bool
    wanted_is_array: bool


def counterexample(calculation: Calculation, rivals: Rivals, name: str) -> str:
    """Return what to type in, and what each formula then gives; "" where nothing tells them."""
    try:
        found = _own_block(calculation, rivals)
        wanted = _block(rivals, rivals.wanted, is_array=rivals.wanted_is_array)
    except (FormulaError, ValueError):  # a reference to another sheet, by its name
        return ""
    for typed, grids in _changed(calculation, found, wanted):
        given = [_value(calculation, one, grids) for one in (found, wanted)]
        if given[1] is None:
            return ""
        if given[0] is None or not _TOLERANCE.close(given[0], given[1]):
            gives = "no number" if given[0] is None else f"{given[0]:.4g}"
            return f"{typed}it gives {gives}, {name} gives {given[1]:.4g}"
    return ""


def _own_block(calculation: Calculation, rivals: Rivals) -> FormulaBlock:
    """Return the formula that stands there, as it is calculated."""
    number = int(calculation.block_numbers[rivals.sheet][rivals.index])
    block = calculation.blocks[number] if number >= 0 else None
    inside = None if block is None else block.lattice.index_of(rivals.cell)
    if block is None or inside is None or block.tree is None:
        return _block(rivals, rivals.found, is_array=rivals.found_is_array)
    return single(block, *inside)


def _block(rivals: Rivals, text: str, *, is_array: bool) -> FormulaBlock:
    tree = parse(text)
    reads = tuple(
        {(sheet_of(one, rivals.sheet), range_reached(one, (1, 1))) for one in references(tree)}
    )
    return FormulaBlock(
        rivals.sheet, Plane(rivals.cell, (1, 1)), tree, is_array, np.array([[rivals.index]]),
        np.ones((1, 1), np.bool_), "", reads,
    )  # fmt: skip


def _changed(
    calculation: Calculation, found: FormulaBlock, wanted: FormulaBlock
) -> Iterator[tuple[str, list[ValueGrid]]]:
    """Yield the sheet as it is, and with one number changed, each with words for it."""
    yield "", calculation.grids
    grids = [grid.copy() for grid in calculation.grids]
    for sheet, index in _read(calculation, found, wanted):
        grid = grids[sheet]
        was = grid.numbers[index : index + 1].copy()
        cell = a1_name((int(grid.rows[index]), int(grid.columns[index])))
        for number in _TYPED:
            grid.store(np.array([index]), np.array([number]), np.uint8(NUMBER))
            yield f"with {number:g} in {cell} ", grids
        grid.store(np.array([index]), was, np.uint8(NUMBER))


def _read(
    calculation: Calculation, found: FormulaBlock, wanted: FormulaBlock
) -> list[tuple[int, int]]:
    """Return the numbers that the formulas read, sheet and index, the first ones."""
    cells: list[tuple[int, int]] = []
    for sheet, area in dict.fromkeys((*wanted.reads, *found.reads)):
        grid = calculation.grids[sheet]
        inside = (grid.rows >= area.top) & (grid.rows <= area.bottom)
        inside &= (grid.columns >= area.left) & (grid.columns <= area.right)
        inside &= grid.kinds == NUMBER
        cells += [(sheet, int(k)) for k in np.flatnonzero(inside)[: _MOST_CHANGED // 4]]
    return list(dict.fromkeys(cells))[:_MOST_CHANGED]


def _value(calculation: Calculation, block: FormulaBlock, grids: list[ValueGrid]) -> float | None:
    try:
        given = evaluated(block, grids, calculation.pool)
    except (Unsupported, IndexError):
        return None
    if given is None or given[1][0, 0] != NUMBER:
        return None
    return float(given[0][0, 0])
