"""Cells as ranges in A1 notation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xlconv.spreadsheet.addresses import MAX_COLUMNS, Range
from xlconv.spreadsheet.precedents.region import region_of


def ranges_of(keys: NDArray[np.int64]) -> str:
    """Return cells, given by their keys (`keys_of`), as ranges by column, then row: `A1:B3, D5`."""
    rows, columns = np.divmod(keys, MAX_COLUMNS)
    boxes = region_of(np.stack((rows, columns, rows, columns), axis=1)).boxes.tolist()
    areas = sorted((Range(*box) for box in boxes), key=lambda area: (area.left, area.top))
    return ", ".join(area.name for area in areas)
