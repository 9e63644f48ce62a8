"""Planes that labels tell of, as one block each: where formulas alone look otherwise.

What is copied on looks like one block, though it is of several planes; and of four cells, two
may look like a block by themselves. Changes only what a label has the area of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec.structs import replace

from xlconv.layout.naming_convention import INPUT, parse_plane_name
from xlconv.lifting.labelled_planes import MOST_CELLS
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.islands.patterns import IslandPattern, whole_pattern
from xlconv.lifting.matching.islands.places import Island
from xlconv.lifting.matching.islands.ways import joined
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, part, single, singles
from xlconv.spreadsheet.formula import Ref

_MOST_JOINED = 36


def enclosed_inputs(draft: Draft) -> tuple[tuple[int, Range], ...]:
    """Return the named planes of the input that stand within one block of references.

    Of a plane of one row or column, the border on both sides looks like one block with holes.
    """
    book = draft.calculation.workbook
    homes = {sheet.name: number for number, sheet in enumerate(book.sheets)}
    named = [
        (homes[home], area)
        for name, ranges in book.names for home, area in ranges
        if home in homes and (parse_plane_name(name) or ("",))[0] == INPUT
    ]  # fmt: skip
    return tuple(
        (sheet, area) for sheet, area in named
        if area.size[0] * area.size[1] <= MOST_CELLS
        and any(
            one.sheet == sheet and isinstance(one.tree, Ref) and one.lattice.range.holds(area)
            for one in draft.index.blocks
        )
    )  # fmt: skip


def with_labelled_islands(draft: Draft, areas: Sequence[tuple[int, Range]]) -> Draft:
    """Return the draft with a block for every labelled plane whose cells follow one pattern."""
    for k in range(len(draft.index.blocks)):
        pieces = list(_pieces(draft.index.blocks[k], areas))
        if len(pieces) > 1:
            draft = replace(draft, index=draft.index.split(k, pieces))
    for sheet, area in areas:
        draft = _joined(draft, sheet, area)
    return draft


def _pieces(block: FormulaBlock, areas: Sequence[tuple[int, Range]]) -> Iterator[FormulaBlock]:
    """Yield the parts of a block in labelled planes, and its other cells one by one."""
    own = block.lattice.range
    inside = [area for sheet, area in areas if sheet == block.sheet and area.overlaps(own)]
    if not areas or block.spills or not 1 < block.mask.sum() <= MOST_CELLS:
        return
    if not inside and isinstance(block.tree, Ref) and not block.mask.all():
        yield from singles(block)  # of a border: its cells are looked at one by one
    if not inside or any(area.holds(own) for area in inside):
        return
    left = block.mask.copy()
    for area in inside:
        rows, columns = _lines_in(block.lattice, area)
        here = np.s_[rows.start : rows.stop, columns.start : columns.stop]
        if left[here].any():
            left[here] = False
            yield part(block, rows, columns)
    for i, j in np.argwhere(left).tolist():
        yield single(block, i, j)


def _lines_in(lattice: Plane, area: Range) -> tuple[range, range]:
    """Return the rows and the columns of a lattice that an area has."""
    (top, left), (down, right), (height, width) = lattice.origin, lattice.step, lattice.shape
    rows = [i for i in range(height) if area.top <= top + i * down <= area.bottom]
    columns = [j for j in range(width) if area.left <= left + j * right <= area.right]
    return _span(rows), _span(columns)


def _span(lines: list[int]) -> range:
    return range(lines[0], lines[-1] + 1) if lines else range(0)


def _joined(draft: Draft, sheet: int, area: Range) -> Draft:
    """Return the draft with one block for the cells of an area, if all follow one pattern."""
    height, width = area.size
    owners: dict[Cell, tuple[int, int, int]] = {}
    for row in range(area.top, area.bottom + 1):
        for column in range(area.left, area.right + 1):
            for k in draft.index.at(sheet, (row, column)):
                place = draft.index.blocks[k].lattice.index_of((row, column))
                if place is not None:
                    owners[row, column] = (k, *place)
    numbers = {k for k, _, _ in owners.values()}
    whole = sum(int(draft.index.blocks[k].mask.sum()) for k in numbers) == len(owners)
    is_one = len(numbers) == 1 and not numbers & draft.index.aside
    is_one = is_one and all(draft.index.blocks[k].lattice.range == area for k in numbers)
    if len(owners) < height * width or is_one or not whole or len(owners) > _MOST_JOINED:
        return draft
    island = Island(sheet, area, owners)
    tree = whole_pattern(area.size, island.trees(draft.index.blocks))
    if tree is None:
        return draft
    return joined(draft, island, IslandPattern(tree, frozenset(np.ndindex(*area.size)))).draft
