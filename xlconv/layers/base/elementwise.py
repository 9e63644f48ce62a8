"""What functions of each number have in common: all but the function. Names no layer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from xlconv.arrays import Array
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.place import Place
from xlconv.layers.base.plane_by_plane import EntryByEntry
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Axis, Node, Ref, references


class Unwrapped(NamedTuple):
    """A formula as a function of each number: the layer, and what it is applied to."""

    layer: Elementwise
    inside: Node


class Elementwise(EntryByEntry, frozen=True):
    """A function of each number on its own; can be fused into the layer before it.

    Says its `formula` around a value and takes it off again in `match_elementwise`.
    """

    @abstractmethod
    def formula(self, value: Node) -> Node:
        """Return the tree of the function applied to a value."""

    @classmethod
    @abstractmethod
    def match_elementwise(cls, tree: Node) -> Unwrapped | None:
        """Return the layer with what it is applied to, or None where the tree is another."""

    @property
    def is_fusible(self) -> bool:
        """Whether its formula holds the value once: a long one is better not repeated."""
        return len(list(references(self.formula(Ref(Axis(0), Axis(0)))))) == 1

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        unwrapped = cls.match_elementwise(tree)
        if unwrapped is None or not isinstance(unwrapped.inside, Ref):
            return None
        return Match(OUTPUT, (unwrapped.inside,), facts=(unwrapped.layer,))

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        (layer,) = geometry.facts
        return layer if geometry.is_entry_by_entry else None  # type: ignore[return-value]

    def __hash__(self) -> int:  # type: ignore[override]
        return hash((type(self), *(getattr(self, one) for one in self.__struct_fields__)))

    def plane_formula(self, planes: tuple[Plane, ...], place: Place, index: int) -> Node:
        (before,) = planes
        return self.formula(before.entry())


def each(function: Callable[[float], float], x: Array) -> Array:
    """Return what a function of the C library gives for each number.

    NumPy's own functions have another last bit on other processors.
    """
    return np.array([function(one) for one in x.ravel().tolist()]).reshape(x.shape)
