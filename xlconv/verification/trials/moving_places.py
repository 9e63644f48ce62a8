"""Formulas that choose by values which cells they read, as OFFSET by a cell does.

On drawn numbers they may read other cells than on the stored ones. So all that could be read is
computed before them, and one that then reads a cell that is not, cannot be told. Says only
which cells are read; evaluates none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from xlconv.arrays import Mask
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.evaluate_block import cells_of
from xlconv.spreadsheet.calculation.formula_block import Areas, FormulaBlock
from xlconv.spreadsheet.calculation.reads import reached, reads_of
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.formula import Binary, Call, Node
from xlconv.spreadsheet.formula.nodes import children
from xlconv.spreadsheet.values import Unsupported


def chooses_cells(block: FormulaBlock) -> bool:
    """Whether values say which cells a block reads, beyond the references in its formula."""
    if block.tree is None or not _is_moving(block.tree):
        return False
    try:
        return reads_of(block.tree, block.where).waits is not None
    except Unsupported:
        return True


def _is_moving(tree: Node) -> bool:
    match tree:
        case Call("OFFSET", _) | Binary(":", _, _):
            return True
    return any(map(_is_moving, children(tree)))


def last_of_all(blocks: Sequence[FormulaBlock], order: Iterable[int]) -> list[int]:
    """Return blocks in order, those that choose what they read after all that can go before."""
    index = AreaIndex((one.sheet, one.lattice.range) for one in blocks)
    early: list[int] = []
    late: dict[int, None] = {}
    for k in order:
        read = (other for place in blocks[k].reads for other in index.touching(*place))
        if chooses_cells(blocks[k]) or any(other in late for other in read):
            late[k] = None
        else:
            early.append(k)
    return [*early, *late]


def not_computed(calculation: Calculation, drawn: Sequence[Mask]) -> list[Mask]:
    """Return the formula cells, by sheet, whose stored values mean nothing on drawn numbers."""
    sheets = zip(calculation.workbook.sheets, drawn, strict=True)
    return [one.is_formula & ~mask for one, mask in sheets]


def areas_read(
    block: FormulaBlock, grids: list[ValueGrid], calculation: Calculation, stale: Sequence[Mask]
) -> Areas | None:
    """Return what a block reads by the values that stand there, None where that is not known.

    Nor is it where it reads a cell of `stale`, by sheet.
    """
    assert block.tree is not None
    try:
        with np.errstate(all="ignore"):
            found = reached(block.tree, block.where, cells_of(block, grids, calculation.pool))
    except Unsupported:
        return None
    for sheet, area in found:
        if (stale[sheet] & grids[sheet].within(area)).any():
            return None
    return tuple(found)
