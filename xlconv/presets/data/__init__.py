"""Weights and sample digits that ship with the package.

The digits are ten of the UCI "Optical Recognition of Handwritten Digits" pictures
(CC BY 4.0) as scikit-learn bundles them, enlarged from 8x8; the weights were trained
on others of them by `workbooks/train_conv_example.py`.
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from xlconv.layers.base import Array


def load(name: str) -> dict[str, Array]:
    """Return the arrays of one data file by name."""
    with files(__package__).joinpath(f"{name}.npz").open("rb") as file, np.load(file) as arrays:
        return {key: arrays[key] for key in arrays.files}


def sample_digit(digit: int) -> Array:
    """Return the sample of a digit, 0 to 9, as (1, 28, 28) with values from 0 to 1."""
    hundredths = load("digits")["hundredths"]
    image: Array = hundredths[digit][None] / 100
    return image
