"""Reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.formula import Area, Ref, corners


def range_reached(reference: Ref | Area, shape: tuple[int, int]) -> Range:
    """Return the smallest range that holds what all cells of a block refer to."""
    first, last = corners(reference)
    ends = [(i, j) for i in {0, shape[0] - 1} for j in {0, shape[1] - 1}]
    both = (first, last)  # in either order: $E6:D5 is a range too
    rows = [corner.row.at(i, j) for i, j in ends for corner in both]
    columns = [corner.column.at(i, j) for i, j in ends for corner in both]
    return Range(min(rows), min(columns), max(rows), max(columns))


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


def sheet_of(reference: Ref | Area, own: int) -> int:
    """Return the number of the sheet that a unit's reference points to, `own` if it says none."""
    sheet = corners(reference)[0].sheet
    return own if sheet is None else int(sheet)


def at_origin(reference: Ref) -> Ref:
    row, column = reference.row, reference.column
    return replace(
        reference,
        row=replace(row, by_row=0, by_column=0),
        column=replace(column, by_row=0, by_column=0),
    )
