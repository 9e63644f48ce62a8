"""Sigmoid: 1 / (1 + exp(-x))."""

from __future__ import annotations

from math import exp, nan

from xlconv.arrays import Array
from xlconv.layers.base.answers import Probabilities
from xlconv.layers.base.elementwise import Elementwise, Unwrapped, each
from xlconv.layers.base.match import number_of
from xlconv.spreadsheet.formula import Binary, Call, Node, Number, Unary


class Sigmoid(Elementwise, frozen=True):
    """1 / (1 + exp(-x)) for each number; torch.nn.Sigmoid.

    Below -709, where EXP overflows in a spreadsheet, there is no number for it.
    """

    short = "sigmoid"
    meaning = "squeezed between 0 and 1: one over one plus the exponential of its negative"
    EXAMPLES = (((2, 3, 4), {}), ((5,), {}))

    @property
    def probabilities(self) -> Probabilities:
        return Probabilities.OF_EACH_LABEL

    @classmethod
    def match_elementwise(cls, tree: Node) -> Unwrapped | None:
        match tree:
            case Binary("/", Number(1), Binary("+", Number(1), negative)):
                return cls._of_exponential(negative)
            case Binary("/", Number(1), Binary("+", negative, Number(1))):
                return cls._of_exponential(negative)
            case Binary("^", Binary("+", Number(1), negative), power) if number_of(power) == -1:
                return cls._of_exponential(negative)
            case Binary(
                "/",
                Call("EXP", (x,)) as one,
                Binary("+", Number(1), other) | Binary("+", other, Number(1)),
            ):
                return Unwrapped(cls(), x) if one == other else None
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
        return each(lambda one: 1 / (1 + exp(-one)) if one > -709.7 else nan, x)

    def formula(self, value: Node) -> Node:
        exponential = Call("EXP", (Unary("-", value),))
        return Binary("/", Number(1), Binary("+", Number(1), exponential))
