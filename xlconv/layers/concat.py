"""Concat: the channels of several tensors, one tensor after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError
from xlconv.layers.base.answers import Span
from xlconv.layers.base.geometry import ENTRY, ReceptiveField, WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import Grouping, IsActivation, Match, shows_activation
from xlconv.layers.base.place import Place, Spelling
from xlconv.layers.base.shapes import planes_shape
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import Node


class Concat(Layer, frozen=True):
    """(C, H, W), (D, H, W), ... -> (C + D + ..., H, W); torch.cat along the channels.

    Takes cells: `=C4`. So the tensor has a halo of its own, and planes side by side.
    """

    inputs = range(2, 65)
    short = "concat"
    meaning = "the same number: the planes of one tensor after those of the other"
    EXAMPLES = (((2, 4, 5), {}), ((1, 3, 3), {}))

    @property
    def is_copy(self) -> bool:
        return True

    @property
    def receptive_field(self) -> ReceptiveField:
        return ENTRY

    def output_shape(self, *shapes: Shape) -> Shape:
        sizes = [planes_shape(shape, "Concat") for shape in shapes]
        odd = next((shape for shape in sizes if shape[1:] != sizes[0][1:]), None)
        if odd is not None:
            raise ShapeError(f"joins {sizes[0]} and {odd}: expected planes of one size")
        return sum(shape[0] for shape in sizes), *sizes[0][1:]

    def forward(self, *inputs: Array) -> Array:
        return np.concatenate(inputs)

    def entries_read(
        self, spans: Sequence[Span], shapes: Sequence[Shape], number: int
    ) -> list[Span]:
        first, count = sum(shape[0] for shape in shapes[:number]), shapes[number][0]
        channels = tuple(one - first for one in spans[0] if first <= one < first + count)
        return [channels, *spans[1:]]

    def blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        read = (plane for source in sources for plane in source.planes)
        for index, (plane, before) in enumerate(zip(place.planes, read, strict=True)):
            yield Written(OUTPUT, index, Block(plane, before.entry()))

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        if not shows_activation(tree, is_activation):
            return None
        return Match(OUTPUT, (tree,), grouping=Grouping.STACKED)

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        return cls()
