"""Whole rows or columns, and a workbook as if some of them had never been inserted.

As a spreadsheet deletes blank lines: what stands behind them moves up, references and names
follow. Never looks at what formulas compute; stored values of formulas are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from xlconv.plurals import plural
from xlconv.spreadsheet.addresses import Range, column_name
from xlconv.spreadsheet.formula.template import fill, scan
from xlconv.spreadsheet.values import BLANK
from xlconv.spreadsheet.workbook import DefinedNames, Kind, Sheet, TextColumn, Workbook

# What stands before a reference to another sheet.
_SHEET = re.compile(r"(?:'((?:[^']|'')*)'|([\w.]+))!$")


class Lines(Struct, frozen=True):
    """`count` rows (axis 0) or columns (axis 1) of sheet number `sheet`, from `first` on."""

    sheet: int
    axis: int
    first: int
    count: int = 1

    @property
    def end(self) -> int:
        """The first line behind them."""
        return self.first + self.count

    @property
    def title(self) -> str:
        """What people call them: `row 10`, `columns K:L`."""
        ends = dict.fromkeys(
            str(line + 1) if self.axis == 0 else column_name(line)
            for line in (self.first, self.end - 1)
        )
        return f"{plural(self.count, ('row', 'column')[self.axis])} {':'.join(ends)}"

    def range_on(self, sheet: Sheet) -> Range:
        """Return their cells, as far as any cell of the sheet stands."""
        bottom, right = int(sheet.rows.max(initial=0)), int(sheet.columns.max(initial=0))
        if self.axis == 0:
            return Range(self.first, 0, self.end - 1, right)
        return Range(0, self.first, bottom, self.end - 1)


class _Shift:
    """Where lines stand once some of them are gone, on one sheet."""

    def __init__(self, gone: Iterable[Lines]) -> None:
        self._gone = tuple(gone)

    def of(self, axis: int, line: int) -> int:
        """Return where a line then stands. Raises ValueError for one that is gone."""
        moved = line
        for one in self._gone:
            if one.axis == axis and one.first <= line < one.end:
                raise ValueError
            moved -= one.count if one.axis == axis and line >= one.end else 0
        return moved

    def range(self, area: Range) -> Range:
        """Return where a range then stands."""
        return Range(
            self.of(0, area.top), self.of(1, area.left),
            self.of(0, area.bottom), self.of(1, area.right),
        )  # fmt: skip

    def lines(self, axis: int, lines: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return where the lines of cells then stand."""
        every = range(int(lines.max(initial=0)) + 1)
        held = set(np.unique(lines).tolist())
        table = np.array([self.of(axis, k) if k in held else 0 for k in every], np.int32)
        return table[lines]


def without_lines(workbook: Workbook, gone: Sequence[Lines]) -> Workbook | None:
    """Return a workbook without some blank lines, None where a cell or reference is in them."""
    shifts = {
        sheet.name.casefold(): _Shift(one for one in gone if one.sheet == number)
        for number, sheet in enumerate(workbook.sheets)
    }
    try:
        sheets = tuple(_sheet(sheet, shifts) for sheet in workbook.sheets)
        return replace(workbook, sheets=sheets, names=_names(workbook.names, shifts))
    except (ValueError, KeyError):
        return None


def _sheet(sheet: Sheet, shifts: dict[str, _Shift]) -> Sheet:
    own, formulas = shifts[sheet.name.casefold()], sheet.is_formula
    is_text = (sheet.kinds == Kind.FORMULA) | (sheet.kinds == Kind.ARRAY_FORMULA)
    texts = [
        _formula(text, own, shifts) if moves else text
        for text, moves in zip(sheet.texts, is_text.tolist(), strict=True)
    ]
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if len(ends) else ends
    return replace(
        sheet,
        rows=own.lines(0, sheet.rows),
        columns=own.lines(1, sheet.columns),
        cached=np.where(formulas, np.uint8(BLANK), sheet.cached),
        numbers=np.where(formulas, 0.0, sheet.numbers),
        texts=TextColumn("".join(texts), starts, ends),
        results={},
        arrays={index: own.range(area) for index, area in sheet.arrays.items()},
    )


def _formula(text: str, own: _Shift, shifts: dict[str, _Shift]) -> str:
    """Return a formula whose references follow."""
    template = scan(text)
    values, shift = list(template.values), own
    for k in range(0, len(values), 2):
        before = template.pieces[k]
        if before.removesuffix("$") != ":":  # of a range, the other corner is on the same sheet
            other = _SHEET.search(before.removesuffix("$"))
            name = "" if other is None else other[2] or other[1].replace("''", "'")
            shift = shifts[name.casefold()] if name else own
        values[k], values[k + 1] = shift.of(1, values[k]), shift.of(0, values[k + 1])
    return fill(template.pieces, values)


def _names(names: DefinedNames, shifts: dict[str, _Shift]) -> DefinedNames:
    return tuple(
        (name, tuple((home, shifts[home.casefold()].range(area)) for home, area in areas))
        for name, areas in names
    )
