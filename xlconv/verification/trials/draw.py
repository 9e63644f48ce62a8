"""Which numbers a draw has: how large they are, and where tensors are exactly zero.

Functions that agree on numbers without any pattern may differ where a window is all zeros, as
pictures have it, and beyond a threshold that no small number reaches. So draws take turns: plain
ones, large ones and small weights. Draws nothing for a layer by itself.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array, Shape
from xlconv.verification.trials.generator import SplitMix

_PATCH_SIZES = (1, 2, 4, 8)  # the sides of squares of zeros: windows are wholly in some of them

_SMALL = 10.0


class Kind(Struct, frozen=True):
    """How a draw is made: entries of tensors from -scale to scale, parameters between two numbers.

    With `zeros`, half of the cells of a tensor are zero where it is 0; where it is 1 the other
    half of them are, or the same number as their neighbours.
    """

    scale: float
    parameters: tuple[float, float]
    zeros: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it has nothing but small numbers, no two of them alike.

        Of larger ones an exponential may be past all numbers, however right it is.
        """
        return self.zeros is None and self.scale <= _SMALL


# In this order, for as many draws as there are. The first is the one that slips are told by;
# where windows are zero, no bias of the third is below zero, so that ReLU does not hide it.
KINDS = (
    Kind(1.0, (-1.0, 1.0)),
    Kind(3000.0, (-50.0, 50.0), 0),
    Kind(10.0, (0.0, 0.02), 1),
    Kind(30.0, (-1.0, 1.0)),
)

# Once more they are of another size, the later the more so: a side that is as narrow as 0.0003, or
# begins at 20, is entered by hardly any number of the first ones.
_SMALLER, _LARGER = 1e-3, 3.0
_SIZES = 3  # of them, before they begin again


def kind_of(number: int) -> Kind:
    """Return how a draw of this number is made."""
    turn, place = divmod(number, len(KINDS))
    kind, size = KINDS[place], turn % _SIZES
    if place == 0 and size:
        low, high = kind.parameters
        scale = _SMALLER * kind.scale if size % 2 else kind.scale
        return Kind(scale, (_SMALLER * low, _SMALLER * high))
    if place == len(KINDS) - 1:
        return Kind(kind.scale * _LARGER**size, kind.parameters)
    return kind


class Draw:
    """The numbers of one draw, the same whenever it is made again."""

    def __init__(self, seed: int, number: int) -> None:
        self.kind = kind_of(number)
        self.generator = SplitMix(seed, number)
        # One for the draws that are zero here and those that are zero elsewhere.
        self._patches = SplitMix(seed, number // len(KINDS), 1)

    def entries(self, shape: Shape) -> Array:
        """Return the numbers of a tensor."""
        scale = self.kind.scale
        found = self.generator.uniform(-scale, scale, shape)
        return found if self.kind.zeros is None else self._with_patches(found, self.kind.zeros)

    def _with_patches(self, entries: Array, zeros: int) -> Array:
        """Return a tensor with patches in it, in the same places in all of its channels."""
        size = _PATCH_SIZES[int(self._patches.uniform(0, len(_PATCH_SIZES)))]
        plane = entries.shape[-2:]
        coarse = tuple(-(-one // size) for one in plane)
        chance, number = self._patches.uniform(size=(2, *coarse))
        fill = np.where(number < 0.5, 0.0, np.floor(8 * number)) if zeros else np.zeros(coarse)
        is_patch = (chance < 0.5) != bool(zeros)
        for axis, length in enumerate(plane):
            fill, is_patch = (
                one.repeat(size, axis).take(range(length), axis) for one in (fill, is_patch)
            )
        return np.where(is_patch, fill, entries)
