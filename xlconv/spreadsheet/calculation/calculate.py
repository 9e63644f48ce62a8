"""Calculates a workbook from its own inputs, block by block in order of dependency.

Says of every formula cell what its formula gives, or why nobody can tell. Knows no
layers; never looks at what a formula should be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from xlconv.errors import ReadError
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.formula_index import MOST_GROUPS
from xlconv.spreadsheet.blocks.group import group
from xlconv.spreadsheet.blocks.pattern import FoundBlock, Index
from xlconv.spreadsheet.blocks.reach import range_reached, sees, sheet_of
from xlconv.spreadsheet.calculation.dependency_order import MOST_EDGES, components, ordered
from xlconv.spreadsheet.calculation.evaluate import is_volatile
from xlconv.spreadsheet.calculation.evaluate_block import Meter, cells_of, evaluated
from xlconv.spreadsheet.calculation.formula_block import (
    FormulaBlock,
    formula_blocks,
    single,
    singles,
)
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.formula import Area, Ref, corners, references
from xlconv.spreadsheet.values import Pool, Unsupported
from xlconv.spreadsheet.workbook import Workbook

# Cells of a knot of blocks are calculated one by one; no more than so many.
_LARGEST_KNOT = 20_000

# A block that cannot be calculated as one is tried cell by cell, up to so many.
_MOST_SINGLES = 5_000

# Cells that are not known are looked for in no larger rectangle.
_LARGEST_TAINT = 1 << 23


class Status(IntEnum):
    """What is known of a formula cell's value."""

    CALCULATED = 0
    TAINTED = 1  # calculated from a cell that is not
    PINNED = 2  # volatile: the cached value is taken as an input
    UNSUPPORTED = 3
    CIRCULAR = 4


class Reasons:
    """Why cells were not calculated, by sheet and index of the cell."""

    def __init__(self, workbook: Workbook) -> None:
        self._sizes = [len(sheet) for sheet in workbook.sheets]
        self._texts: dict[str, int] = {}
        self._given: dict[int, NDArray[np.int32]] = {}  # by sheet: a text's number, or -1

    def give(self, sheet: int, cells: Index, reason: str) -> None:
        """Set the reason of cells."""
        if sheet not in self._given:
            self._given[sheet] = np.full(self._sizes[sheet], -1, np.int32)
        self._given[sheet][cells] = self._texts.setdefault(reason, len(self._texts))

    def get(self, cell: tuple[int, int], default: str = "") -> str:
        """Return the reason of (sheet, index), or the default where there is none."""
        sheet, index = cell
        number = int(self._given[sheet][index]) if sheet in self._given else -1
        return default if number < 0 else list(self._texts)[number]


@dataclass(slots=True)
class Calculation:
    """The values of all cells of a workbook, sheet by sheet and in the order of its arrays."""

    workbook: Workbook
    found_blocks: list[list[FoundBlock]]
    blocks: list[FormulaBlock]
    grids: list[ValueGrid]
    statuses: list[NDArray[np.uint8]]
    pool: Pool
    reasons: Reasons
    order: list[list[int]] = field(default_factory=list)
    meter: Meter = field(default_factory=Meter)


def calculate(workbook: Workbook) -> Calculation:
    """Return what every formula of the workbook gives, calculated from its inputs.

    Raises ReadError where there are more formulas without a pattern than any network has.
    """
    pool = Pool()
    grids = [ValueGrid(sheet, pool) for sheet in workbook.sheets]
    groups = [group(sheet) for sheet in workbook.sheets]
    statuses = [np.zeros(len(sheet), np.uint8) for sheet in workbook.sheets]
    calculation = Calculation(workbook, groups, [], grids, statuses, pool, Reasons(workbook))
    places = {sheet.name.casefold(): k for k, sheet in enumerate(workbook.sheets)}
    for number, (sheet, found) in enumerate(zip(workbook.sheets, groups, strict=True)):
        calculation.blocks += formula_blocks(number, sheet, found, places)
    if len(calculation.blocks) > MOST_GROUPS:
        raise ReadError(f"{len(calculation.blocks):,} patterns; expected at most {MOST_GROUPS:,}")
    calculation.order = ordered(calculation.blocks)
    for knot in calculation.order:
        _calculate(calculation, knot)
    return calculation


def _calculate(calculation: Calculation, knot: list[int]) -> None:
    units = [calculation.blocks[k] for k in knot]
    if len(units) == 1 and not _reads_itself(units[0]):
        _calculate_unit(calculation, units[0])
    elif any(unit.spills for unit in units):
        for unit in units:
            cells = unit.cells[unit.mask]
            calculation.statuses[unit.sheet][cells] = Status.CIRCULAR
    else:
        _calculate_cells(calculation, units)


def _reads_itself(unit: FormulaBlock) -> bool:
    own = unit.lattice.range
    return any(sheet == unit.sheet and area.overlaps(own) for sheet, area in unit.reads)


