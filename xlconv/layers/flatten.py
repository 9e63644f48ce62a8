"""Flatten: planes to one vector, channel by channel, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Self

from xlconv.arrays import Array, Shape
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place, Spelling
from xlconv.layers.base.strided_runs import runs
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.plane import fixed_ref
from xlconv.spreadsheet.formula import Node, Ref


@dataclass(frozen=True, eq=False)
class Flatten(Layer):
    """(C, H, W) -> (C * H * W,); torch.nn.Flatten. Takes no cells where a Linear follows."""

    short = "flatten"
    meaning = "the planes below each other, row by row"
    numbered = False
    flattens = True
    fuses = False
    EXAMPLES = (((2, 3, 4), {}), ((5, 1, 1), {}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        return cls()

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def forward(self, x: Array) -> Array:
        return x.reshape(-1)

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        return Match(OUTPUT, (tree,)) if isinstance(tree, Ref) and is_activation(tree) else None

    @classmethod
    def from_geometry(cls, seen: WindowGeometry) -> Layer | None:
        return cls()

    def blocks(self, source: Place, place: Place, spelling: Spelling) -> Iterator[Written]:
        (column,) = place.planes
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
