"""What a single cell holds: its value, its formula, and both as text. Never writes."""

from __future__ import annotations

import math

from xlconv.analysis.formula_steps import Scalar, scalar_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.workbook import Kind, Sheet


def cell_value(book: LiftedWorkbook, sheet: int, cell: Cell | Range) -> Scalar:
    """Return a cell's calculated value; None of a blank one, or of a number that is not finite."""
    at = (cell.top, cell.left) if isinstance(cell, Range) else cell
    index = book.workbook.sheets[sheet].find(at)
    if index is None:
        return None
    grid, pool = book.calculation.grids[sheet], book.calculation.pool
    value = scalar_of(float(grid.numbers[index]), int(grid.kinds[index]), pool)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def cell_formula(book: LiftedWorkbook, sheet: int, cell: Cell) -> str | None:
    """Return a cell's formula as a spreadsheet shows it, in braces if it is an array formula."""
    table = book.workbook.sheets[sheet]
    index = table.find(cell)
    if index is None or not table.is_formula[index]:
        return None
    text = f"={table.texts[index]}"
    return f"{{{text}}}" if table.kinds[index] == Kind.ARRAY_FORMULA else text


def value_text(value: Scalar) -> str:
    """Return a value as a cell would show it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else repr(value) if not value.startswith("#") else value


def typed_text(sheet: Sheet, index: int) -> str:
    """Return what the cell at an index of a sheet holds, as one would type it."""
    kind = sheet.kinds[index]
    if kind == Kind.FORMULA:
        return f"={sheet.texts[index]}"
    if kind == Kind.ARRAY_FORMULA:
        return f"{{={sheet.texts[index]}}}"
    if kind in (Kind.TEXT, Kind.ERROR):
        return sheet.texts[index]
    if kind == Kind.BOOLEAN:
        return "TRUE" if sheet.numbers[index] else "FALSE"
    return f"{sheet.numbers[index]:.10g}"
