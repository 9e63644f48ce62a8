"""Which of many ranges on sheets overlap one: asked of all at once.

Each range is known by its number in the order given. The answer is found by comparing
every range, a column of numbers at a time, and always ascends. Never looks at what stands
in the cells.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from xlconv.arrays import Integers
from xlconv.spreadsheet.addresses import Cell, Range


class AreaIndex:
    """Ranges on sheets; sheets are numbers, or all one number where there is one sheet.

    `sheets` is (n,), `boxes` is (n, 4): top, left, bottom, right, both ends included.
    """

    def __init__(self, areas: Iterable[tuple[int, Range]]) -> None:
        rows = [(k, area.top, area.left, area.bottom, area.right) for k, area in areas]
        # A column of numbers in one piece is compared twice as fast as every fifth number.
        columns = np.array(np.array(rows, np.int64).reshape(-1, 5).T, order="C")
        self.sheets: Integers = columns[0]
        self.boxes: Integers = columns[1:].T
        self._top, self._left, self._bottom, self._right = columns[1:]

    def __len__(self) -> int:
        return len(self.sheets)

    def find(self, sheet: int, area: Range) -> Integers:
        """Return the numbers of the ranges that share a cell with an area, as an array."""
        touches = (
            (self.sheets == sheet) & (self._top <= area.bottom) & (self._bottom >= area.top)
            & (self._left <= area.right) & (self._right >= area.left)
        )  # fmt: skip
        return np.flatnonzero(touches)

    def touching(self, sheet: int, area: Range) -> list[int]:
        """Return the numbers of the ranges that share a cell with an area."""
        found: list[int] = self.find(sheet, area).tolist()
        return found

    def holding(self, sheet: int, cell: Cell) -> list[int]:
        """Return the numbers of the ranges that have a cell."""
        return self.touching(sheet, Range(*cell, *cell))

    def around(self, sheet: int, area: Range) -> list[int]:
        """Return the numbers of the ranges that have every cell of an area."""
        holds = (
            (self.sheets == sheet) & (self._top <= area.top) & (self._bottom >= area.bottom)
            & (self._left <= area.left) & (self._right >= area.right)
        )  # fmt: skip
        found: list[int] = np.flatnonzero(holds).tolist()
        return found
