"""Cells that break their block's pattern, tried against it: whether they compute the same.

Both formulas read the same drawn numbers, so that no network need be known. One that reads
helpers is tried with these computed from what the pattern reads. A cell of its own
is tried often, with each number that only one of the two reads made the largest once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from xlconv.arrays import Mask
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.grouping.group import group
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.evaluate import is_volatile
from xlconv.spreadsheet.calculation.formula_block import formula_blocks
from xlconv.spreadsheet.workbook import Kind, SheetBuilder
from xlconv.verification.pairs.agreement import Place, Results, agree, can_be_told, given_by
from xlconv.verification.pairs.by_helpers import helpers_of, same_by_helpers
from xlconv.verification.pairs.drawn_sheets import DRAWS, KINDS, drawn, plain
from xlconv.verification.trials.generator import SplitMix
from xlconv.verification.trials.sides import Sides

# So many cells are tried; the others stay what they look like.
_MOST_TRIED = 200
_MOST_WITH_HELPERS = 20  # each of them anew
_WRITTEN = (Kind.FORMULA, Kind.ARRAY_FORMULA)

_Pair = tuple[int, int, Place, Place]  # sheet and index of a cell, and its two formulas


def same_functions(
    calculation: Calculation, sides: Sides | None = None, seed: int = 0
) -> tuple[Mask, ...]:
    """Return the cells, by sheet, whose own formula gives what their block's pattern gives.

    `sides` looks at the draws as long as a formula agrees.
    """
    masks = tuple(np.zeros(len(sheet), np.bool_) for sheet in calculation.workbook.sheets)
    pairs = list(islice(_pairs(calculation), _MOST_TRIED))
    same = _tried(calculation, pairs, sides, seed)
    for (sheet, index, _, _), is_same in zip(pairs, same, strict=True):
        masks[sheet][index] = is_same
    return masks


def gives_another(calculation: Calculation, number: int, cell: Cell, text: str, kind: Kind) -> bool:
    """Whether the formula in a cell gives something else than another one would there.

    Of two that draws cannot tell apart, as where texts decide, it is not known that it does.
    """
    sheet = calculation.workbook.sheets[number]
    index = sheet.find(cell)
    assert index is not None
    own = _formulas(calculation, number, [cell], [sheet.texts[index]], [int(sheet.kinds[index])])
    wanted = _formulas(calculation, number, [cell], [text], [kind])
    if cell not in own or cell not in wanted:
        return False
    pair = (number, index, own[cell], wanted[cell])
    grids = drawn(calculation, SplitMix(0, 0), plain)
    told = can_be_told(own[cell].alone(), wanted[cell].alone(), grids)
    return told and not _tried(calculation, [pair], None, 0)[0]


def _tried(
    calculation: Calculation, pairs: Sequence[_Pair], sides: Sides | None, seed: int
) -> list[bool]:
    """Return of every two formulas whether they gave the same for all draws."""
    same = [True] * len(pairs)
    if not pairs:
        return same
    for k in range(DRAWS):
        grids = drawn(calculation, SplitMix(seed, k), KINDS[k % len(KINDS)])
        found: dict[int, Results | None] = {}  # the cells of a block are worked out at once
        for number, (_, _, own, pattern) in enumerate(pairs):
            if k == 0:
                same[number] = can_be_told(own.alone(), pattern.alone(), grids)
            if same[number]:
                for one in (own, pattern):
                    if id(one.block) not in found:
                        found[id(one.block)] = given_by(calculation, one.block, grids)
                both = ((found[id(one.block)], one) for one in (own, pattern))
                same[number] = agree(*both, is_plain=KINDS[k % len(KINDS)] is plain)
            if same[number] and sides is not None:
                sides.look((own.alone(),), grids, calculation, is_stored=False)
    left = _MOST_WITH_HELPERS
    for number, (_, _, own, pattern) in enumerate(pairs):
        if not same[number] and left:
            helpers = helpers_of(calculation, own.alone(), pattern.alone())
            left -= helpers is not None
            same[number] = same_by_helpers(calculation, own, pattern, helpers, seed)
    return same


def _pairs(calculation: Calculation) -> Iterator[_Pair]:
    """Yield cells off the pattern of a block, as they are and as the pattern has them."""
    for number, found in enumerate(calculation.found_blocks):
        sheet = calculation.workbook.sheets[number]
        for block in found:
            odd = ~block.regular & (block.cells >= 0)
            odd[odd] = np.isin(sheet.kinds[block.cells[odd]], _WRITTEN)
            if not odd.any():
                continue
            places = np.argwhere(odd)[:_MOST_TRIED].tolist()
            cells = {block.lattice.cell(i, j): int(block.cells[i, j]) for i, j in places}
            texts = [sheet.texts[index] for index in cells.values()]
            own = _formulas(calculation, number, list(cells), texts, sheet.kinds[[*cells.values()]])
            texts = [block.pattern.text(i, j) for i, j in places]
            kind = Kind.ARRAY_FORMULA if block.is_array else Kind.FORMULA
            wanted = _formulas(calculation, number, list(cells), texts, [kind] * len(cells))
            for cell, index in cells.items():
                if cell in own and cell in wanted:
                    yield number, index, own[cell], wanted[cell]


def _formulas(
    calculation: Calculation,
    number: int,
    cells: Sequence[Cell],
    texts: Sequence[str],
    kinds: Iterable[int],
) -> dict[Cell, Place]:
    """Return formulas of cells of a sheet as blocks; without those that cannot be read."""
    workbook, builder = calculation.workbook, SheetBuilder()
    for (row, column), text, kind in zip(cells, texts, kinds, strict=True):
        builder.add(Kind(kind), [row], [column], texts=[text])
    sheet = builder.finish(workbook.sheets[number].name)
    places = {one.name.casefold(): k for k, one in enumerate(workbook.sheets)}
    return {
        block.lattice.cell(i, j): Place(block, i, j)
        for block in formula_blocks(number, sheet, group(sheet), places, names=workbook.fixed_names)
        if block.tree is not None and not is_volatile(block.tree)
        for i, j in np.argwhere(block.mask).tolist()
    }
