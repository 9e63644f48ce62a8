"""What pools have in common: a window that moves over each plane, and the shape rule.

Never says what is made of a window: that is the layer's own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import product
from typing import Any, ClassVar, Self

import numpy as np
from msgspec.structs import replace
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError, SpecError
from xlconv.layers.base.geometry import ReceptiveField, WindowGeometry
from xlconv.layers.base.options import Options
from xlconv.layers.base.output_size import OutputSize
from xlconv.layers.base.place import Place
from xlconv.layers.base.plane_by_plane import PlaneByPlane
from xlconv.layers.base.products import Reference, moves_of
from xlconv.layers.base.shapes import by_size, pair_option, planes_shape
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Area, Call, Node, Ref, area_of, corners

# No window has more cells that somebody lists one by one.
_MOST_LISTED = 1 << 12


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


def window_of(nodes: Iterable[Node]) -> Reference | None:
    """Return the one window that references make together, in any order; None where they do not.

    Each cell of a rectangle once: `M2,N2,M3,N3` is `M2:N3`. With a gap in them, as dilated
    windows have, or with a cell that stands twice, they are none, nor if they move apart.
    """
    parts = list(nodes)
    references = [one for one in parts if isinstance(one, Ref | Area)]
    if not parts or len(references) < len(parts):
        return None
    if len(references) == 1:
        return references[0]
    if len({moves_of(end) for one in references for end in corners(_with_sheet(one))}) > 1:
        return None
    areas = [area_of(one) for one in references]
    whole = reduce(Range.union, areas)
    count = _count(whole)
    if count > _MOST_LISTED or not sum(map(_count, areas)) == len(set(_cells(areas))) == count:
        return None
    first = corners(references[0])[0]
    return Area(
        _moved(first, whole.top, whole.left),
        replace(_moved(first, whole.bottom, whole.right), sheet=None),
    )


def _with_sheet(one: Reference) -> Reference:
    """Return a range with its sheet at both ends."""
    first, last = corners(one)
    return Area(first, replace(last, sheet=first.sheet))


def _count(area: Range) -> int:
    height, width = area.size
    return height * width


def _cells(areas: Iterable[Range]) -> Iterator[Cell]:
    for area in areas:
        rows = range(area.top, area.bottom + 1)
        yield from product(rows, range(area.left, area.right + 1))


def _moved(cell: Ref, row: int, column: int) -> Ref:
    return replace(
        cell, row=replace(cell.row, offset=row), column=replace(cell.column, offset=column)
    )
