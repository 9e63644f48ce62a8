"""ReLU: max(0, x)."""

from __future__ import annotations

import numpy as np

from xlconv.arrays import Array
from xlconv.layers.base.elementwise import Elementwise, Unwrapped
from xlconv.layers.base.match import hinge, is_zero
from xlconv.spreadsheet.formula import Binary, Call, Node, Number, Unary


class ReLU(Elementwise, frozen=True):
    """max(0, x) for each number; torch.nn.ReLU."""

    short = "relu"
    meaning = "negative numbers become 0"
    EXAMPLES = (((2, 4, 5), {}), ((6,), {}))

    @classmethod
    def match_elementwise(cls, tree: Node) -> Unwrapped | None:
        match tree:
            case Call("MAX", (zero, x)) if is_zero(zero) and not is_zero(x):
                return Unwrapped(cls(), x)
            case Call("MAX", (x, zero)) if is_zero(zero):
                return Unwrapped(cls(), x)
            case Binary("*", one, other):
                return cls._of_product(one, other) or cls._of_product(other, one)
            case Binary("/", total, Number(2)):
                return cls._of_product(Number(0.5), total)
        found = hinge(tree)
        if found is not None and found[1] == found[0] and is_zero(found[2]):
            return Unwrapped(cls(), found[0])
        return None

    @classmethod
    def _of_product(cls, factor: Node, x: Node) -> Unwrapped | None:
        """Whether x is above 0, times x; or half of x and its absolute value."""
        match factor, x:
            case Unary("-", Unary("-", inner)), _:  # makes a number of a truth
                return cls._of_product(inner, x)
            case Binary(">" | ">=", one, zero), _ if x == one and is_zero(zero):
                return Unwrapped(cls(), x)
            case Number(0.5), Binary("+", one, Call("ABS", (other,))) if one == other:
                return Unwrapped(cls(), one)
            case Number(0.5), Binary("+", Call("ABS", (other,)), one) if one == other:
                return Unwrapped(cls(), one)
        return None

    def forward(self, x: Array) -> Array:
        return np.maximum(0.0, x)

    def formula(self, value: Node) -> Node:
        return Call("MAX", (Number(0), value))
