"""The windows of a layer's outputs, in entries of the planes that it reads. Knows no cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, field

from xlconv.arrays import Array, Shape


class ReceptiveField(NamedTuple):
    """The window of the input that one output unit sees: output i begins at start + stride * i."""

    size: tuple[int, int]
    stride: tuple[int, int]
    start: tuple[int, int]

    def entries(self, outputs: tuple[int, ...], axis: int) -> tuple[int, ...]:
        """Return the entries along an axis that outputs see, in order."""
        begins = [self.start[axis] + self.stride[axis] * one for one in outputs]
        return tuple(sorted({begin + tap for begin in begins for tap in range(self.size[axis])}))


# Of a layer whose every output is made from the entry at its own place.
ENTRY = ReceptiveField((1, 1), (1, 1), (0, 0))


class WindowGeometry(Struct, frozen=True):
    """Where a layer's references point, in entries of the planes that it reads.

    The window of output (i, j) has `size` entries and begins at `start + stride *
    (i, j)`; there are `count` of them, in planes of `extent`. `weights` is (outputs,
    planes, height, width), with `table_step` between entries that are not blank.
    """

    shape: Shape  # of the input
    extent: tuple[int, int]
    start: tuple[int, int]
    size: tuple[int, int]
    stride: tuple[int, int]
    count: tuple[int, int]
    weights: Array | None = None
    biases: Array | None = None
    table_step: tuple[int, int] = (1, 1)
    zeros: tuple[int, int] = (0, 0)  # lines of zeros drawn below and to the right of the planes
    facts: tuple[object, ...] = ()  # what the formula alone says of the layer
    scalars: dict[str, Array] = field(default_factory=dict)  # one number for each plane
    masks: Array | None = None  # values of the cells that let activations through
    # What windows reach beyond the planes: zeros, text, blank, mixed, or a padding mode.
    fill: str = ""

    @property
    def is_entry_by_entry(self) -> bool:
        """Whether every output reads the entry at its own place, and there are as many."""
        return ReceptiveField(self.size, self.stride, self.start) == ENTRY and (
            self.count == self.extent
        )

    @property
    def is_whole(self) -> bool:
        """Whether a window is all of a plane."""
        return self.start == (0, 0) and self.size == self.extent

    def past(self, axis: int) -> int:
        """Return how many entries the last window reaches beyond the plane; negative within."""
        last = self.start[axis] + self.stride[axis] * (self.count[axis] - 1)
        return last + self.size[axis] - self.extent[axis]


# Where the blocks that interleave to a plane point, by the entry that each begins with.
Phases = Mapping[tuple[int, int], WindowGeometry]
