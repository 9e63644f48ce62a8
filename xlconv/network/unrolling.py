"""A layer with kernels as one matrix: which of its weights stands at every place of it.

`unrolled(conv, (1, 4, 4))` says how a convolution is a matrix times the flattened
image: every row holds the same weights, moved on. Only numbers; knows no sheet.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Array, Shape
from xlconv.layers import Layer

# Larger matrices are not looked at: every column takes a forward pass.
_MOST_INPUTS = 4096


def unrolled(layer: Layer, shape: Shape) -> NDArray[np.int64] | None:
    """Return, for (outputs, inputs), the index into `weight.ravel()`, -1 for none.

    None where a place takes several weights, or the layer has no `weight`.
    """
    weight = layer.parameters().get("weight")
    size = int(np.prod(shape))
    if weight is None or size > _MOST_INPUTS:
        return None
    ids = np.arange(1.0, weight.size + 1).reshape(weight.shape)
    numbered, counted = (
        _matrix(layer.with_parameters({"weight": values}), shape, size)
        for values in (ids, np.ones_like(ids))
    )
    if not np.isin(counted, (0, 1)).all():
        return None
    found: NDArray[np.int64] = np.round(numbered).astype(np.int64) - 1
    return found


def matrix_of(layer: Layer, shape: Shape) -> Array:
    """Return the matrix (outputs, inputs) that does to a flattened input what the layer does."""
    return _matrix(layer, shape, int(np.prod(shape)))


def _matrix(layer: Layer, shape: Shape, size: int) -> Array:
    still = layer.forward(np.zeros(shape)).ravel()  # what a bias adds
    columns = [layer.forward(one.reshape(shape)).ravel() - still for one in np.eye(size)]
    return np.stack(columns, axis=1)
