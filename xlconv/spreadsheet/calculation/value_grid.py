"""The values of a sheet while it is calculated: numbers and kinds by place.

Compact sheets are held densely; scattered ones are looked up, so that a stranger's
bounding box never costs memory. Never calculates.
"""

from __future__ import annotations

from copy import copy

import numpy as np

from xlconv.arrays import Integers, Mask
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Range
from xlconv.spreadsheet.values import (
    ERROR,
    ERRORS,
    NUMBER,
    TEXT,
    Kinds,
    Numbers,
    Pool,
    Unsupported,
)
from xlconv.spreadsheet.workbook import Kind, Sheet, keys_of

# A sheet is held densely where its bounding box is at most so many cells, or so many
# times the cells it has.
_DENSE_CELLS = 1 << 20
_DENSE_RATIO = 8

# A single reference may stand for so many cells.
_LARGEST_REGION = 1 << 24


class ValueGrid:
    """Numbers and kinds of every cell of a sheet; formula cells begin with their cached values."""

    def __init__(self, sheet: Sheet, pool: Pool) -> None:
        self.rows = sheet.rows.astype(np.int64)
        self.columns = sheet.columns.astype(np.int64)
        self.numbers, self.kinds = _values(sheet, pool)
        self.keys = keys_of(self.rows, self.columns)
        empty = not len(sheet)
        self.used = Range(
            0, 0, 0 if empty else int(self.rows[-1]), 0 if empty else int(self.columns.max())
        )
        area = (self.used.bottom + 1) * (self.used.right + 1)
        self._dense = area <= max(_DENSE_CELLS, _DENSE_RATIO * len(sheet))
        if self._dense:
            shape = (self.used.bottom + 1, self.used.right + 1)
            self._all_numbers = np.zeros(shape)
            self._all_kinds = np.zeros(shape, np.uint8)
            self._all_numbers[self.rows, self.columns] = self.numbers
            self._all_kinds[self.rows, self.columns] = self.kinds

    def store(self, cells: Integers, numbers: Numbers, kinds: Kinds | np.uint8) -> None:
        """Set the values of cells by their index."""
        self.numbers[cells], self.kinds[cells] = numbers, kinds
        if self._dense:
            rows, columns = self.rows[cells], self.columns[cells]
            self._all_numbers[rows, columns] = numbers
            self._all_kinds[rows, columns] = kinds

    def copy(self) -> ValueGrid:
        """Return a grid of the same values, which may go another way."""
        other = copy(self)
        other.numbers, other.kinds = self.numbers.copy(), self.kinds.copy()
        if self._dense:
            other._all_numbers = self._all_numbers.copy()
            other._all_kinds = self._all_kinds.copy()
        return other

    def place(self, cells: Integers, numbers: Numbers) -> None:
        """Set the numbers of cells by their index; -1 is no cell."""
        there = cells >= 0
        self.store(cells[there], numbers[there], np.uint8(NUMBER))

    def place_at(self, rows: Integers, columns: Integers, numbers: Numbers) -> None:
        """Set the numbers of places, blank ones too, as far as the sheet is used densely."""
        inside = (rows <= self.used.bottom) & (columns <= self.used.right)
        if self._dense:
            self._all_numbers[rows[inside], columns[inside]] = numbers[inside]
            self._all_kinds[rows[inside], columns[inside]] = NUMBER

    def within(self, area: Range) -> Mask:
        """Return which of the sheet's cells lie in a range."""
        found: Mask = (self.rows >= area.top) & (self.rows <= area.bottom)
        found &= (self.columns >= area.left) & (self.columns <= area.right)
        return found

    def clipped(self, area: Range) -> Range:
        """Return the part of a range up to the last used row and column, at least one cell."""
        return Range(
            area.top, area.left,
            max(area.top, min(area.bottom, self.used.bottom)),
            max(area.left, min(area.right, self.used.right)),
        )  # fmt: skip

    def region(self, area: Range) -> tuple[Numbers, Kinds]:
        """Return numbers and kinds of a range; blanks are 0. Raises Unsupported if it is huge.

        What lies beyond what is used, or off the sheet on any side, is blank.
        """
        height, width = (max(0, size) for size in area.size)
        if height * width > _LARGEST_REGION:
            raise Unsupported(f"a range of {height * width:,} cells")
        if self._dense and self.used.holds(area) and height and width:
            part = (slice(area.top, area.bottom + 1), slice(area.left, area.right + 1))
            return self._all_numbers[part], self._all_kinds[part]
        numbers, kinds = np.zeros((height, width)), np.zeros((height, width), np.uint8)
        if not (numbers.size and self.used.overlaps(area)):
            return numbers, kinds
        used = Range(
            max(area.top, 0), max(area.left, 0),
            min(area.bottom, self.used.bottom), min(area.right, self.used.right),
        )  # fmt: skip
        there = (
            slice(used.top - area.top, used.bottom - area.top + 1),
            slice(used.left - area.left, used.right - area.left + 1),
        )
        if self._dense:
            part = (slice(used.top, used.bottom + 1), slice(used.left, used.right + 1))
            numbers[there], kinds[there] = self._all_numbers[part], self._all_kinds[part]
        else:
            self._gather(used, numbers[there], kinds[there])
        return numbers, kinds

    def _gather(self, area: Range, numbers: Numbers, kinds: Kinds) -> None:
        first = np.searchsorted(self.rows, area.top)
        last = np.searchsorted(self.rows, area.bottom, side="right")
        if last - first <= numbers.size:
            columns = self.columns[first:last]
            found = first + np.flatnonzero((columns >= area.left) & (columns <= area.right))
        else:
            starts = np.arange(area.top, area.bottom + 1) * MAX_COLUMNS
            lows = np.searchsorted(self.keys, starts + area.left)
            highs = np.searchsorted(self.keys, starts + area.right, side="right")
            spans = [np.arange(a, b) for a, b in zip(lows.tolist(), highs.tolist(), strict=True)]
            found = np.concatenate(spans)
        places = self.rows[found] - area.top, self.columns[found] - area.left
        numbers[places], kinds[places] = self.numbers[found], self.kinds[found]


def _values(sheet: Sheet, pool: Pool) -> tuple[Numbers, Kinds]:
    numbers, kinds = sheet.numbers.copy(), sheet.cached.copy()
    special = np.flatnonzero((kinds == TEXT) | (kinds == ERROR))
    formulas = sheet.kinds >= Kind.FORMULA
    for index in special.tolist():
        text = sheet.results.get(index, "") if formulas[index] else sheet.texts[index]
        if kinds[index] == ERROR:
            numbers[index] = ERRORS.index(text) if text in ERRORS else ERRORS.index("#VALUE!")
        else:
            numbers[index] = pool.index(text)
    return numbers, kinds
