"""Two workbooks -> the cells that differ and belong to no network.

Cells of tensors, parameters, helpers and padding are left to the networks. Never writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.analysis.cell_values import typed_text
from xlconv.analysis.comparison.cell_ranges import ranges_of
from xlconv.analysis.comparison.changes import Change, arrow
from xlconv.analysis.comparison.inserted_lines import Insertions
from xlconv.arrays import Integers
from xlconv.lifting.annotations import Annotation
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Cell, a1_name
from xlconv.spreadsheet.workbook import Kind, Sheet, indices_of, keys_of

_METRIC = "metric"


def cell_changes(
    before: LiftedWorkbook, after: LiftedWorkbook, inserted: Mapping[str, Insertions]
) -> Iterator[Change]:
    """Yield the cells that belong to no network and differ, by sheet; sheets pair by name.

    `inserted` says by which lines they moved.
    """
    numbers = {sheet.name: number for number, sheet in enumerate(after.workbook.sheets)}
    for number, sheet in enumerate(before.workbook.sheets):
        if sheet.name not in numbers:
            yield Change("cells", sheet.name, "the sheet is gone")
            continue
        moves = inserted.get(sheet.name, Insertions())
        yield from _SheetPair(before, number, after, numbers.pop(sheet.name), moves).changes()
    for name in numbers:
        yield Change("cells", name, "the sheet is new")


class _SheetPair(Struct, frozen=True):
    before: LiftedWorkbook
    number: int
    after: LiftedWorkbook
    other_number: int
    moves: Insertions

    @property
    def sheets(self) -> tuple[Sheet, Sheet]:
        return (
            self.before.workbook.sheets[self.number],
            self.after.workbook.sheets[self.other_number],
        )

    def changes(self) -> Iterator[Change]:
        """Yield a change for each sort of cells, with the first of them as an example."""
        groups: dict[str, list[tuple[Cell, str]]] = {}
        for cell, sort, was, now in self._cells():
            groups.setdefault(sort, []).append((cell, arrow(was, now)))
        for sort, some in groups.items():
            cell, example = some[0]
            where, found = a1_name(cell), self._annotation(cell) if sort == _METRIC else None
            first = f"{where} ({found.what})" if found else where
            words = counted(len(some), sort) + ("" if found else " of no layer")
            cells = ranges_of(np.array([row * MAX_COLUMNS + column for (row, column), _ in some]))
            message = f"{words} changed, such as {first}: {example}"
            yield Change("cells", self.sheets[0].name, message, cells)

    def _cells(self) -> Iterator[tuple[Cell, str, str, str]]:
        """Yield the cells that differ, what sort they are, and what is typed in both."""
        one, other = self.sheets
        for key, i, j in self._candidates():
            was = typed_text(one, i) if i >= 0 else ""
            if i >= 0 and one.is_formula[i]:
                was = self.moves.text(was)
            now = typed_text(other, j) if j >= 0 else ""
            cell = divmod(key, MAX_COLUMNS)
            if was != now and not self._is_of_network(cell, i):
                kinds = {int(at.kinds[k]) for at, k in ((one, i), (other, j)) if k >= 0}
                sort = "text" if kinds == {Kind.TEXT} else "cell"
                yield cell, _METRIC if self._annotation(cell) else sort, was, now

    def _candidates(self) -> Iterator[tuple[int, int, int]]:
        """Yield the cells that are not the same number: key, and index in both sheets or -1."""
        one, other = self.sheets
        there, moved = self._moved()
        keys = moved, keys_of(other.rows, other.columns)
        every = np.union1d(*keys)
        rows, columns = np.divmod(every, MAX_COLUMNS)
        i, j = indices_of(keys[0], rows, columns), indices_of(keys[1], rows, columns)
        if len(there):
            i = np.where(i >= 0, there[i], -1)
        differ = ~_same_numbers(one, i, other, j)
        return zip(*(axis[differ].tolist() for axis in (every, i, j)), strict=True)

    def _moved(self) -> tuple[Integers, Integers]:
        """Return the cells of the first sheet that are not deleted, and their keys now."""
        sheet, moves = self.sheets[0], self.moves
        rows = np.array([_or_gone(moves.rows.where(k)) for k in range(_count(sheet.rows))])
        columns = np.array([_or_gone(moves.columns.where(k)) for k in range(_count(sheet.columns))])
        if not len(sheet):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        now = rows[sheet.rows], columns[sheet.columns]
        there = np.flatnonzero((now[0] >= 0) & (now[1] >= 0))
        return there, keys_of(now[0][there], now[1][there])

    def _is_of_network(self, cell: Cell, i: int) -> bool:
        sheet = self.sheets[0]
        was = (int(sheet.rows[i]), int(sheet.columns[i])) if i >= 0 else cell
        roles = self.before.role(self.number, was), self.after.role(self.other_number, cell)
        return any(role is not None for role in roles)

    def _annotation(self, cell: Cell) -> Annotation | None:
        newer = self.after.annotation(self.other_number, cell)
        return newer or self.before.annotation(self.number, cell)


def _count(lines: NDArray[np.int32]) -> int:
    return int(lines.max()) + 1 if len(lines) else 0


def _or_gone(line: int | None) -> int:
    return -1 if line is None else line


def _same_numbers(
    sheet: Sheet, i: NDArray[np.int64], other: Sheet, j: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return where both sheets hold the same number, -1 being no cell; most cells do."""
    same = np.zeros(len(i), np.bool_)
    both = np.flatnonzero((i >= 0) & (j >= 0))
    a, b = i[both], j[both]
    numbers = (sheet.kinds[a] == Kind.NUMBER) & (other.kinds[b] == Kind.NUMBER)
    same[both] = numbers & (sheet.numbers[a] == other.numbers[b])
    return same
