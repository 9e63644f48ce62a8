"""The formula cells of a sheet, found by where they stand, each taken apart once.

What several searches share: which cells have a block already, and how many blocks there may
be. An absolute reference that stands alone has no pattern and is kept apart. Changes
nothing in the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

import numpy as np

from xlconv.arrays import Index, Mask
from xlconv.errors import ReadError
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Cell
from xlconv.spreadsheet.blocks.pattern import FoundBlock, Pattern
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Template, scan
from xlconv.spreadsheet.workbook import Kind, Sheet, indices_of

_LONE = re.compile(r"\$[A-Z]{1,3}\$[0-9]{1,7}")
_LONGEST_REFERENCE = len("$XFD$1048576")

# More patterns than any network needs: such a workbook is refused.
MOST_BLOCKS = 5_000


class FormulaIndex:
    """The formula cells of a sheet; `taken` marks those that have a block."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        # Array formulas over several cells are no pattern: each is a block of its own.
        single = sheet.is_formula & (sheet.kinds != Kind.SPILLED)
        single[list(sheet.arrays)] = False
        # A formula that is only =$G$3 says where it points by itself: it moves with no
        # pattern, so that its neighbours tell nothing of it.
        self.lone: Index = _lone(sheet, single)
        single[self.lone] = False
        self.cells: Index = np.flatnonzero(single)
        rows = sheet.rows.astype(np.int64)
        self.keys: Index = rows * MAX_COLUMNS + sheet.columns
        self.formula_keys: Index = self.keys[self.cells]
        self.columns = sheet.columns
        self.taken = np.zeros(len(sheet), np.bool_)
        self.templates: dict[int, Template] = {}

    def at(self, row: int, column: int) -> int:
        """Return the index of a cell, -1 where it is blank."""
        key = row * MAX_COLUMNS + column
        place = int(np.searchsorted(self.keys, key))
        return place if place < len(self.keys) and self.keys[place] == key else -1

    def template(self, index: int) -> Template:
        """Return the text of a formula cell taken apart."""
        if index not in self.templates:
            if len(self.templates) > 100_000:
                self.templates.clear()
            self.templates[index] = scan(self.sheet.texts[index])
        return self.templates[index]

    def in_row(self, row: int, first: int, last: int) -> Index:
        """Return the indices of the formula cells of a row between two columns."""
        start = np.searchsorted(self.formula_keys, row * MAX_COLUMNS + first)
        end = np.searchsorted(self.formula_keys, row * MAX_COLUMNS + last, side="right")
        return self.cells[start:end]

    def below(self, row: int, column: int, most: int, missing: int) -> Iterator[int]:
        """Yield the formula cells of the `most` below one, until more than `missing` are none."""
        misses = 0
        for below in range(row + 1, min(row + most, MAX_ROWS - 1) + 1):
            index = self.at(below, column)
            if index >= 0 and self.sheet.kinds[index] >= Kind.FORMULA:
                misses = 0
                yield index
            else:
                misses += 1
                if misses > missing:
                    return

    def lattice_cells(self, lattice: Plane) -> Index:
        """Return the indices of all cells of a lattice, -1 where blank."""
        rows, columns = lattice.cells()
        return indices_of(self.keys, rows, columns).reshape(lattice.shape)

    def alone(self, seed: int) -> FoundBlock:
        """Return a formula cell as a block of its own."""
        template = self.template(seed)
        still = (0,) * len(template.values)
        cell = int(self.sheet.rows[seed]), int(self.sheet.columns[seed])
        is_array = bool(self.sheet.kinds[seed] == Kind.ARRAY_FORMULA)
        pattern = Pattern(template.pieces, template.values, still, still)
        return FoundBlock(
            Plane(cell, (1, 1)), pattern, is_array, np.array([[seed]]), np.ones((1, 1), bool)
        )

    def standing(self) -> Iterator[FoundBlock]:
        """Yield the lone absolute references, neighbours that are the same as one block."""
        sheet = self.sheet
        texts = {k: (int(sheet.kinds[k]), sheet.texts[k]) for k in self.lone.tolist()}
        while texts:
            seed = next(iter(texts))
            row, column = int(sheet.rows[seed]), int(sheet.columns[seed])

            def same(i: int, j: int, seed: int = seed, at: Cell = (row, column)) -> bool:
                return texts.get(self.at(at[0] + i, at[1] + j)) == texts[seed]

            width = next(j for j in count(1) if not same(0, j))
            height = next(i for i in count(1) if not all(same(i, j) for j in range(width)))
            lattice = Plane((row, column), (height, width))
            cells = self.lattice_cells(lattice)
            for cell in cells.ravel().tolist():
                del texts[cell]
            one = self.alone(seed)
            every = np.ones(lattice.shape, np.bool_)
            yield FoundBlock(lattice, one.pattern, one.is_array, cells, every)

    def check_count(self, count: int) -> None:
        """Refuse a sheet with more blocks than any network has."""
        if count > MOST_BLOCKS:
            raise ReadError(
                f"sheet {self.sheet.name!r}: more than {MOST_BLOCKS:,} formulas that have no "
                "pattern in common; expected the blocks of a network"
            )


def _lone(sheet: Sheet, among: Mask) -> Index:
    """Return the cells, of some formulas, that hold an absolute reference and nothing else."""
    texts = sheet.texts
    short: Index = np.flatnonzero(among & (texts.ends - texts.starts <= _LONGEST_REFERENCE))
    lone = [index for index in short.tolist() if _LONE.fullmatch(texts[index])]
    return np.array(lone, np.int64)
