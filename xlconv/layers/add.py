"""Add: two tensors entry by entry, as a skip connection ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError
from xlconv.layers.base.elementwise import Joining
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place, Spelling
from xlconv.layers.base.products import is_still
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import Binary, Call, Node, Ref, plus


@dataclass(frozen=True, eq=False)
class Add(Joining):
    """The sum of two tensors of one shape; torch.add, ONNX's Add without broadcasting."""

    short = "add"
    meaning = "the sum of the entries at the same place"
    keeps_channels = True
    EXAMPLES = (((2, 4, 5), {}), ((6,), {}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        return cls()

    def joined_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        if len(set(shapes)) != 1:
            one, other = shapes[0], next(shape for shape in shapes if shape != shapes[0])
            raise ShapeError(f"adds {one} and {other}: expected one shape")
        return shapes[0]

    def join(self, values: tuple[Array, ...]) -> Array:
        total: Array = values[0] + values[1]
        return total

    def joined_blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        for index, plane in enumerate(place.planes):
            terms: list[Node] = [source.planes[index].entry() for source in sources]
            yield Written(OUTPUT, index, Block(plane, plus(terms)))

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        windows = _terms(tree)
        if len(windows) != 2 or any(map(is_still, windows)):
            return None
        return Match(OUTPUT, windows) if all(map(is_activation, windows)) else None

    @classmethod
    def from_geometry(cls, seen: WindowGeometry) -> Layer | None:
        return cls()


def _terms(tree: Node) -> tuple[Ref, ...]:
    match tree:
        case Binary("+", Ref() as one, Ref() as other):
            return one, other
        case Call("SUM", (Ref() as one, Ref() as other)):
            return one, other
    return ()
