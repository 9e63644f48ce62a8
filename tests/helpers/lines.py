"""Whole rows and columns put into a workbook in memory, as spreadsheets insert them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from xlconv.spreadsheet.addresses import Range, column_name, column_of
from xlconv.spreadsheet.values import BLANK
from xlconv.spreadsheet.workbook import Sheet, TextColumn, Workbook

_REFERENCE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([1-9]\d*)(?![\d(])")


def with_lines(workbook: Workbook, axis: int, first: int, count: int = 1) -> Workbook:
    """Return a workbook of one sheet with so many rows (axis 0) or columns more, all blank.

    Formulas have no stored values any more; those of this project's own files, texts left out,
    are all that is understood.
    """

    def moved(line: int) -> int:
        return line + count if line >= first else line

    def reference(found: re.Match[str]) -> str:
        column, row = column_of(found[2]), int(found[4]) - 1
        row, column = (moved(row), column) if axis == 0 else (row, moved(column))
        return f"{found[1]}{column_name(column)}{found[3]}{row + 1}"

    def area(one: Range) -> Range:
        ends = [one.top, one.left, one.bottom, one.right]
        for k in (axis, axis + 2):
            ends[k] = moved(ends[k])
        return Range(*ends)

    (sheet,) = workbook.sheets
    texts = [
        _REFERENCE.sub(reference, text) if is_formula else text
        for text, is_formula in zip(sheet.texts, sheet.is_formula.tolist(), strict=True)
    ]
    lines = [sheet.rows, sheet.columns]
    lines[axis] = np.array([moved(line) for line in lines[axis].tolist()], np.int32)
    names = tuple(
        (name, tuple((home, area(one)) for home, one in areas)) for name, areas in workbook.names
    )
    return replace(workbook, sheets=(_sheet(sheet, lines, texts),), names=names)


def _sheet(sheet: Sheet, lines: list[np.ndarray], texts: list[str]) -> Sheet:
    ends = np.cumsum([len(text) for text in texts])
    starts = ends - [len(text) for text in texts]
    return replace(
        sheet,
        rows=lines[0],
        columns=lines[1],
        cached=np.where(sheet.is_formula, np.uint8(BLANK), sheet.cached),
        numbers=np.where(sheet.is_formula, 0.0, sheet.numbers),
        texts=TextColumn("".join(texts), starts, ends),
        results={},
    )
