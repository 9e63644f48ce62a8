"""Cells that always hold one, at the end of what weights meet: the last weight is a bias.

`MMULT(B2:E2,H2:H5)` with 1 in H5 adds E2 to the rest. Of a computed layer such a cell stands
below its last unit. Plain numbers may end in 1 by chance: only those of several samples that
all do are taken for ones. Looks at kinds and numbers of cells; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from xlconv.layers.base.products import Pair, Reference
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.samples.batch_products import Roles, size_of
from xlconv.lifting.matching.tensors import Stray
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.reach import sheet_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Area, Axis, Ref, corners
from xlconv.spreadsheet.values import NUMBER

# So many times more samples must end in one than not, where the others are faults.
_TRUST = 3


class Ones(NamedTuple):
    """Which product has the ones, at which end, and the cells that should be 1 and are not."""

    product: int
    is_last: bool
    odd: tuple[tuple[int, Cell], ...] = ()


def ones_of(
    draft: Draft, block: FormulaBlock, roles: Sequence[Roles], *, is_sure: bool = False
) -> Ones | None:
    """Return where the samples of products have ones, None where they have none.

    One sample of plain numbers says nothing, unless it `is_sure` that there are such cells.
    """
    if sum(max(size_of(one.sample)) for one in roles) < 2:
        return None
    for number, is_last in ((len(roles) - 1, True), (0, False)):
        sample, weights = roles[number]
        if 1 not in size_of(sample) or 1 not in size_of(weights):
            continue
        cells = list(dict.fromkeys(_cells(block, corners(sample)[is_last])))
        odd = _odd(draft, cells)
        if odd is None:
            continue
        is_computed = any(draft.index.read(block, one.sample) for one in roles)
        enough = is_computed or len(cells) > 1 or is_sure
        if enough and (not odd or (is_computed and len(odd) * _TRUST < len(cells))):
            return Ones(number, is_last, tuple(odd))
    return None


def _cells(block: FormulaBlock, entry: Ref) -> Iterator[tuple[int, Cell]]:
    """Yield the cells that a reference to a single one points to, with their sheet."""
    sheet = sheet_of(entry, block.sheet)
    for i, j in np.argwhere(block.mask).tolist():
        yield sheet, (entry.row.at(i, j), entry.column.at(i, j))


def _odd(draft: Draft, cells: Sequence[tuple[int, Cell]]) -> list[tuple[int, Cell]] | None:
    """Return which of some cells do not hold 1; None where one is computed, or lies nowhere."""
    found = []
    for sheet, cell in cells:
        area = Range(*cell, *cell)
        if min(cell) < 0 or draft.index.touched(sheet, area):
            return None
        numbers, kinds = draft.calculation.grids[sheet].region(area)
        if kinds[0, 0] != NUMBER or numbers[0, 0] != 1:
            found.append((sheet, cell))
    return found


def strays_of(draft: Draft, ones: Ones, block: FormulaBlock) -> Draft:
    """Return the draft with the cells that should be 1 and are not, as strays."""
    area = block.lattice.range.name
    strays = tuple(Stray(sheet, cell, "1", area) for sheet, cell in ones.odd)
    known = set(draft.lifted.strays)
    fresh = tuple(one for one in strays if one not in known)
    return replace(draft, lifted=replace(draft.lifted, strays=(*draft.lifted.strays, *fresh)))


def without_ones(pair: Pair, is_last: bool) -> tuple[Pair | None, Ref]:
    """Return a product (the sample first) without its ones, and the weight that they meet."""
    bias = corners(pair.other)[is_last]
    if isinstance(pair.one, Ref):
        return None, bias
    return Pair(_shorter(pair.one, is_last), _shorter(pair.other, is_last), pair.turned), bias


def _shorter(line: Reference, is_last: bool) -> Reference:
    """Return a row or a column of cells without its last cell, or its first."""
    first, last = corners(line)
    down, right = (int(size > 1) for size in size_of(line))

    def moved(ref: Ref, by: int) -> Ref:
        return replace(ref, row=_plus(ref.row, by * down), column=_plus(ref.column, by * right))

    first, last = (first, moved(last, -1)) if is_last else (moved(first, 1), last)
    return first if _same_cell(first, last) else Area(first, last)


def _plus(axis: Axis, by: int) -> Axis:
    return replace(axis, offset=axis.offset + by)


def _same_cell(one: Ref, other: Ref) -> bool:
    return (one.row.offset, one.column.offset) == (other.row.offset, other.column.offset)
