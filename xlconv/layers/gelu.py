"""GELU by the hyperbolic tangent: x times about the share of a normal distribution below x."""

from __future__ import annotations

from math import pi, sqrt, tanh
from typing import Any, Self

from xlconv.arrays import Array, Shape
from xlconv.layers.base.elementwise import Elementwise, Unwrapped, each
from xlconv.layers.base.options import Options
from xlconv.spreadsheet.formula import Binary, Call, Node, Number

_CUBIC = 0.044715


class GELU(Elementwise, frozen=True):
    """0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))); torch.nn.GELU(approximate="tanh").

    GELU itself, torch's "none", needs the error function, of which programs differ in the
    last digits.
    """

    short = "gelu"
    meaning = "times about the share of a normal distribution that lies below it"
    EXAMPLES = (((2, 3, 4), {"approximate": "tanh"}), ((5,), {"approximate": "tanh"}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        options.choice("approximate", "none", ("tanh",))
        return cls()

    def options(self) -> dict[str, Any]:
        return {"approximate": "tanh"}

    def describe(self) -> str:
        return "tanh"

    def forward(self, x: Array) -> Array:
        scale = sqrt(2 / pi)
        return each(lambda one: 0.5 * one * (1 + tanh(scale * (one + _CUBIC * one**3))), x)

    def formula(self, value: Node) -> Node:
        cubic = Binary("*", Number(_CUBIC), Binary("^", value, Number(3)))
        scale = Call("SQRT", (Binary("/", Number(2), Call("PI", ())),))
        bend = Call("TANH", (Binary("*", scale, Binary("+", value, cubic)),))
        half = Binary("*", Number(0.5), value)
        return Binary("*", half, Binary("+", Number(1), bend))

    @classmethod
    def match_elementwise(cls, tree: Node) -> Unwrapped | None:
        match tree:
            case Binary("*", Binary("*", Number(0.5), x), _) if tree == cls().formula(x):
                return Unwrapped(cls(), x)
        return None
