"""Sheets of a few cells, and what is traced in them."""

from __future__ import annotations

import io

from xlconv.analysis.trace import Trace, trace
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.report.console import page_console
from xlconv.report.trace.text import WIDE, draw_trace
from xlconv.spreadsheet.addresses import Cell, parse_a1
from xlconv.spreadsheet.precedents.region import Region
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook


def sheet_of(cells: dict[str, float | str], name: str = "Sheet1", *, array: bool = False) -> Sheet:
    """Return a sheet of numbers, of formulas (`=...`) and of texts, by their A1 names."""
    builder = SheetBuilder()
    for place, content in cells.items():
        row, column = parse_a1(place)
        if isinstance(content, float | int):
            builder.add(Kind.NUMBER, [row], [column], numbers=[content])
        elif content.startswith("="):
            kind = Kind.ARRAY_FORMULA if array else Kind.FORMULA
            builder.add(kind, [row], [column], texts=[content[1:]])
        else:
            builder.add(Kind.TEXT, [row], [column], texts=[content])
    return builder.finish(name)


def book(*sheets: Sheet, names: tuple = ()) -> LiftedWorkbook:
    return lift_workbook(Workbook(sheets, names))


def cells_of(region: Region) -> set[Cell]:
    return {
        (row, column)
        for area in region.ranges
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    }


def names_of(found: Trace, sheet: int | None = None) -> list[str]:
    return [area.name for area in found.cells(sheet).ranges]


def traced(
    of: LiftedWorkbook, cell: str, *, dependents: bool = False, depth: int | None = 1
) -> Trace:
    return trace(of, cell, dependents=dependents, depth=depth)


def told(found: Trace) -> str:
    page = io.StringIO()
    draw_trace(page_console(page, WIDE), found)
    return page.getvalue()
