"""Whether two formulas of one cell gave the same for a draw, and whether draws can tell at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.evaluate_block import evaluated
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, single
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.formula import references
from xlconv.spreadsheet.values import BLANK, ERROR, NUMBER, Kinds, Numbers, Unsupported
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.trials.moving_places import chooses_cells

_TOLERANCE = Tolerance(1e-9, 1e-9)

Results = tuple[Numbers, Kinds]


class Place(Struct, frozen=True):
    """A cell of a block of formulas."""

    block: FormulaBlock
    i: int
    j: int

    def alone(self) -> FormulaBlock:
        """Return the cell as a block of its own."""
        return single(self.block, self.i, self.j)


def can_be_told(own: FormulaBlock, pattern: FormulaBlock, grids: Sequence[ValueGrid]) -> bool:
    """Whether drawn numbers tell two formulas apart: neither texts decide, nor what is chosen."""
    is_told_by_text = any(reads_text(one, grids) for one in (own, pattern))
    # Where values decide where they are read from, few of them change.
    return not is_told_by_text and chooses_cells(own) == chooses_cells(pattern)


def reads_text(block: FormulaBlock, grids: Sequence[ValueGrid]) -> bool:
    """Whether a block reads a text, a truth value or an error."""
    assert block.tree is not None
    for one in references(block.tree):
        area = range_reached(one, block.lattice.shape)
        kinds = grids[sheet_of(one, block.sheet)].region(area)[1]
        if not np.isin(kinds, (NUMBER, BLANK)).all():
            return True
    return False


def given_by(
    calculation: Calculation, block: FormulaBlock, grids: Sequence[ValueGrid]
) -> Results | None:
    """Return what a block gives, None where it cannot be evaluated."""
    try:
        return evaluated(block, list(grids), calculation.pool)
    except Unsupported:
        return None


def agree(
    own: tuple[Results | None, Place], other: tuple[Results | None, Place], *, is_plain: bool
) -> bool:
    """Whether two cells gave the same; an error is no difference but of plain numbers."""
    found = []
    for results, place in (own, other):
        if results is None:
            return False
        found.append(tuple(part[place.i, place.j] for part in results))
    (one, kind), (two, other_kind) = found
    if not is_plain and ERROR in (kind, other_kind):
        return True
    return kind == other_kind and (kind != NUMBER or bool(_TOLERANCE.close(one, two)))
