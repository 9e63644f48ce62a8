"""Tanh: the hyperbolic tangent."""

from __future__ import annotations

from math import tanh

from xlconv.arrays import Array
from xlconv.layers.base.elementwise import Elementwise, Unwrapped, each
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