def _calculate_unit(calculation: Calculation, unit: FormulaBlock) -> None:
    if unit.tree is not None and is_volatile(unit.tree):
        calculation.statuses[unit.sheet][unit.cells[unit.mask]] = Status.PINNED
        return
    try:
        found = evaluated(unit, calculation.grids, calculation.pool, calculation.meter)
    except Unsupported as reason:
        if not unit.spills and 1 < unit.mask.sum() <= _MOST_SINGLES:
            for one in singles(unit):  # some of the cells may do by themselves
                _calculate_unit(calculation, one)
            return
        found = None
        unit.reason = str(reason)
    if found is None:
        _give_up(calculation, [unit], unit.reason)
        return
    numbers, kinds = found
    cells = unit.cells[unit.mask]
    calculation.grids[unit.sheet].store(cells, numbers[unit.mask], kinds[unit.mask])
    tainted = _tainted(calculation, unit)
    if tainted is not None:
        calculation.statuses[unit.sheet][unit.cells[unit.mask & tainted]] = Status.TAINTED


def _give_up(calculation: Calculation, units: Iterable[FormulaBlock], reason: str) -> None:
    for unit in units:
        unit.reason = reason
        cells = unit.cells[unit.mask]
        calculation.statuses[unit.sheet][cells] = Status.UNSUPPORTED
        calculation.reasons.give(unit.sheet, cells, reason)


def _tainted(calculation: Calculation, unit: FormulaBlock) -> NDArray[np.bool_] | None:
    """Return which cells read one whose value is not known, None where none can."""
    assert unit.tree is not None
    touched: NDArray[np.bool_] | None = None
    for reference in references(unit.tree):
        sheet = sheet_of(reference, unit.sheet)
        status = calculation.statuses[sheet]
        bad = (status != Status.CALCULATED) & (status != Status.PINNED)
        if not bad.any():
            continue
        area = range_reached(reference, unit.lattice.shape)
        grid = calculation.grids[sheet]
        rows, columns = grid.rows[bad], grid.columns[bad]
        inside = (rows >= area.top) & (rows <= area.bottom)
        inside &= (columns >= area.left) & (columns <= area.right)
        if touched is None:
            touched = np.zeros(unit.lattice.shape, np.bool_)
        if inside.any():
            touched |= _any_of(reference, unit.lattice.shape, rows[inside], columns[inside])
    return touched


def _any_of(
    reference: Ref | Area, shape: tuple[int, int], rows: Index, columns: Index
) -> NDArray[np.bool_]:
    """Return which cells of a block refer to any of the given ones, which are within its reach."""
    touched = np.zeros(shape, np.bool_)
    if shape == (1, 1):
        touched[:] = True
        return touched
    if len(rows) <= shape[0] + shape[1]:
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            touched |= sees(reference, shape, Range(row, column, row, column))
        return touched
    first, last = corners(reference)
    top, left = int(rows.min()), int(columns.min())
    height, width = int(rows.max()) - top + 1, int(columns.max()) - left + 1
    if height * width > _LARGEST_TAINT:
        touched[:] = True
        return touched
    # How many there are above and to the left of every place: four of those tell a window's.
    counts = np.zeros((height + 1, width + 1), np.int32)
    counts[rows - top + 1, columns - left + 1] = 1
    counts = counts.cumsum(0, dtype=np.int32).cumsum(1, dtype=np.int32)
    i, j = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
    ends = [
        np.clip(axis.offset + axis.by_row * i + axis.by_column * j - start + past, 0, most)
        for axis, start, past, most in (
            (first.row, top, 0, height), (last.row, top, 1, height),
            (first.column, left, 0, width), (last.column, left, 1, width),
        )
    ]  # fmt: skip
    above, below, before, after = (np.broadcast_to(one, shape) for one in ends)
    within = (
        counts[below, after] - counts[above, after] - counts[below, before] + counts[above, before]
    )
    found: NDArray[np.bool_] = within > 0
    return found


# -- knots: recurrences and cycles, cell by cell -----------------------------------------


def _calculate_cells(calculation: Calculation, units: list[FormulaBlock]) -> None:
    count = sum(int(unit.mask.sum()) for unit in units)
    if count > _LARGEST_KNOT:
        _give_up(calculation, units, f"a knot of {count:,} cells that read each other")
        return
    alone = [one for unit in units for one in singles(unit)]
    edges = _edges(alone)
    if edges is None:
        _give_up(calculation, units, f"a knot of {count:,} cells, most of which read most others")
        return
    for knot in components(edges):
        if len(knot) == 1 and knot[0] not in edges[knot[0]]:
            _calculate_unit(calculation, alone[knot[0]])
            continue
        for k in knot:
            one = alone[k]
            calculation.statuses[one.sheet][one.cells[one.mask]] = Status.CIRCULAR


def _edges(units: list[FormulaBlock]) -> list[list[int]] | None:
    """Return which of the cells each one reads; None where those are too many."""
    at = {(one.sheet, *one.lattice.origin): k for k, one in enumerate(units)}
    index = AreaIndex((one.sheet, one.lattice.range) for one in units)
    edges: list[list[int]] = []
    total = 0
    for one in units:
        found: set[int] = set()
        for sheet, area in one.reads:
            if area.size == (1, 1):
                found.update(k for k in [at.get((sheet, area.top, area.left))] if k is not None)
                continue
            found.update(index.touching(sheet, area))
        edges.append(sorted(found))
        total += len(found)
        if total > MOST_EDGES:
            return None
    return edges


__all__ = [
    "Calculation", "Reasons", "Status", "calculate", "cells_of", "evaluated",
    "sees", "sheet_of", "single", "singles",
]  # fmt: skip
