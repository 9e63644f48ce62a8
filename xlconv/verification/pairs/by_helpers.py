"""A formula that reads helpers, tried with these computed from what the other one reads."""

from __future__ import annotations

import numpy as np

from xlconv.arrays import Mask
from xlconv.spreadsheet.calculation.calculate import Calculation, Status
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.verification.pairs.agreement import Place, agree, can_be_told, given_by, reads_text
from xlconv.verification.pairs.drawn_sheets import DRAWS, KINDS, drawn, plain
from xlconv.verification.trials.evaluation import Targets, computed, targets_of
from xlconv.verification.trials.generator import SplitMix
from xlconv.verification.trials.moving_places import chooses_cells
from xlconv.verification.trials.sides import Sides


def helpers_of(
    calculation: Calculation, own: FormulaBlock, pattern: FormulaBlock
) -> Targets | None:
    """Return the formulas that a cell reads and its pattern does not, with all between the two."""
    read_by_pattern = _cells_read(calculation, pattern)
    sheets = calculation.workbook.sheets
    wanted = tuple(
        read & sheet.is_formula & ~mask
        for read, sheet, mask in zip(
            _cells_read(calculation, own), sheets, read_by_pattern, strict=True
        )
    )
    if not any(one.any() for one in wanted):
        return None
    places = tuple(np.flatnonzero(one) for one in read_by_pattern)
    found = targets_of(calculation, places, tuple(one[:0] for one in places), wanted)
    cells = [(one.sheet, one.cells[one.mask]) for one in found.blocks]
    is_computed = all(
        (calculation.statuses[sheet][index] == Status.CALCULATED).all() for sheet, index in cells
    )
    untold = any(one.any() for one in found.untold)
    if not is_computed or untold or any(map(chooses_cells, found.blocks)):
        return None
    return found


def _cells_read(calculation: Calculation, block: FormulaBlock) -> tuple[Mask, ...]:
    masks = tuple(np.zeros(len(sheet), np.bool_) for sheet in calculation.workbook.sheets)
    for sheet, area in block.reads:
        masks[sheet][calculation.grids[sheet].within(area)] = True
    return masks


def same_by_helpers(
    calculation: Calculation, own: Place, pattern: Place, helpers: Targets | None, seed: int
) -> bool:
    """Whether a cell gives what its pattern gives, on draws that entered all sides of helpers."""
    sides, both = Sides(), (own.alone(), pattern.alone())
    if helpers is None:
        return False
    for k in range(DRAWS):
        numbers_of = KINDS[k % len(KINDS)]
        grids = drawn(calculation, SplitMix(seed, k), numbers_of)
        if any(reads_text(one, grids) for one in helpers.blocks):
            return False
        given = computed(calculation, helpers, grids)
        known = zip(given.known, helpers.wanted, strict=True)
        if any((wanted & ~one).any() for one, wanted in known):
            return False
        if k == 0 and not can_be_told(*both, grids):
            return False
        one, other = ((given_by(calculation, each, grids), Place(each, 0, 0)) for each in both)
        if not agree(one, other, is_plain=numbers_of is plain):
            return False
        sides.look((*helpers.blocks, both[0]), grids, calculation, is_stored=False)
    return not sides.unseen()
