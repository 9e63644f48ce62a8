"""ReLU: max(0, x)."""

from __future__ import annotations

import numpy as np

from xlconv.arrays import Array
from xlconv.layers.base.elementwise import Elementwise, Unwrapped
from xlconv.layers.base.match import hinge, is_zero
from xlconv.spreadsheet.formula import Binary, Call, Node, Number


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
            case Binary("*", x, Binary(">" | ">=", one, zero)) if x == one and is_zero(zero):
                return Unwrapped(cls(), x)
            case Binary("*", Binary(">" | ">=", one, zero), x) if x == one and is_zero(zero):
                return Unwrapped(cls(), x)
        found = hinge(tree)
        if found is not None and found[1] == found[0] and is_zero(found[2]):
            return Unwrapped(cls(), found[0])
        return None

    def forward(self, x: Array) -> Array:
        return np.maximum(0.0, x)

    def formula(self, value: Node) -> Node:
        return Call("MAX", (Number(0), value))
