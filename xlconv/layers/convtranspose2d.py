"""ConvTranspose2d: every input entry lays its multiple of a kernel down, `stride` apart.

Seen from an output cell it is a plain sum: cells whose place leaves the same rest when it
is divided by the stride read the same taps, so that a plane is interleaved from blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple, Self

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError, SpecError
from xlconv.layers.base.answers import Span, T, Tables
from xlconv.layers.base.geometry import Phases, WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import Grouping, IsActivation, Match, weighted_windows
from xlconv.layers.base.options import Options
from xlconv.layers.base.output_size import of_both_axes
from xlconv.layers.base.partial_sums import MAX_TERMS
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
from xlconv.spreadsheet.formula import Area, Binary, Node, plus


class Phase(NamedTuple):
    """The lines `first`, `first + stride`, ... of an output, `lines` of them, and what they read.

    Line i of them reads `taps` input lines from `start + i` on, the first with the last of
    the kernel lines `tap`, `tap + stride`, ...
    """

    first: int
    lines: int
    start: int
    tap: int
    taps: int


class ConvTranspose2d(Layer, frozen=True):
    """Transposed convolution. (C, H, W) -> (O, H', W'); torch.nn.ConvTranspose2d.

    H' = (H - 1) * stride - 2 * padding + kh + output_padding, and so for the width.
    `weight` is (C, O, kh, kw), the input channel first, `bias` (O,) or None. Groups and
    dilation are refused, and so is a kernel with fewer lines than the stride, as outputs
    between would be made from nothing, and one of a single entry, which is a Conv2d.
    """

    weight: Array
    bias: Array | None = None
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    output_padding: tuple[int, int] = (0, 0)

    short = "upconv"
    meaning = (
        "the inputs whose kernels reach it, each times its entry of the kernel, summed over "
        "all input channels, plus the bias"
    )
    EXAMPLES = (
        ((1, 4, 5), {"out_channels": 2, "kernel_size": 2, "stride": 2}),
        ((2, 4, 4), {"out_channels": 3, "kernel_size": 3, "stride": 2, "padding": 1}),
        (
            (2, 3, 4),
            {"out_channels": 2, "kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1},
        ),
        ((3, 4, 5), {"out_channels": 2, "kernel_size": 4, "stride": 2, "padding": 1}),
        ((2, 5, 4), {"out_channels": 2, "kernel_size": [3, 2], "bias": False}),
        ((1, 4, 4), {"out_channels": 1, "kernel_size": [5, 3], "stride": [3, 1]}),
    )

    @property
    def kernel_size(self) -> tuple[int, int]:
        """(kh, kw)."""
        return self.weight.shape[2], self.weight.shape[3]

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        channels, _, _ = planes_shape(shape, "ConvTranspose2d")
        check_given(options, "in_channels", channels)
        for name in ("groups", "dilation"):
            if options.pair(name, 1) != (1, 1):
                raise SpecError(f"{name}: expected 1, the only one that ConvTranspose2d has here")
        size, stride = options.pair("kernel_size"), options.pair("stride", 1)
        if any(step > lines for step, lines in zip(stride, size, strict=True)):
            raise SpecError(
                f"stride = {pair_option(stride)}: expected at most "
                f"kernel_size = {pair_option(size)}, so that every output is made from something"
            )
        if size == (1, 1):
            raise SpecError("kernel_size = 1: expected more; one entry moves nothing, as in Conv2d")
        extra = options.pair("output_padding", 0, least=0)
        if any(more >= step for more, step in zip(extra, stride, strict=True)):
            raise SpecError(  # torch has the same rule
                f"output_padding = {pair_option(extra)}: expected less than "
                f"stride = {pair_option(stride)}"
            )
        outputs = options.count("out_channels")
        return cls(
            zero_weights(channels, outputs, *size),
            stride=stride,
            padding=options.pair("padding", 0, least=0),
            output_padding=extra,
            bias=np.zeros(outputs) if options.flag("bias", True) else None,
        )

    def options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "out_channels": self.weight.shape[1],
            "kernel_size": pair_option(self.kernel_size),
        }
        if self.stride != (1, 1):
            options["stride"] = pair_option(self.stride)
        if any(self.padding):
            options["padding"] = pair_option(self.padding)
        if any(self.output_padding):
            options["output_padding"] = pair_option(self.output_padding)
        if self.bias is None:
            options["bias"] = False
        return options

    def parameters(self) -> dict[str, Array]:
        return weight_and_bias(self.weight, self.bias)

    def parameter_axes(self, name: str) -> tuple[str, ...]:
        axes = super().parameter_axes(name)
        return (axes[1], axes[0], *axes[2:]) if name == "weight" else axes

    def rescaled(self, centre: Array, scale: Array, shift: Array) -> Layer | None:
        given = rescaled_parameters(self.weight, self.bias, centre, scale, shift, axis=1)
        return self.with_parameters(given)

    def describe(self) -> str:
        words = [by_size(self.kernel_size)]
        options = self.options()
        for key in ("stride", "padding", "output_padding"):
            if key in options:
                words.append(f"{key.replace('_', ' ')} {options[key]}")
        return ", ".join(words)

    def output_shape(self, shape: Shape) -> Shape:
        channels, *sizes = planes_shape(shape, "ConvTranspose2d")
        expected = self.weight.shape[0]
        if channels != expected:
            raise ShapeError(f"{counted(expected, 'input channel')}, but the input has {channels}")
        counts = tuple(
            (n - 1) * step - 2 * pad + lines + more
            for n, step, pad, lines, more in zip(
                sizes, self.stride, self.padding, self.kernel_size, self.output_padding, strict=True
            )
        )
        if min(counts) < 1:
            raise ShapeError(f"an output of {by_size((counts[0], counts[1]))}: padding cuts it all")
        return self.weight.shape[1], *counts

    def window_options(self) -> dict[str, tuple[int, ...]]:
        (down, across) = self.padding
        return {
            "kernel_size": self.kernel_size, "stride": self.stride,
            "padding": (across, across, down, down), "dilation": (1, 1),
        }  # fmt: skip

    def size_rule(self, shape: Shape) -> str:
        axes = zip(
            shape[1:], self.output_shape(shape)[1:], self.stride, self.padding, self.kernel_size,
            self.output_padding, strict=True,
        )  # fmt: skip
        rules = [
            f"({n} − 1)·{step} − 2·{pad} + {lines}{f' + {more}' if more else ''} = {count}"
            for n, count, step, pad, lines, more in axes
        ]
        return of_both_axes(*rules)

    def entries_read(
        self, spans: Sequence[Span], shapes: Sequence[Shape], number: int
    ) -> list[Span]:
        channels, *sizes = shapes[number]
        read = []
        for axis, span in enumerate(spans[1:]):
            phases, step = self.phases(axis, sizes[axis]), self.stride[axis]
            own = ((phases[line % step], line // step) for line in span)
            begins = [(one.start + k, one.taps) for one, k in own]
            read.append(tuple(sorted({first + k for first, taps in begins for k in range(taps)})))
        return [tuple(range(channels)), *read]

    def forward(self, x: Array) -> Array:
        outputs, *counts = self.output_shape(x.shape)
        (sh, sw), (top, left), (kh, kw) = self.stride, self.padding, self.kernel_size
        _, height, width = x.shape
        # All that the kernels cover, and the lines that output_padding adds after it.
        covered = (height - 1) * sh + kh, (width - 1) * sw + kw
        rows, columns = max(covered[0], top + counts[0]), max(covered[1], left + counts[1])
        whole = np.zeros((outputs, rows, columns))
        for channel, i, j in np.ndindex(len(x), kh, kw):
            u, v = kh - 1 - i, kw - 1 - j  # in the order in which formulas add
            # (O, 1, 1) * (H, W) -> (O, H, W)
            laid = self.weight[channel, :, u, v, None, None] * x[channel]
            whole[:, u : u + sh * height : sh, v : v + sw * width : sw] += laid
        y = whole[:, top : top + counts[0], left : left + counts[1]]
        return y if self.bias is None else y + self.bias[:, None, None]

    def phases(self, axis: int, n: int) -> list[Phase]:
        """Return what the lines of an output read along an axis of n input lines, by phase."""
        step, pad, lines = self.stride[axis], self.padding[axis], self.kernel_size[axis]
        count = (n - 1) * step - 2 * pad + lines + self.output_padding[axis]
        found = []
        for first in range(min(step, count)):
            last_read, tap = divmod(first + pad, step)
            taps = len(range(tap, lines, step))
            start = last_read - taps + 1
            found.append(Phase(first, len(range(first, count, step)), start, tap, taps))
        return found

    def multiplications(self, shape: Shape) -> int:
        rows, columns = (
            sum(one.lines * one.taps for one in self.phases(axis, shape[axis + 1]))
            for axis in (0, 1)
        )
        channels, outputs, *_ = self.weight.shape
        return int(rows * columns * channels * outputs)

    def halo(self, shape: Shape) -> Halo:
        (top, bottom), (left, right) = (self._past(axis, n) for axis, n in enumerate(shape[1:]))
        return Halo(top, bottom, left, right, fill=0.0)

    def _past(self, axis: int, n: int) -> tuple[int, int]:
        """Return how many lines before and after n input lines are read."""
        phases = self.phases(axis, n)
        last = max(one.start + one.lines - 1 + one.taps for one in phases)
        return max(0, *(-one.start for one in phases)), max(0, last - n)

    def tables(self, shape: Shape) -> Tables:
        tables: Tables = {"weight": [list(kernels) for kernels in self.weight.swapaxes(0, 1)]}
        if self.bias is not None:
            tables["bias"] = [[np.full((1, 1), bias)] for bias in self.bias]
        return tables

    def blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        (source,) = sources
        biases, (height, width) = place.tables.get("bias", ()), source.planes[0].shape
        for index, kernels in enumerate(place.tables["weight"]):
            for phase in product(self.phases(0, height), self.phases(1, width)):
                terms = [
                    _sum(list(self._products(before, kernel, *phase)))
                    for before, kernel in zip(source.planes, kernels, strict=True)
                ]
                tree = _sum(terms)
                if biases:
                    tree = plus([tree, biases[index][0].fixed()])
                lattice = self._lattice(phase, place.planes[index])
                yield Written(OUTPUT, index, Block(lattice, tree))

    def _lattice(self, phase: tuple[Phase, Phase], plane: Plane) -> Plane:
        """Return the entries of a plane that are of a phase."""
        rows, columns = phase
        return plane.every(self.stride, (rows.first, columns.first), (rows.lines, columns.lines))

    def _products(
        self, before: Plane, kernel: Plane, rows: Phase, columns: Phase
    ) -> Iterator[Node]:
        for i in range(rows.taps):
            for j in range(columns.taps):
                entry = before.window((rows.start + i, columns.start + j), (1, 1), (1, 1))
                u = rows.tap + self.stride[0] * (rows.taps - 1 - i)
                v = columns.tap + self.stride[1] * (columns.taps - 1 - j)
                yield Binary("*", entry, Plane(kernel.cell(u, v), (1, 1)).fixed())

    def by_channel(self, kernels: Sequence[Sequence[T]]) -> Sequence[Sequence[T]]:
        return list(zip(*kernels, strict=True))

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        found = weighted_windows(tree, is_activation, OUTPUT)
        # A range has its cells in the order of the window: no kernel is turned in one.
        if found is None or any(
            isinstance(one, Area) for table in found.weights for one in table.references
        ):
            return None
        return replace(found, grouping=Grouping.INTERLEAVED)

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        return cls.from_phases({(0, 0): geometry})

    @classmethod
    def from_phases(cls, phases: Phases) -> Layer | None:
        first, last = phases[0, 0], max(phases)
        stride = last[0] + 1, last[1] + 1
        padding, size, extra = [], [], []
        for axis, step in enumerate(stride):
            own = [phases[(k, 0) if axis == 0 else (0, k)] for k in range(step)]
            # floor((k + padding) / step) is the last line read by phase k: they add up to it.
            padding.append(sum(one.start[axis] + one.size[axis] - 1 for one in own))
            size.append(sum(one.size[axis] for one in own))
            least = (first.extent[axis] - 1) * step - 2 * padding[axis] + size[axis]
            extra.append(sum(one.count[axis] for one in own) - least)
        fits = all(0 <= more < step for more, step in zip(extra, stride, strict=True))
        if first.weights is None or min(padding) < 0 or not fits or tuple(size) == (1, 1):
            return None  # a kernel of one entry is a Conv2d's
        outputs, channels, *_ = first.weights.shape
        weight = np.zeros((channels, outputs, *size))
        pads, extras = (padding[0], padding[1]), (extra[0], extra[1])
        return cls(weight, first.biases, stride, pads, extras)._with_phases(phases)

    def _with_phases(self, phases: Phases) -> Layer | None:
        """Return the layer with the weights of its phases; None where one is not as it has it."""
        weight = self.weight.copy()
        for (i, j), found in phases.items():
            rows, columns = (self.phases(k, n) for k, n in enumerate(found.extent))
            own = rows[i], columns[j]
            start, size, count = zip(
                *((one.start, one.taps, one.lines) for one in own), strict=True
            )
            placed = found.start, found.size, found.count, found.stride
            if placed != (start, size, count, (1, 1)) or found.weights is None:
                return None
            taps = tuple(
                slice(one.tap, None, step) for one, step in zip(own, self.stride, strict=True)
            )
            # (O, C, taps, taps), from the last tap to the first -> (C, O, kh, kw)
            weight[:, :, *taps] = found.weights.swapaxes(0, 1)[:, :, ::-1, ::-1]
        return replace(self, weight=weight)


def _sum(terms: list[Node]) -> Node:
    """Return the sum of terms; of many in brackets, as trees of more are not read back."""
    if len(terms) <= MAX_TERMS:
        return plus(terms)
    return plus([plus(terms[k : k + MAX_TERMS]) for k in range(0, len(terms), MAX_TERMS)])
