"""Calculates a workbook from its own inputs, block by block in order of dependency.

Says of every formula cell what its formula gives, or why nobody can tell. Knows no
layers; never looks at what a formula should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from xlconv.errors import FormulaError
from xlconv.formula import Area, Node, Ref, corners, mapped, references
from xlconv.formula.evaluate import Cells, evaluate, evaluate_spilled, is_volatile
from xlconv.formula.parse import parse
from xlconv.formula.values import NUMBER, Kinds, Numbers, Pool, Unsupported, Value
from xlconv.grid import Grid
from xlconv.grouping import group
from xlconv.law import Group, Index
from xlconv.ordering import components, ordered
from xlconv.plane import Plane
from xlconv.refs import Range
from xlconv.sheet import Kind, Sheet, Workbook, indices_of, keys_of

# Cells of a knot of blocks are calculated one by one; no more than so many.
_LARGEST_KNOT = 50_000
# A block that cannot be calculated as one is tried cell by cell, up to so many.
_MOST_SINGLES = 5_000


class Status(IntEnum):
    """What is known of a formula cell's value."""

    CALCULATED = 0
    TAINTED = 1  # calculated from a cell that is not
    PINNED = 2  # volatile: the cached value is taken as an input
    UNSUPPORTED = 3
    CIRCULAR = 4


@dataclass(slots=True)
class Unit:
    """Cells of one formula: the regular cells of a group, or one deviant."""

    sheet: int
    lattice: Plane
    tree: Node | None
    is_array: bool
    cells: Index  # (rows, columns) of the lattice
    mask: NDArray[np.bool_]
    reason: str = ""  # why there is no tree
    reads: tuple[tuple[int, Range], ...] = ()
    spills: bool = False  # one array formula that fills the whole lattice


@dataclass(slots=True)
class Calculation:
    """The values of all cells of a workbook, sheet by sheet and in the order of its arrays."""

    workbook: Workbook
    groups: list[list[Group]]
    units: list[Unit]
    grids: list[Grid]
    statuses: list[NDArray[np.uint8]]
    pool: Pool
    reasons: dict[tuple[int, int], str] = field(default_factory=dict)
    order: list[list[int]] = field(default_factory=list)


def calculate(workbook: Workbook) -> Calculation:
    """Return what every formula of the workbook gives, calculated from its inputs."""
    pool = Pool()
    grids = [Grid(sheet, pool) for sheet in workbook.sheets]
    groups = [group(sheet) for sheet in workbook.sheets]
    statuses = [np.zeros(len(sheet), np.uint8) for sheet in workbook.sheets]
    calculation = Calculation(workbook, groups, [], grids, statuses, pool)
    places = {sheet.name.casefold(): k for k, sheet in enumerate(workbook.sheets)}
    for number, (sheet, found) in enumerate(zip(workbook.sheets, groups, strict=True)):
        calculation.units += _units(number, sheet, found, places)
    calculation.order = ordered(calculation.units)
    for knot in calculation.order:
        _calculate(calculation, knot)
    return calculation


# -- units ---------------------------------------------------------------------------


def _units(
    number: int, sheet: Sheet, groups: list[Group], places: dict[str, int]
) -> Iterator[Unit]:
    seen = np.zeros(len(sheet), np.bool_)
    keys = keys_of(sheet.rows, sheet.columns) if sheet.arrays else np.empty(0, np.int64)
    for one in groups:
        yield _group_unit(number, one, places)
        seen[one.cells[one.regular]] = True
    for index in np.flatnonzero(sheet.is_formula & ~seen).tolist():
        if sheet.kinds[index] == Kind.SPILLED:
            continue
        cell = int(sheet.rows[index]), int(sheet.columns[index])
        tree, reason = _tree(partial(parse, sheet.texts[index]), places)
        is_array = bool(sheet.kinds[index] == Kind.ARRAY_FORMULA)
        cells, mask, lattice = np.array([[index]]), np.ones((1, 1), np.bool_), Plane(cell, (1, 1))
        spills = index in sheet.arrays
        if spills:
            lattice, cells = _spill(sheet, sheet.arrays[index], keys)
            mask = (cells >= 0) & ~seen[cells]
            seen[cells[mask]] = True
        unit = Unit(number, lattice, tree, is_array, cells, mask, reason, spills=spills)
        yield _with_reads(unit, places)


