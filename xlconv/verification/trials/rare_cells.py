"""Stages with cells whose formula few share, and that lowering does not write: tried more often.

Looks at formulas and counts; tries nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.verification.trials.lowered_text import LoweredTexts
from xlconv.verification.trials.tried import TriedStage

# A formula that fewer cells share is tried on more draws, so that of the arguments of a
# maximum each is the largest once: as many draws as there may be work.
_RARE = 32
_FEWEST_RARE, _MOST_RARE, _WORK_RARE = 12, 96, 400_000


def has_rare_cells(book: LiftedWorkbook, one: TriedStage) -> bool:
    """Whether few cells share a formula that is not the one that lowering writes there."""
    sheet = book.workbook.sheets[one.intention.sheet]
    blocks, numbers = book.calculation.blocks, book.calculation.block_numbers[one.intention.sheet]
    texts = LoweredTexts(one)
    for plane in one.planes:
        cells = plane.cells[(plane.cells >= 0) & ~plane.differs]
        # One cell of a block stands for the others: they share its formula.
        found, first = np.unique(numbers[cells], return_index=True)
        for k, index in zip(found.tolist(), cells[first].tolist(), strict=True):
            cell = int(sheet.rows[index]), int(sheet.columns[index])
            is_rare = k >= 0 and blocks[k].mask.sum() < _RARE
            if is_rare and not texts.holds(sheet.texts[index], cell):
                return True
    return False


def rare_draws(stages: Sequence[TriedStage]) -> int:
    """Return how many draws are affordable where some cells have formulas of their own."""
    size = sum(one.size for one in stages)
    return max(_FEWEST_RARE, min(_MOST_RARE, _WORK_RARE // max(1, size)))
