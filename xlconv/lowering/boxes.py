"""The boxes that the strip is built from: a plane with its kernels, a unit with its weights.

Only sizes and steps; knows no network and no sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from msgspec import Struct

from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane

Size = tuple[int, int]

# Between a caption and its kernel, and between kernels, one row or column stays free.
_GAP = 1


class BoxGrid(Struct, frozen=True):
    """Tables of one size in `rows` rows, filled row by row, `gap` apart."""

    count: int
    size: Size
    step: Size = (1, 1)
    rows: int = 1
    gap: int = _GAP

    @property
    def columns(self) -> int:
        """How many tables stand in a row."""
        return ceil(self.count / self.rows)

    @property
    def extent(self) -> Size:
        """Rows and columns of one table on the sheet."""
        return tuple((n - 1) * step + 1 for n, step in zip(self.size, self.step, strict=True))  # type: ignore[return-value]

    @property
    def height(self) -> int:
        """Rows of the whole grid."""
        return self.rows * (self.extent[0] + self.gap) - self.gap

    @property
    def width(self) -> int:
        """Columns of the whole grid."""
        return self.columns * (self.extent[1] + self.gap) - self.gap

    def planes(self, at: Cell) -> Iterator[Plane]:
        """Yield the tables in order, with the first one at `at`."""
        for index in range(self.count):
            row, column = divmod(index, self.columns)
            origin = (
                at[0] + row * (self.extent[0] + self.gap),
                at[1] + column * (self.extent[1] + self.gap),
            )
            yield Plane(origin, self.size, self.step)


class Slot(Struct, frozen=True):
    """An output plane with its halo, `box`, and to its left the kernels that make it.

    Between them stand the planes of partial `sums`, if there are any.
    """

    box: Size
    kernels: BoxGrid | None = None
    bias: bool = False
    sums: BoxGrid | None = None

    @property
    def table_height(self) -> int:
        """Rows of the kernels with the bias below them."""
        if self.kernels is None:
            return 0
        return self.kernels.height + (1 + _GAP if self.bias else 0)

    @property
    def table_width(self) -> int:
        """Columns up to the plane's box."""
        sums = 0 if self.sums is None else self.sums.width + _GAP
        return 0 if self.kernels is None else self.kernels.width + _GAP + sums

    @property
    def table_top(self) -> int:
        """Rows from the top of the box to the kernels: a third of the free rows.

        That is where the eye looks for them; room for the caption is kept above.
        """
        free = self.box[0] - self.table_height - 2
        return free // 3 + 2 if free >= 0 else 0

    @property
    def height(self) -> int:
        """Rows of the slot, without captions and gaps."""
        return max(self.box[0], self.table_height)

    @property
    def width(self) -> int:
        """Columns of the slot."""
        return self.table_width + self.box[1]


class Stack(Struct, frozen=True):
    """Equal slots below each other, `rows` per column, then the next column."""

    count: int
    rows: int
    pitch: int
    width: int

    @classmethod
    def fitting(cls, slot: Slot, count: int, height: int) -> Stack:
        """Return the stack of `count` slots that fills about `height` rows evenly."""
        least = slot.height + 2  # a caption above, a free row below
        rows = max(1, min(count, height // least))
        rows = ceil(count / ceil(count / rows))
        return cls(count, rows, max(least, height // rows), slot.width)

    @property
    def columns(self) -> int:
        """Columns of cells that the stack takes, gaps included."""
        return ceil(self.count / self.rows) * (self.width + _GAP)

    def corner(self, index: int, at: Cell) -> Cell:
        """Return the top left cell of a slot, with the first one at `at`."""
        column, row = divmod(index, self.rows)
        return at[0] + row * self.pitch, at[1] + column * (self.width + _GAP)


def best_slot(
    box: Size, kernels: BoxGrid, count: int, height: int, *, bias: bool, sums: BoxGrid | None = None
) -> tuple[Slot, Stack]:
    """Return the slot and stack that take the fewest columns among those of the height."""
    candidates = []
    for columns in range(1, kernels.count + 1):
        grid = BoxGrid(kernels.count, kernels.size, kernels.step, ceil(kernels.count / columns))
        slot = Slot(box, grid, bias, sums)
        candidates.append((slot, Stack.fitting(slot, count, height)))
    return min(candidates, key=lambda one: (one[0].height + 2 > height, one[1].columns))
