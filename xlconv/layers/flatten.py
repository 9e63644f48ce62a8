"""Flatten: planes to one vector, channel by channel, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from msgspec.structs import replace

from xlconv.arrays import Array, Shape
from xlconv.layers.base.answers import Span
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import Grouping, IsActivation, Match, shows_activation
from xlconv.layers.base.place import Place, Spelling
from xlconv.layers.base.strided_runs import runs
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.plane import fixed_ref
from xlconv.spreadsheet.formula import Node


class Flatten(Layer, frozen=True):
    """(C, H, W) -> (C * H * W,); torch.nn.Flatten. Takes no cells where a Linear follows."""

    short = "flatten"
    meaning = "the planes below each other, row by row"
    EXAMPLES = (((2, 3, 4), {}), ((5, 1, 1), {}))

    @classmethod
    def default_name(cls, number: int) -> str:
        return cls.short if number == 1 else super().default_name(number)

    @property
    def is_view(self) -> bool:
        return True

    def entries_read(
        self, spans: Sequence[Span], shapes: Sequence[Shape], number: int
    ) -> list[Span]:
        (shape,), (span,) = shapes, spans
        if len(span) > 1:
            return [tuple(range(n)) for n in shape]
        return [(span[0] // prod(shape[k + 1 :]) % n,) for k, n in enumerate(shape)]

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def forward(self, x: Array) -> Array:
        return x.reshape(-1)

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        if not shows_activation(tree, is_activation):
            return None
        return Match(OUTPUT, (tree,), grouping=Grouping.ENTRIES)

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        return cls()

    def blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        (source,), (column,) = sources, place.planes
        cells = [
            plane.cell(i, j)
            for plane in source.planes
            for i in range(plane.shape[0])
            for j in range(plane.shape[1])
        ]
        for run in runs([(cell,) for cell in cells]):
            lattice = replace(column, origin=column.cell(run.start, 0), shape=(run.count, 1))
            tree = fixed_ref(cells[run.start], absolute=False, by_row=run.step)
            yield Written(OUTPUT, 0, Block(lattice, tree))
