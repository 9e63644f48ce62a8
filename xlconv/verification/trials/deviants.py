"""Cells that break their block's pattern, tried against it: whether they compute the same.

Both formulas read the same drawn numbers, so that no network need be known. One that reads
helpers is tried with these computed from what the pattern reads. A cell of its own
is tried often, with each number that only one of the two reads made the largest once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array, Draws, Mask
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.grouping.group import group
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation, Status
from xlconv.spreadsheet.calculation.evaluate import is_volatile
from xlconv.spreadsheet.calculation.evaluate_block import evaluated
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, formula_blocks, single
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.formula import references
from xlconv.spreadsheet.values import BLANK, ERROR, NUMBER, Kinds, Numbers, Unsupported
from xlconv.spreadsheet.workbook import Kind, SheetBuilder
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.trials.evaluation import Targets, computed, targets_of
from xlconv.verification.trials.generator import SplitMix
from xlconv.verification.trials.moving_places import chooses_cells
from xlconv.verification.trials.sides import Sides

# So many cells are tried, each on so many draws; the others stay what they look like.
_MOST_TRIED, _DRAWS = 200, 40
_MOST_WITH_HELPERS = 20  # each of them anew
_WRITTEN = (Kind.FORMULA, Kind.ARRAY_FORMULA)
_TOLERANCE = Tolerance(1e-9, 1e-9)

_Results = tuple[Numbers, Kinds]


class _Place(Struct, frozen=True):
    """A cell of a block of formulas."""

    block: FormulaBlock
    i: int
    j: int

    def alone(self) -> FormulaBlock:
        """Return the cell as a block of its own."""
        return single(self.block, self.i, self.j)


_Pair = tuple[int, int, _Place, _Place]  # sheet and index of a cell, and its two formulas


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
    grids = _drawn(calculation, SplitMix(0, 0), _plain)
    told = _can_be_told(own[cell].alone(), wanted[cell].alone(), grids)
    return told and not _tried(calculation, [pair], None, 0)[0]


def _tried(
    calculation: Calculation, pairs: Sequence[_Pair], sides: Sides | None, seed: int
) -> list[bool]:
    """Return of every two formulas whether they gave the same for all draws."""
    same = [True] * len(pairs)
    if not pairs:
        return same
    for k in range(_DRAWS):
        grids = _drawn(calculation, SplitMix(seed, k), _KINDS[k % len(_KINDS)])
        found: dict[int, _Results | None] = {}  # the cells of a block are worked out at once
        for number, (_, _, own, pattern) in enumerate(pairs):
            if k == 0:
                same[number] = _can_be_told(own.alone(), pattern.alone(), grids)
            if same[number]:
                for one in (own, pattern):
                    if id(one.block) not in found:
                        found[id(one.block)] = _evaluated(calculation, one.block, grids)
                both = ((found[id(one.block)], one) for one in (own, pattern))
                same[number] = _agree(*both, is_plain=_KINDS[k % len(_KINDS)] is _plain)
            if same[number] and sides is not None:
                sides.look((own.alone(),), grids, calculation, is_stored=False)
    left = _MOST_WITH_HELPERS
    for number, (_, _, own, pattern) in enumerate(pairs):
        if not same[number] and left:
            helpers = _helpers(calculation, own.alone(), pattern.alone())
            left -= helpers is not None
            same[number] = _same_by_helpers(calculation, own, pattern, helpers, seed)
    return same


def _helpers(calculation: Calculation, own: FormulaBlock, pattern: FormulaBlock) -> Targets | None:
    """Return the formulas that a cell reads and its pattern does not, with all between the two."""
    drawn = _cells_read(calculation, pattern)
    sheets = calculation.workbook.sheets
    wanted = tuple(
        read & sheet.is_formula & ~mask
        for read, sheet, mask in zip(_cells_read(calculation, own), sheets, drawn, strict=True)
    )
    if not any(one.any() for one in wanted):
        return None
    places = tuple(np.flatnonzero(one) for one in drawn)
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


def _same_by_helpers(
    calculation: Calculation, own: _Place, pattern: _Place, helpers: Targets | None, seed: int
) -> bool:
    """Whether a cell gives what its pattern gives, on draws that entered all sides of helpers."""
    sides, both = Sides(), (own.alone(), pattern.alone())
    if helpers is None:
        return False
    for k in range(_DRAWS):
        numbers_of = _KINDS[k % len(_KINDS)]
        grids = _drawn(calculation, SplitMix(seed, k), numbers_of)
        if any(_reads_text(one, grids) for one in helpers.blocks):
            return False
        given = computed(calculation, helpers, grids)
        known = zip(given.known, helpers.wanted, strict=True)
        if any((wanted & ~one).any() for one, wanted in known):
            return False
        if k == 0 and not _can_be_told(*both, grids):
            return False
        one, other = ((_evaluated(calculation, each, grids), _Place(each, 0, 0)) for each in both)
        if not _agree(one, other, is_plain=numbers_of is _plain):
            return False
        sides.look((*helpers.blocks, both[0]), grids, calculation, is_stored=False)
    return not sides.unseen()


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
) -> dict[Cell, _Place]:
    """Return formulas of cells of a sheet as blocks; without those that cannot be read."""
    workbook, builder = calculation.workbook, SheetBuilder()
    for (row, column), text, kind in zip(cells, texts, kinds, strict=True):
        builder.add(Kind(kind), [row], [column], texts=[text])
    sheet = builder.finish(workbook.sheets[number].name)
    places = {one.name.casefold(): k for k, one in enumerate(workbook.sheets)}
    return {
        block.lattice.cell(i, j): _Place(block, i, j)
        for block in formula_blocks(number, sheet, group(sheet), places, names=workbook.fixed_names)
        if block.tree is not None and not is_volatile(block.tree)
        for i, j in np.argwhere(block.mask).tolist()
    }


def _plain(count: int, generator: Draws) -> Array:
    """Return numbers some of which are far larger than the others."""
    numbers: Array = generator.uniform(-1, 1, count)
    return numbers * np.where(generator.uniform(size=count) < 0.1, 10.0, 1.0)


def _large(count: int, generator: Draws) -> Array:
    found: Array = generator.uniform(-3000, 3000, count)
    return found


def _with_zeros(count: int, generator: Draws) -> Array:
    return np.where(generator.uniform(size=count) < 0.5, 0.0, _plain(count, generator))


def _alike(count: int, generator: Draws) -> Array:
    """Return whole numbers, many of them the same."""
    found: Array = np.floor(generator.uniform(-1, 3, count))
    return found


# In turns: formulas may differ only beyond a threshold, at zero, or where numbers are the same.
_KINDS = (_plain, _large, _with_zeros, _alike)


def _drawn(
    calculation: Calculation, generator: Draws, numbers_of: Callable[[int, Draws], Array]
) -> list[ValueGrid]:
    """Return all numbers drawn anew."""
    grids = []
    for grid in calculation.grids:
        other = grid.copy()
        cells = np.flatnonzero(other.kinds == NUMBER)
        other.store(cells, numbers_of(len(cells), generator), np.uint8(NUMBER))
        grids.append(other)
    return grids


def _can_be_told(own: FormulaBlock, pattern: FormulaBlock, grids: Sequence[ValueGrid]) -> bool:
    """Whether drawn numbers tell two formulas apart: neither texts decide, nor what is chosen."""
    reads_text = any(_reads_text(one, grids) for one in (own, pattern))
    # Where values decide where they are read from, few of them change.
    return not reads_text and chooses_cells(own) == chooses_cells(pattern)


def _reads_text(block: FormulaBlock, grids: Sequence[ValueGrid]) -> bool:
    assert block.tree is not None
    for one in references(block.tree):
        area = range_reached(one, block.lattice.shape)
        kinds = grids[sheet_of(one, block.sheet)].region(area)[1]
        if not np.isin(kinds, (NUMBER, BLANK)).all():
            return True
    return False


def _evaluated(
    calculation: Calculation, block: FormulaBlock, grids: Sequence[ValueGrid]
) -> _Results | None:
    try:
        return evaluated(block, list(grids), calculation.pool)
    except Unsupported:
        return None


def _agree(
    own: tuple[_Results | None, _Place], other: tuple[_Results | None, _Place], *, is_plain: bool
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