def _spill(sheet: Sheet, area: Range, keys: Index) -> tuple[Plane, Index]:
    """Return the cells of an array formula, as far down as the sheet is used."""
    bottom = min(area.bottom, max(area.top, int(sheet.rows[-1])))
    right = min(area.right, max(area.left, int(sheet.columns.max())))
    lattice = Plane((area.top, area.left), (bottom - area.top + 1, right - area.left + 1))
    return lattice, indices_of(keys, *lattice.cells()).reshape(lattice.shape)


def _group_unit(number: int, one: Group, places: dict[str, int]) -> Unit:
    tree, reason = _tree(one.tree, places)
    unit = Unit(number, one.lattice, tree, one.is_array, one.cells, one.regular, reason)
    return _with_reads(unit, places)


def _tree(read: Callable[[], Node], places: dict[str, int]) -> tuple[Node | None, str]:
    try:
        tree = read()
        names = {corners(one)[0].sheet for one in references(tree)}
        for name in names:
            if name is not None and name.casefold() not in places:
                return None, f"the sheet {name!r}, which is not there"
        return tree, ""
    except FormulaError as error:
        return None, str(error)


def _with_reads(unit: Unit, places: dict[str, int]) -> Unit:
    if unit.tree is None:
        return unit
    shape = unit.lattice.shape
    reads = {
        (unit.sheet if sheet is None else places[sheet.casefold()], reach(one, shape))
        for one in references(unit.tree)
        for sheet in [corners(one)[0].sheet]
    }
    tree = mapped(unit.tree, lambda one: replace(one, sheet=_number(one.sheet, places)))
    return replace(unit, tree=tree, reads=tuple(reads))


def _number(sheet: str | None, places: dict[str, int]) -> str | None:
    return None if sheet is None else str(places[sheet.casefold()])


def reach(reference: Ref | Area, shape: tuple[int, int]) -> Range:
    """Return the smallest range that holds what all cells of a block refer to."""
    first, last = corners(reference)
    ends = [(i, j) for i in {0, shape[0] - 1} for j in {0, shape[1] - 1}]
    both = (first, last)  # in either order: $E6:D5 is a range too
    rows = [corner.row.at(i, j) for i, j in ends for corner in both]
    columns = [corner.column.at(i, j) for i, j in ends for corner in both]
    return Range(min(rows), min(columns), max(rows), max(columns))


# -- calculating ---------------------------------------------------------------------


def _calculate(calculation: Calculation, knot: list[int]) -> None:
    units = [calculation.units[k] for k in knot]
    if len(units) == 1 and not _reads_itself(units[0]):
        _calculate_unit(calculation, units[0])
    elif any(unit.spills for unit in units):
        for unit in units:
            cells = unit.cells[unit.mask]
            calculation.statuses[unit.sheet][cells] = Status.CIRCULAR
    else:
        _calculate_cells(calculation, units)


def _reads_itself(unit: Unit) -> bool:
    own = unit.lattice.range
    return any(sheet == unit.sheet and area.overlaps(own) for sheet, area in unit.reads)


def _calculate_unit(calculation: Calculation, unit: Unit) -> None:
    cells = unit.cells[unit.mask]
    status = calculation.statuses[unit.sheet]
    if unit.tree is not None and is_volatile(unit.tree):
        status[cells] = Status.PINNED
        return
    try:
        found = evaluated(unit, calculation.grids, calculation.pool)
    except Unsupported as reason:
        if (
            not unit.spills and 1 < unit.mask.sum() <= _MOST_SINGLES
        ):  # some of the cells may do by themselves
            for one in singles(unit):
                _calculate_unit(calculation, one)
            return
        found = None
        unit.reason = str(reason)
    if found is None:
        status[cells] = Status.UNSUPPORTED
        calculation.reasons.update(((unit.sheet, int(cell)), unit.reason) for cell in cells)
        return
    numbers, kinds = found
    calculation.grids[unit.sheet].store(cells, numbers[unit.mask], kinds[unit.mask])
    tainted = _tainted(calculation, unit)
    if tainted is not None:
        status[unit.cells[unit.mask & tainted]] = Status.TAINTED


