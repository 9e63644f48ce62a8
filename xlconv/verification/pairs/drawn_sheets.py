"""All numbers of a workbook drawn anew, in several ways that take turns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlconv.arrays import Array, Draws
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.values import NUMBER

DRAWS = 40  # that a cell is tried on


def plain(count: int, generator: Draws) -> Array:
    """Return numbers some of which are far larger than the others."""
    numbers: Array = generator.uniform(-1, 1, count)
    return numbers * np.where(generator.uniform(size=count) < 0.1, 10.0, 1.0)


def _large(count: int, generator: Draws) -> Array:
    found: Array = generator.uniform(-3000, 3000, count)
    return found


def _with_zeros(count: int, generator: Draws) -> Array:
    return np.where(generator.uniform(size=count) < 0.5, 0.0, plain(count, generator))


def _alike(count: int, generator: Draws) -> Array:
    """Return whole numbers, many of them the same."""
    found: Array = np.floor(generator.uniform(-1, 3, count))
    return found


# In turns: formulas may differ only beyond a threshold, at zero, or where numbers are the same.
KINDS = (plain, _large, _with_zeros, _alike)


def drawn(
    calculation: Calculation, generator: Draws, numbers_of: Callable[[int, Draws], Array]
) -> list[ValueGrid]:
    """Return all numbers drawn anew."""
    grids = []
    for grid in calculation.grids:
        other = grid.copy()
        cells = np.flatnonzero(other.kinds == NUMBER)
        other.store(cells, numbers_of(len(cells), generator), np.uint8(NUMBER))
        grids.append(other)
    return grids
