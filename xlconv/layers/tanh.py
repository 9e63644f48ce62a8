"""Tanh: the hyperbolic tangent."""

from __future__ import annotations

from dataclasses import dataclass
from math import tanh
from typing import Self

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.layers.base.elementwise import Elementwise, Unwrapped
from xlconv.layers.base.options import Options
from xlconv.spreadsheet.formula import Call, Node


@dataclass(frozen=True, eq=False)
class Tanh(Elementwise):
    """tanh(x) for each number; torch.nn.Tanh."""

    short = "tanh"
    meaning = "squeezed between -1 and 1 by the hyperbolic tangent"
    EXAMPLES = (((2, 3, 4), {}), ((5,), {}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        return cls()

    @classmethod
    def match_elementwise(cls, tree: Node) -> Unwrapped | None:
        match tree:
            case Call("TANH", (x,)):
                return Unwrapped(cls(), x)
        return None

    def forward(self, x: Array) -> Array:
        # By the C library: NumPy's own has another last bit on other processors.
        return np.array([tanh(one) for one in x.ravel().tolist()]).reshape(x.shape)

    def formula(self, value: Node) -> Node:
        return Call("TANH", (value,))