def _tainted(calculation: Calculation, unit: Unit) -> NDArray[np.bool_] | None:
    """Return which cells read one whose value is not known, None where none can."""
    assert unit.tree is not None
    touched: NDArray[np.bool_] | None = None
    for reference in references(unit.tree):
        sheet = sheet_of(reference, unit.sheet)
        status = calculation.statuses[sheet]
        bad = (
            (status == Status.UNSUPPORTED)
            | (status == Status.CIRCULAR)
            | (status == Status.TAINTED)
        )
        if not bad.any():
            continue
        area = reach(reference, unit.lattice.shape)
        grid = calculation.grids[sheet]
        rows, columns = grid.rows[bad], grid.columns[bad]
        inside = (rows >= area.top) & (rows <= area.bottom)
        inside &= (columns >= area.left) & (columns <= area.right)
        if touched is None:
            touched = np.zeros(unit.lattice.shape, np.bool_)
        for row, column in zip(rows[inside].tolist(), columns[inside].tolist(), strict=True):
            touched |= sees(reference, unit.lattice.shape, Range(row, column, row, column))
    return touched


def sees(reference: Ref | Area, shape: tuple[int, int], area: Range) -> NDArray[np.bool_]:
    """Return which cells of a block refer to any cell of a range."""
    first, last = corners(reference)
    i, j = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
    seen: NDArray[np.bool_] = (
        (first.row.offset + first.row.by_row * i + first.row.by_column * j <= area.bottom)
        & (last.row.offset + last.row.by_row * i + last.row.by_column * j >= area.top)
        & (first.column.offset + first.column.by_row * i + first.column.by_column * j <= area.right)
        & (last.column.offset + last.column.by_row * i + last.column.by_column * j >= area.left)
    )
    return seen


def evaluated(unit: Unit, grids: list[Grid], pool: Pool) -> tuple[Numbers, Kinds] | None:
    """Return numbers and kinds of a unit's lattice; None where it has no tree."""
    if unit.tree is None:
        return None
    cells = cells_of(unit, grids, pool)
    if unit.spills:
        return evaluate_spilled(unit.tree, cells, unit.lattice.shape)
    return evaluate(unit.tree, cells)


def cells_of(unit: Unit, grids: list[Grid], pool: Pool) -> Cells:
    """Return a unit's cells as they are evaluated: where they stand, and what they read."""
    n, m = (1, 1) if unit.spills else unit.lattice.shape
    (row, column), (down, right) = unit.lattice.origin, unit.lattice.step

    def read(reference: Ref | Area, *, cut: bool = False) -> Value:
        return _window(reference, grids[sheet_of(reference, unit.sheet)], (n, m), cut=cut)

    return Cells(
        (n, m), read,
        np.asarray(row + 1 + down * np.arange(n), np.float64).reshape(n, 1, 1, 1),
        np.asarray(column + 1 + right * np.arange(m), np.float64).reshape(1, m, 1, 1),
        pool, unit.is_array,
    )  # fmt: skip


def sheet_of(reference: Ref | Area, own: int) -> int:
    """Return the number of the sheet that a unit's reference points to, `own` if it says none."""
    sheet = corners(reference)[0].sheet
    return own if sheet is None else int(sheet)


def _window(
    reference: Ref | Area, grid: Grid, shape: tuple[int, int], *, cut: bool = False
) -> Value:
    """Return what a reference stands for in every cell, as a view: (n, m, h, w) or 1 for n, m."""
    if shape == (1, 1) and isinstance(reference, Area):
        reference = _in_order(reference)
    first, last = corners(reference)
    axes = (first.row, first.column)
    for one, other in zip(axes, (last.row, last.column), strict=True):
        if (one.by_row, one.by_column) != (other.by_row, other.by_column):
            return _growing(reference, grid, shape)
    area = reach(reference, shape)
    clipped = grid.clipped(area)
    height = last.row.offset - first.row.offset + 1
    width = last.column.offset - first.column.offset + 1
    if cut and not any(axis.by_row or axis.by_column for axis in axes):
        height, width = clipped.bottom - clipped.top + 1, clipped.right - clipped.left + 1
        area = clipped
    if height < 1 or width < 1 or area.top < 0 or area.left < 0:
        raise Unsupported("a range off the sheet")
    numbers, kinds = grid.region(area)
    down = any(axis.by_row for axis in axes)
    along = any(axis.by_column for axis in axes)
    sizes = (shape[0] if down else 1, shape[1] if along else 1, height, width)

    def view(array: NDArray[Any]) -> NDArray[Any]:
        row_stride, column_stride = array.strides
        start = array[first.row.offset - area.top :, first.column.offset - area.left :]
        strides = (
            first.row.by_row * row_stride + first.column.by_row * column_stride,
            first.row.by_column * row_stride + first.column.by_column * column_stride,
            row_stride, column_stride,
        )  # fmt: skip
        windows: NDArray[Any] = as_strided(start, sizes, strides, writeable=False)
        return windows

    all_numbers = bool((kinds == NUMBER).all())
    return Value(view(numbers), None if all_numbers else view(kinds), is_reference=True)


