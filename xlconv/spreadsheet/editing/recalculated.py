"""A workbook whose stored values are what its formulas give.

Changes no formula; what cannot be calculated keeps the value that it had.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from xlconv.spreadsheet.calculation.calculate import Calculation, calculate
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.values import ERRORS
from xlconv.spreadsheet.workbook import Kind, Sheet, Workbook

_IN_WORDS = (Kind.TEXT, Kind.ERROR)


def recalculated(workbook: Workbook) -> Workbook:
    """Return the workbook with every stored value as its formulas give it."""
    found = calculate(workbook)
    sheets = zip(workbook.sheets, found.grids, strict=True)
    return replace(workbook, sheets=tuple(_renewed(one, grid, found) for one, grid in sheets))


def _renewed(sheet: Sheet, grid: ValueGrid, found: Calculation) -> Sheet:
    kinds = np.where(sheet.is_formula, grid.kinds, sheet.cached)
    words = np.flatnonzero(sheet.is_formula & np.isin(kinds, _IN_WORDS)).tolist()
    results = {
        k: ERRORS[at] if kinds[k] == Kind.ERROR else found.pool.texts[at]
        for k in words
        if (at := int(grid.numbers[k])) >= 0
    }
    numbers = np.where(np.isin(kinds, _IN_WORDS), 0.0, grid.numbers)
    return replace(sheet, numbers=numbers, cached=kinds, results=results)
