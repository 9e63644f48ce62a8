"""AvgPool2d and AdaptiveAvgPool2d: the mean over windows, or over whole planes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place, Spelling
from xlconv.layers.base.pool2d import Pool2d
from xlconv.layers.base.products import Reference
from xlconv.layers.base.shapes import planes_shape
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import Area, Binary, Call, Node, Number, Ref

# What a padded cell holds that does not count: AVERAGE skips text.
NOT_COUNTED = "–"


@dataclass(frozen=True, eq=False)
class AvgPool2d(Pool2d):
    """Mean over kh x kw windows. (C, H, W) -> (C, H', W'); torch.nn.AvgPool2d.

    The shape rule is that of Pool2d. Padding counts as zeros, or not at all without
    `count_include_pad`. What a window of `ceil_mode` covers beyond that never counts;
    with zeros that count it is refused, as one frame cannot hold both.
    """

    count_include_pad: bool = True

    short = "avgpool"
    meaning = "the mean of the window"
    function = "AVERAGE"
    EXAMPLES = (
        ((2, 6, 6), {"kernel_size": 2}),
        ((1, 7, 8), {"kernel_size": 3, "stride": 2, "padding": 1}),
        ((1, 7, 8), {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}),
        ((2, 5, 7), {"kernel_size": [2, 3], "stride": [2, 1]}),
        ((1, 5, 7), {"kernel_size": 2, "ceil_mode": True}),
    )

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        layer = super().build(options, shape)
        return replace(layer, count_include_pad=options.flag("count_include_pad", True))

    def options(self) -> dict[str, Any]:
        return super().options() | ({} if self.count_include_pad else {"count_include_pad": False})

    def describe(self) -> str:
        uncounted = any(self.padding) and not self.count_include_pad
        return super().describe() + (", padding not counted" if uncounted else "")

    def output_shape(self, shape: Shape) -> Shape:
        channels, *sizes = super().output_shape(shape)
        for axis, (count, n) in enumerate(zip(sizes, shape[1:], strict=True)):
            pad = self.padding[axis]
            past = (count - 1) * self.stride[axis] + self.kernel_size[axis] - pad - n
            if self._counts_zeros and past > pad:
                raise ShapeError(
                    "ceil_mode with padding that is counted, where a window reaches past it: "
                    "expected count_include_pad = false"
                )
        return channels, *sizes

    @property
    def _counts_zeros(self) -> bool:
        return self.count_include_pad and any(self.padding)

    @property
    def fill(self) -> float | str:
        return 0.0 if self._counts_zeros else NOT_COUNTED

    def forward(self, x: Array) -> Array:
        fill = 0.0 if self._counts_zeros else np.nan
        windows = self.windows(x, fill)
        total, count = np.zeros(windows.shape[:3]), np.zeros(windows.shape[:3])
        # Entry by entry, in a fixed order, so that the last bit is the same everywhere.
        for i, j in np.ndindex(self.kernel_size):
            entry = windows[..., i, j]
            counts = ~np.isnan(entry)
            total += np.where(counts, entry, 0.0)
            count += counts
        mean: Array = total / count
        return mean

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        match tree:
            case Call("AVERAGE", (Area() | Ref() as window,)):
                return Match(OUTPUT, (window,))
            case Binary("/", Call("SUM", (Area() | Ref() as window,)), Number(count)):
                return Match(OUTPUT, (window,), facts=(count,))
        return None

    @classmethod
    def from_geometry(cls, seen: WindowGeometry) -> Layer | None:
        padding = (-seen.start[0], -seen.start[1])
        if min(padding) < 0 or any(2 * p > n for p, n in zip(padding, seen.size, strict=True)):
            return None
        if seen.facts and seen.facts[0] != seen.size[0] * seen.size[1]:
            return None
        included = bool(seen.facts) or not any(padding) or seen.fill == "zeros"
        for ceil_mode in (False, True):
            layer = cls(seen.size, seen.stride, padding, ceil_mode, included)
            counts = tuple(layer.count(n, axis) for axis, n in enumerate(seen.extent))
            if counts == seen.count:
                # A sum over a number of cells counts blanks that a mean would not.
                skips = any(seen.past(axis) > padding[axis] for axis in (0, 1))
                whole = seen.size == seen.extent and counts == (1, 1) and not any(padding)
                return None if whole or (skips and seen.facts) else layer
        return None


@dataclass(frozen=True, eq=False)
class AdaptiveAvgPool2d(Layer):
    """Mean over each whole plane. (C, H, W) -> (C, 1, 1); torch.nn.AdaptiveAvgPool2d(1)."""

    keeps_channels = True
    short = "gap"
    meaning = "the mean of the whole plane"
    EXAMPLES = (((3, 4, 5), {"output_size": 1}),)

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        options.choice("output_size", 1, (1, [1, 1]))
        return cls()

    def options(self) -> dict[str, Any]:
        return {"output_size": 1}

    def describe(self) -> str:
        return "1×1"

    def output_shape(self, shape: Shape) -> Shape:
        channels, _, _ = planes_shape(shape, "AdaptiveAvgPool2d")
        return channels, 1, 1

    def forward(self, x: Array) -> Array:
        # Row by row, as a spreadsheet adds: NumPy's pairwise sum has another last bit.
        means = [sum(plane) / len(plane) for plane in x.reshape(len(x), -1).tolist()]
        return np.array(means).reshape(-1, 1, 1)

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        return AvgPool2d.match(tree, is_activation)

    @classmethod
    def from_geometry(cls, seen: WindowGeometry) -> Layer | None:
        whole = seen.start == (0, 0) and seen.size == seen.extent and seen.count == (1, 1)
        fits = not seen.facts or seen.facts[0] == seen.size[0] * seen.size[1]
        return cls() if whole and fits else None

    def blocks(self, source: Place, place: Place, spelling: Spelling) -> Iterator[Written]:
        for index, (before, plane) in enumerate(zip(source.planes, place.planes, strict=True)):
            whole: Reference = before.fixed(absolute=False)
            yield Written(OUTPUT, index, Block(plane, Call("AVERAGE", (whole,))))
