"""Shapes and weights as layers check, make and describe them. Names no layer, knows no cell."""

from __future__ import annotations

from math import prod

import numpy as np

from xlconv.arrays import Array, Shape, by_shape
from xlconv.errors import ShapeError
from xlconv.layers.base.options import Options

# Beyond that many weight cells in one layer no spreadsheet program opens the file.
MAX_WEIGHTS = 4_194_304


def planes_shape(shape: Shape, reader: str) -> tuple[int, int, int]:
    """Return (C, H, W), or raise ShapeError where the input is a vector."""
    if len(shape) != 3:
        raise ShapeError(
            f"{reader} takes channels×height×width, but the input is {by_shape(shape)}"
        )
    return shape[0], shape[1], shape[2]


def vector_shape(shape: Shape, reader: str) -> int:
    """Return N, or raise ShapeError where the input is not a vector."""
    if len(shape) != 1:
        raise ShapeError(
            f"{reader} takes a vector, but the input is {by_shape(shape)}: put a Flatten before"
        )
    return shape[0]


def pair_option(pair: tuple[int, int]) -> int | list[int]:
    """Return (height, width) as a description has it: one number where both are the same."""
    return pair[0] if pair[0] == pair[1] else list(pair)


def zero_weights(*shape: int) -> Array:
    """Return an array of zeros, or raise ShapeError where no sheet could show so many."""
    if prod(shape) > MAX_WEIGHTS:
        raise ShapeError(f"{prod(shape):,} weights; expected at most {MAX_WEIGHTS:,} for a sheet")
    return np.zeros(shape)


def check_given(options: Options, name: str, found: int) -> None:
    """Raise ShapeError where an option says another size than the input has."""
    given = options.count(name, found)
    if given != found:
        raise ShapeError(f"{name} = {given}, but the input has {found}")


def weight_and_bias(weight: Array, bias: Array | None) -> dict[str, Array]:
    """Return the parameters by torch's names, without a bias that is none."""
    return {"weight": weight} if bias is None else {"weight": weight, "bias": bias}


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


def by_size(pair: tuple[int, int]) -> str:
    """Return a size for people: `3×3`."""
    return f"{pair[0]}×{pair[1]}"
