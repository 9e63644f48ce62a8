"""How close two numbers must be to be the same: one rule, wherever numbers are compared.

Never asks what the numbers stand for; those who compare choose how close is close enough.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from xlconv.arrays import Array

# LibreOffice keeps 15 digits of a cached value.
RTOL = 1e-9
ATOL = 1e-12


class Tolerance(Struct, frozen=True):
    """How far two numbers may be apart: by `rtol` of the larger one, and by `atol` besides."""

    rtol: float = RTOL
    atol: float = ATOL

    def close(self, a: ArrayLike, b: ArrayLike) -> NDArray[np.bool_]:
        """Return where |a - b| <= atol + rtol * max(|a|, |b|), entry by entry.

        It does not matter which is which. An infinity is only close to itself, and NaN,
        the mark of a number that nobody knows, to nothing.
        """
        one: Array = np.asarray(a, np.float64)
        other: Array = np.asarray(b, np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            allowed = self.atol + self.rtol * np.maximum(np.abs(one), np.abs(other))
            near = (np.abs(one - other) <= allowed) & np.isfinite(allowed)
        close: NDArray[np.bool_] = near | (one == other)
        return close
