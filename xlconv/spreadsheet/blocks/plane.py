"""A plane: entries of a matrix that stand on the lattice of cells `origin + step * (i, j)`.

Only geometry: cells, ranges, and the references that a formula uses to reach them. Knows
no layers and holds no values.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array, Integers
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.formula import Area, Axis, Ref


class Plane(Struct, frozen=True):
    """A matrix on the sheet: entry (i, j) stands at `origin + step * (i, j)`."""

    origin: Cell
    shape: tuple[int, int]
    step: tuple[int, int] = (1, 1)

    def cell(self, i: int, j: int) -> Cell:
        """Return the cell of entry (i, j); the entry may lie in the halo."""
        return self.origin[0] + self.step[0] * i, self.origin[1] + self.step[1] * j

    def index_of(self, cell: Cell) -> tuple[int, int] | None:
        """Return the entry that stands in a cell; None where it is none of the plane's."""
        (i, down), (j, right) = (
            divmod(at - start, step)
            for at, start, step in zip(cell, self.origin, self.step, strict=True)
        )
        within = 0 <= i < self.shape[0] and 0 <= j < self.shape[1]
        return (i, j) if within and not down and not right else None

    @property
    def range(self) -> Range:
        """The smallest rectangle that holds every entry."""
        return Range(*self.origin, *self.cell(self.shape[0] - 1, self.shape[1] - 1))

    def cells(self) -> tuple[Integers, Integers]:
        """Return the rows and the columns of all entries, row by row."""
        rows = self.origin[0] + self.step[0] * np.arange(self.shape[0])
        columns = self.origin[1] + self.step[1] * np.arange(self.shape[1])
        return np.repeat(rows, self.shape[1]), np.tile(columns, self.shape[0])

    def without_idle_steps(self) -> Plane:
        """Return the same cells with a step of 1 where there is one row, or one column, only."""
        down, right = (1 if n == 1 else step for n, step in zip(self.shape, self.step, strict=True))
        return Plane(self.origin, self.shape, (down, right))

    def entry_cells(self) -> list[Cell]:
        """Return the cells of all entries, row by row."""
        rows, columns = self.cells()
        return list(zip(rows.tolist(), columns.tolist(), strict=True))

    def halo_range(self, halo: Halo) -> Range:
        """Return the rectangle of the plane with its halo."""
        (sr, sc) = self.step
        return self.range.grown(halo.top * sr, halo.bottom * sr, halo.left * sc, halo.right * sc)

    def window(
        self, start: tuple[int, int], size: tuple[int, int], stride: tuple[int, int]
    ) -> Area | Ref:
        """Return the window of `size` entries that begins at `start + stride * (i, j)`.

        (i, j) is the index of the reading cell in its block.
        """
        corners = []
        for at in (start, (start[0] + size[0] - 1, start[1] + size[1] - 1)):
            row, column = self.cell(*at)
            corners.append(
                Ref(
                    Axis(row, by_row=self.step[0] * stride[0]),
                    Axis(column, by_column=self.step[1] * stride[1]),
                )
            )
        first, last = corners
        return first if size == (1, 1) else Area(first, last)

    def every(self, step: tuple[int, int], at: tuple[int, int], shape: tuple[int, int]) -> Plane:
        """Return the entries at `at + step * (i, j)` as a plane of their own."""
        (sr, sc), (down, right) = self.step, step
        return Plane(self.cell(*at), shape, (sr * down, sc * right))

    def entry(self) -> Area | Ref:
        """Return the reference from cell (i, j) of a block to entry (i, j)."""
        return self.window((0, 0), (1, 1), (1, 1))

    def fixed(self, *, absolute: bool = True, by_row: Cell = (0, 0)) -> Area | Ref:
        """Return the reference to the whole plane, the same for every cell of a block.

        With `by_row` it moves by so many rows and columns for each row of the block.
        """
        area = self.range
        first = fixed_ref((area.top, area.left), absolute=absolute, by_row=by_row)
        last = fixed_ref((area.bottom, area.right), absolute=absolute, by_row=by_row)
        return first if first == last else Area(first, last)


def fixed_ref(cell: Cell, *, absolute: bool = True, by_row: Cell = (0, 0)) -> Ref:
    """Return the reference to one cell, which moves by `by_row` per row of the block."""
    row, column = cell
    return Ref(
        Axis(row, by_row=by_row[0], absolute=absolute),
        Axis(column, by_row=by_row[1], absolute=absolute),
    )


def halo_cells(plane: Plane, halo: Halo) -> tuple[Array, Array]:
    """Return the rows and columns of the cells of a plane's halo."""
    (height, width), (row_step, column_step) = plane.shape, plane.step
    i, j = np.mgrid[-halo.top : height + halo.bottom, -halo.left : width + halo.right]
    outside = (i < 0) | (i >= height) | (j < 0) | (j >= width)
    rows = plane.origin[0] + row_step * i[outside]
    return rows, plane.origin[1] + column_step * j[outside]
