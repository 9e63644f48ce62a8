"""Formulas that only look on: the live checks of an exercise, and what counts these.

They are no part of a network, and nothing is to be explained of them. Told by the sheets that
names say checks are on, and by what is read; knows no tensor.
"""

from __future__ import annotations

from xlconv.layout.defined_names import check_sheets
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.calculation.calculate import Calculation

_MOST_READ = 64  # cells: what counts checks reads few others


def blocks_looking_on(calculation: Calculation) -> frozenset[int]:
    """Return the blocks on sheets of checks, and those that read nothing but such blocks."""
    sheets = check_sheets(calculation.workbook)
    if not sheets:
        return frozenset()
    found, cells = set[int](), set[tuple[int, Cell]]()
    for k in (k for knot in calculation.order for k in knot):
        block = calculation.blocks[k]
        if block.sheet in sheets:
            found.add(k)
        elif block.reads and all(
            sheet in sheets or _is_counted(cells, sheet, area) for sheet, area in block.reads
        ):
            found.add(k)
            rows, columns = block.lattice.cells()
            places = zip(rows.tolist(), columns.tolist(), strict=True)
            cells.update((block.sheet, cell) for cell in places)
    return frozenset(found)


def _is_counted(cells: set[tuple[int, Cell]], sheet: int, area: Range) -> bool:
    height, width = area.size
    return height * width <= _MOST_READ and all(
        (sheet, (row, column)) in cells
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    )
