"""Whole rows and columns put into a workbook in memory, as spreadsheets insert them."""

from __future__ import annotations

import re

import numpy as np
from msgspec.structs import replace

from xlconv.spreadsheet.addresses import Range, column_name, column_of
from xlconv.spreadsheet.values import BLANK
from xlconv.spreadsheet.workbook import Sheet, TextColumn, Workbook

_REFERENCE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([1-9]\d*)(?![\d(])")
_RANGE = re.compile(
    r"(\$?)([A-Z]{1,3})(\$?)([1-9]\d*)(?:(?::(\$?)([A-Z]{1,3})(\$?)([1-9]\d*))|(?![\d(]))"
)


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


def without_line(workbook: Workbook, axis: int, line: int) -> Workbook:
    """Return a workbook of one sheet without a row (axis 0) or a column, whatever it held.

    As spreadsheets delete one: ranges become shorter, and what pointed there alone is #REF!.
    """

    def ends(first: int, last: int) -> tuple[int, int] | None:
        """Return where the lines of a range are then."""
        shorter = first, last - (last >= line)
        moved = (shorter[0] - (first > line), shorter[1])
        return moved if moved[0] <= moved[1] else None

    def area(one: Range) -> Range | None:
        found = ends(*((one.top, one.bottom) if axis == 0 else (one.left, one.right)))
        if found is None:
            return None
        if axis == 0:
            return Range(found[0], one.left, found[1], one.right)
        return Range(one.top, found[0], one.bottom, found[1])

    def reference(found: re.Match[str]) -> str:
        first = found[2], found[4]
        last = (found[6], found[8]) if found[5] is not None else first
        rows, columns = (
            [int(k[1]) - 1 for k in (first, last)],
            [column_of(k[0]) for k in (first, last)],
        )
        after = area(Range(rows[0], columns[0], rows[1], columns[1]))
        if after is None:
            return "#REF!"
        text = f"{found[1]}{column_name(after.left)}{found[3]}{after.top + 1}"
        if found[5] is not None:
            text += f":{found[5]}{column_name(after.right)}{found[7]}{after.bottom + 1}"
        return text

    (sheet,) = workbook.sheets
    kept = np.flatnonzero((sheet.rows, sheet.columns)[axis] != line)
    texts = [
        _RANGE.sub(reference, sheet.texts[k]) if sheet.is_formula[k] else sheet.texts[k]
        for k in kept.tolist()
    ]
    lines = [sheet.rows[kept], sheet.columns[kept]]
    lines[axis] = lines[axis] - (lines[axis] > line).astype(np.int32)
    less = replace(
        sheet, rows=lines[0], columns=lines[1], kinds=sheet.kinds[kept],
        cached=sheet.cached[kept], numbers=sheet.numbers[kept],
    )  # fmt: skip
    names = []
    for name, areas in workbook.names:
        left = [(home, area(one)) for home, one in areas]
        if all(one is not None for _, one in left):
            names.append((name, tuple(left)))
    return replace(workbook, sheets=(_sheet(less, lines, texts),), names=tuple(names))
