"""Weights that take in a factor and a shift of what a layer gives."""

from __future__ import annotations

import numpy as np

from xlconv.arrays import Array


def rescaled_parameters(
    weight: Array, bias: Array | None, centre: Array, scale: Array, shift: Array, *, axis: int = 0
) -> dict[str, Array]:
    """Return the parameters that give (y - centre) * scale + shift instead of y.

    The last three have a number for each output, which are those of an axis of the weight.
    """
    along = [1] * weight.ndim
    along[axis] = outputs = weight.shape[axis]
    own = np.zeros(outputs) if bias is None else bias
    return {
        "weight": weight * np.broadcast_to(scale, outputs).reshape(along),
        "bias": (own - centre) * scale + shift,
    }
