"""Sigmoid: 1 / (1 + exp(-x))."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Self

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.layers.base.elementwise import Elementwise, Unwrapped
from xlconv.layers.base.match import number_of
from xlconv.layers.base.options import Options
from xlconv.spreadsheet.formula import Binary, Call, Node, Number, Unary


@dataclass(frozen=True, eq=False)
class Sigmoid(Elementwise):
    """1 / (1 + exp(-x)) for each number; torch.nn.Sigmoid.

    Below -709, where EXP overflows in a spreadsheet, there is no number for it.
    """

    short = "sigmoid"
    is_probability = True
    meaning = "squeezed between 0 and 1: one over one plus the exponential of its negative"
    EXAMPLES = (((2, 3, 4), {}), ((5,), {}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        return cls()

    @classmethod
    def match_elementwise(cls, tree: Node) -> Unwrapped | None:
        match tree:
            case Binary("/", Number(1), Binary("+", Number(1), negative)):
                return cls._of_exponential(negative)
            case Binary("/", Number(1), Binary("+", negative, Number(1))):
                return cls._of_exponential(negative)
        return None

    @classmethod
    def _of_exponential(cls, tree: Node) -> Unwrapped | None:
        match tree:
            case Call("EXP", (Unary("-", x),)):
                return Unwrapped(cls(), x)
            case Call("EXP", (Binary("*", factor, x),)) if number_of(factor) == -1:
                return Unwrapped(cls(), x)
        return None

    def forward(self, x: Array) -> Array:
        # By the C library: NumPy's own has another last bit on other processors.
        values = [1 / (1 + exp(-one)) if one > -709.7 else np.nan for one in x.ravel().tolist()]
        return np.array(values).reshape(x.shape)

    def formula(self, value: Node) -> Node:
        exponential = Call("EXP", (Unary("-", value),))
        return Binary("/", Number(1), Binary("+", Number(1), exponential))
