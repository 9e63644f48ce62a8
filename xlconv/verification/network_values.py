"""The third answer of every cell: what the layer gives that it belongs to.

Computed from the inputs that stand on the sheet, layer after layer; never looks at what the
formulas of those layers give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array, Index
from xlconv.layout.links import TiedCell
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.links import chosen
from xlconv.lifting.networks import tensor_values
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import indices_of, number_at

Axes = Sequence[Index]  # rows and columns of cells


class NetworkValues(Struct, frozen=True):
    """What the layers give: by the number of a tensor, and sheet by sheet, NaN where none does."""

    tensors: Mapping[int, Array | None]
    cells: tuple[Array, ...]


def network_values(book: LiftedWorkbook) -> NetworkValues:
    """Return what the layers of a lifted workbook give for its cells."""
    inputs = {
        k: np.stack([book.matrix(tensor.sheet, plane) for plane in tensor.planes])
        for k, tensor in enumerate(book.lifted.tensors)
        if tensor.source < 0
    }
    values = tensor_values(book.lifted, inputs)
    cells = _Cells(book)
    _fill_tensors(cells, values)
    _fill_links(cells)
    _fill_comparisons(cells, values)
    for one in cells.numbers:
        one.flags.writeable = False
    return NetworkValues(MappingProxyType(values), tuple(cells.numbers))


class _Cells:
    """The numbers of all cells while they are filled in."""

    def __init__(self, book: LiftedWorkbook) -> None:
        self.book = book
        self.numbers: list[Array] = [np.full(len(one), np.nan) for one in book.workbook.sheets]

    def fill(self, sheet: int, cells: Axes, matrix: Array) -> None:
        """Set the numbers of cells; those that do not stand on the sheet are left out."""
        indices = indices_of(self.book.calculation.grids[sheet].keys, *cells)
        there = indices >= 0
        self.numbers[sheet][indices[there]] = matrix.ravel()[there]


def _fill_tensors(cells: _Cells, values: Mapping[int, Array | None]) -> None:
    """Set the numbers of tensors with the borders around them, and of their helpers."""
    for k, tensor in enumerate(cells.book.lifted.tensors):
        y = values[k]
        if y is None:
            continue
        for one in tensor.border:
            repeated = y[one.plane][np.ix_(one.rows, one.columns)]
            cells.fill(tensor.sheet, one.lattice.cells(), repeated)
        if tensor.source < 0:
            continue
        planes = [y.reshape(tensor.planes[0].shape)] if y.ndim == 1 else list(y)
        for plane, matrix in zip(tensor.planes, planes, strict=True):
            cells.fill(tensor.sheet, plane.cells(), matrix)
        x = values[tensor.source]
        if tensor.helpers and x is not None:
            given = tensor.layers[0].helpers(x, y, tensor.helpers)
            for name, (_, lattice) in tensor.helpers.items():
                cells.fill(tensor.sheet, lattice.cells(), given[name].reshape(lattice.shape))


def _fill_links(cells: _Cells) -> None:
    """Set the numbers of parameters that show other cells' numbers: what is typed in there."""
    for link in cells.book.lifted.links:
        sheet = cells.book.workbook.sheets[link.sheet]
        if isinstance(link.what, TiedCell):
            here, source = Plane(link.what.cell, (1, 1)), Plane(link.what.number, (1, 1))
        else:
            option = chosen(link.what, sheet)
            if option is None:
                continue
            here, source = link.what.plane, option.plane
        places = zip(*(axis.tolist() for axis in source.cells()), strict=True)
        numbers = [number_at(sheet, cell) for cell in places]
        typed = np.array([np.nan if number is None else number for number in numbers])
        cells.fill(link.sheet, here.cells(), typed)


def _fill_comparisons(cells: _Cells, values: Mapping[int, Array | None]) -> None:
    """Set the numbers of cells that compare two planes: their summed squared difference."""
    for pair in cells.book.lifted.comparisons:
        a, b = (_plane_of(cells.book, values, *place) for place in (pair.one, pair.other))
        if a is not None and b is not None:
            square = np.array([((a - b) ** 2).sum()])
            cells.fill(pair.sheet, pair.comparison.block().lattice.cells(), square)


def _plane_of(
    book: LiftedWorkbook, values: Mapping[int, Array | None], tensor: int, plane: int
) -> Array | None:
    found = values[tensor]
    if found is None or found.ndim == 3:
        return None if found is None else found[plane]
    return found.reshape(book.lifted.tensors[tensor].planes[0].shape)
