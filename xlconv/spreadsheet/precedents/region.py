"""Sets of cells of one sheet, as disjoint rectangles.

Exact whatever their shape: a strided receptive field keeps its holes, and a whole
column costs one rectangle. Knows no formulas and no workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from msgspec import Struct

from xlconv.arrays import Index, Integers, Mask
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Cell, Range
from xlconv.spreadsheet.blocks.plane import Plane

# Rectangles, one a row: top, left, bottom, right; both ends included, as in Range.
Boxes = Integers
_Keep = Callable[[Mask, Mask], Mask]
_TOP, _LEFT, _BOTTOM, _RIGHT = range(4)
_TURNED = [_LEFT, _TOP, _RIGHT, _BOTTOM]
_WIDTH = MAX_ROWS + 1  # more than any coordinate

# So many rectangles are compared with others at a time: their sums take its square.
_CHUNK = 1500


class Region(Struct, frozen=True, eq=False):
    """A set of cells: in each row the longest runs, joined with the same runs below.

    That form is unique, so that equal sets have equal boxes.
    """

    boxes: Boxes

    def __bool__(self) -> bool:
        return len(self.boxes) > 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Region) and np.array_equal(self.boxes, other.boxes)

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        """Return how many cells there are."""
        down = self.boxes[:, _BOTTOM] - self.boxes[:, _TOP] + 1
        return int((down * (self.boxes[:, _RIGHT] - self.boxes[:, _LEFT] + 1)).sum())

    def __or__(self, other: Region) -> Region:
        if not self or not other:
            return self or other
        return _swept(self.boxes, other.boxes, np.logical_or)

    def __sub__(self, other: Region) -> Region:
        near = _touching(other.boxes, self.bounds) if self else other.boxes
        return _swept(self.boxes, near, lambda a, b: a & ~b) if len(near) else self

    def __and__(self, other: Region) -> Region:
        near = _touching(other.boxes, self.bounds) if self else other.boxes
        return _swept(self.boxes, near, np.logical_and) if len(near) else NOTHING

    def __le__(self, other: Region) -> bool:
        return not self - other

    def __contains__(self, cell: Cell) -> bool:
        return len(_touching(self.boxes, Range(*cell, *cell))) > 0

    @property
    def bounds(self) -> Range:
        """The smallest range that holds every cell; there must be one."""
        top, left = self.boxes[:, :2].min(axis=0).tolist()
        bottom, right = self.boxes[:, 2:].max(axis=0).tolist()
        return Range(top, left, bottom, right)

    @property
    def ranges(self) -> list[Range]:
        """The cells as rectangles, by row, then column: runs of rows or of columns if fewer."""
        boxes = self.boxes
        if len(boxes) > 1:
            turned = _swept(boxes[:, _TURNED], NOTHING.boxes, np.logical_or).boxes[:, _TURNED]
            if len(turned) < len(boxes):
                boxes = turned[np.lexsort((turned[:, _LEFT], turned[:, _TOP]))]
        return [Range(*box) for box in boxes.tolist()]

    def within(self, area: Range) -> Region:
        """Return the cells that lie in a range."""
        boxes = _touching(self.boxes, area)
        if not len(boxes) or area.holds(self.bounds):
            return self if len(boxes) else NOTHING
        low = np.maximum(boxes[:, :2], (area.top, area.left))
        high = np.minimum(boxes[:, 2:], (area.bottom, area.right))
        return region_of(np.hstack((low, high)))

    def meets(self, boxes: Boxes) -> Mask:
        """Return which of some boxes have a cell in common with the set."""
        found = np.zeros(len(boxes), np.bool_)
        for start in range(0, len(self.boxes), _CHUNK):
            found |= _meeting(boxes, self.boxes[start : start + _CHUNK])
        return found

    def entries(self, lattice: Plane) -> tuple[Index, Index]:
        """Return the indices (i, j) of the entries of a lattice that are in the set."""
        boxes = _touching(self.boxes, lattice.range)
        origin, step = np.array(lattice.origin), np.array(lattice.step)
        low = np.maximum(-((origin - boxes[:, :2]) // step), 0)
        high = np.minimum((boxes[:, 2:] - origin) // step + 1, lattice.shape)
        some = (low < high).all(axis=1)
        low, high = low[some], high[some]
        if not len(low):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        first = low.min(axis=0)
        low, high = low - first, high - first
        # A box adds one from its first entry on and takes it back after its last.
        change = np.zeros(high.max(axis=0) + 1, np.int32)
        for rows, columns, sign in (
            (low[:, 0], low[:, 1], 1), (high[:, 0], low[:, 1], -1),
            (low[:, 0], high[:, 1], -1), (high[:, 0], high[:, 1], 1),
        ):  # fmt: skip
            np.add.at(change, (rows, columns), sign)
        i, j = np.nonzero(change.cumsum(axis=0).cumsum(axis=1))
        return i + first[0], j + first[1]


NOTHING = Region(np.zeros((0, 4), np.int64))


def region_of(boxes: Boxes) -> Region:
    """Return the cells of rectangles, which may overlap; what lies off the sheet is left out."""
    on_sheet = (boxes >= 0).all(axis=1)
    on_sheet &= (boxes[:, _BOTTOM] < MAX_ROWS) & (boxes[:, _RIGHT] < MAX_COLUMNS)
    if not on_sheet.all():
        boxes = boxes[on_sheet]
    if len(boxes) > 1:
        # Windows side by side and ranges that grow from cell to cell collapse at once.
        boxes = _joined(_joined(boxes, _TOP), _LEFT)
    return Region(boxes) if len(boxes) <= 1 else _swept(boxes, NOTHING.boxes, np.logical_or)


def region_of_cells(lattice: Plane, i: Index, j: Index) -> Region:
    """Return the cells of some entries of a lattice."""
    rows, columns = lattice.origin[0] + lattice.step[0] * i, lattice.origin[1] + lattice.step[1] * j
    return region_of(np.stack((rows, columns, rows, columns), axis=1))


def region_of_range(area: Range) -> Region:
    """Return all cells of a range."""
    return Region(np.array([[area.top, area.left, area.bottom, area.right]], np.int64))


def union(regions: Iterable[Region]) -> Region:
    """Return the cells of all regions."""
    boxes = [one.boxes for one in regions if one]
    if len(boxes) <= 1:
        return Region(boxes[0]) if boxes else NOTHING
    return region_of(np.concatenate(boxes))


def _touching(boxes: Boxes, area: Range) -> Boxes:
    if not len(boxes):
        return boxes
    touch = (boxes[:, _TOP] <= area.bottom) & (boxes[:, _BOTTOM] >= area.top)
    touch &= (boxes[:, _LEFT] <= area.right) & (boxes[:, _RIGHT] >= area.left)
    return boxes[touch]


def _joined(boxes: Boxes, axis: int) -> Boxes:
    """Return the boxes with those joined that differ only along an axis, and touch."""
    other = 1 - axis
    order = np.lexsort((boxes[:, axis], boxes[:, other + 2], boxes[:, other]))
    boxes = boxes[order]
    sides = boxes[:, (other, other + 2)]
    line = np.concatenate(([0], np.cumsum((sides[1:] != sides[:-1]).any(axis=1))))
    # The farthest end so far within the line: each line's ends are beyond those before it.
    apart = line * (2 * MAX_ROWS)
    ends = np.maximum.accumulate(boxes[:, axis + 2] + apart)
    first = np.ones(len(boxes), np.bool_)
    first[1:] = boxes[1:, axis] + apart[1:] > ends[:-1] + 1
    last = np.append(first[1:], True)
    found = boxes[first]
    found[:, axis + 2] = (ends - apart)[last]
    return found


def _swept(a: Boxes, b: Boxes, keep: _Keep) -> Region:
    """Return the cells for which `keep(in a, in b)`: each row band is swept from left to right."""
    boxes = np.concatenate((a, b))
    if not len(boxes):
        return NOTHING
    lines = np.unique(np.concatenate((boxes[:, _TOP], boxes[:, _BOTTOM] + 1)))
    low = np.searchsorted(lines, boxes[:, _TOP])
    count = np.searchsorted(lines, boxes[:, _BOTTOM] + 1) - low
    owner = np.repeat(np.arange(len(boxes)), count)
    band = np.arange(len(owner)) + np.repeat(low - (np.cumsum(count) - count), count)
    starts = band * _WIDTH + boxes[owner, _LEFT]
    ends = band * _WIDTH + boxes[owner, _RIGHT] + 1
    keys = np.concatenate((starts, ends))
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    sign = np.repeat((1, -1), len(owner))[order]
    of_a = np.tile(owner < len(a), 2)[order]
    at = np.append(np.flatnonzero(np.diff(keys)), len(keys) - 1)  # the last event of each place
    inside = keep(
        np.cumsum(np.where(of_a, sign, 0))[at] > 0, np.cumsum(np.where(of_a, 0, sign))[at] > 0
    )
    before = np.concatenate(([False], inside[:-1]))
    begin, end = keys[at][inside & ~before], keys[at][~inside & before]
    rows = begin // _WIDTH
    runs = np.stack((lines[rows], begin % _WIDTH, lines[rows + 1] - 1, end % _WIDTH - 1), axis=1)
    if len(runs) > 1:
        runs = _joined(runs, _TOP)
        runs = runs[np.lexsort((runs[:, _LEFT], runs[:, _TOP]))]
    return Region(runs)


def _meeting(boxes: Boxes, some: Boxes) -> Mask:
    """Return which boxes have a cell in common with any of some disjoint ones.

    On the grid of the latter's lines, a table of sums tells in four look-ups how many
    covered squares a box has.
    """
    rows = np.unique(np.concatenate((some[:, 0], some[:, 2] + 1)))
    columns = np.unique(np.concatenate((some[:, 1], some[:, 3] + 1)))
    change = np.zeros((len(rows) + 1, len(columns) + 1), np.int64)
    low = np.searchsorted(rows, some[:, 0]), np.searchsorted(columns, some[:, 1])
    high = np.searchsorted(rows, some[:, 2] + 1), np.searchsorted(columns, some[:, 3] + 1)
    for down, along, sign in ((low, low, 1), (high, low, -1), (low, high, -1), (high, high, 1)):
        np.add.at(change, (down[0] + 1, along[1] + 1), sign)
    covered = change.cumsum(axis=0).cumsum(axis=1) > 0
    sums = covered.cumsum(axis=0).cumsum(axis=1)
    # Square r goes from line r to line r + 1: those that a box touches.
    top = np.searchsorted(rows, boxes[:, 0], side="right") - 1
    left = np.searchsorted(columns, boxes[:, 1], side="right") - 1
    top, left = np.maximum(top, 0), np.maximum(left, 0)
    bottom = np.searchsorted(rows, boxes[:, 2], side="right")
    right = np.searchsorted(columns, boxes[:, 3], side="right")
    count = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    found: Mask = (count > 0) & (bottom > top) & (right > left)
    return found
