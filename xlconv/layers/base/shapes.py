"""Shapes as layers check and tell them."""

from __future__ import annotations

from math import prod

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError

# Beyond that many weight cells in one layer no spreadsheet program opens the file.
MAX_WEIGHTS = 4_194_304


def planes_shape(shape: Shape, reader: str) -> tuple[int, int, int]:
    """Return (C, H, W), or raise ShapeError where the input is a vector."""
    if len(shape) != 3:
        raise ShapeError(f"{reader} takes (channels, height, width), but the input is {shape}")
    return shape[0], shape[1], shape[2]


def vector_shape(shape: Shape, reader: str) -> int:
    """Return N, or raise ShapeError where the input is not a vector."""
    if len(shape) != 1:
        raise ShapeError(f"{reader} takes a vector, but the input is {shape}: put a Flatten before")
    return shape[0]


def pair_option(pair: tuple[int, int]) -> int | list[int]:
    """Return (height, width) as a description has it: one number where both are the same."""
    return pair[0] if pair[0] == pair[1] else list(pair)


def zero_weights(*shape: int) -> Array:
    """Return an array of zeros, or raise ShapeError where no sheet could show so many."""
    if prod(shape) > MAX_WEIGHTS:
        raise ShapeError(f"{prod(shape):,} weights; expected at most {MAX_WEIGHTS:,} for a sheet")
    return np.zeros(shape)


def by_size(pair: tuple[int, int]) -> str:
    """Return a size for people: `3×3`."""
    return f"{pair[0]}×{pair[1]}"
