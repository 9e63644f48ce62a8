"""The third answer of every cell: what the layer gives that it belongs to."""

from __future__ import annotations

import numpy as np

from xlconv.arrays import Array
from xlconv.layout.links import TiedCell
from xlconv.lifting.links import chosen
from xlconv.lifting.matching.tensors import Tensor
from xlconv.lifting.networks import tensor_values
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.values import NUMBER
from xlconv.spreadsheet.workbook import indices_of, number_at
from xlconv.verification.facts import Facts


def network_answers(facts: Facts) -> None:
    inputs = {
        k: np.stack([numbers_of(facts, tensor, plane) for plane in tensor.planes])
        for k, tensor in enumerate(facts.lifted.tensors)
        if tensor.source < 0
    }
    values = facts.values = tensor_values(facts.lifted, inputs)
    for k, tensor in enumerate(facts.lifted.tensors):
        y = values[k]
        for one in tensor.border if y is not None else ():
            assert y is not None
            repeated = y[one.plane][np.ix_(one.rows, one.columns)]
            _answer(facts, tensor.sheet, one.lattice.cells(), repeated)
        if tensor.source < 0 or y is None:
            continue
        planes = [y.reshape(tensor.planes[0].shape)] if y.ndim == 1 else list(y)
        for plane, matrix in zip(tensor.planes, planes, strict=True):
            _answer(facts, tensor.sheet, plane.cells(), matrix)
        x = values[tensor.source]
        if tensor.helpers and x is not None:
            given = tensor.layers[0].helpers(x, y, tensor.helpers)
            for name, (_, lattice) in tensor.helpers.items():
                matrix = given[name].reshape(lattice.shape)
                _answer(facts, tensor.sheet, lattice.cells(), matrix)

    _borrowed_answers(facts)
    for pair in facts.lifted.comparisons:
        a, b = (_plane_of(facts, values, *place) for place in (pair.one, pair.other))
        if a is not None and b is not None:
            square = np.array([((a - b) ** 2).sum()])
            _answer(facts, pair.sheet, pair.comparison.block().lattice.cells(), square)


def _borrowed_answers(facts: Facts) -> None:
    """Answer for parameters that show other cells' numbers: what is typed in there."""
    for one in facts.lifted.links:
        sheet = facts.calculation.workbook.sheets[one.sheet]
        if isinstance(one.what, TiedCell):
            cell = one.what.cell
            source = Plane(one.what.number, (1, 1))
            here = Plane(cell, (1, 1))
        else:
            option = chosen(one.what, sheet)
            if option is None:
                continue
            here, source = one.what.plane, option.plane
        cells = zip(*(axis.tolist() for axis in source.cells()), strict=True)
        numbers = [number_at(sheet, cell) for cell in cells]
        typed = np.array([np.nan if number is None else number for number in numbers])
        _answer(facts, one.sheet, here.cells(), typed)


def _plane_of(
    facts: Facts, values: dict[int, Array | None], tensor: int, plane: int
) -> Array | None:
    found = values[tensor]
    if found is None or found.ndim == 3:
        return None if found is None else found[plane]
    return found.reshape(facts.lifted.tensors[tensor].planes[0].shape)


def numbers_of(facts: Facts, tensor: Tensor, plane) -> Array:  # type: ignore[no-untyped-def]
    numbers, kinds = facts.calculation.grids[tensor.sheet].region(plane.range)
    step = (slice(None, None, plane.step[0]), slice(None, None, plane.step[1]))
    return np.where(kinds == NUMBER, numbers, 0.0)[step]


def _answer(facts: Facts, sheet: int, cells, matrix: Array) -> None:  # type: ignore[no-untyped-def]
    indices = indices_of(facts.calculation.grids[sheet].keys, *cells)
    there = indices >= 0
    facts.network_values[sheet][indices[there]] = matrix.ravel()[there]
