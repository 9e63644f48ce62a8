"""A network's parameters -> the numbers that a file holds: finite ones, of one type.

Writes no file.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlconv.errors import WeightsError
from xlconv.network.network import Network


def stored_state(network: Network, *, float32: bool) -> dict[str, NDArray[Any]]:
    """Return all parameters as float64, or rounded to float32. Raises WeightsError.

    That is where one is not finite, or overflows float32.
    """
    kind = np.float32 if float32 else np.float64
    state: dict[str, NDArray[Any]] = {}
    for key, value in network.state().items():
        with np.errstate(over="ignore"):
            state[key] = np.ascontiguousarray(value, kind)
        if not np.isfinite(state[key]).all():
            raise WeightsError(f"{key}: a number beyond {kind.__name__}; expected finite ones")
    return state
