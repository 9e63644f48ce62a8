"""ROW, COLUMN, ROWS and COLUMNS: where cells stand, for all cells of a block at once.

Answered from the formula's tree alone: the cells that are referred to are never read.
"""

from __future__ import annotations

import numpy as np

from xlconv.spreadsheet.formula.nodes import Area, Axis, Call, Ref, corners
from xlconv.spreadsheet.values import Numbers, Unsupported, Value

PLACES = {"ROW", "COLUMN", "ROWS", "COLUMNS"}


def place_of(tree: Call, rows: Numbers, columns: Numbers) -> Value:
    """Return what one of these functions gives in each cell of a block.

    `rows` (n, 1, 1, 1) and `columns` (1, m, 1, 1) are where the cells stand, counted from
    1. Raises Unsupported where the argument is no reference, or is to several cells.
    """
    name, arguments = tree.name, tree.arguments
    if not arguments and name in ("ROW", "COLUMN"):
        return Value(rows if name == "ROW" else columns)
    if len(arguments) != 1 or not isinstance(arguments[0], Ref | Area):
        raise Unsupported(f"{name} of what is no reference")
    ends = corners(arguments[0])
    axes = [end.row if name.startswith("ROW") else end.column for end in ends]
    first, last = (_along(axis, rows.shape[0], columns.shape[1]) for axis in axes)
    if name.endswith("S"):
        return Value(np.abs(last - first) + 1)
    if (first != last).any():
        raise Unsupported(f"{name} of several cells")
    return Value(first + 1)


def _along(axis: Axis, n: int, m: int) -> Numbers:
    """Return a coordinate for every cell of the block, as (n, m, 1, 1)."""
    i, j = np.arange(n, dtype=float)[:, None], np.arange(m, dtype=float)[None, :]
    along: Numbers = (axis.offset + axis.by_row * i + axis.by_column * j)[..., None, None]
    return along
