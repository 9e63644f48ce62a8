"""Formulas evaluated on drawn numbers: what target cells give, each from what it reads.

Cells that hold drawn numbers keep them, whatever stands there; other formulas between them are
computed from what is drawn. Never compares anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array, Index, Mask
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.calculation.calculate import Calculation, Status, cell_by_cell
from xlconv.spreadsheet.calculation.evaluate_block import evaluated
from xlconv.spreadsheet.calculation.formula_block import Areas, FormulaBlock, halves
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.values import NUMBER, TEXT, Kinds, Unsupported
from xlconv.verification.trials.moving_places import (
    areas_read,
    chooses_cells,
    last_of_all,
    not_computed,
)

# A block that cannot be calculated as one is tried in parts, up to so many cells.
_MOST_SINGLES = 2_000


class Targets(Struct, frozen=True):
    """Cells, sheet by sheet: `drawn` ones keep their numbers, `wanted` ones are computed.

    `places` are the indices of the drawn ones in the order in which they are drawn, -1 where
    one is blank; `blocks` those that compute wanted cells or what lies between, in order.
    `untold` are the wanted ones that no block computes, though they read no circle.
    """

    places: tuple[Index, ...]
    drawn: tuple[Mask, ...]
    wanted: tuple[Mask, ...]
    blocks: tuple[FormulaBlock, ...]
    untold: tuple[Mask, ...]


def targets_of(
    calculation: Calculation,
    places: tuple[Index, ...],
    kept: tuple[Index, ...],
    wanted: tuple[Mask, ...],
) -> Targets:
    """Return the targets with the blocks that have a part in them.

    `places` are the cells that are drawn, `kept` others that no formula may change.
    """
    drawn = tuple(np.zeros(len(grid.numbers), np.bool_) for grid in calculation.grids)
    for mask, cells, others in zip(drawn, places, kept, strict=True):
        mask[cells[cells >= 0]] = True
        mask[others] = True
    blocks = list(_in_order(calculation, drawn))
    index = AreaIndex((one.sheet, one.lattice.range) for one in blocks)
    ordered = list(range(len(blocks)))
    needed: set[int] = set()
    for k in reversed(ordered):
        block = blocks[k]
        cells = block.cells[block.mask]
        if wanted[block.sheet][cells].any():
            needed.add(k)
        if k in needed:
            needed.update(
                other for read in block.reads for other in index.touching(*read)
                if not _is_drawn(blocks[other], drawn)
            )  # fmt: skip
    if any(chooses_cells(blocks[k]) for k in needed):  # and so may read any other
        needed |= {k for k in ordered if not _is_drawn(blocks[k], drawn)}
        ordered = last_of_all(blocks, [k for k in ordered if k in needed])
    found = tuple(blocks[k] for k in ordered if k in needed)
    return Targets(places, drawn, wanted, found, _untold(calculation, wanted, found))


def _untold(
    calculation: Calculation, wanted: Sequence[Mask], blocks: Sequence[FormulaBlock]
) -> tuple[Mask, ...]:
    masks = tuple(
        mask & sheet.is_formula & (status != Status.CIRCULAR)
        for mask, sheet, status in zip(
            wanted, calculation.workbook.sheets, calculation.statuses, strict=True
        )
    )
    for one in blocks:
        masks[one.sheet][one.cells[one.mask]] = False
    return masks


def _in_order(calculation: Calculation, drawn: Sequence[Mask]) -> Iterator[FormulaBlock]:
    """Yield the blocks, each after those that it reads; what stands in a circle is left out.

    Blocks that read each other are one knot, as where every second layer is the same: what
    they read of each other is mostly drawn, and else their cells are put in order one by one.
    """
    for knot in calculation.order:
        blocks = [calculation.blocks[k] for k in knot]
        if len(knot) == 1 or not any(
            area.overlaps(other.lattice.range)
            and not _is_drawn_within(calculation, other, area, drawn)
            for one in blocks
            for sheet, area in one.reads
            for other in blocks
            if sheet == other.sheet
        ):
            yield from (
                one for one in blocks if len(knot) == 1 or not _is_circular(calculation, one)
            )
        elif sum(int(one.mask.sum()) for one in blocks) <= _MOST_SINGLES:
            for cells, is_circular in cell_by_cell(calculation, blocks) or ():
                yield from () if is_circular else cells


def _is_drawn_within(
    calculation: Calculation, block: FormulaBlock, area: Range, drawn: Sequence[Mask]
) -> bool:
    """Whether the cells of a block that an area has are drawn."""
    cells = block.cells[block.mask]
    inside = calculation.grids[block.sheet].within(area)[cells]
    return bool(drawn[block.sheet][cells[inside]].all())


def _is_circular(calculation: Calculation, block: FormulaBlock) -> bool:
    cells = block.cells[block.mask]
    return bool((calculation.statuses[block.sheet][cells] == Status.CIRCULAR).any())


def _is_drawn(block: FormulaBlock, drawn: Sequence[Mask]) -> bool:
    return bool(drawn[block.sheet][block.cells[block.mask]].all())


class Given(Struct, frozen=True):
    """What wanted cells give, by sheet and index: NaN where it is no number.

    Of those not `known` nobody can tell: a formula that is not evaluated, or that reads one.
    """

    numbers: tuple[Array, ...]
    known: tuple[Mask, ...]
    texts: Mapping[tuple[int, int], str]  # what wanted cells give, by sheet and index


def computed(calculation: Calculation, targets: Targets, grids: list[ValueGrid]) -> Given:
    """Return what the wanted cells give.

    Changes the grids: cells between drawn ones and wanted ones get the values they then have.
    """
    numbers = tuple(np.full(len(one), np.nan) for one in targets.wanted)
    known = tuple(~one for one in targets.untold)
    lost: list[tuple[int, Range]] = []
    stale = not_computed(calculation, targets.drawn)
    texts: dict[tuple[int, int], str] = {}
    for block in targets.blocks:
        for one, values, kinds in _values(block, grids, calculation):
            cells = one.cells[one.mask]
            wanted = targets.wanted[one.sheet][cells]
            reads: Areas | None = one.reads
            if kinds is not None and chooses_cells(one):
                reads = areas_read(one, grids, calculation, stale)
            if kinds is None or reads is None or _are_lost((*one.reads, *reads), lost):
                known[one.sheet][cells[wanted]] = False
                if not targets.drawn[one.sheet][cells].all():
                    lost.append((one.sheet, one.lattice.range))
                continue
            found = np.where(kinds == NUMBER, values, np.nan)
            numbers[one.sheet][cells[wanted]] = found[wanted]
            for k in np.flatnonzero(wanted & (kinds == TEXT)).tolist():
                texts[one.sheet, int(cells[k])] = calculation.pool.texts[int(values[k])]
            free = ~targets.drawn[one.sheet][cells]
            stale[one.sheet][cells] = False
            if free.any():
                grids[one.sheet].store(cells[free], values[free], kinds[free])
    return Given(numbers, known, texts)


def _are_lost(reads: Areas, lost: list[tuple[int, Range]]) -> bool:
    return any(
        sheet == home and area.overlaps(other)
        for sheet, area in reads for home, other in lost
    )  # fmt: skip


def _values(
    block: FormulaBlock, grids: list[ValueGrid], calculation: Calculation
) -> Iterator[tuple[FormulaBlock, Array, Kinds | None]]:
    """Yield a block, or its cells, with numbers and kinds; None for kinds that cannot be told."""
    cells = block.cells[block.mask]
    status = calculation.statuses[block.sheet][cells]
    if (status == Status.PINNED).all():
        return
    try:
        found = evaluated(block, grids, calculation.pool)
    except Unsupported:
        if not block.spills and block.cells.size > 1 and len(cells) <= _MOST_SINGLES:
            for one in halves(block):
                yield from _values(one, grids, calculation)
            return
        found = None
    if found is None:
        yield block, np.zeros(len(cells)), None
    else:
        yield block, found[0][block.mask], found[1][block.mask]


def copies(grids: Sequence[ValueGrid]) -> list[ValueGrid]:
    """Return grids of the same values, which may be drawn over."""
    return [one.copy() for one in grids]
