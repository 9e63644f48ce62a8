"""Blank cells of a block that nobody left out: tables of other heights, and gaps between.

Two columns of formulas side by side may be two tables, of which one goes on further; and a
blank line in what is read leaves one in what reads it. Only blank cells are looked at: what
stands where a pattern's formula should stays odd.
"""

from __future__ import annotations

import numpy as np

from xlconv.arrays import Mask
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Range
from xlconv.spreadsheet.blocks.grouping.areas_read import references_in
from xlconv.spreadsheet.blocks.grouping.formula_index import FormulaIndex
from xlconv.spreadsheet.blocks.grouping.merging import OTHERS
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.blocks.plane import Plane

# One cell that is missing at the end of a line was left out; more are where a table ends.
_FEWEST_BLANK = 2

# Blank cells whose references are looked at, and rows of one that are.
_MOST_BLANK, _MOST_ROWS = 1_000, 1_000


def without_ragged_lines(one: FoundBlock, formulas: FormulaIndex) -> list[FoundBlock]:
    """Return the block, or its two lines apart where one of them ends before the other."""
    if one.regular.all():
        return [one]
    for axis in (0, 1):
        if one.lattice.shape[axis] != 2:
            continue
        cells = formulas.lattice_cells(one.lattice)
        regular, blank = np.moveaxis(one.regular, axis, 0), np.moveaxis(cells < 0, axis, 0)
        for k in (0, 1):
            if regular[1 - k].all() and _ends_early(regular[k], blank[k]):
                return [_line(one, axis, line) for line in (0, 1)]
    return [one]


def _ends_early(regular: Mask, blank: Mask) -> bool:
    """Whether a line is one run of cells of the pattern, and blank before or after it."""
    there = np.flatnonzero(regular)
    if not len(there) or len(regular) - len(there) < _FEWEST_BLANK:
        return False
    is_run = int(there[-1]) - int(there[0]) + 1 == len(there)
    return is_run and bool((regular | blank).all())


def _line(one: FoundBlock, axis: int, k: int) -> FoundBlock:
    """Return a line of a block by itself, as far as its pattern's cells go."""
    regular = np.take(one.regular, [k], axis)
    there = np.flatnonzero(regular.ravel())
    first, last = int(there[0]), int(there[-1])
    along = slice(first, last + 1)
    part = (slice(k, k + 1), along) if axis == 0 else (along, slice(k, k + 1))
    i, j = part[0].start, part[1].start
    shape = one.regular[part].shape
    return FoundBlock(
        Plane(one.lattice.cell(i, j), (shape[0], shape[1]), one.lattice.step),
        one.pattern.shifted(i, j), one.is_array, one.cells[part], one.regular[part],
    )  # fmt: skip


def without_gaps(one: FoundBlock, formulas: FormulaIndex) -> None:
    """Mark the blank cells of a block that would read nothing but blank cells as none of its."""
    blank = np.argwhere(~one.regular & (one.cells == -1))
    # What other sheets hold is not known here.
    if not len(blank) or len(blank) > _MOST_BLANK or "!" in "".join(one.pattern.pieces):
        return
    pattern, n, m = one.pattern, *one.lattice.shape
    ends = pattern.values(0, 0), pattern.values(n - 1, 0), pattern.values(0, m - 1)
    for i, j in blank.tolist():
        values = pattern.values(i, j)
        moving = [
            area
            for k, area in references_in(pattern.pieces, values)
            if len({tuple(end[k : k + 2]) for end in ends}) > 1
        ]
        if moving and all(_is_blank(area, formulas) for area in moving):
            one.cells[i, j] = OTHERS


def _is_blank(area: Range, formulas: FormulaIndex) -> bool:
    if area.bottom - area.top >= _MOST_ROWS or min(area.top, area.left) < 0:
        return False
    rows = np.arange(area.top, area.bottom + 1) * MAX_COLUMNS
    first = np.searchsorted(formulas.keys, rows + area.left)
    past = np.searchsorted(formulas.keys, rows + area.right, side="right")
    return bool((first >= past).all())
