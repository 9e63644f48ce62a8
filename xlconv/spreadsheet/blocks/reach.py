"""What the references of a block reach: the sheet, the range, and which cells read which.

A reference is affine in the index (i, j) of the block's cell, so that every answer is for
all cells at once. Looks at no sheet: what stands in the cells is all the same.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Index, Mask
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.formula import Area, Ref, corners

# Cells that are scattered are counted in no larger rectangle.
_LARGEST_BOX = 1 << 23


def range_reached(reference: Ref | Area, shape: tuple[int, int]) -> Range:
    """Return the smallest range that holds what all cells of a block refer to."""
    first, last = corners(reference)
    ends = [(i, j) for i in {0, shape[0] - 1} for j in {0, shape[1] - 1}]
    both = (first, last)  # in either order: $E6:D5 is a range too
    rows = [corner.row.at(i, j) for i, j in ends for corner in both]
    columns = [corner.column.at(i, j) for i, j in ends for corner in both]
    return Range(min(rows), min(columns), max(rows), max(columns))


def sees(reference: Ref | Area, shape: tuple[int, int], area: Range) -> Mask:
    """Return which cells of a block refer to any cell of a range."""
    first, last = corners(reference)
    i, j = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
    found: Mask = (
        (first.row.offset + first.row.by_row * i + first.row.by_column * j <= area.bottom)
        & (last.row.offset + last.row.by_row * i + last.row.by_column * j >= area.top)
        & (first.column.offset + first.column.by_row * i + first.column.by_column * j <= area.right)
        & (last.column.offset + last.column.by_row * i + last.column.by_column * j >= area.left)
    )
    return found


def sees_any(reference: Ref | Area, shape: tuple[int, int], rows: Index, columns: Index) -> Mask:
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
    if height * width > _LARGEST_BOX:
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
    found: Mask = within > 0
    return found


def sheet_of(reference: Ref | Area, own: int) -> int:
    """Return the number of the sheet that a block's reference points to, `own` if it says none."""
    sheet = corners(reference)[0].sheet
    return own if sheet is None else int(sheet)


def at_origin(reference: Ref) -> Ref:
    """Return the reference as the first cell of the block has it, the same for every cell."""
    row, column = reference.row, reference.column
    return replace(
        reference,
        row=replace(row, by_row=0, by_column=0),
        column=replace(column, by_row=0, by_column=0),
    )
