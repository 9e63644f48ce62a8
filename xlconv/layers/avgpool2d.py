"""AvgPool2d and AdaptiveAvgPool2d: the mean over windows, or over whole planes."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import Any, Self

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place
from xlconv.layers.base.plane_by_plane import PlaneByPlane
from xlconv.layers.base.pool2d import Pool2d, window_of
from xlconv.layers.base.products import terms_of
from xlconv.layers.base.shapes import planes_shape
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Binary, Call, Node, Number

# What a padded cell holds that does not count: AVERAGE skips text.
NOT_COUNTED = "–"


class AvgPool2d(Pool2d, frozen=True):
    """Mean over kh x kw windows. (C, H, W) -> (C, H', W'); torch.nn.AvgPool2d.

    The shape rule is that of Pool2d. Padding counts as zeros, or not at all without
    `count_include_pad`. What a window of `ceil_mode` covers beyond that never counts;
    with zeros that count it is refused, as one halo cannot hold both.
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
        output = super().output_shape(shape)
        past_padding = any(one.past > one.after for one in self.output_sizes(shape))
        if self._counts_zeros and past_padding:
            raise ShapeError(
                "ceil_mode with padding that is counted, where a window reaches past it: "
                "expected count_include_pad = false"
            )
        return output

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
            case Call("AVERAGE", arguments):
                window = window_of(arguments)
                return None if window is None else Match(OUTPUT, (window,))
            case Binary("/", Call("SUM", one), Call("COUNT", other)) if one == other:
                return cls.match(Call("AVERAGE", one), is_activation)
            case Binary("/", total, Number(count)):
                return _mean_of(total, count)
            case Binary("*", total, Number(share)) | Binary("*", Number(share), total) if share > 0:
                count = round(1 / share)  # a ninth is written with as many digits as there are
                return _mean_of(total, count) if isclose(count * share, 1, rel_tol=1e-14) else None
        return None

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        pool = next(cls.pools_of(geometry), None)
        if pool is None or not _counts_window(geometry) or _is_mean_of_plane(geometry):
            return None
        padding = pool.padding
        # A sum over a number of cells counts blanks that a mean would not.
        if geometry.facts and any(geometry.past(axis) > padding[axis] for axis in (0, 1)):
            return None
        included = bool(geometry.facts) or not any(padding) or geometry.fill == "zeros"
        return replace(pool, count_include_pad=included)


class AdaptiveAvgPool2d(PlaneByPlane, frozen=True):
    """Mean over each whole plane. (C, H, W) -> (C, 1, 1); torch.nn.AdaptiveAvgPool2d(1)."""

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
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        return cls() if _is_mean_of_plane(geometry) and _counts_window(geometry) else None

    def plane_formula(self, planes: tuple[Plane, ...], place: Place, index: int) -> Node:
        (before,) = planes
        return Call("AVERAGE", (before.fixed(absolute=False),))


def _mean_of(total: Node, count: float) -> Match | None:
    """Return the match of a sum over a window that is divided by a count."""
    window = window_of(_summed(total))
    return None if window is None or window == total else Match(OUTPUT, (window,), facts=(count,))


def _summed(total: Node) -> Iterator[Node]:
    for term in terms_of(total):
        yield from term.arguments if isinstance(term, Call) and term.name == "SUM" else (term,)


def _is_mean_of_plane(geometry: WindowGeometry) -> bool:
    return geometry.is_whole and geometry.count == (1, 1)


def _counts_window(geometry: WindowGeometry) -> bool:
    """Whether a sum, where it is one, is divided by the entries of the window."""
    height, width = geometry.size
    return not geometry.facts or geometry.facts[0] == height * width
