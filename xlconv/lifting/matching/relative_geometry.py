"""Where references and planes stand to each other. Only geometry; nothing is looked up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Array
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.products import Reference
from xlconv.lifting.matching.tensors import Tensor
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import corners
from xlconv.spreadsheet.values import BLANK, NUMBER, TEXT


def fill_of(numbers: Array, kinds: NDArray[np.uint8]) -> str:
    if (kinds == BLANK).all():
        return "blank"
    if (kinds == TEXT).all():
        return "text"
    if (kinds == NUMBER).all() and not numbers.any():
        return "zeros"
    return "mixed"


def sides(geometry: WindowGeometry, plane: Plane) -> Iterator[tuple[str, Range]]:
    """Yield the sides on which windows reach beyond a plane, with the cells that they reach."""
    top, left = max(0, -geometry.start[0]), max(0, -geometry.start[1])
    bottom, right = max(0, geometry.past(0)), max(0, geometry.past(1))
    area, (sr, sc) = plane.range, plane.step
    whole = plane.halo_range(Halo(top, bottom, left, right))
    reached = {
        "top": (top, Range(whole.top, whole.left, area.top - 1, whole.right)),
        "bottom": (bottom, Range(area.bottom + sr, whole.left, whole.bottom, whole.right)),
        "left": (left, Range(area.top, whole.left, area.bottom, area.left - 1)),
        "right": (right, Range(area.top, area.right + sc, area.bottom, whole.right)),
    }
    for side, (count, cells) in reached.items():
        if count:
            inside = Range(max(0, cells.top), max(0, cells.left), cells.bottom, cells.right)
            yield side, inside


def whole_geometry(tensor: Tensor) -> WindowGeometry:
    n, m = tensor.planes[0].shape
    return WindowGeometry(tensor.shape, (n, m), (0, 0), (n, m), (1, 1), (1, 1))


def placed(
    window: Reference, plane: Plane, lattice: Plane
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]] | None:
    """Return start, size and stride of a window in entries of a plane, None if it is skewed."""
    first, last = corners(window)
    starts, sizes, strides = [], [], []
    for axis, (a, b) in enumerate(((first.row, last.row), (first.column, last.column))):
        own, cross = (a.by_row, a.by_column) if axis == 0 else (a.by_column, a.by_row)
        moves = lattice.shape[axis] > 1
        skew = lattice.shape[1 - axis] > 1 and cross
        if skew or (a.by_row, a.by_column) != (b.by_row, b.by_column):
            return None
        step = plane.step[axis]
        offset, length = a.offset - plane.origin[axis], b.offset - a.offset
        if offset % step or (moves and own % step):
            return None
        # A window on spread planes may end in the gap after its last entry.
        starts.append(offset // step)
        sizes.append(length // step + 1)
        strides.append(own // step if moves else 1)
    if any(stride < 1 and lattice.shape[axis] > 1 for axis, stride in enumerate(strides)):
        return (starts[0], starts[1]), (sizes[0], sizes[1]), (0, 0)
    return (starts[0], starts[1]), (sizes[0], sizes[1]), (strides[0], strides[1])


def table_step(kinds: NDArray[np.uint8]) -> tuple[int, int]:
    """Return the dilation of a kernel drawn with holes: every so many rows and columns is blank."""
    steps = []
    for axis in (0, 1):
        places = np.flatnonzero(kinds.any(axis=1 - axis))
        gaps = set(np.diff(places).tolist())
        regular = len(gaps) == 1 and places[0] == 0 and places[-1] == kinds.shape[axis] - 1
        steps.append(int(gaps.pop()) if regular else 1)
    return steps[0], steps[1]


def spread_plane(area: Range, step: tuple[int, int]) -> Plane:
    n, m = area.size
    return Plane((area.top, area.left), ((n - 1) // step[0] + 1, (m - 1) // step[1] + 1), step)


def line_of(lattices: list[Plane]) -> Plane | None:
    """Return the column or row that lattices make together, in their order."""
    cells = [
        lattice.cell(i, j)
        for lattice in lattices
        for i in range(lattice.shape[0])
        for j in range(lattice.shape[1])
    ]
    if len(cells) == 1:
        return Plane(cells[0], (1, 1))
    steps = {(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(cells)}
    if len(steps) != 1:
        return None
    down, right = steps.pop()
    if down > 0 and right == 0:
        return Plane(cells[0], (len(cells), 1), (down, 1))
    if right > 0 and down == 0:
        return Plane(cells[0], (1, len(cells)), (1, right))
    return None


def spread_cells(area: Range, plane: Plane) -> Iterator[Cell]:
    """Yield the cells of an area around a plane; where that is spread, not those between."""
    (sr, sc), (top, left) = plane.step, plane.origin
    for row in range(area.top + (top - area.top) % sr, area.bottom + 1, sr):
        for column in range(area.left + (left - area.left) % sc, area.right + 1, sc):
            yield row, column


def plane_around(numbers: NDArray[np.bool_], area: Range) -> Plane | None:
    """Return the smallest plane within an area that holds all its marked cells."""
    rows, columns = np.flatnonzero(numbers.any(axis=1)), np.flatnonzero(numbers.any(axis=0))
    if not len(rows):
        return None
    origin = area.top + int(rows[0]), area.left + int(columns[0])
    return Plane(origin, (int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1))
