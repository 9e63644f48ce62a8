"""ReLU: max(0, x)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from xlconv.formula import Binary, Call, Node, Number
from xlconv.layers.base import Array, Elementwise, Shape
from xlconv.layers.options import Options
from xlconv.layers.sight import is_zero


@dataclass(frozen=True, eq=False)
class ReLU(Elementwise):
    """max(0, x) for each number; torch.nn.ReLU."""

    short = "relu"
    meaning = "negative numbers become 0"
    EXAMPLES = (((2, 4, 5), {}), ((6,), {}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        return cls()

    @classmethod
    def peeled(cls, tree: Node) -> Node | None:
        match tree:
            case Call("MAX", (first, second)):
                if is_zero(first) and not is_zero(second):
                    return second
                return first if is_zero(second) else None
            case Call("IF", (Binary(">" | ">=", x, zero), then, other)):
                return x if is_zero(zero) and then == x and is_zero(other) else None
        return None

    def forward(self, x: Array) -> Array:
        return np.maximum(0.0, x)

    def formula(self, value: Node) -> Node:
        return Call("MAX", (Number(0), value))
