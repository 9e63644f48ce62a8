"""What pools have in common: a window that moves over each plane, and the shape rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError, SpecError
from xlconv.layers.base.geometry import ReceptiveField
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.options import Options
from xlconv.layers.base.output_size import both_axes, size_rule
from xlconv.layers.base.place import Place, Spelling
from xlconv.layers.base.shapes import by_size, pair_option, planes_shape
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.formula import Area, Call, Ref


@dataclass(frozen=True, eq=False)
class Pool2d(Layer):
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

    keeps_channels = True
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
        channels, *sizes = planes_shape(shape, type(self).__name__)
        padded = tuple(n + 2 * pad for n, pad in zip(sizes, self.padding, strict=True))
        if any(window > size for window, size in zip(self.kernel_size, padded, strict=True)):
            raise ShapeError(
                f"a window of {by_size(self.kernel_size)} is larger than its padded input "
                f"of {padded[0]}×{padded[1]}"
            )
        return channels, *(self.count(n, axis) for axis, n in enumerate(sizes))

    def count(self, n: int, axis: int) -> int:
        """Return how many windows there are along an axis of n entries."""
        window, stride, pad = self.kernel_size[axis], self.stride[axis], self.padding[axis]
        free = n + 2 * pad - window
        if not self.ceil_mode:
            return free // stride + 1
        count = -(-free // stride) + 1
        return count - 1 if (count - 1) * stride >= n + pad else count

    def window_options(self) -> dict[str, tuple[int, ...]]:
        (down, across) = self.padding
        return {
            "kernel_size": self.kernel_size, "stride": self.stride,
            "padding": (across, across, down, down), "dilation": (1, 1),
        }  # fmt: skip

    def size_rule(self, shape: Shape) -> str:
        counts = self.output_shape(shape)[1:]
        axes = zip(shape[1:], self.padding, self.kernel_size, self.stride, counts, strict=True)
        return both_axes(
            *(
                size_rule(n, (pad, pad), window, 1, stride, count, ceil=self.ceil_mode)
                for n, pad, window, stride, count in axes
            )
        )

    @property
    def fill(self) -> float | str:
        """What the cells of the padding hold."""
        raise NotImplementedError

    def halo(self, shape: Shape) -> Halo:
        _, rows, columns = self.output_shape(shape)
        past = [
            max(0, (count - 1) * stride + window - pad - n)
            for count, stride, window, pad, n in zip(
                (rows, columns), self.stride, self.kernel_size, self.padding, shape[1:], strict=True
            )
        ]
        (top, left), (bottom, right) = self.padding, past
        return Halo(top, bottom, left, right, fill=self.fill)

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

    def blocks(self, source: Place, place: Place, spelling: Spelling) -> Iterator[Written]:
        for index, (before, plane) in enumerate(zip(source.planes, place.planes, strict=True)):
            yield Written(OUTPUT, index, Block(plane, self.formula(self._window(before))))

    def formula(self, window: Area | Ref) -> Call:
        """Return what a cell computes of its window."""
        return Call(self.function, (window,))

    def _window(self, before: Any) -> Area | Ref:
        start = (-self.padding[0], -self.padding[1])
        window: Area | Ref = before.window(start, self.kernel_size, self.stride)
        return window
