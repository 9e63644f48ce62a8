"""The text of one operand -> the cells that it refers to.

What is no reference to cells of this workbook, be it a name, a table or another workbook,
comes back as Unknown with its text. Never raises, and never looks a sheet up.
"""

from __future__ import annotations

import re

from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, column_of
from xlconv.spreadsheet.formula.nodes import Area, Axis, Ref, Unknown

_CELL = r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})"
_LETTER = r"(?:[A-Za-z_]|[^\x00-\x7f])"
_SHEET = rf"(?:(?P<sheet>'(?:[^']|'')+'|{_LETTER}(?:{_LETTER}|[0-9.])*)!)?"
_REFERENCE = re.compile(rf"{_SHEET}(?:{_CELL}(?::{_CELL})?|(?P<lines>[^!:\[\]]+:[^!:\[\]]+))")
_COLUMNS = re.compile(r"(\$?)([A-Za-z]{1,3}):(\$?)([A-Za-z]{1,3})")
_ROWS = re.compile(r"(\$?)([0-9]{1,7}):(\$?)([0-9]{1,7})")


def reference_of(text: str) -> Ref | Area | Unknown:
    """Return the cell, range, whole columns or whole rows that a text names, or else Unknown."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return Unknown(text)
    sheet = match["sheet"]
    if sheet is not None and sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
        if "[" in sheet:
            return Unknown(text)  # another workbook: never followed
    if match["lines"] is not None:
        return _lines(match["lines"], sheet) or Unknown(text)
    first = _ref(match[2], match[3], match[4], match[5], sheet)
    if match[7] is None:
        return first or Unknown(text)
    last = _ref(match[6], match[7], match[8], match[9], None)
    return _area(first, last) if first and last else Unknown(text)


def _ref(
    column_mark: str, letters: str, row_mark: str, digits: str, sheet: str | None
) -> Ref | None:
    row, column = int(digits) - 1, column_of(letters)
    if not (0 <= row < MAX_ROWS and column < MAX_COLUMNS):
        return None
    return Ref(Axis(row, absolute=bool(row_mark)), Axis(column, absolute=bool(column_mark)), sheet)


def _area(first: Ref, last: Ref) -> Area:
    """Return the area with its corners in order, as programs read `C4:A2`."""
    top, bottom = sorted((first.row, last.row), key=lambda axis: axis.offset)
    left, right = sorted((first.column, last.column), key=lambda axis: axis.offset)
    return Area(Ref(top, left, first.sheet), Ref(bottom, right))


def _lines(text: str, sheet: str | None) -> Area | None:
    """Return the area of whole columns (`A:C`) or rows (`1:3`)."""
    if match := _COLUMNS.fullmatch(text):
        left = _ref(match[1], match[2], "$", "1", sheet)
        right = _ref(match[3], match[4], "$", str(MAX_ROWS), None)
    elif match := _ROWS.fullmatch(text):
        left = _ref("$", "A", match[1], match[2], sheet)
        right = _ref("$", "XFD", match[3], match[4], None)
    else:
        return None
    return _area(left, right) if left and right else None
