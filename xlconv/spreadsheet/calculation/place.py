"""Where the ranges stand that a part of a formula refers to, cell by cell of a block.

What a reference is while it is worked out: OFFSET moves it, INDEX takes a part of it, ROW
asks for it. Never reads what stands there.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Integers, Mask
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Range
from xlconv.spreadsheet.formula.nodes import Area, Axis, Ref, corners
from xlconv.spreadsheet.values import REF, VALUE, Numbers, Unsupported

SOUND = -1  # no flaw
_DIFFERENT = "a range whose size differs from cell to cell"


class Place(Struct, frozen=True):
    """The ranges of a block's cells: each array is (n, m), an axis of 1 stands for all.

    `flaw` has the error that stands for a cell's range, or SOUND. Rows and columns are
    zero-based and may be off the sheet.
    """

    sheet: str | None
    top: Integers
    left: Integers
    height: Integers
    width: Integers
    flaw: Integers

    @property
    def size(self) -> tuple[int, int]:
        """The rows and columns of the range. Raises Unsupported where cells have different ones."""
        height, width = int(self.height.flat[0]), int(self.width.flat[0])
        if (self.height != height).any() or (self.width != width).any():
            raise Unsupported(_DIFFERENT)
        return height, width

    @property
    def is_single(self) -> bool:
        """Whether every cell has one cell for its range."""
        return bool((self.height == 1).all() and (self.width == 1).all())

    def flawed(self, where: Mask, code: int) -> Place:
        """Return the place with an error where `where` holds and none was."""
        flaw = np.where((self.flaw == SOUND) & where, code, self.flaw)
        return replace(self, flaw=flaw)

    def on_sheet(self) -> Place:
        """Return the place with #REF! where a range is off the sheet, or has no cells."""
        off = (self.top < 0) | (self.left < 0) | (self.height < 1) | (self.width < 1)
        off = off | (self.top + self.height > MAX_ROWS) | (self.left + self.width > MAX_COLUMNS)
        return self.flawed(off, REF)

    def bounds(self, mask: Mask | None = None) -> Range | None:
        """Return the smallest range with the ranges of all cells, or of those in a mask."""
        ends = self.top, self.left, self.top + self.height - 1, self.left + self.width - 1
        counted = np.ones((1, 1), np.bool_) if mask is None else mask
        *some, sound = np.broadcast_arrays(*ends, (self.flaw == SOUND) & counted)
        if not sound.any():
            return None
        top, left, bottom, right = (one[sound] for one in some)
        return Range(int(top.min()), int(left.min()), int(bottom.max()), int(right.max()))

    def reference(self, mask: Mask | None = None) -> Ref | Area | None:
        """Return the reference, affine in the place of the cell, that says the same; None if none.

        What cells outside a mask refer to does not matter.
        """
        sound = self.flaw == SOUND
        if not (sound if mask is None else sound | ~mask).all():
            return None
        ends = (
            self.top, self.left, self.top + self.height - 1, self.left + self.width - 1,
        )  # fmt: skip
        axes = [axis for axis in map(_axis, ends) if axis is not None]
        if len(axes) < len(ends):
            return None
        top, left, bottom, right = axes
        first = Ref(top, left, self.sheet)
        return first if (top, left) == (bottom, right) else Area(first, Ref(bottom, right))


def _axis(at: Integers) -> Axis | None:
    n, m = at.shape
    start = int(at[0, 0])
    down = int(at[1, 0]) - start if n > 1 else 0
    along = int(at[0, 1]) - start if m > 1 else 0
    line = start + down * np.arange(n)[:, None] + along * np.arange(m)[None, :]
    return Axis(start, down, along) if (line == at).all() else None


def still(value: int) -> Integers:
    """Return a number that is the same for every cell of a block."""
    return np.full((1, 1), value, np.int64)


def place_of_reference(reference: Ref | Area, shape: tuple[int, int]) -> Place:
    """Return where a reference that is written out points to in the cells of a block."""
    first, last = corners(reference)
    rows, columns = (
        [_along(one, shape) for one in axes]
        for axes in ((first.row, last.row), (first.column, last.column))
    )
    top, left = np.minimum(*rows), np.minimum(*columns)
    height, width = np.abs(rows[1] - rows[0]) + 1, np.abs(columns[1] - columns[0]) + 1
    return Place(first.sheet, top, left, height, width, still(SOUND))


def _along(axis: Axis, shape: tuple[int, int]) -> Integers:
    i = np.arange(shape[0] if axis.by_row else 1)[:, None]
    j = np.arange(shape[1] if axis.by_column else 1)[None, :]
    return axis.offset + axis.by_row * i + axis.by_column * j


def spanned(one: Place, other: Place) -> Place:
    """Return the ranges from one place to another: A1:B2 of A1 and B2. Raises Unsupported."""
    if other.sheet not in (None, one.sheet):
        raise Unsupported("a range over several sheets")
    top, left = np.minimum(one.top, other.top), np.minimum(one.left, other.left)
    bottom = np.maximum(one.top + one.height, other.top + other.height)
    right = np.maximum(one.left + one.width, other.left + other.width)
    flaw = np.where(one.flaw == SOUND, other.flaw, one.flaw)
    return Place(one.sheet, top, left, bottom - top, right - left, flaw)


def intersected(place: Place, rows: Numbers, columns: Numbers) -> Place:
    """Return the cell of each range in the row or column of the formula's own cell.

    `rows` (n, 1, 1, 1) and `columns` (1, m, 1, 1) count from 1. #VALUE! where there is none,
    as there is in no range of several rows and columns. Raises Unsupported.
    """
    if place.is_single:
        return place
    height, width = place.size
    if height > 1 and width > 1:
        if place.sheet is not None:
            raise Unsupported("a range of another sheet where one number is expected")
        at = replace(place, height=still(1), width=still(1))
        return at.flawed(np.ones((1, 1), np.bool_), VALUE)
    one = still(1)
    if height > 1:
        row = rows[:, :, 0, 0].astype(np.int64) - 1
        inside = (row >= place.top) & (row < place.top + height)
        return replace(place, top=np.where(inside, row, place.top), height=one).flawed(
            ~inside, VALUE
        )
    column = columns[:, :, 0, 0].astype(np.int64) - 1
    inside = (column >= place.left) & (column < place.left + width)
    return replace(place, left=np.where(inside, column, place.left), width=one).flawed(
        ~inside, VALUE
    )
