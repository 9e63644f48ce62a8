"""ELU: x where it is positive, an exponential that ends at -alpha where it is not."""

from __future__ import annotations

from math import exp
from typing import Any, Self

from xlconv.arrays import Array, Shape
from xlconv.layers.base.elementwise import Elementwise, Unwrapped, each
from xlconv.layers.base.match import factor_of, hinge
from xlconv.layers.base.options import Options
from xlconv.spreadsheet.formula import Binary, Call, Node, Number


class ELU(Elementwise, frozen=True):
    """x, or alpha * (exp(x) - 1) where x is not above 0; torch.nn.ELU."""

    alpha: float = 1.0

    short = "elu"
    meaning = "negative numbers bend towards a limit below 0, by the exponential minus 1"
    EXAMPLES = (((2, 3, 4), {}), ((6,), {"alpha": 0.5}), ((4,), {"alpha": -2}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        return cls(options.number("alpha", 1.0))

    def options(self) -> dict[str, Any]:
        return {} if self.alpha == 1 else {"alpha": self.alpha}

    def describe(self) -> str:
        return f"alpha {self.alpha:g}"

    def forward(self, x: Array) -> Array:
        return each(lambda one: one if one > 0 else self.alpha * (exp(one) - 1), x)

    def formula(self, value: Node) -> Node:
        bent = _bent(value)
        if self.alpha != 1:
            bent = Binary("*", Number(self.alpha), bent)
        return Call("IF", (Binary(">", value, Number(0)), value, bent))

    @classmethod
    def match_elementwise(cls, tree: Node) -> Unwrapped | None:
        found = hinge(tree)
        if found is None or found[0] != found[1]:
            return None
        x, _, bent = found
        whole = _bent(x)
        alpha = 1.0 if bent == whole else factor_of(bent, whole)
        return None if alpha is None else Unwrapped(cls(alpha), x)


def _bent(x: Node) -> Node:
    return Binary("-", Call("EXP", (x,)), Number(1))
