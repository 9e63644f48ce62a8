"""ReLU: max(0, x)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from xlconv.formula import Call, Node, Number
from xlconv.layers.base import Array, Elementwise, Shape
from xlconv.layers.options import Options


@dataclass(frozen=True, eq=False)
class ReLU(Elementwise):
    """max(0, x) for each number; torch.nn.ReLU."""

    short = "relu"
    meaning = "negative numbers become 0"
    EXAMPLES = (((2, 4, 5), {}), ((6,), {}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        return cls()

    def forward(self, x: Array) -> Array:
        return np.maximum(0.0, x)

    def formula(self, value: Node) -> Node:
        return Call("MAX", (Number(0), value))
