"""Small planes whose blocks do not interleave as they were found -> blocks that do.

Where a phase of a plane has a line of cells or less, nothing in the sheet tells how far apart
they are: cells of several phases look like one block, or each like its own. Tries how the cells
of whole rectangles may belong together; whether that makes a layer is for who joins them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce

import numpy as np
from msgspec.structs import replace

from xlconv.layers.base.match import Grouping
from xlconv.lifting.matching.block_matches import matches_of
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.islands.patterns import whole_pattern
from xlconv.lifting.matching.tensors import BlockMatch
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, ranges_read, singles
from xlconv.spreadsheet.formula import Node

# Larger planes have enough lines to tell their phases; a step is no larger than a kernel.
_MOST_CELLS, _LARGEST_STEP = 256, 4

Regrouped = tuple[Draft, list[BlockMatch], tuple[int, int]]


def regrouped(draft: Draft, group: Sequence[BlockMatch]) -> Iterator[Regrouped]:
    """Yield drafts with the cells of blocks in blocks of other phases, those, and their step.

    Those with small steps come first. The blocks given are left without a cell in them.
    """
    blocks = [draft.block(one) for one in group]
    if sum(int(one.mask.sum()) for one in blocks) > _MOST_CELLS or any(
        one.spills for one in blocks
    ):
        return
    owners = {
        one.lattice.origin: (match.block, one)
        for match, block in zip(group, blocks, strict=True) for one in singles(block)
    }  # fmt: skip
    areas = list(_rectangles(owners))
    owners |= _between(draft, blocks[0].sheet, areas, owners)
    size = sum(area.size[0] * area.size[1] for area in areas)
    if len({area.size for area in areas}) != 1 or size != len(owners):
        return
    cells = {cell: one for cell, (_, one) in owners.items()}
    if any(
        (row, column) not in cells
        for area in areas
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    ):
        return  # rectangles that overlap
    rows, columns = (range(1, min(size, _LARGEST_STEP) + 1) for size in areas[0].size)
    steps = sorted(((i, j) for i in rows for j in columns if (i, j) != (1, 1)), key=sum)
    old = list(dict.fromkeys(k for k, _ in owners.values()))
    for step in steps:
        phases = _known(one for area in areas for one in _phases(cells, area, step))
        found = _with_blocks(draft, old, phases) if phases else None
        if found is not None:
            yield *found, step


def _known(phases: Iterable[FormulaBlock | None]) -> list[FormulaBlock]:
    """Return blocks, or none of them from where the first is None."""
    known: list[FormulaBlock] = []
    for one in phases:
        if one is None:
            return []
        known.append(one)
    return known


def _rectangles(cells: Iterable[Cell]) -> Iterator[Range]:
    """Yield the smallest rectangles with the cells that stand side by side."""
    left = set(cells)
    while left:
        edge: list[Cell] = [left.pop()]
        own = []
        while edge:
            row, column = edge.pop()
            own.append(Range(row, column, row, column))
            near = {(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)}
            edge += near & left
            left -= near
        yield reduce(Range.union, own)


def _between(
    draft: Draft, sheet: int, areas: Iterable[Range], known: Collection[Cell]
) -> dict[Cell, tuple[int, FormulaBlock]]:
    """Return single cells that fill rectangles and were set aside, as they fit no other block."""
    found = {}
    for area in areas:
        for row in range(area.top, area.bottom + 1):
            for column in range(area.left, area.right + 1):
                for k in draft.index.at(sheet, (row, column)) if (row, column) not in known else ():
                    if draft.index.blocks[k].cells.size == 1:
                        found[row, column] = k, draft.index.blocks[k]
    return found


def _phases(
    cells: Mapping[Cell, FormulaBlock], area: Range, step: tuple[int, int]
) -> Iterator[FormulaBlock | None]:
    """Yield a block for every phase of a rectangle; None for one that has no one formula."""
    (down, right), (height, width) = step, area.size
    for i in range(down):
        for j in range(right):
            shape = len(range(i, height, down)), len(range(j, width, right))
            # A lattice of one line has no step of its own.
            own = tuple(one if n > 1 else 1 for one, n in zip(step, shape, strict=True))
            yield _phase(cells, Plane((area.top + i, area.left + j), shape, (own[0], own[1])))


def _phase(cells: Mapping[Cell, FormulaBlock], lattice: Plane) -> FormulaBlock | None:
    places = list(np.ndindex(lattice.shape))
    own = [cells[lattice.cell(*place)] for place in places]
    trees: dict[tuple[int, int], Node] = {
        (i, j): one.tree for (i, j), one in zip(places, own, strict=True) if one.tree is not None
    }
    if len(trees) < len(own) or len({one.is_array for one in own}) > 1:
        return None
    tree, first = whole_pattern(lattice.shape, trees), own[0]
    if tree is None:
        return None
    indices = np.array([one.cells[0, 0] for one in own]).reshape(lattice.shape)
    return FormulaBlock(
        first.sheet, lattice, tree, first.is_array, indices, np.ones(lattice.shape, np.bool_),
        reads=ranges_read(tree, first.sheet, lattice.shape),
    )  # fmt: skip


def _with_blocks(
    draft: Draft, old: Sequence[int], new: Sequence[FormulaBlock]
) -> tuple[Draft, list[BlockMatch]] | None:
    """Return the draft with other blocks of the same cells; None where one spells no phase."""
    index = draft.index.regrouped(old, new)
    after = replace(draft, index=index)
    matches = []
    for k in index.parts[old[-1]]:
        every = matches_of(after, k)
        own = [one for one in every if one.formula.grouping is Grouping.INTERLEAVED]
        if len(own) != 1:
            return None
        matches += own
    kinds = {(one.fused, len(one.formula.windows), one.formula.bias is None) for one in matches}
    return (after, matches) if len(kinds) == 1 else None
