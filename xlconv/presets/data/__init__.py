"""Weights and sample digits that ship with the package.

The digits are ten of MNIST (by Yann LeCun and Corinna Cortes, CC BY-SA 3.0), picked by
`workbooks/samples.py` among those that no network learnt from; the weights were trained on
others of them by `workbooks/train.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Array

# Weights have four decimals: as whole numbers of ten-thousandths they take a third of the room.
_UNIT = 10_000

DIGIT_SIDE = 28


def load(name: str) -> dict[str, Array]:
    """Return the arrays of one data file by name; whole numbers are ten-thousandths."""
    with files(__package__).joinpath(_file_name(name)).open("rb") as file, np.load(file) as arrays:
        return {
            key: arrays[key] / _UNIT if arrays[key].dtype.kind == "i" else arrays[key]
            for key in arrays.files
        }


def packed(state: Mapping[str, Array]) -> dict[str, NDArray[np.int32]]:
    """Return parameters of four decimals as the whole numbers that `load` takes."""
    return {key: np.round(value * _UNIT).astype(np.int32) for key, value in state.items()}


def path_of(name: str) -> Path:
    """Return the path of one data file."""
    return Path(__file__).with_name(_file_name(name))


def _file_name(name: str) -> str:
    return f"{name.replace('-', '_')}.npz"


def sample_digit(digit: int, side: int = DIGIT_SIDE) -> Array:
    """Return the sample of a digit, 0 to 9, as (1, side, side) with values from 0 to 1.

    Wider than the sample's 28, with zeros around it.
    """
    image: Array = load("digits")["hundredths"][digit] / 100
    before = (side - DIGIT_SIDE) // 2
    return np.pad(image, (before, side - DIGIT_SIDE - before))[None]


def sample_pair() -> Array:
    """Return the sample of two digits beside each other, 0 and 2, as (1, 28, 28)."""
    image: Array = load("pair")["hundredths"][None] / 100
    return image
