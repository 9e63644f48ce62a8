"""The array and shape types that every package speaks of, and how a shape is spelled.

Only types and words: nothing is calculated.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Index = Integers  # places of entries within something else
Mask = NDArray[np.bool_]  # which entries of something are meant
Shape = tuple[int, ...]


class Draws(Protocol):
    """What draws numbers: NumPy's generators, and those that are less."""

    def uniform(self, low: float = ..., high: float = ..., size: Any = ...) -> Any: ...


def by_shape(shape: Shape) -> str:
    """Return a shape for people: `2×26×26`; of a lone number, which has no axis, `one`."""
    return "×".join(map(str, shape)) or "one"
