"""Blocks evaluated: their references as windows onto the grids of values, without copies.

What does not fit into memory at once goes in parts, and every read is paid for: a stranger's
workbook gets so much work and no more. Reads the grids, never writes them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from xlconv.spreadsheet.blocks.reach import at_origin, range_reached, sheet_of
from xlconv.spreadsheet.calculation.cells import Cells
from xlconv.spreadsheet.calculation.evaluate import evaluate, evaluate_spilled
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, part
from xlconv.spreadsheet.calculation.meter import Meter
from xlconv.spreadsheet.calculation.place import SOUND, Place
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.formula import Area, Ref, corners, mapped, references
from xlconv.spreadsheet.values import NUMBER, Kinds, Numbers, Pool, Unsupported, Value

# Numbers that a block's references stand for at once, each held with its kind and a few
# copies; a larger block goes in parts.
_MOST_AT_ONCE = 1 << 21

# A formula may read so many cells by one reference: each is worked on, and copied.
_LARGEST_RANGE = 1 << 22

# What reading one cell costs is 1; so much is what any evaluation costs.
_EVALUATION = 50_000


def evaluated(
    block: FormulaBlock, grids: list[ValueGrid], pool: Pool, meter: Meter | None = None
) -> tuple[Numbers, Kinds] | None:
    """Return numbers and kinds of a block's lattice; None where it has no tree."""
    if block.tree is None:
        return None
    if meter is not None:
        meter.spend(_EVALUATION)
    if block.spills:
        cells = cells_of(block, grids, pool, meter)
        return evaluate_spilled(block.tree, cells, block.lattice.shape)
    n, m = block.lattice.shape
    down, along = _lines_at_once(block)
    if (down, along) == (n, m):
        return evaluate(block.tree, cells_of(block, grids, pool, meter))
    numbers, kinds = np.empty((n, m)), np.empty((n, m), np.uint8)
    for i in range(0, n, down):
        for j in range(0, m, along):
            rows, columns = range(i, min(i + down, n)), range(j, min(j + along, m))
            one = part(block, rows, columns)
            assert one.tree is not None
            here = np.s_[i : rows.stop, j : columns.stop]
            numbers[here], kinds[here] = evaluate(one.tree, cells_of(one, grids, pool, meter))
    return numbers, kinds


def _lines_at_once(block: FormulaBlock) -> tuple[int, int]:
    """Return how many rows and columns of a block may be evaluated at once."""
    assert block.tree is not None
    n, m = block.lattice.shape
    moving, largest = 0, 1
    for reference in references(block.tree):
        height, width = range_reached(reference, (1, 1)).size
        largest = max(largest, height * width)
        if range_reached(reference, (n, m)).size != (height, width):
            moving += height * width
    # What stands still is held once, but may meet what every cell has of its own.
    most = max(1, _MOST_AT_ONCE // max(largest, moving))
    return (n, m) if n * m <= most else (max(1, most // m), min(m, most))


def cells_of(
    block: FormulaBlock, grids: list[ValueGrid], pool: Pool, meter: Meter | None = None
) -> Cells:
    """Return a block's cells as they are evaluated: where they stand, and what they read."""
    n, m = (1, 1) if block.spills else block.lattice.shape
    (row, column), (down, right) = block.lattice.origin, block.lattice.step

    def read(reference: Ref | Area, *, cut: bool = False) -> Value:
        found = _window(reference, grids[sheet_of(reference, block.sheet)], (n, m), cut=cut)
        if meter is not None:
            meter.spend(found.numbers.size)
        return found

    def gather(place: Place) -> Value:
        number = block.sheet if place.sheet is None else int(place.sheet)
        return _gathered(place, grids[number], (n, m), spend)

    spend = meter.spend if meter is not None else lambda _: None
    rows = np.asarray(row + 1 + down * np.arange(block.lattice.shape[0]), np.float64)
    columns = np.asarray(column + 1 + right * np.arange(block.lattice.shape[1]), np.float64)
    axes = (1, 1, -1, 1) if block.spills else (-1, 1, 1, 1)
    across = (1, 1, 1, -1) if block.spills else (1, -1, 1, 1)
    return Cells(
        (n, m), read, rows.reshape(axes), columns.reshape(across),
        pool, block.is_array, spend, gather,
    )  # fmt: skip


def _gathered(
    place: Place, grid: ValueGrid, shape: tuple[int, int], spend: Callable[[int], None]
) -> Value:
    """Return what stands in ranges that follow no pattern, copied: (n, m, h, w)."""
    (height, width), area = place.size, place.bounds()
    assert area is not None
    count = shape[0] * shape[1] * height * width
    if count > _MOST_AT_ONCE:
        raise Unsupported(f"ranges of {count:,} cells that follow no pattern")
    spend(count + area.size[0] * area.size[1] // 16)
    all_numbers, all_kinds = grid.region(area)
    sound = np.broadcast_to(place.flaw == SOUND, shape)
    top, left = (np.broadcast_to(one, shape) for one in (place.top, place.left))
    # Where there is no range anything will do.
    rows = np.where(sound, top - area.top, 0)[..., None, None] + np.arange(height)[:, None]
    columns = np.where(sound, left - area.left, 0)[..., None, None] + np.arange(width)
    numbers, kinds = all_numbers[rows, columns], all_kinds[rows, columns]
    return Value(numbers, None if (kinds == NUMBER).all() else kinds, is_reference=True)


def _window(
    reference: Ref | Area, grid: ValueGrid, shape: tuple[int, int], *, cut: bool = False
) -> Value:
    """Return what a reference stands for in every cell, as a view: (n, m, h, w) or 1 for n, m."""
    if shape == (1, 1) and isinstance(reference, Area):
        reference = _in_order(reference)
    first, last = corners(reference)
    axes = (first.row, first.column)
    for one, other in zip(axes, (last.row, last.column), strict=True):
        if (one.by_row, one.by_column) != (other.by_row, other.by_column):
            return _growing(reference, grid, shape)
    area = range_reached(reference, shape)
    clipped = grid.clipped(area)
    height = last.row.offset - first.row.offset + 1
    width = last.column.offset - first.column.offset + 1
    if cut and not any(axis.by_row or axis.by_column for axis in axes):
        height, width = clipped.bottom - clipped.top + 1, clipped.right - clipped.left + 1
        area = clipped
    if height < 1 or width < 1 or area.top < 0 or area.left < 0:
        raise Unsupported("a range off the sheet")
    if height * width > _LARGEST_RANGE:
        raise Unsupported(f"a range of {height * width:,} cells")
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


def _growing(reference: Ref | Area, grid: ValueGrid, shape: tuple[int, int]) -> Value:
    if shape == (1, 1):
        assert isinstance(reference, Area)
        still = mapped(reference, at_origin)
        assert isinstance(still, Area)
        return _window(still, grid, shape)
    raise Unsupported("a range whose size differs from cell to cell")
