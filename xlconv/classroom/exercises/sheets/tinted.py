"""The look of cells that are to be filled in: their number formats, tinted and framed.

What is right turns grey and what is wrong red, by names that stand for the hidden marks.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from xlconv.classroom.exercises.sheets.tasks_sheet import EDGE, RIGHT, TO_FILL, WRONG
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Range, a1_name
from xlconv.spreadsheet.xlsx.formatting import Borders, CellStyle, ConditionalFormat, Formatting

_MEDIUM = 2  # a border style, by its number in XlsxWriter


def tint(formatting: Formatting, area: Range) -> None:
    """Tint and frame the cells of a range; the formats of their numbers stay."""
    canvas = formatting.canvas
    keys, ids = canvas.painted()
    for row in range(area.top, area.bottom + 1):
        for column in range(area.left, area.right + 1):
            key = row * MAX_COLUMNS + column
            at = int(np.searchsorted(keys, key))
            known = at < len(keys) and keys[at] == key
            style = canvas.styles[ids[at]] if known else CellStyle()
            borders = Borders(
                _MEDIUM * (row == area.top), _MEDIUM * (row == area.bottom),
                _MEDIUM * (column == area.left), _MEDIUM * (column == area.right), EDGE,
            )  # fmt: skip
            one = Range(row, column, row, column)
            canvas.fill(one, replace(style, fill=TO_FILL, borders=borders))


def show_right(formatting: Formatting, area: Range, name: str) -> None:
    """Let what is right be grey, and what is wrong red; `name` stands for the marks of `area`."""
    mark = f"INDEX({name},ROW()-{area.top},COLUMN()-{area.left})"
    first = a1_name((area.top, area.left))
    formatting.conditional_formats += [
        ConditionalFormat(area, f"={mark}=1", RIGHT),
        ConditionalFormat(area, f"=AND(NOT(ISBLANK({first})),{mark}=0)", WRONG),
    ]
