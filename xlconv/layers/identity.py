"""Identity: the same numbers once more, in cells that point at the first ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from xlconv.arrays import Array, Shape
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place, Spelling
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import Node, Ref


@dataclass(frozen=True, eq=False)
class Identity(Layer):
    """Every number as it is; torch.nn.Identity. Takes cells: `=C4`.

    So that a tensor may stand on the sheet several times, each time with another frame of
    padding around it. A layer after it has cells of its own.
    """

    short = "identity"
    meaning = "the same number"
    is_elementwise = True
    keeps_channels = True
    fuses = False
    is_copy = True
    EXAMPLES = (((2, 3, 4), {}), ((1, 5, 5), {}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        return cls()

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def forward(self, x: Array) -> Array:
        return x

    def blocks(self, source: Place, place: Place, spelling: Spelling) -> Iterator[Written]:
        for index, (before, plane) in enumerate(zip(source.planes, place.planes, strict=True)):
            yield Written(OUTPUT, index, Block(plane, before.entry()))

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        return Match(OUTPUT, (tree,)) if isinstance(tree, Ref) and is_activation(tree) else None

    @classmethod
    def from_geometry(cls, seen: WindowGeometry) -> Layer | None:
        same = seen.size == (1, 1) and seen.stride == (1, 1) and seen.start == (0, 0)
        return cls() if same and seen.count == seen.extent else None
