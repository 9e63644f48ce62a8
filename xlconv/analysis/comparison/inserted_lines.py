"""Two sheets -> the rows and columns that were inserted or deleted, and where cells went by that.

Lines are known again by what is typed in them, wherever in the line it stands; of formulas counts
only that they are some, because their references went along. Where less than most lines are found
again, nothing was inserted: it is another sheet. Never looks at stored values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

import numpy as np
from msgspec import Struct

from xlconv.arrays import Integers
from xlconv.plurals import plural
from xlconv.spreadsheet.addresses import Cell, Range, a1_name, column_name, parse_a1
from xlconv.spreadsheet.workbook import Kind, Sheet

_MOST_LINES = 2_000  # that are no more the same, from the first such to the last
_SHARE = 0.8  # of the lines with something in them that have to be found again
# Texts and sheets' names are stepped over; a name with a letter or a point beside it is no cell.
_REFERENCE = re.compile(
    r"\"[^\"]*\"|'[^']*'!|(?<![\w.$])\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}(?![\w.(!])"
)
_GONE = "#REF!"


class Axis(Struct, frozen=True):
    """What happened along rows or columns: (line before, line after, how many are new or gone).

    The count is above 0 where lines are new, and below where they are gone.
    """

    word: str  # row or column
    edits: tuple[tuple[int, int, int], ...] = ()

    def where(self, line: int) -> int | None:
        """Return where a line is now, None where it is gone."""
        shift = 0
        for before, _, count in self.edits:
            if line < before:
                break
            if count < 0 and line < before - count:
                return None
            shift += count
        return line + shift

    def words(self) -> Iterator[str]:
        """Yield what happened, as `row 15 inserted`, by the numbers where it is seen."""
        for before, after, count in self.edits:
            first = after if count > 0 else before
            names = [self._name(first), self._name(first + abs(count) - 1)][: abs(count)]
            what = "inserted" if count > 0 else "deleted"
            yield f"{plural(len(names), self.word)} {' to '.join(names)} {what}"

    def _name(self, line: int) -> str:
        return str(line + 1) if self.word == "row" else column_name(line)


class Insertions(Struct, frozen=True):
    """Where the cells of a sheet went; nowhere where nothing was inserted or deleted."""

    rows: Axis = Axis("row")
    columns: Axis = Axis("column")

    def __bool__(self) -> bool:
        return bool(self.rows.edits or self.columns.edits)

    def words(self) -> str:
        """Return what happened, in a line."""
        lines = ", ".join((*self.rows.words(), *self.columns.words()))
        return f"{lines}: what stood there or after it moved"

    def cell(self, cell: Cell) -> Cell | None:
        """Return where a cell is now, None where it is gone."""
        row, column = self.rows.where(cell[0]), self.columns.where(cell[1])
        return None if row is None or column is None else (row, column)

    def area(self, area: Range) -> Range | None:
        """Return where a range is now, with the lines within it that are new."""
        first, last = self.cell((area.top, area.left)), self.cell((area.bottom, area.right))
        return None if first is None or last is None else Range(*first, *last)

    def text(self, text: str) -> str:
        """Return a formula, or the names of cells, with every reference gone along."""
        return _REFERENCE.sub(self._moved, text) if self else text

    def _moved(self, match: re.Match[str]) -> str:
        name = match[0]
        if name.startswith(('"', "'")):
            return name
        try:
            now = self.cell(parse_a1(name))
        except ValueError:
            return name
        if now is None:
            return _GONE
        marks = name.startswith("$"), "$" in name[1:]
        row, column = str(now[0] + 1), a1_name(now).rstrip("0123456789")
        return f"{'$' * marks[0]}{column}{'$' * marks[1]}{row}"


def insertions(before: Sheet, after: Sheet) -> Insertions:
    """Return what was inserted into a sheet, and deleted from it."""
    lines = [(_signatures(before, axis), _signatures(after, axis)) for axis in ("rows", "columns")]
    return Insertions(
        *(Axis(word, _edits(*both)) for word, both in zip(("row", "column"), lines, strict=True))
    )


def _signatures(sheet: Sheet, axis: str) -> Integers:
    """Return a number for every line, of what is in it wherever that stands; 0 for a blank one."""
    lines = getattr(sheet, axis).astype(np.int64)
    contents = (sheet.numbers + 0.0).view(np.int64).copy()  # +0 and -0 are one number
    contents[sheet.is_formula] = 1
    for index in np.flatnonzero(~sheet.is_formula & np.isin(sheet.kinds, (Kind.TEXT, Kind.ERROR))):
        contents[index] = hash(sheet.texts[int(index)])
    # Multiplied so that few sums of different contents are the same (Knuth, 6.4); overflow is fine.
    mixed = (contents ^ (contents >> 29)) * np.int64(-7046029254386353131) | 1
    found = np.zeros(int(lines.max()) + 1 if len(lines) else 0, np.int64)
    np.add.at(found, lines, mixed)
    return found


def _edits(was: Integers, now: Integers) -> tuple[tuple[int, int, int], ...]:
    """Return the lines that are new or gone between others that are the same."""
    if np.array_equal(was, now):
        return ()
    least = min(len(was), len(now))
    first = _same(was[:least], now[:least])
    last = _same(was[first:][::-1], now[first:][::-1])
    old, new = was[first : len(was) - last].tolist(), now[first : len(now) - last].tolist()
    if max(len(old), len(new)) > _MOST_LINES:
        return ()
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    found, kept = [], np.count_nonzero(was[:first]) + np.count_nonzero(was[len(was) - last :])
    for tag, i, end, j, far in codes:
        if tag == "equal":
            kept += np.count_nonzero(old[i:end])
        # What comes after everything else moves nothing.
        elif tag != "replace" and first + i < len(was) and first + j < len(now):
            found.append((first + i, first + j, (far - j) - (end - i)))
        elif far - j != end - i:
            return ()
    return tuple(found) if kept >= _SHARE * np.count_nonzero(was) else ()


def _same(one: Integers, other: Integers) -> int:
    """Return how many lines are the same from the first on."""
    least = min(len(one), len(other))
    differ = np.flatnonzero(one[:least] != other[:least])
    return int(differ[0]) if len(differ) else least
