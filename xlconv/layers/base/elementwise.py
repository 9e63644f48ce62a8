"""What some layers have in common: functions of each number, and layers that join tensors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import fields
from typing import ClassVar, NamedTuple

from xlconv.arrays import Array, Shape
from xlconv.layers.base.geometry import ReceptiveField, WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.place import Place, Spelling
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import Node, Ref


class Unwrapped(NamedTuple):
    """A formula as a function of each number: the layer, and what it is applied to."""

    layer: Elementwise
    inside: Node


class Elementwise(Layer):
    """A function of each number on its own; can be fused into the layer before it."""

    is_elementwise = True
    repeats: ClassVar[bool] = False  # its formula holds the number twice: better not fused
    keeps_channels = True

    @abstractmethod
    def formula(self, value: Node) -> Node:
        """Return the tree of the function applied to a value."""

    @classmethod
    @abstractmethod
    def match_elementwise(cls, tree: Node) -> Unwrapped | None:
        """Return the layer with what it is applied to, or None where the tree is another."""

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        peeled = cls.match_elementwise(tree)
        if peeled is None or not isinstance(peeled.inside, Ref):
            return None
        return Match(OUTPUT, (peeled.inside,), facts=(peeled.layer,))

    @classmethod
    def from_geometry(cls, seen: WindowGeometry) -> Layer | None:
        same = seen.size == (1, 1) and seen.stride == (1, 1) and seen.start == (0, 0)
        (layer,) = seen.facts
        return layer if same and seen.count == seen.extent else None  # type: ignore[return-value]

    def __hash__(self) -> int:  # type: ignore[override]
        return hash((type(self), *(getattr(self, one.name) for one in fields(self))))  # type: ignore[arg-type]

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def blocks(self, source: Place, place: Place, spelling: Spelling) -> Iterator[Written]:
        for index, (before, plane) in enumerate(zip(source.planes, place.planes, strict=True)):
            yield Written(OUTPUT, index, Block(plane, self.formula(before.entry())))


class Joining(Layer):
    """A layer that reads several tensors; what the others do with one, it does with all."""

    joins = 2

    @property
    def receptive_field(self) -> ReceptiveField:
        return ReceptiveField((1, 1), (1, 1), (0, 0))

    def output_shape(self, shape: Shape) -> Shape:
        return self.joined_shape((shape,) * self.joins)

    def forward(self, x: Array) -> Array:
        return self.join((x,) * self.joins)

    def blocks(self, source: Place, place: Place, spelling: Spelling) -> Iterator[Written]:
        return self.joined_blocks((source,) * self.joins, place, spelling)