def _in_order(area: Area) -> Area:
    """Return the area with its corners in order, where copying has turned it round."""
    top, bottom = sorted((area.first.row, area.last.row), key=lambda axis: axis.offset)
    left, right = sorted((area.first.column, area.last.column), key=lambda axis: axis.offset)
    return Area(Ref(top, left, area.first.sheet), Ref(bottom, right))


def _growing(reference: Ref | Area, grid: Grid, shape: tuple[int, int]) -> Value:
    if shape == (1, 1):
        assert isinstance(reference, Area)
        still = mapped(reference, _at_origin)
        assert isinstance(still, Area)
        return _window(still, grid, shape)
    raise Unsupported("a range whose size differs from cell to cell")


def _at_origin(reference: Ref) -> Ref:
    row, column = reference.row, reference.column
    return replace(
        reference,
        row=replace(row, by_row=0, by_column=0),
        column=replace(column, by_row=0, by_column=0),
    )


# -- knots: recurrences and cycles, cell by cell -----------------------------------------


def _calculate_cells(calculation: Calculation, units: list[Unit]) -> None:
    alone = [one for unit in units for one in singles(unit)]
    if len(alone) > _LARGEST_KNOT:
        for unit in units:
            unit.reason = f"a knot of {len(alone):,} cells that read each other"
            cells = unit.cells[unit.mask]
            calculation.statuses[unit.sheet][cells] = Status.UNSUPPORTED
            calculation.reasons.update(((unit.sheet, int(c)), unit.reason) for c in cells)
        return
    at = {(one.sheet, *one.lattice.origin): k for k, one in enumerate(alone)}
    edges = [sorted(_read_singles(one, at)) for one in alone]
    for knot in components(edges):
        if len(knot) == 1 and knot[0] not in edges[knot[0]]:
            _calculate_unit(calculation, alone[knot[0]])
            continue
        for k in knot:
            one = alone[k]
            calculation.statuses[one.sheet][one.cells[one.mask]] = Status.CIRCULAR


def _read_singles(one: Unit, at: dict[tuple[int, int, int], int]) -> set[int]:
    found = set()
    for sheet, area in one.reads:
        size = (area.bottom - area.top + 1) * (area.right - area.left + 1)
        if size <= len(at):
            found |= {
                at[sheet, row, column]
                for row in range(area.top, area.bottom + 1)
                for column in range(area.left, area.right + 1)
                if (sheet, row, column) in at
            }
        else:
            found |= {
                k for (place, row, column), k in at.items()
                if place == sheet and area.top <= row <= area.bottom
                and area.left <= column <= area.right
            }  # fmt: skip
    return found


def singles(unit: Unit) -> Iterator[Unit]:
    """Yield the cells of a block as blocks of their own."""
    for i, j in zip(*np.nonzero(unit.mask), strict=True):
        yield single(unit, int(i), int(j))


def single(unit: Unit, i: int, j: int) -> Unit:
    """Return the unit of the one cell (i, j) of a block: its references have no steps."""

    def moved(reference: Ref) -> Ref:
        row, column = reference.row, reference.column
        return _at_origin(
            replace(
                reference,
                row=replace(row, offset=row.at(i, j)),
                column=replace(column, offset=column.at(i, j)),
            )
        )

    tree = None if unit.tree is None else mapped(unit.tree, moved)
    reads = (
        ()
        if tree is None
        else tuple({(sheet_of(one, unit.sheet), reach(one, (1, 1))) for one in references(tree)})
    )
    return Unit(
        unit.sheet, Plane(unit.lattice.cell(i, j), (1, 1)), tree, unit.is_array,
        unit.cells[i : i + 1, j : j + 1], np.ones((1, 1), np.bool_), unit.reason, reads,
    )  # fmt: skip
