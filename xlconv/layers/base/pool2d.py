"""What pools have in common: a window that moves over each plane, and the shape rule.

Never says what is made of a window: that is the layer's own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError, SpecError
from xlconv.layers.base.geometry import ReceptiveField, WindowGeometry
from xlconv.layers.base.options import Options
from xlconv.layers.base.output_size import OutputSize
from xlconv.layers.base.place import Place
from xlconv.layers.base.plane_by_plane import PlaneByPlane
from xlconv.layers.base.shapes import by_size, pair_option, planes_shape
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Call, Node


class Pool2d(PlaneByPlane, frozen=True):
    """One number for every kh x kw window of each plane. (C, H, W) -> (C, H', W').

    H' = (H + 2 * padding - kh) / stride + 1, rounded down, or up with `ceil_mode`,
    where a window that would begin in the padding beyond the plane is left out.
    A window larger than the padded input is refused, with `ceil_mode` too, where torch
    clips it.
    """

    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] = (0, 0)
    ceil_mode: bool = False

    function: ClassVar[str]  # Excel's name for what is done to a window

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        size = options.pair("kernel_size")
        layer = cls(
            size,
            stride=options.pair("stride", size),
            padding=options.pair("padding", 0, least=0),
            ceil_mode=options.flag("ceil_mode", False),
        )
        # torch's pools have the same rule.
        if any(2 * pad > window for pad, window in zip(layer.padding, size, strict=True)):
            raise SpecError(
                f"padding = {pair_option(layer.padding)}: expected at most half "
                f"of kernel_size = {pair_option(size)}"
            )
        return layer

    def options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"kernel_size": pair_option(self.kernel_size)}
        if self.stride != self.kernel_size:
            options["stride"] = pair_option(self.stride)
        if self.padding != (0, 0):
            options["padding"] = pair_option(self.padding)
        if self.ceil_mode:
            options["ceil_mode"] = True
        return options

    def describe(self) -> str:
        words = [by_size(self.kernel_size)]
        if self.stride != self.kernel_size:
            words.append(f"stride {pair_option(self.stride)}")
        if self.padding != (0, 0):
            words.append(f"padding {pair_option(self.padding)}")
        if self.ceil_mode:
            words.append("ceil mode")
        return ", ".join(words)

    def output_shape(self, shape: Shape) -> Shape:
        channels, _, _ = planes_shape(shape, type(self).__name__)
        sizes = self.output_sizes(shape)
        if any(one.extent > one.padded for one in sizes):
            raise ShapeError(
                f"a window of {by_size(self.kernel_size)} is larger than its padded input "
                f"of {sizes[0].padded}×{sizes[1].padded}"
            )
        return channels, sizes[0].size, sizes[1].size

    def output_sizes(self, shape: Shape) -> tuple[OutputSize, OutputSize]:
        height, width = (
            OutputSize(n, pad, pad, window, stride, ceil=self.ceil_mode)
            for n, pad, window, stride in zip(
                shape[1:], self.padding, self.kernel_size, self.stride, strict=True
            )
        )
        return height, width

    def window_options(self) -> dict[str, tuple[int, ...]]:
        (down, across) = self.padding
        return {
            "kernel_size": self.kernel_size, "stride": self.stride,
            "padding": (across, across, down, down), "dilation": (1, 1),
        }  # fmt: skip

    @property
    @abstractmethod
    def fill(self) -> float | str:
        """What the cells of the padding hold."""

    def halo(self, shape: Shape) -> Halo:
        below, right = (max(0, one.past) for one in self.output_sizes(shape))
        return Halo(self.padding[0], below, self.padding[1], right, fill=self.fill)

    def windows(self, x: Array, fill: float) -> NDArray[np.float64]:
        """Return the windows (C, H', W', kh, kw) of the planes with `fill` around them."""
        halo, (sh, sw) = self.halo(x.shape), self.stride
        around = ((0, 0), (halo.top, halo.bottom), (halo.left, halo.right))
        padded = np.pad(x, around, constant_values=fill)
        # (C, H, W) -> (C, H', W', kh, kw)
        return sliding_window_view(padded, self.kernel_size, axis=(1, 2))[:, ::sh, ::sw]

    @property
    def receptive_field(self) -> ReceptiveField:
        return ReceptiveField(self.kernel_size, self.stride, (-self.padding[0], -self.padding[1]))

    def plane_formula(self, planes: tuple[Plane, ...], place: Place, index: int) -> Node:
        (before,), (top, left) = planes, self.padding
        window = before.window((-top, -left), self.kernel_size, self.stride)
        return Call(self.function, (window,))

    @classmethod
    def pools_of(cls, geometry: WindowGeometry) -> Iterator[Self]:
        """Yield the pools that windows may be of, without `ceil_mode` first."""
        (top, left), (kh, kw) = geometry.start, geometry.size
        padding = (-top, -left)
        if min(padding) < 0 or 2 * padding[0] > kh or 2 * padding[1] > kw:
            return
        stride = _stride_along(geometry, 0), _stride_along(geometry, 1)
        for ceil_mode in (False, True):
            pool = cls(geometry.size, stride, padding, ceil_mode)
            sizes = pool.output_sizes((1, *geometry.extent))
            if tuple(one.size for one in sizes) == geometry.count:
                yield pool


def _stride_along(geometry: WindowGeometry, axis: int) -> int:
    """Return the stride of windows: of one alone their size, or as far as the next has no room."""
    if geometry.count[axis] > 1:
        return geometry.stride[axis]
    size, start = geometry.size[axis], geometry.start[axis]
    return max(size, geometry.extent[axis] - 2 * start - size + 1)
