"""Calculates a workbook from its own inputs, block by block in order of dependency.

Says of every formula cell what its formula gives, or why nobody can tell. Knows no
layers; never looks at what a formula should be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import cached_property

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from xlconv.arrays import Index, Mask
from xlconv.errors import ReadError
from xlconv.plurals import counted
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.grouping.formula_index import MOST_BLOCKS
from xlconv.spreadsheet.blocks.grouping.group import group
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sees_any, sheet_of
from xlconv.spreadsheet.calculation.dependency_order import MOST_EDGES, components, ordered
from xlconv.spreadsheet.calculation.evaluate import is_volatile
from xlconv.spreadsheet.calculation.evaluate_block import evaluated
from xlconv.spreadsheet.calculation.formula_block import (
    FormulaBlock,
    formula_blocks,
    halves,
    singles,
)
from xlconv.spreadsheet.calculation.meter import Meter
from xlconv.spreadsheet.calculation.reads import read_references
from xlconv.spreadsheet.calculation.unsettled import (
    CIRCULAR,
    MOST_ROUNDS,
    TOO_DEEP,
    given_up,
    held_back,
    ready,
    settled,
)
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.values import Pool, Unsupported
from xlconv.spreadsheet.workbook import Workbook, indices_of

# Cells of a knot of blocks are calculated one by one; no more than so many.
_LARGEST_KNOT = 20_000

# A block that cannot be calculated as one is tried cell by cell, up to so many.
_MOST_SINGLES = 5_000


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


class Calculation(Struct, dict=True):
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

    def __repr__(self) -> str:
        return f"Calculation({self.workbook!r}, {counted(len(self.blocks), 'block')})"

    def indices(self, sheet: int, plane: Plane) -> Index:
        """Return where the cells of a plane, row by row, are on a sheet; -1 for blank ones."""
        key = sheet, plane
        if key not in self._indices:
            self._indices[key] = indices_of(self.grids[sheet].keys, *plane.cells())
            self._indices[key].flags.writeable = False
        return self._indices[key]

    @cached_property
    def _indices(self) -> dict[tuple[int, Plane], Index]:
        return {}

    @cached_property
    def block_numbers(self) -> tuple[Index, ...]:
        """The number of the block that computes each cell, sheet by sheet; -1 of none."""
        numbers = tuple(np.full(len(sheet), -1) for sheet in self.workbook.sheets)
        for k, block in enumerate(self.blocks):
            numbers[block.sheet][block.cells[block.mask]] = k
        return numbers


def calculate(workbook: Workbook) -> Calculation:
    """Return what every formula of the workbook gives, calculated from its inputs.

    Raises ReadError where there are more formulas without a pattern than any network has.
    """
    pool = Pool()
    grids = [ValueGrid(sheet, pool) for sheet in workbook.sheets]
    found = [group(sheet) for sheet in workbook.sheets]
    statuses = [np.zeros(len(sheet), np.uint8) for sheet in workbook.sheets]
    calculation = Calculation(workbook, found, [], grids, statuses, pool, Reasons(workbook))
    places = {sheet.name.casefold(): k for k, sheet in enumerate(workbook.sheets)}
    names = workbook.fixed_names  # where the others are depends on the cell
    for number, sheet in enumerate(workbook.sheets):
        calculation.blocks += formula_blocks(
            number, sheet, found[number], places, calculation.meter.spend, names
        )
    if len(calculation.blocks) > MOST_BLOCKS:
        raise ReadError(f"{len(calculation.blocks):,} patterns; expected at most {MOST_BLOCKS:,}")
    _calculate_all(calculation)
    return calculation


def _calculate_all(calculation: Calculation) -> None:
    """Calculate in order; ranges that depend on values as soon as these are there."""
    blocks = calculation.blocks
    done: set[int] = set()
    for left in reversed(range(MOST_ROUNDS)):
        calculation.order = ordered(blocks)
        held = held_back(blocks, calculation.order)
        for knot in calculation.order:
            if held.isdisjoint(knot) and done.isdisjoint(knot):
                _calculate(calculation, knot)
                done.update(knot)
        if not held:
            return
        now = ready(blocks, held) if left > 1 else []
        for k in now:
            blocks[k] = settled(blocks[k], calculation.grids, calculation.pool, calculation.meter)
        for k in held if not now else ():
            if blocks[k].waits is not None:
                blocks[k] = given_up(blocks[k], CIRCULAR if left > 1 else TOO_DEEP)


def _calculate(calculation: Calculation, knot: list[int]) -> None:
    blocks = [calculation.blocks[k] for k in knot]
    if len(blocks) == 1 and not _reads_itself(blocks[0]):
        _calculate_block(calculation, blocks[0])
    elif any(block.spills for block in blocks):
        for block in blocks:
            cells = block.cells[block.mask]
            calculation.statuses[block.sheet][cells] = Status.CIRCULAR
    else:
        _calculate_cells(calculation, blocks)


def _reads_itself(block: FormulaBlock) -> bool:
    own = block.lattice.range
    return any(sheet == block.sheet and area.overlaps(own) for sheet, area in block.reads)


def _calculate_block(calculation: Calculation, block: FormulaBlock) -> None:
    if block.tree is not None and is_volatile(block.tree):
        calculation.statuses[block.sheet][block.cells[block.mask]] = Status.PINNED
        return
    try:
        found = evaluated(block, calculation.grids, calculation.pool, calculation.meter)
    except Unsupported as reason:
        if not block.spills and block.cells.size > 1 and block.mask.sum() <= _MOST_SINGLES:
            for one in halves(block):  # some of the cells may do by themselves
                _calculate_block(calculation, one)
            return
        found = None
        block.reason = str(reason)
    if found is None:
        _give_up(calculation, [block], block.reason)
        return
    numbers, kinds = found
    cells = block.cells[block.mask]
    calculation.grids[block.sheet].store(cells, numbers[block.mask], kinds[block.mask])
    tainted = _tainted(calculation, block)
    if tainted is not None:
        calculation.statuses[block.sheet][block.cells[block.mask & tainted]] = Status.TAINTED


def _give_up(calculation: Calculation, blocks: Iterable[FormulaBlock], reason: str) -> None:
    for block in blocks:
        block.reason = reason
        cells = block.cells[block.mask]
        calculation.statuses[block.sheet][cells] = Status.UNSUPPORTED
        calculation.reasons.give(block.sheet, cells, reason)


def _tainted(calculation: Calculation, block: FormulaBlock) -> Mask | None:
    """Return which cells read one whose value is not known, None where none can."""
    assert block.tree is not None
    touched: Mask | None = None
    for sheet, area in block.reached:
        grid, status = calculation.grids[sheet], calculation.statuses[sheet]
        bad = (status != Status.CALCULATED) & (status != Status.PINNED)
        if bad.any() and (bad & grid.within(area)).any():
            return np.ones(block.lattice.shape, np.bool_)
    for reference in read_references(block.tree):
        sheet = sheet_of(reference, block.sheet)
        status = calculation.statuses[sheet]
        bad = (status != Status.CALCULATED) & (status != Status.PINNED)
        if not bad.any():
            continue
        area = range_reached(reference, block.lattice.shape)
        grid = calculation.grids[sheet]
        rows, columns = grid.rows[bad], grid.columns[bad]
        inside = grid.within(area)[bad]
        if touched is None:
            touched = np.zeros(block.lattice.shape, np.bool_)
        if inside.any():
            touched |= sees_any(reference, block.lattice.shape, rows[inside], columns[inside])
    return touched


# -- knots: recurrences and cycles, cell by cell -----------------------------------------


def _calculate_cells(calculation: Calculation, blocks: list[FormulaBlock]) -> None:
    count = sum(int(block.mask.sum()) for block in blocks)
    if count > _LARGEST_KNOT:
        _give_up(calculation, blocks, f"a knot of {count:,} cells that read each other")
        return
    found = cell_by_cell(calculation, blocks)
    if found is None:
        _give_up(calculation, blocks, f"a knot of {count:,} cells, most of which read most others")
        return
    for knot, is_circular in found:
        for one in knot:
            if is_circular:
                calculation.statuses[one.sheet][one.cells[one.mask]] = Status.CIRCULAR
            else:
                _calculate_block(calculation, one)


def cell_by_cell(
    calculation: Calculation, blocks: Sequence[FormulaBlock]
) -> list[tuple[list[FormulaBlock], bool]] | None:
    """Return the cells of blocks as blocks of their own, each after those that it reads.

    Those in a circle come together, with True. None where they read too many of each other.
    """
    alone = [
        settled(one, calculation.grids, calculation.pool, calculation.meter)
        if block.reached else one
        for block in blocks for one in singles(block)
    ]  # fmt: skip
    edges = _edges(alone)
    if edges is None:
        return None
    return [
        ([alone[k] for k in knot], len(knot) > 1 or knot[0] in edges[knot[0]])
        for knot in components(edges)
    ]


def _edges(blocks: list[FormulaBlock]) -> list[list[int]] | None:
    """Return which of the cells each one reads; None where those are too many."""
    at = {(one.sheet, *one.lattice.origin): k for k, one in enumerate(blocks)}
    index = AreaIndex((one.sheet, one.lattice.range) for one in blocks)
    edges: list[list[int]] = []
    total = 0
    for one in blocks:
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
