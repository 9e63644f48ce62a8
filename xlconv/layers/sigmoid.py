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
            case Binary("^", total, power) | Call("POWER", (total, power)):
                inverse = number_of(power) == -1
                return cls.match_elementwise(Binary("/", Number(1), total)) if inverse else None
            case Binary("-", Number(1), rest):
                return cls._of_rest(rest)
            case Binary("*", Number(0.5), total) | Binary("/", total, Number(2)):
                return cls._of_tanh(total)
            case Binary(
                "/",
                Call("EXP", (x,)) as one,
                Binary("+", Number(1), other) | Binary("+", other, Number(1)),
            ):
                return Unwrapped(cls(), x) if one == other else None
        return None

    @classmethod
    def _of_rest(cls, rest: Node) -> Unwrapped | None:
        """1 - 1 / (1 + e^x)."""
        match rest:
            case Binary(
                "/",
                Number(1),
                Binary("+", Number(1), Call("EXP", (x,)))
                | Binary("+", Call("EXP", (x,)), Number(1)),
            ):
                return Unwrapped(cls(), x)
        return None

    @classmethod
    def _of_tanh(cls, total: Node) -> Unwrapped | None:
        """(1 + tanh(x / 2)) / 2, by what the tanh is added to."""
        match total:
            case Binary("+", Number(1), Call("TANH", (half,))) | Binary(
                "+", Call("TANH", (half,)), Number(1)
            ):
                match half:
                    case (
                        Binary("/", x, Number(2))
                        | Binary("*", x, Number(0.5))
                        | Binary("*", Number(0.5), x)
                    ):
                        return Unwrapped(cls(), x)
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
