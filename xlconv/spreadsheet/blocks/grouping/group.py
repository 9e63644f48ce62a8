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
from xlconv.spreadsheet.blocks.grouping.merging import (
    OTHERS,
    merged,
    trusted,
    with_same_cells,
    without_claimed,
)
from xlconv.spreadsheet.blocks.grouping.ragged_edges import without_gaps, without_ragged_lines
from xlconv.spreadsheet.blocks.grouping.uppercase import in_capitals
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.workbook import Sheet


def group(sheet: Sheet) -> list[FoundBlock]:
    """Return the blocks of a sheet; every formula cell is regular in one, or a deviant of one."""
    formulas = FormulaIndex(in_capitals(sheet))
    grown = list(Growing(formulas).blocks())
    whole = without_claimed(merged(grown, formulas), len(sheet))
    whole = [with_same_cells(one, formulas) for one in whole]
    found: list[FoundBlock] = []
    for one in (line for block in whole for line in without_ragged_lines(block, formulas)):
        found += trusted(one, formulas)
        formulas.check_count(len(found))
    for one in found:
        if not one.regular.all():
            # Growing looked at formulas only; a deviant may be any cell, or none.
            everything = formulas.lattice_cells(one.lattice)
            one.cells = np.where(one.cells == -1, everything, one.cells)
            # Where the pattern says nothing, no cell differs from it.
            one.cells[~one.regular & ~one.pattern.is_spelled(one.cells.shape)] = OTHERS
            without_gaps(one, formulas)
    # A lone absolute reference inside a pattern is a cell of that pattern, odd or not.
    inside = np.zeros(len(sheet), np.bool_)
    for one in found:
        inside[one.cells[one.cells >= 0]] = True
    found += [one for one in formulas.standing() if not inside[one.cells].any()]
    return without_claimed(found, len(sheet))
