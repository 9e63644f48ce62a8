"""Layers that make every plane from the same plane of what they read. Names none of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

from xlconv.arrays import Shape
from xlconv.layers.base.geometry import ENTRY, ReceptiveField
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.place import Place, Spelling
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Node


class PlaneByPlane(Layer, frozen=True):
    """A layer of one block for each plane, made from the same plane of every source."""

    @abstractmethod
    def plane_formula(self, planes: tuple[Plane, ...], place: Place, index: int) -> Node:
        """Return the formula of plane `index` of `place`; `planes` is what each source has."""

    def channels_read(self, channel: int, count: int) -> range:
        return range(channel, channel + 1)

    def blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        read = zip(*(source.planes for source in sources), strict=True)
        for index, (plane, planes) in enumerate(zip(place.planes, read, strict=True)):
            tree = self.plane_formula(planes, place, index)
            yield Written(OUTPUT, index, Block(plane, tree))


class EntryByEntry(PlaneByPlane, frozen=True):
    """A layer that makes every entry from the entry at the same place. Any shape stays."""

    @property
    def receptive_field(self) -> ReceptiveField | None:
        return ENTRY

    def output_shape(self, shape: Shape) -> Shape:
        return shape
