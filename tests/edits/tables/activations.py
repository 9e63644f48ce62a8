"""Activations that are something else than the ReLU of the description."""

from __future__ import annotations

import re

from tests.edits.edit import Edit, Step, fill, wrong
from tests.edits.tables.places import CONV1, CONV2, SUMS1, SUMS2


def conv1(around: str) -> tuple[Step, ...]:
    """Write both planes of conv1, X standing for the sum."""
    return tuple(map(_written, CONV1, SUMS1, (around, around)))


def conv2(around: str) -> tuple[Step, ...]:
    """Write both planes of conv2, X standing for the sum."""
    return tuple(map(_written, CONV2, SUMS2, (around, around)))


def _written(plane: str, total: str, around: str) -> Step:
    return fill(plane, "=" + re.sub(r"\bX\b", f"({total})", around))


_CODES = "D7|S2"
_RELU1, _RELU2 = "relu1", "relu2"
EDITS: tuple[Edit, ...] = (
    wrong("relu_forgotten", *conv1("X"), words=(_CODES, _RELU1, "ReLU|MAX(0")),
    wrong("relu_forgotten_in_one_plane", conv1("X")[1], words=(_CODES, _RELU1, "ReLU|MAX(0")),
    wrong("relu_forgotten_in_conv2", *conv2("X"), words=(_CODES, _RELU2, "ReLU|MAX(0")),
    wrong("relu_forgotten_everywhere", *conv1("X"), *conv2("X"),
          words=(_CODES, _RELU1, _RELU2, "ReLU|MAX(0")),
    wrong("relu_forgotten_in_one_row", fill("AH20:BG20", "=" + SUMS1[0].replace("A2:C4", "A19:C21")),
          words=(_CODES, "AH20|relu1", "ReLU|MAX(0")),
    wrong("relu_leaks", *conv1("IF(X>0,X,0.1*X)"), words=(_CODES, _RELU1, "ReLU", "LeakyReLU|0.1")),
    wrong("relu_leaks_by_max", *conv1("MAX(0.01*X,X)"), words=(_CODES, _RELU1, "ReLU", "LeakyReLU|0.01")),
    wrong("absolute_for_relu", *conv1("ABS(X)"), words=(_CODES, _RELU1, "ReLU|MAX(0", "ABS")),
    wrong("sigmoid_for_relu", *conv1("1/(1+EXP(-X))"), words=(_CODES, _RELU1, "ReLU|MAX(0", "Sigmoid|sigmoid|EXP")),
    wrong("tanh_for_relu", *conv1("TANH(X)"), words=(_CODES, _RELU1, "ReLU|MAX(0", "Tanh|TANH")),
    wrong("tanh_for_relu_in_conv2", *conv2("TANH(X)"), words=(_CODES, _RELU2, "ReLU|MAX(0", "Tanh|TANH")),
    wrong("threshold_above_zero", *conv1("IF(X>0.1,X,0)"), words=(_CODES, _RELU1, "0.1")),
    wrong("at_least_a_tenth", *conv1("MAX(0.1,X)"), words=(_CODES, _RELU1, "0.1")),
    wrong("at_least_minus_one", *conv1("MAX(-1,X)"), words=(_CODES, _RELU1, "-1|−1")),
    wrong("at_most_six", *conv1("MIN(6,MAX(0,X))"), words=(_CODES, _RELU1, "MIN|6")),
    wrong("at_most_six_in_conv2", *conv2("MIN(6,MAX(0,X))"), words=(_CODES, _RELU2, "MIN|6")),
    wrong("minimum_for_maximum", *conv1("MIN(0,X)"), words=(_CODES, _RELU1, "MIN")),
    wrong("relu_negated", *conv1("-MAX(0,X)"), words=(_CODES, _RELU1)),
    wrong("step_for_relu", *conv1("IF(X>0,1,0)"), words=(_CODES, _RELU1, "ReLU|MAX(0")),
    wrong("relu_squared", *conv1("MAX(0,X)^2"), words=(_CODES, _RELU1)),
    wrong("softplus_for_relu", *conv1("LN(1+EXP(X))"), words=(_CODES, _RELU1, "ReLU|MAX(0")),
)  # fmt: skip
