"""What the rules of conditional formats say, evaluated as Python."""

import re

from xlconv.spreadsheet.addresses import Range


def cells(area: Range) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    ]


def holds(formula: str, cell: tuple[int, int], row: object, column: object, unit: tuple) -> bool:
    """Evaluate a probe's rule as Python: =AND(a,b) of comparisons."""
    from xlconv.spreadsheet.addresses import a1_name

    text = formula.removeprefix("=AND(").removesuffix(")")
    text = text.replace("ROW()", str(cell[0] + 1)).replace("COLUMN()", str(cell[1] + 1))
    text = text.replace(a1_name(row, absolute=True), str(unit[0]))
    text = text.replace(a1_name(column, absolute=True), str(unit[1]))
    parts = re.split(r",(?=ROW|COLUMN|\d+[=<>])", text)
    python = (re.sub(r"(?<![<>])=", "==", part) for part in parts)
    return all(eval(part, {"MAX": max, "MIN": min}) for part in python)
