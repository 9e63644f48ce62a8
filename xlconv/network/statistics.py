"""What is kept of a layer's activations: mean, standard deviation, share near zero, range.

Only numbers; knows no network and no cell.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array

# fastai's ActivationStats has the same limit, and counts negative numbers as near zero
# too: after a ReLU, which it is meant for, both are the same.
NEAR_ZERO = 0.05


class Statistics(Struct, frozen=True):
    """Of `count` numbers: mean, deviation, share near zero, least and largest.

    `std` is the sample's, divided by n - 1, as torch.Tensor.std has it; None for a
    single number. `near_zero` is the share of |x| <= the limit, from 0 to 1.
    """

    count: int
    mean: float
    std: float | None
    near_zero: float
    least: float
    largest: float


def statistics_of(values: Array, near_zero: float = NEAR_ZERO) -> Statistics:
    """Return the statistics of at least one number."""
    with np.errstate(over="ignore"):  # of the largest numbers it is infinite
        deviation = float(values.std(ddof=1)) if values.size > 1 else None
    return Statistics(
        values.size,
        float(values.mean()),
        deviation,
        float((np.abs(values) <= near_zero).mean()),
        float(values.min()),
        float(values.max()),
    )
