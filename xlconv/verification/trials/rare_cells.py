"""Stages with cells whose formula few share, and that lowering does not write: tried more often.

Looks at formulas and counts; tries nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula.equivalence import RETYPED
from xlconv.spreadsheet.workbook import Sheet
from xlconv.verification.trials.lowered_text import lowered_text
from xlconv.verification.trials.tried import TriedPlane, TriedStage

# A formula that fewer cells share is tried on more draws, so that of the arguments of a
# maximum each is the largest once: as many draws as there may be work.
_RARE = 32
_FEWEST_RARE, _MOST_RARE, _WORK_RARE = 12, 96, 400_000


def has_rare_cells(book: LiftedWorkbook, one: TriedStage) -> bool:
    """Whether few cells share a formula that is not the one that lowering writes there."""
    sheet = book.workbook.sheets[one.intention.sheet]
    blocks, numbers = book.calculation.blocks, book.calculation.block_numbers[one.intention.sheet]
    for plane in one.planes:
        cells = plane.cells[(plane.cells >= 0) & ~plane.differs]
        for k in set(numbers[cells].tolist()) - {-1}:
            if blocks[k].mask.sum() < _RARE and not _is_lowered(sheet, one, plane, blocks[k]):
                return True
    return False


def _is_lowered(sheet: Sheet, one: TriedStage, plane: TriedPlane, block: FormulaBlock) -> bool:
    """Whether the cells of a block in a plane hold what lowering writes."""
    for index in block.cells[block.mask].tolist():
        cell = int(sheet.rows[index]), int(sheet.columns[index])
        if plane.plane.index_of(cell) is None:
            continue
        wanted = (lowered_text(one, cell, array=array)[0] for array in (False, True))
        if not any(RETYPED.holds(sheet.texts[index], text) for text in wanted if text):
            return False
    return True


def rare_draws(stages: Sequence[TriedStage]) -> int:
    """Return how many draws are affordable where some cells have formulas of their own."""
    size = sum(one.size for one in stages)
    return max(_FEWEST_RARE, min(_MOST_RARE, _WORK_RARE // max(1, size)))
