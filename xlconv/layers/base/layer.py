"""What every layer must say: its names, its shape, its meaning, and its formulas both ways.

Shapes are (channels, height, width) or (features,), without a batch axis; names
and semantics are those of the layer's twin in torch.nn. Values are float64. What a
layer may say besides, and what holds where it does not, is in `answers`. Names no layer.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
from msgspec import Struct, StructMeta

from xlconv.arrays import Array, Shape
from xlconv.layers.base.answers import Answers
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place, Spelling
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import Node


class Written(Struct, frozen=True):
    """A block with what it computes: plane `index` of the output, or of the helper `name`."""

    name: str
    index: int
    block: Block


OUTPUT = "output"


class LayerMeta(ABCMeta, StructMeta):
    """Of classes that have fields, and methods that a subclass must give."""


class Layer(Answers, Struct, frozen=True, eq=False, metaclass=LayerMeta):
    """One layer of a network: a subclass has its options and parameters as fields, frozen.

    A layer with parameters or options also gives `parameters()` and `options()`; one that
    is laid out in another way than most has further answers in `Answers`.
    """

    short: ClassVar[str]  # the stem of default names: conv1, conv2
    meaning: ClassVar[str]  # what a cell of it computes, in words for a note
    EXAMPLES: ClassVar[tuple[tuple[Shape, dict[str, Any]], ...]]  # inputs, and options for tests

    # -- from a description ------------------------------------------------------

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        """Return the layer that the options spell for an input of `shape`, weights all zero.

        Raises SpecError or ShapeError with the bare fact. As it is, for layers without any.
        """
        return cls()

    # -- its meaning: of one input, `f(self, x)`, or of as many as `inputs` allows ---

    @abstractmethod
    def output_shape(self, *shapes: Any, **_: Any) -> Shape:
        """Return the shape of the output. Raises ShapeError where the inputs do not fit."""

    @abstractmethod
    def forward(self, *inputs: Any, **_: Any) -> Array:
        """Return the output for the inputs in order, all without a batch axis."""

    # -- to the sheet ------------------------------------------------------------

    @abstractmethod
    def blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        """Yield the blocks of formulas that compute `place` from its sources."""

    # -- back from the sheet -------------------------------------------------------

    @classmethod
    @abstractmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        """Return how a block's formula spells this layer, or None."""

    @classmethod
    @abstractmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        """Return the layer that a match is, given where its references point, or None."""

    # Arrays do not compare to one truth value, so that msgspec cannot do this.
    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(
            _are_equal(getattr(self, one), getattr(other, one)) for one in self.__struct_fields__
        )

    __hash__ = None  # type: ignore[assignment]


def _are_equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return bool(one == other)
