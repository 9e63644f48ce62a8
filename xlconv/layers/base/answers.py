"""What a layer may say besides what it must: every question has the answer of most layers here.

A layer overrides what is otherwise with it. Nobody asks which layer it is: whoever lays
out, formats, reads or draws a network asks one of these questions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeVar

from msgspec.structs import replace

from xlconv.arrays import Array, Draws, Shape
from xlconv.layers.base.geometry import Phases, ReceptiveField
from xlconv.layers.base.output_size import OutputSize, size_rule
from xlconv.spreadsheet.blocks.halo import Halo

if TYPE_CHECKING:
    from xlconv.layers.base.layer import Layer

# The parameters of a layer as matrices for a sheet: by name, then for each
# output channel (or once for all of them) the matrices that belong together.
Tables = dict[str, list[list[Array]]]

# What the axes of parameters are, by how many there are.
_AXES = {
    4: ("output channel", "input channel", "row", "column"), 2: ("output", "input"),
    1: ("output",),
}  # fmt: skip

T = TypeVar("T")

# Entries along an axis, counted from 0, in order.
Span = tuple[int, ...]


class HelperKind(Enum):
    """Where a helper cell stands, and how many of it there are."""

    PLANE = "beside each plane, of its size"
    COLUMN = "beside the output, of its size"
    READOUT = "a single number"


class Probabilities(Enum):
    """What the numbers of an output are, where they are probabilities."""

    OF_ONE_CLASS = "they add up to one: the largest is the class"
    OF_EACH_LABEL = "each on its own: from one half up, the label is there"


class Setting(NamedTuple):
    """A parameter to be played with: its greatest value, and a hint for who does."""

    most: float
    hint: str


class Answers:
    """The questions that have an answer for most layers."""

    # -- the network ---------------------------------------------------------------

    short: ClassVar[str]  # see Layer
    inputs: ClassVar[range] = range(1, 2)  # how many tensors it may read

    @classmethod
    def default_name(cls, number: int) -> str:
        """Return the name of the layer that is the `number`th of its kind: `conv2`."""
        return f"{cls.short}{number}"

    @property
    def is_view(self) -> bool:
        """Whether it gives the numbers of its input as they are, and so needs no cells."""
        return False

    @property
    def is_copy(self) -> bool:
        """Whether its cells show the numbers of its input once more, as they are."""
        return False

    @property
    def probabilities(self) -> Probabilities | None:
        """Which probabilities its numbers are, where they are the network's output."""
        return None

    def view_before(self, shape: Shape) -> Layer | None:
        """Return the view of a tensor of `shape` that it needs to read it; None for most.

        The layer reads such a tensor from its cells as they stand.
        """
        return None

    def in_training(self, shape: Shape, generator: Draws) -> Self:
        """Return the layer as it is in training, for an input of `shape`."""
        return self

    def folded_into(self, before: Layer) -> Layer | None:
        """Return the layer before with this one multiplied into its weights, None if it cannot."""
        return None

    def rescaled(self, centre: Array, scale: Array, shift: Array) -> Layer | None:
        """Return the layer with its outputs y as (y - centre) * scale + shift, by channel.

        None where it has no weights that could take that in.
        """
        return None

    # -- options and parameters ------------------------------------------------------

    def options(self) -> dict[str, Any]:
        """Return the options that `build` makes this layer from, defaults left out."""
        return {}

    def describe(self) -> str:
        """Return the options in a few words for people: `3x3, stride 2`; "" if there are none."""
        return ""

    @property
    def title(self) -> str:
        """Its type with its options, for people: `Conv2d 3×3, stride 2`."""
        return f"{type(self).__name__} {self.describe()}".strip()

    def parameters(self) -> dict[str, Array]:
        """Return the trainable arrays by their names in torch, in torch's layout."""
        return {}

    def parameter_axes(self, name: str) -> tuple[str, ...]:
        """Return what the axes of a parameter are, in torch's order; () where nothing is said."""
        return _AXES.get(self.parameters()[name].ndim, ())

    def with_parameters(self, values: Mapping[str, Array]) -> Self:
        """Return the layer with other parameters of the same shapes."""
        return replace(self, **values) if values else self  # type: ignore[type-var]

    def with_drawn(self, generator: Draws, low: float = -1.0, high: float = 1.0) -> Self:
        """Return the layer with drawn numbers in all that it is given by cells.

        Weights and the like are from `low` to `high`.
        """
        return self.with_parameters({
            name: generator.uniform(low, high, one.shape)
            for name, one in self.parameters().items()
        })  # fmt: skip

    def multiplications(self, shape: Shape) -> int:
        """Return how many products one forward pass takes for an input of `shape`."""
        return 0

    # -- windows ---------------------------------------------------------------------

    padding_mode: str = "zeros"  # or how its padding repeats the input: torch's word for it

    @property
    def receptive_field(self) -> ReceptiveField | None:
        """The window that one output unit sees; None where it sees the whole input."""
        return None

    def window_options(self) -> dict[str, tuple[int, ...]]:
        """Return kernel_size, stride, padding and dilation, defaults too; {} without windows.

        Sizes are (height, width), the padding (left, right, top, bottom).
        """
        return {}

    def output_sizes(self, shape: Shape) -> tuple[OutputSize, OutputSize] | None:
        """Return the rules for the output's height and width; None without windows."""
        return None

    def size_rule(self, shape: Shape) -> str:
        """Return the rules for the output's height and width as text; "" without windows."""
        sizes = self.output_sizes(shape)
        return "" if sizes is None else size_rule(*sizes)

    def channels_read(self, channel: int, count: int) -> range:
        """Return the channels, of `count` of the input, that an output channel is made from."""
        return range(count)

    def entries_read(
        self, spans: Sequence[Span], shapes: Sequence[Shape], number: int
    ) -> list[Span]:
        """Return the entries, axis by axis, of input `number` that some outputs are made from.

        `shapes` are those of all inputs. Entries beyond a plane count on: -1, -2, ...
        """
        shape, window = shapes[number], self.receptive_field
        if len(shape) == 1 and window is not None:  # a vector has no windows but of one entry
            return list(spans)
        read = {one for channel in spans[0] for one in self.channels_read(channel, shape[0])}
        channels = tuple(sorted(read))
        if window is None:
            return [channels, *(tuple(range(n)) for n in shape[1:])]
        return [channels, *(window.entries(span, axis) for axis, span in enumerate(spans[1:]))]

    # -- cells -----------------------------------------------------------------------

    scalars: ClassVar[tuple[str, ...]] = ()  # parameters that are single numbers beside planes
    helper_cells: ClassVar[Mapping[str, HelperKind]] = MappingProxyType({})  # by name

    def halo(self, shape: Shape) -> Halo:
        """Return the cells that the windows reach around an input plane."""
        return Halo()

    def tables(self, shape: Shape) -> Tables:
        """Return the parameters as matrices, for an input whose planes have `shape`."""
        return {}

    def by_channel(self, kernels: Sequence[Sequence[T]]) -> Sequence[Sequence[T]]:
        """Return what `tables` has of each output by the first two axes of the weight.

        Its own inverse: for most layers both are the same.
        """
        return kernels

    @property
    def table_step(self) -> tuple[int, int]:
        """The distance of neighbouring entries of a table on the sheet."""
        return (1, 1)

    def setting(self, parameter: str) -> Setting | None:
        """Return what may be set in a parameter's cell by whoever plays with it."""
        return None

    @property
    def splittable_terms(self) -> int:
        """How many terms its formula sums, where the sum may be split into helper planes."""
        return 0

    @classmethod
    def helper_names(cls, *kinds: HelperKind) -> list[str]:
        """Return the names of its helper cells of some kinds."""
        return [name for kind in kinds for name, one in cls.helper_cells.items() if one is kind]

    def helpers(self, x: Array, y: Array, names: Collection[str] = ()) -> dict[str, Array]:
        """Return the values of the helper cells, as matrices by name, for input and output.

        `names` are those that stand on the sheet; there may be values for others too.
        """
        return {}

    @property
    def takes_fused(self) -> bool:
        """Whether an elementwise layer after it may share its cells, around its formula."""
        return not (self.is_view or self.is_copy or self.helper_cells)

    @property
    def remark(self) -> str:
        """What to try with it, in a line for the panel; "" where there is nothing to say."""
        return ""

    # -- back from the sheet -----------------------------------------------------------

    @classmethod
    def from_phases(cls, phases: Phases) -> Layer | None:
        """Return the layer whose planes are interleaved from blocks; None for most.

        Block (i, j) of a plane begins at its entry (i, j), and goes on in steps of as many
        entries as there are blocks along each axis.
        """
        return None
