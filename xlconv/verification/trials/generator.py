"""Drawn numbers: SplitMix64, the generator of Steele, Lea and Flood (OOPSLA 2014).

NumPy's own are as good, and take longer to load than a small workbook takes to verify. Only
so good as trials need: uniform, and the same for the same seed. Never for secrets.
"""

from __future__ import annotations

import math

import numpy as np

from xlconv.arrays import Array

_STEP = 0x9E3779B97F4A7C15
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_ALL = (1 << 64) - 1
_UNIT = 2.0**-53


class SplitMix:
    """Uniform numbers; what comes first depends on all of the seeds."""

    def __init__(self, *seeds: int) -> None:
        self._state = 0
        for seed in seeds:
            self._state = (self._state + seed) & _ALL
            self._state = int(self._next(1)[0])

    def uniform(
        self, low: float = 0.0, high: float = 1.0, size: int | tuple[int, ...] = ()
    ) -> Array:
        """Return numbers from `low` to below `high`, in an array of the shape `size`."""
        shape = (size,) if isinstance(size, int) else size
        unit: Array = (self._next(math.prod(shape)) >> np.uint64(11)).astype(np.float64) * _UNIT
        return (low + (high - low) * unit).reshape(shape)

    def _next(self, count: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        # Products of 64 bits are meant to lose what is beyond.
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_STEP)
        mixed = steps + np.uint64(self._state)
        self._state = (self._state + count * _STEP) & _ALL
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
        return mixed ^ (mixed >> np.uint64(31))
