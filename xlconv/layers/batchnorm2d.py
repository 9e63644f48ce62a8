"""BatchNorm2d as it is at inference: every channel shifted and scaled by stored numbers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array, Draws, Shape
from xlconv.errors import ShapeError
from xlconv.layers.base.answers import Tables
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer
from xlconv.layers.base.match import IsActivation, Match, number_of
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place
from xlconv.layers.base.plane_by_plane import EntryByEntry
from xlconv.layers.base.shapes import planes_shape
from xlconv.plurals import counted
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Binary, Call, Node, Number, Ref

_TORCHS_EPS = 1e-5
_NAMES = ("weight", "bias", "running_mean", "running_var")


class BatchNorm2d(EntryByEntry, frozen=True):
    """(x - running_mean) / sqrt(running_var + eps) * weight + bias, channel by channel.

    (C, H, W) -> (C, H, W); torch.nn.BatchNorm2d in evaluation mode. The four vectors
    are (C,).
    """

    weight: Array
    bias: Array
    running_mean: Array
    running_var: Array
    eps: float = _TORCHS_EPS

    short = "bn"
    meaning = "minus the channel's mean, over its standard deviation, times weight, plus bias"
    scalars = _NAMES
    EXAMPLES = (((2, 4, 5), {}), ((3, 3, 3), {"eps": 0.001}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        channels, _, _ = planes_shape(shape, "BatchNorm2d")
        given = options.count("num_features", channels)
        if given != channels:
            raise ShapeError(
                f"num_features = {given}, but the input has {counted(channels, 'channel')}"
            )
        ones, zeros = np.ones(channels), np.zeros(channels)
        return cls(ones, zeros, zeros.copy(), ones.copy(), options.number("eps", _TORCHS_EPS))

    def options(self) -> dict[str, Any]:
        return {} if self.eps == _TORCHS_EPS else {"eps": self.eps}

    def parameters(self) -> dict[str, Array]:
        return {name: getattr(self, name) for name in _NAMES}

    def with_drawn(self, generator: Draws, low: float = -1.0, high: float = 1.0) -> Self:
        other = super().with_drawn(generator, low, high)
        return replace(other, running_var=np.abs(other.running_var) + 0.1 * min(high, 1.0))

    def output_shape(self, shape: Shape) -> Shape:
        channels, _, _ = planes_shape(shape, "BatchNorm2d")
        if channels != len(self.weight):
            raise ShapeError(
                f"{counted(len(self.weight), 'channel')}, but the input has {channels}"
            )
        return shape

    def forward(self, x: Array) -> Array:
        mean, var, weight, bias = (
            one[:, None, None]
            for one in (self.running_mean, self.running_var, self.weight, self.bias)
        )
        y: Array = (x - mean) / np.sqrt(var + self.eps) * weight + bias
        return y

    def multiplications(self, shape: Shape) -> int:
        return int(np.prod(shape))

    def folded_into(self, before: Layer) -> Layer | None:
        """Return the layer before with this one multiplied into its weights, None if it has none.

        weight * scale and (bias - running_mean) * scale + own bias, with the scale of
        each output channel: weight / sqrt(running_var + eps).
        """
        scale = self.weight / np.sqrt(self.running_var + self.eps)
        return before.rescaled(self.running_mean, scale, self.bias)

    def tables(self, shape: Shape) -> Tables:
        return {
            name: [[np.full((1, 1), one)] for one in values]
            for name, values in self.parameters().items()
        }

    def plane_formula(self, planes: tuple[Plane, ...], place: Place, index: int) -> Node:
        (before,) = planes
        weight, bias, mean, var = (place.tables[name][index][0].fixed() for name in _NAMES)
        shifted = Binary("-", before.entry(), mean)
        deviation = Call("SQRT", (Binary("+", var, Number(self.eps)),))
        scaled = Binary("*", Binary("/", shifted, deviation), weight)
        return Binary("+", scaled, bias)

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        match tree:
            case Binary(
                "+",
                Binary(
                    "*",
                    Binary(
                        "/",
                        Binary("-", Ref() as x, Ref() as mean),
                        Call("SQRT", (Binary("+", Ref() as var, eps),)),
                    ),
                    Ref() as weight,
                ),
                Ref() as bias,
            ):
                small = number_of(eps)
                scalars = zip(_NAMES, (weight, bias, mean, var), strict=True)
                if small is not None:
                    return Match(OUTPUT, (x,), scalars=tuple(scalars), facts=(small,))
        return None

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        if not geometry.is_entry_by_entry:
            return None
        (eps,) = geometry.facts
        assert isinstance(eps, float)
        weight, bias, mean, var = (geometry.scalars[name] for name in _NAMES)
        return cls(weight, bias, mean, var, eps)
