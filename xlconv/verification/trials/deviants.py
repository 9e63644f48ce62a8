"""Cells that break their block's pattern, tried against it: whether they compute the same.

Both formulas read the same drawn numbers, so that no network need be known. A cell of its own
is tried often, with each number that only one of the two reads made the largest once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from xlconv.arrays import Draws, Mask
from xlconv.errors import FormulaError
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.evaluate import is_volatile
from xlconv.spreadsheet.calculation.evaluate_block import evaluated
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.formula import corners, mapped, references
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.values import BLANK, NUMBER, Unsupported
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.trials.generator import SplitMix
from xlconv.verification.trials.moving_places import chooses_cells

# So many cells are tried, each on so many draws; the others stay what they look like.
_MOST_TRIED, _DRAWS = 200, 40
_TOLERANCE = Tolerance(1e-9, 1e-9)


def same_functions(calculation: Calculation, seed: int = 0) -> tuple[Mask, ...]:
    """Return the cells, by sheet, whose own formula gives what their block's pattern gives."""
    sheets = calculation.workbook.sheets
    masks = tuple(np.zeros(len(sheet), np.bool_) for sheet in sheets)
    pairs = list(_pairs(calculation))[:_MOST_TRIED]
    if not pairs:
        return masks
    same = [True] * len(pairs)
    for k in range(_DRAWS):
        grids = _drawn(calculation, SplitMix(seed, k))
        for number, (own, pattern) in enumerate(pairs):
            if k == 0:  # what texts decide, no drawn number can tell
                same[number] = not any(_reads_text(one, grids) for one in (own, pattern))
                # Nor what values decide: where they are read from, few of them change.
                same[number] &= chooses_cells(own) == chooses_cells(pattern)
            same[number] = same[number] and _agree(calculation, own, pattern, grids)
    for (own, _), is_same in zip(pairs, same, strict=True):
        masks[own.sheet][own.cells[0, 0]] = is_same
    return masks


def _pairs(calculation: Calculation) -> Iterator[tuple[FormulaBlock, FormulaBlock]]:
    """Yield cells off the pattern of a block, as they are and as the pattern has them."""
    places = {sheet.name.casefold(): k for k, sheet in enumerate(calculation.workbook.sheets)}
    for number, found in enumerate(calculation.found_blocks):
        sheet = calculation.workbook.sheets[number]
        for block in found:
            odd = ~block.regular & (block.cells >= 0)
            for i, j in np.argwhere(odd).tolist():
                index = int(block.cells[i, j])
                if sheet.kinds[index] < Kind.FORMULA:
                    continue
                is_array = bool(sheet.kinds[index] == Kind.ARRAY_FORMULA)
                known = int(calculation.block_numbers[number][index])
                own = calculation.blocks[known] if known >= 0 else None
                if own is None or own.cells.size > 1 or own.tree is None:
                    own = _single(number, block, (i, j), sheet.texts[index], places, is_array)
                wanted = _single(
                    number, block, (i, j), block.pattern.text(i, j), places, block.is_array
                )
                if own is not None and wanted is not None:
                    yield own, wanted


def _single(
    sheet: int,
    block: FoundBlock,
    place: tuple[int, int],
    text: str,
    places: dict[str, int],
    is_array: bool,
) -> FormulaBlock | None:
    try:
        tree = parse(text)
        names = {corners(one)[0].sheet for one in references(tree)} - {None}
        numbers = {name: str(places[name.casefold()]) for name in names if name is not None}
    except (FormulaError, KeyError):
        return None
    if is_volatile(tree):
        return None
    tree = mapped(tree, lambda one: replace(one, sheet=numbers.get(one.sheet or "")))
    i, j = place
    cells = block.cells[i : i + 1, j : j + 1]
    lattice = Plane(block.lattice.cell(i, j), (1, 1))
    return FormulaBlock(sheet, lattice, tree, is_array, cells, np.ones((1, 1), np.bool_))


def _drawn(calculation: Calculation, generator: Draws) -> list[ValueGrid]:
    """Return all numbers drawn anew, some of them far larger than the others."""
    grids = []
    for grid in calculation.grids:
        other = grid.copy()
        cells = np.flatnonzero(other.kinds == NUMBER)
        numbers = generator.uniform(-1, 1, len(cells))
        numbers *= np.where(generator.uniform(size=len(cells)) < 0.1, 10.0, 1.0)
        other.store(cells, numbers, np.uint8(NUMBER))
        grids.append(other)
    return grids


def _reads_text(block: FormulaBlock, grids: Sequence[ValueGrid]) -> bool:
    assert block.tree is not None
    for one in references(block.tree):
        kinds = grids[sheet_of(one, block.sheet)].region(range_reached(one, (1, 1)))[1]
        if not np.isin(kinds, (NUMBER, BLANK)).all():
            return True
    return False


def _agree(
    calculation: Calculation, own: FormulaBlock, other: FormulaBlock, grids: Sequence[ValueGrid]
) -> bool:
    try:
        one, two = (evaluated(block, list(grids), calculation.pool) for block in (own, other))
    except Unsupported:
        return False
    if one is None or two is None or one[1][0, 0] != two[1][0, 0]:
        return False
    return one[1][0, 0] != NUMBER or bool(_TOLERANCE.close(one[0], two[0]).all())
