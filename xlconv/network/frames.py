"""Tensors as DataFrames whose axes have names, so that pandas can select, join and plot them.

pandas is imported when a frame is made: it takes longer to import than a workbook to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from xlconv.arrays import Array

if TYPE_CHECKING:
    import pandas as pd


def tensor_frame(values: Array, axes: Sequence[str]) -> pd.DataFrame:
    """Return a tensor with its last axis as columns and the others as rows, all by their names.

    (C, H, W) has rows (channel, row) and columns (column); a vector has one column, `value`.
    Axes that have no name are numbered: `axis 0`.
    """
    import pandas as pd  # noqa: PLC0415  slow to import, and rarely used

    names = axes if len(axes) == values.ndim else [f"axis {k}" for k in range(values.ndim)]
    if values.ndim == 1:
        index = pd.RangeIndex(len(values), name=names[0])
        return pd.DataFrame({"value": values}, index=index)
    *outer, last = values.shape
    columns = pd.RangeIndex(last, name=names[-1])
    if len(outer) == 1:
        return pd.DataFrame(values, pd.RangeIndex(outer[0], name=names[0]), columns)
    rows = pd.MultiIndex.from_product([range(n) for n in outer], names=list(names[:-1]))
    return pd.DataFrame(values.reshape(int(np.prod(outer)), last), rows, columns)
