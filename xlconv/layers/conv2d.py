"""Conv2d: cross-correlation of every input plane with a kernel, summed over channels."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Self

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError
from xlconv.layers.base.answers import Tables
from xlconv.layers.base.geometry import ReceptiveField, WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import IsActivation, Match, weighted_windows
from xlconv.layers.base.options import Options, Padding
from xlconv.layers.base.output_size import OutputSize
from xlconv.layers.base.padding_modes import MODES, largest
from xlconv.layers.base.partial_sums import parts_of, written_parts
from xlconv.layers.base.place import Place, Spelling
from xlconv.layers.base.shapes import (
    by_size,
    check_given,
    pair_option,
    planes_shape,
    rescaled_parameters,
    weight_and_bias,
    zero_weights,
)
from xlconv.plurals import counted
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Binary, Call, Node, plus


class Conv2d(Layer, frozen=True):
    """Cross-correlation. (C, H, W) -> (O, H', W'); torch.nn.Conv2d.

    H' = (H + padding.top + padding.bottom - dilation * (kh - 1) - 1) // stride + 1,
    and so for the width. `weight` is (O, C / groups, kh, kw), `bias` (O,) or None. Of
    several groups, each takes its part of the input channels to its part of the outputs.
    Padding is zeros and may differ by side, as torch.nn.ZeroPad2d before the layer does;
    negative padding crops, as there. In the other modes it repeats the input.
    """

    weight: Array
    bias: Array | None = None
    stride: tuple[int, int] = (1, 1)
    padding: Padding = Padding()
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    padding_mode: str = "zeros"

    short = "conv"
    meaning = "the window times the kernel, summed over all input channels, plus the bias"
    EXAMPLES = (
        ((1, 6, 7), {"out_channels": 2, "kernel_size": 3}),
        ((3, 5, 5), {"out_channels": 2, "kernel_size": [2, 3], "bias": False}),
        ((2, 8, 9), {"out_channels": 3, "kernel_size": 3, "stride": 2, "padding": 1}),
        ((2, 6, 6), {"out_channels": 1, "kernel_size": [3, 2], "padding": [0, 2, 1, 0]}),
        ((2, 9, 8), {"out_channels": 2, "kernel_size": 3, "dilation": [2, 1], "padding": 1}),
        ((1, 4, 4), {"out_channels": 2, "kernel_size": 1}),
        ((4, 5, 5), {"out_channels": 6, "kernel_size": 2, "groups": 2}),
        ((3, 5, 6), {"out_channels": 3, "kernel_size": 3, "groups": 3, "padding": "same"}),
        *(
            ((2, 6, 7), {"out_channels": 2, "kernel_size": 3, "padding": pad, "padding_mode": mode})
            for mode in MODES
            for pad in (1, [2, 1, 1, 2])
        ),
    )

    @property
    def kernel_size(self) -> tuple[int, int]:
        """(kh, kw)."""
        return self.weight.shape[2], self.weight.shape[3]

    @property
    def extent(self) -> tuple[int, int]:
        """Height and width of the window that the dilated kernel covers."""
        (kh, kw), (dh, dw) = self.kernel_size, self.dilation
        return dh * (kh - 1) + 1, dw * (kw - 1) + 1

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        channels, _, _ = planes_shape(shape, "Conv2d")
        check_given(options, "in_channels", channels)
        outputs, groups = options.count("out_channels"), options.count("groups", 1)
        if channels % groups or outputs % groups:
            raise ShapeError(
                f"groups = {groups}: expected a divisor of the {channels} input "
                f"and {outputs} output channels"
            )
        size, stride = options.pair("kernel_size"), options.pair("stride", 1)
        dilation = options.pair("dilation", 1)
        return cls(
            zero_weights(outputs, channels // groups, *size),
            stride=stride,
            padding=options.padding("padding", same=None if stride != (1, 1) else (size, dilation)),
            dilation=dilation,
            groups=groups,
            padding_mode=options.choice("padding_mode", "zeros", ("zeros", *MODES)),
            bias=np.zeros(outputs) if options.flag("bias", True) else None,
        )

    def options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "out_channels": len(self.weight),
            "kernel_size": pair_option(self.kernel_size),
        }
        if self.stride != (1, 1):
            options["stride"] = pair_option(self.stride)
        if any(self.padding):
            same = len(set(self.padding)) == 1
            options["padding"] = self.padding.left if same else list(self.padding)
        if self.dilation != (1, 1):
            options["dilation"] = pair_option(self.dilation)
        if self.groups > 1:
            options["groups"] = self.groups
        if self.padding_mode != "zeros":
            options["padding_mode"] = self.padding_mode
        if self.bias is None:
            options["bias"] = False
        return options

    def parameters(self) -> dict[str, Array]:
        return weight_and_bias(self.weight, self.bias)

    def rescaled(self, centre: Array, scale: Array, shift: Array) -> Layer | None:
        given = rescaled_parameters(self.weight, self.bias, centre, scale, shift)
        return self.with_parameters(given)

    def describe(self) -> str:
        words = [by_size(self.kernel_size)]
        if self.stride != (1, 1):
            words.append(f"stride {pair_option(self.stride)}")
        if any(self.padding):
            mode = "" if self.padding_mode == "zeros" else f" {self.padding_mode}"
            words.append(f"padding {self.options()['padding']}{mode}")
        if self.dilation != (1, 1):
            words.append(f"dilation {pair_option(self.dilation)}")
        if self.groups > 1:
            words.append(f"{self.groups} groups")
        return ", ".join(words)

    def output_shape(self, shape: Shape) -> Shape:
        channels, height, width = planes_shape(shape, "Conv2d")
        expected = self.weight.shape[1] * self.groups
        if channels != expected:
            raise ShapeError(f"{counted(expected, 'input channel')}, but the input has {channels}")
        self._check_padding(height, width)
        rows, columns = self.output_sizes(shape)
        if any(one.extent > one.padded for one in (rows, columns)):
            raise ShapeError(
                f"a kernel of {by_size(self.extent)} is larger than its padded input "
                f"of {by_size((rows.padded, columns.padded))}"
            )
        return len(self.weight), rows.size, columns.size

    def output_sizes(self, shape: Shape) -> tuple[OutputSize, OutputSize]:
        (left, right, top, bottom), (_, height, width) = self.padding, shape
        (kh, kw), (sh, sw), (dh, dw) = self.kernel_size, self.stride, self.dilation
        rows = OutputSize(height, top, bottom, kh, sh, dh)
        return rows, OutputSize(width, left, right, kw, sw, dw)

    def window_options(self) -> dict[str, tuple[int, ...]]:
        return {
            "kernel_size": self.kernel_size, "stride": self.stride,
            "padding": self.padding, "dilation": self.dilation,
        }  # fmt: skip

    def _check_padding(self, height: int, width: int) -> None:
        """Raise ShapeError where the input has too few lines to be repeated around it."""
        if self.padding_mode == "zeros":
            return
        pad, mode = self.padding, self.padding_mode
        if min(pad) < 0:
            raise ShapeError(f"padding {list(pad)} in mode {mode!r}: expected none below 0")
        sides = ((max(pad.top, pad.bottom), height), (max(pad.left, pad.right), width))
        for lines, size in sides:
            if lines > largest(mode, size):
                raise ShapeError(
                    f"padding of {lines} in mode {mode!r}: expected at most "
                    f"{largest(mode, size)} for an input of {height}×{width}"
                )

    def forward(self, x: Array) -> Array:
        y = self._sums(x, 0, self.weight.shape[1])
        return y if self.bias is None else y + self.bias[:, None, None]

    def _sums(self, x: Array, start: int, stop: int) -> Array:
        """Return the sums of products over the channels `start` to `stop - 1` of each group."""
        pad, (sh, sw), (dh, dw) = self.padding, self.stride, self.dilation
        _, rows, columns = shape = self.output_shape(x.shape)
        x = _padded(x, pad, self.padding_mode)
        # Tap by tap, in a fixed order: a matrix product would leave the order, and with
        # it the last bit of a cached value, to the processor's library.
        y: Array = np.zeros(shape)
        inputs, outputs = self.weight.shape[1], len(self.weight) // self.groups
        for group, channel, i, j in np.ndindex(self.groups, *self.weight.shape[1:]):
            if not start <= channel < stop:
                continue
            top, left = i * dh, j * dw
            plane, own = x[group * inputs + channel], slice(group * outputs, (group + 1) * outputs)
            tapped = plane[top : top + sh * rows : sh, left : left + sw * columns : sw]
            # (O, 1, 1) * (H', W') -> (O, H', W')
            y[own] += self.weight[own, channel, i, j, None, None] * tapped[:rows, :columns]
        return y

    def helpers(self, x: Array, y: Array, names: Collection[str] = ()) -> dict[str, Array]:
        parts = [part for some in parts_of(names).values() for part in some]
        spans = dict.fromkeys((part.start, part.stop) for part in parts)
        sums = {span: self._sums(x, *span) for span in spans}
        return {part.name: sums[part.start, part.stop][part.output] for part in parts}

    @property
    def receptive_field(self) -> ReceptiveField:
        return ReceptiveField(self.extent, self.stride, (-self.padding.top, -self.padding.left))

    def channels_read(self, channel: int, count: int) -> range:
        first = channel * self.groups // len(self.weight) * self.weight.shape[1]
        return range(first, first + self.weight.shape[1])

    def multiplications(self, shape: Shape) -> int:
        _, rows, columns = self.output_shape(shape)
        return rows * columns * self.weight.size

    def halo(self, shape: Shape) -> Halo:
        pad = self.padding
        top, bottom = max(0, pad.top), max(0, pad.bottom)
        fill = 0.0 if self.padding_mode == "zeros" else self.padding_mode
        return Halo(top, bottom, max(0, pad.left), max(0, pad.right), fill=fill)

    def tables(self, shape: Shape) -> Tables:
        tables: Tables = {"weight": [list(kernels) for kernels in self.weight]}
        if self.bias is not None:
            tables["bias"] = [[np.full((1, 1), bias)] for bias in self.bias]
        return tables

    @property
    def splittable_terms(self) -> int:
        channels: int = self.weight.shape[1]
        return channels

    @property
    def table_step(self) -> tuple[int, int]:
        # A dilated kernel is drawn with its holes left blank, so that one
        # range covers the window and blanks multiply as zeros.
        return self.dilation

    def blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        (source,) = sources
        start = (-self.padding.top, -self.padding.left)
        biases, parts = place.tables.get("bias", ()), parts_of(place.helpers)
        for index, (plane, kernels) in enumerate(
            zip(place.planes, place.tables["weight"], strict=True)
        ):
            channels = self.channels_read(index, len(source.planes))
            read = source.planes[channels.start : channels.stop]
            terms: list[Node] = [
                self._product(before.window(start, self.extent, self.stride), kernel, spelling)
                for before, kernel in zip(read, kernels, strict=True)
            ]
            sums, terms = written_parts(parts.get(index, []), terms, place, array=spelling.array)
            yield from sums
            if biases:
                terms.append(biases[index][0].fixed())
            yield Written(OUTPUT, index, Block(plane, plus(terms), array=spelling.array))

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        return weighted_windows(tree, is_activation, OUTPUT)

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        if geometry.weights is None:
            return None
        (bottom, sh), (right, sw) = _end(geometry, 0), _end(geometry, 1)
        (top, left), (dh, dw) = geometry.start, geometry.table_step
        weight = geometry.weights[:, :, ::dh, ::dw]
        padding = Padding(-left, right, -top, bottom)
        groups = geometry.shape[0] // weight.shape[1]
        mode = geometry.fill if geometry.fill in MODES else "zeros"
        return cls(weight, geometry.biases, (sh, sw), padding, (dh, dw), groups, mode)

    def _product(self, window: Node, kernel: Plane, spelling: Spelling) -> Node:
        if spelling.array:
            return Call("SUM", (Binary("*", window, kernel.fixed()),))
        return Call("SUMPRODUCT", (window, kernel.fixed()))


def _padded(x: Array, pad: Padding, mode: str) -> Array:
    """Return the planes with zeros, or themselves, around them; negative padding crops."""
    if mode != "zeros":
        sides = ((0, 0), (pad.top, pad.bottom), (pad.left, pad.right))
        repeated: Array = np.pad(x, sides, mode=MODES[mode])  # type: ignore[call-overload]
        return repeated
    cut = x[
        :,
        max(0, -pad.top) : x.shape[1] - max(0, -pad.bottom),
        max(0, -pad.left) : x.shape[2] - max(0, -pad.right),
    ]
    around = [(max(0, pad.top), max(0, pad.bottom)), (max(0, pad.left), max(0, pad.right))]
    return np.pad(cut, ((0, 0), *around))


def _end(geometry: WindowGeometry, axis: int) -> tuple[int, int]:
    """Return the padding after the plane, negative for a crop, and the stride along an axis.

    Lines that no window reaches may be left over by the stride: then the padding may
    be as much more, and is what is drawn. One window alone goes with any stride.
    """
    past, stride, drawn = geometry.past(axis), geometry.stride[axis], geometry.zeros[axis]
    # Of a plane that is repeated around it nothing is cropped.
    is_whole = past >= 0 or geometry.fill in MODES
    if geometry.count[axis] == 1 and drawn > past and is_whole:
        return drawn, drawn - past + 1
    spare = past + stride - 1
    return (max(past, min(drawn, spare), min(0, spare)), stride)
