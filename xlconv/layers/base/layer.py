"""What every layer is: a shape rule, a NumPy meaning, and the formulas it writes.

Shapes are (channels, height, width) or (features,), without a batch axis; names
and semantics are those of the layer's twin in torch.nn. Values are float64.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.layers.base.geometry import ReceptiveField, WindowGeometry
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place, Spelling
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.formula import Node

# The parameters of a layer as matrices for a sheet: by name, then for each
# output channel (or once for all of them) the matrices that belong together.
Tables = dict[str, list[list[Array]]]


@dataclass(frozen=True, slots=True)
class Written:
    """A block with what it computes: plane `index` of the output, or of the helper `name`."""

    name: str
    index: int
    block: Block


OUTPUT = "output"


class Layer(ABC):
    """One layer of a network; subclasses are frozen dataclasses."""

    short: ClassVar[str]  # the stem of default names: conv1, conv2
    meaning: ClassVar[str]  # what a cell of it computes, in words for a note
    numbered: ClassVar[bool] = True  # False where the first of its kind needs no number
    is_elementwise: ClassVar[bool] = False
    flattens: ClassVar[bool] = False  # the same numbers as one vector
    fuses: ClassVar[bool] = True  # an elementwise layer after it may share its cells
    per_channel: ClassVar[tuple[str, ...]] = ()  # parameters of one number for each channel
    keeps_channels: ClassVar[bool] = False  # a plane is made from the same plane of the input
    is_copy: ClassVar[bool] = False  # the same numbers, in cells of their own
    joins: ClassVar[int] = 1  # how many tensors it reads
    takes_flat: ClassVar[bool] = False  # can read a vector that still stands as planes
    is_softmax_like: ClassVar[bool] = False  # outputs are probabilities that add up to one
    is_probability: ClassVar[bool] = False  # each output is between 0 and 1, on its own
    sums_in_parts: ClassVar[bool] = False  # a sum that is too long for a formula may be split
    helper_planes: ClassVar[tuple[str, ...]] = ()  # helpers beside each plane, of its size
    helper_columns: ClassVar[tuple[str, ...]] = ()  # helpers of the output's shape
    settings: ClassVar[Mapping[str, tuple[float, str]]] = {}  # tables' greatest value, and a hint
    readouts: ClassVar[tuple[str, ...]] = ()  # helpers of a single number
    EXAMPLES: ClassVar[tuple[tuple[Shape, dict[str, Any]], ...]] = ()

    # -- meaning ---------------------------------------------------------------

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the output. Raises ShapeError where the layer does not fit."""

    @abstractmethod
    def forward(self, x: Array) -> Array:
        """Return the output for one input, both without a batch axis."""

    def helpers(self, x: Array, y: Array, names: Collection[str] = ()) -> dict[str, Array]:
        """Return the values of the helper cells, as matrices by name, for input and output.

        `names` are those that stand on the sheet; there may be values for others too.
        """
        return {}

    @property
    def remark(self) -> str:
        """What to try with it, in a line for the panel; "" where there is nothing to say."""
        return ""

    @property
    def is_view(self) -> bool:
        """Whether it gives the numbers of its input as they are, and so needs no cells."""
        return self.flattens

    def in_training(self, shape: Shape, generator: np.random.Generator) -> Self:
        """Return the layer as it is in training, for an input of `shape`."""
        return self

    def folded_into(self, before: Layer) -> Layer | None:
        """Return the layer before with this one multiplied into its weights, None if it cannot."""
        return None

    @property
    def receptive_field(self) -> ReceptiveField | None:
        """The window that one output unit sees; None where it sees the whole input."""
        return ReceptiveField((1, 1), (1, 1), (0, 0)) if self.is_elementwise else None

    @property
    def border(self) -> str:
        """The padding mode in which the input is repeated around itself; "" for none."""
        return ""

    def channels_read(self, channel: int, count: int) -> range:
        """Return the channels, of `count` of the input, that an output channel is made from."""
        return range(channel, channel + 1) if self.keeps_channels else range(count)

    def multiplications(self, shape: Shape) -> int:
        """Return how many products one forward pass takes for an input of `shape`."""
        return 0

    # -- parameters and description -------------------------------------------

    @classmethod
    @abstractmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        """Return the layer that the options spell for an input of `shape`, weights all zero.

        Raises SpecError or ShapeError with the bare fact.
        """

    def options(self) -> dict[str, Any]:
        """Return the options that `build` makes this layer from, defaults left out."""
        return {}

    def parameters(self) -> dict[str, Array]:
        """Return the trainable arrays by their names in torch, in torch's layout."""
        return {}

    def with_parameters(self, values: Mapping[str, Array]) -> Self:
        """Return the layer with other parameters of the same shapes."""
        return replace(self, **values) if values else self  # type: ignore[type-var]

    def window_options(self) -> dict[str, tuple[int, ...]]:
        """Return kernel_size, stride, padding and dilation, defaults too; {} without windows.

        Sizes are (height, width), the padding (left, right, top, bottom).
        """
        return {}

    def size_rule(self, shape: Shape) -> str:
        """Return the rule for the output's height and width with its numbers; "" without one."""
        return ""

    def describe(self) -> str:
        """Return the options in a few words for people: `3x3, stride 2`; "" if there are none."""
        return ""

    # -- on the sheet ----------------------------------------------------------

    def halo(self, shape: Shape) -> Halo:
        """Return the cells that the windows reach around an input plane."""
        return Halo()

    def tables(self, shape: Shape) -> Tables:
        """Return the parameters as matrices, for an input whose planes have `shape`."""
        return {}

    @property
    def table_step(self) -> tuple[int, int]:
        """The distance of neighbouring entries of a table on the sheet."""
        return (1, 1)

    @abstractmethod
    def blocks(self, source: Place, place: Place, spelling: Spelling) -> Iterator[Written]:
        """Yield the blocks of formulas that compute `place` from `source`."""

    # -- of what reads several tensors: one layer reads but the first ------------

    def joined_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        """Return the shape of the output. Raises ShapeError where they do not fit together."""
        return self.output_shape(shapes[0])

    def join(self, values: tuple[Array, ...]) -> Array:
        """Return the output for inputs in order."""
        return self.forward(values[0])

    def joined_blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        """Yield the blocks of formulas that compute `place` from all sources."""
        return self.blocks(sources[0], place, spelling)

    # -- back from the sheet -----------------------------------------------------

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        """Return how a block's formula spells this layer, or None."""
        return None

    @classmethod
    def from_geometry(cls, seen: WindowGeometry) -> Layer | None:
        """Return the layer that a sighting is, given where its references point, or None."""
        return None

    # Arrays do not compare to one truth value, so that dataclasses cannot do this.
    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(
            _are_equal(getattr(self, one.name), getattr(other, one.name))
            for one in fields(self)  # type: ignore[arg-type]
        )

    __hash__ = None  # type: ignore[assignment]


def _are_equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return bool(one == other)
