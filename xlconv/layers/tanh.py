"""Tanh: the hyperbolic tangent."""

from __future__ import annotations

from math import tanh

from xlconv.arrays import Array
from xlconv.layers.base.elementwise import Elementwise, Unwrapped, each
from xlconv.spreadsheet.formula import Call, Node


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
        return None

    def forward(self, x: Array) -> Array:
        return each(tanh, x)

    def formula(self, value: Node) -> Node:
        return Call("TANH", (value,))
