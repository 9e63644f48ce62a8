"""LeakyReLU: x where it is positive, a small share of it where it is not."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.layers.base.elementwise import Elementwise, Unwrapped
from xlconv.layers.base.match import factor_of, hinge, is_zero
from xlconv.layers.base.options import Options
from xlconv.spreadsheet.formula import Binary, Call, Node, Number

_TORCHS_SLOPE = 0.01


class LeakyReLU(Elementwise, frozen=True):
    """x, or `negative_slope` times x where x is negative; torch.nn.LeakyReLU."""

    negative_slope: float = _TORCHS_SLOPE

    short = "leaky"
    meaning = "negative numbers become a small share of themselves"
    EXAMPLES = (((2, 3, 4), {}), ((6,), {"negative_slope": 0.2}), ((4,), {"negative_slope": 2}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        return cls(options.number("negative_slope", _TORCHS_SLOPE))

    def options(self) -> dict[str, Any]:
        default = self.negative_slope == _TORCHS_SLOPE
        return {} if default else {"negative_slope": self.negative_slope}

    def describe(self) -> str:
        return f"slope {self.negative_slope:g}"

    @classmethod
    def match_elementwise(cls, tree: Node) -> Unwrapped | None:
        match tree:
            case Call("MAX", (x, y)) if not (is_zero(x) or is_zero(y)):
                for one, other in ((x, y), (y, x)):
                    slope = factor_of(other, one)
                    if slope is not None and 0 <= slope <= 1:
                        return Unwrapped(cls(slope), one)
        found = hinge(tree)
        if found is not None and found[0] == found[1]:
            slope = factor_of(found[2], found[0])
            return None if slope is None else Unwrapped(cls(slope), found[0])
        return None

    def forward(self, x: Array) -> Array:
        return np.where(x > 0, x, self.negative_slope * x)

    def formula(self, value: Node) -> Node:
        share = Binary("*", Number(self.negative_slope), value)
        if 0 <= self.negative_slope <= 1:
            return Call("MAX", (value, share))
        return Call("IF", (Binary(">", value, Number(0)), value, share))
