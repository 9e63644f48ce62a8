"""How close two values must be to be the same: one rule for all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Array

# How close two values must be to be the same; LibreOffice keeps 15 digits of a cached one.
RTOL = 1e-9
ATOL = 1e-12


def _close(a: Array, b: Array, rtol: float, atol: float) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        close: NDArray[np.bool_] = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    return close
