"""Cells -> blocks: the inverse of `expand`.

A pattern is guessed from a few neighbouring cells and then rendered and compared in
bulk, so that no text is parsed twice. Cells that stand where a pattern's cell should
stand, but hold something else, are kept as deviants of it. Small letters in references
and names of functions are taken for capitals. Never evaluates.
"""

from __future__ import annotations

import numpy as np

from xlconv.spreadsheet.blocks.grouping.formula_index import FormulaIndex
from xlconv.spreadsheet.blocks.grouping.growing import Growing
from xlconv.spreadsheet.blocks.grouping.merging import merged, trusted, without_claimed
from xlconv.spreadsheet.blocks.grouping.uppercase import in_capitals
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.workbook import Sheet


def group(sheet: Sheet) -> list[FoundBlock]:
    """Return the blocks of a sheet; every formula cell is regular in one, or a deviant of one."""
    formulas = FormulaIndex(in_capitals(sheet))
    grown = list(Growing(formulas).blocks())
    whole = without_claimed(merged(grown, formulas), len(sheet))
    found: list[FoundBlock] = []
    for one in whole:
        found += trusted(one, formulas)
        formulas.check_count(len(found))
    for one in found:
        if not one.regular.all():
            # Growing looked at formulas only; a deviant may be any cell, or none.
            everything = formulas.lattice_cells(one.lattice)
            one.cells = np.where(one.cells == -1, everything, one.cells)
    # A lone absolute reference inside a pattern is an odd cell of that pattern.
    odd = {cell for one in found for cell in one.cells[~one.regular].tolist()}
    found += [
        one for one in formulas.standing() if not odd.intersection(one.cells.ravel().tolist())
    ]
    return without_claimed(found, len(sheet))
