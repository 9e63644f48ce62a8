"""Formulas beside a network that read its output, where no name says what they are.

A prediction, the largest share: the workbook that others are held against says what they should
be. Looks at references only; whether two formulas are the same is tried elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlconv.layout.layout import Layout
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.intended.intention import Readout


def readouts_of(book: LiftedWorkbook, layouts: Sequence[Layout]) -> Iterator[Readout]:
    """Yield the single formulas beside networks that read the planes these end in."""
    own = {
        (layout.sheet, cell)
        for layout in layouts for place in layout.places
        for plane in (*place.planes, *place.helpers.values())
        for cell in zip(*(axis.tolist() for axis in plane.cells()), strict=True)
    }  # fmt: skip
    for block in book.calculation.blocks:
        sheet = book.workbook.sheets[block.sheet]
        if block.mask.sum() != 1 or block.tree is None or block.spills:
            continue
        index = int(block.cells[block.mask][0])
        cell = int(sheet.rows[index]), int(sheet.columns[index])
        for layout in layouts if (sheet.name, cell) not in own else ():
            outputs = layout.places[-1].planes
            if layout.sheet == sheet.name and any(
                home == block.sheet and area.overlaps(plane.range)
                for home, area in block.reads
                for plane in outputs
            ):
                is_array = sheet.kinds[index] == Kind.ARRAY_FORMULA
                yield Readout(sheet.name, cell, sheet.texts[index], is_array, outputs)
                break
