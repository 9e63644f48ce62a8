"""Tanh: the hyperbolic tangent."""

from __future__ import annotations

from math import tanh

from xlconv.arrays import Array
from xlconv.layers.base.elementwise import Elementwise, Unwrapped, each
from xlconv.layers.base.match import number_of
from xlconv.spreadsheet.formula import Binary, Call, Node, Number, Unary


class Tanh(Elementwise, frozen=True):
    """tanh(x) for each number; torch.nn.Tanh."""

    short = "tanh"
    meaning = "squeezed between -1 and 1 by the hyperbolic tangent"
    EXAMPLES = (((2, 3, 4), {}), ((5,), {}))

    @classmethod
    def match_elementwise(cls, tree: Node) -> Unwrapped | None:
        match tree:
            case Call("TANH", (x,)):
                return Unwrapped(cls(), x)
            case Binary("/", Binary("-", one, less), Binary("+", other, more)) if (one, less) == (
                other,
                more,
            ):
                return cls._of_exponentials(one, less)
            case Binary("-", Binary("/", Number(2), Binary("+", one, other)), Number(1)):
                return cls._of_doubled(one, other, sign=-1)
            case Binary("-", Number(1), Binary("/", Number(2), Binary("+", one, other))):
                return cls._of_doubled(one, other, sign=1)
        return None

    @classmethod
    def _of_doubled(cls, one: Node, other: Node, sign: int) -> Unwrapped | None:
        """2 / (1 + e^-2x) - 1, or 1 - 2 / (1 + e^2x): 1 and the exponential in any order."""
        exponential = other if one == Number(1) else one
        if Number(1) not in (one, other):
            return None
        match exponential:
            case Call("EXP", (Binary("*", left, right),)):
                for factor, x in ((left, right), (right, left)):
                    if number_of(factor) == 2 * sign:
                        return Unwrapped(cls(), x)
        return None

    @classmethod
    def _of_exponentials(cls, one: Node, less: Node) -> Unwrapped | None:
        """(e^x - e^-x) / (e^x + e^-x), or with e^2x and 1."""
        match one, less:
            case Call("EXP", (x,)), Call("EXP", (Unary("-", other),)) if x == other:
                return Unwrapped(cls(), x)
            case Call("EXP", (Binary("*", Number(2), x) | Binary("*", x, Number(2)),)), Number(1):
                return Unwrapped(cls(), x)
        return None

    def forward(self, x: Array) -> Array:
        return each(tanh, x)

    def formula(self, value: Node) -> Node:
        return Call("TANH", (value,))
