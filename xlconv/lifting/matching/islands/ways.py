"""Ways to see cells of which some are odd: what all of them would hold, and which do not.

A way is a draft in which a block has cells that do not hold its formula. Says nothing of
which way is better, and changes no draft that it is given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Mask
from xlconv.lifting.matching.block_index import BlockIndex
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.islands.patterns import IslandPattern
from xlconv.lifting.matching.islands.places import Island
from xlconv.lifting.matching.tensors import Stray
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, ranges_read
from xlconv.spreadsheet.formula import Node, Ref, areas_of, mapped, render
from xlconv.spreadsheet.workbook import indices_of


class Way(Struct, frozen=True):
    """A draft in which cells are what they would be by a pattern that `regular` others follow.

    `block` is their number in it, `blocks` are those in whose place it is, `followers` the
    cells that hold the pattern.
    `shared` is how much of what it should read each odd cell reads, of 1; `is_open` says that
    the cells belong together only if it is so, `margin` how much more than another way it has to
    explain.
    """

    draft: Draft
    strays: tuple[Stray, ...]
    regular: int
    blocks: frozenset[int]
    block: int
    followers: frozenset[Cell] = frozenset()
    shared: float = 0.0
    is_open: bool = False
    margin: int = 0

    @property
    def odd(self) -> frozenset[Cell]:
        """The cells that are odd if it is so."""
        return frozenset(one.cell for one in self.strays)

    def excludes(self, other: Way) -> bool:
        """Whether only one of two ways can be: they are the same, or what is odd is not in both."""
        return self.odd == other.odd or bool(self.odd & other.followers)


def joined(draft: Draft, island: Island, pattern: IslandPattern) -> Way:
    """Return the draft with an island as one block; its odd cells are strays."""
    cells = island.cells(draft.index.blocks)
    lattice = island.lattice
    mask = np.zeros(lattice.shape, np.bool_)
    for place in pattern.regular:
        mask[place] = True
    some = next(iter(cells.values()))
    block = _block(draft, island.sheet, lattice, pattern.tree, some, mask)
    order = [k for knot in draft.calculation.order for k in knot]
    odd = {place: cell for place, cell in cells.items() if place not in pattern.regular}
    last = max(island.blocks, key=lambda k: order.index(k) if k in order else k)
    strays = tuple(
        Stray(island.sheet, lattice.cell(i, j), _text(draft, block, i, j), lattice.range.name)
        for i, j in np.argwhere(~mask).tolist()
    )
    made = len(draft.index.blocks)
    index = draft.index.joined(sorted(island.blocks), block, list(odd.values()), last)
    followers = frozenset(lattice.cell(*place) for place in pattern.regular)
    shares = [share_read(cell.tree, pattern.tree, place) for place, cell in odd.items()]
    shared = min(shares, default=0.0) if len(odd) == len(strays) else 0.0
    after = with_strays(draft, index, (*draft.lifted.strays, *strays))
    return Way(after, strays, len(pattern.regular), island.blocks, made, followers, shared)


def replaced(
    draft: Draft, where: tuple[int, Cell], k: int | None, tree: Node, others: Sequence[int]
) -> Way:
    """Return the draft with another formula in a cell, as blocks of one cell say it should be."""
    (sheet, cell), other = where, others[0]
    like = draft.index.blocks[other]
    lattice, mask = Plane(cell, (1, 1)), np.zeros((1, 1), np.bool_)
    block = _block(draft, sheet, lattice, tree, like, mask)
    odd = [] if k is None else [draft.index.blocks[k]]
    made = len(draft.index.blocks)
    index = draft.index.joined([] if k is None else [k], block, odd, other if k is None else k)
    strays = (Stray(sheet, cell, _text(draft, block, 0, 0), lattice.range.name),)
    shared = share_read(odd[0].tree, tree, (0, 0)) if odd else 0.0
    blocks = frozenset([] if k is None else [k])
    return Way(
        with_strays(draft, index, (*draft.lifted.strays, *strays)),
        strays,
        len(others),
        blocks,
        made,
        frozenset(draft.index.blocks[one].lattice.origin for one in others),
        shared,
    )


def as_constant(draft: Draft, sheet: int, cell: Cell, k: int, expected: str) -> Way:
    """Return the draft in which a cell holds no formula, but what is expected there."""
    strays = (Stray(sheet, cell, expected, Range(*cell, *cell).name),)
    after = with_strays(draft, draft.index.without(k), (*draft.lifted.strays, *strays))
    return Way(after, strays, 1, frozenset({k}), k)


def with_strays(draft: Draft, index: BlockIndex, strays: tuple[Stray, ...]) -> Draft:
    """Return the draft with another index and other odd cells."""
    return replace(draft, index=index, lifted=replace(draft.lifted, strays=strays))


def _block(
    draft: Draft, sheet: int, lattice: Plane, tree: Node, like: FormulaBlock, mask: Mask
) -> FormulaBlock:
    keys = draft.calculation.grids[sheet].keys
    return FormulaBlock(
        sheet, lattice, tree, like.is_array,
        indices_of(keys, *lattice.cells()).reshape(lattice.shape), mask,
        reads=ranges_read(tree, sheet, lattice.shape),
    )  # fmt: skip


def share_read(own: Node | None, wanted: Node, place: tuple[int, int]) -> float:
    """Return which share of what one formula reads in a place another one reads."""
    there = set() if own is None else set(areas_of(own))
    expected = set(areas_of(wanted, *place))
    return len(there & expected) / len(expected) if expected else 0.0


def _text(draft: Draft, block: FormulaBlock, i: int, j: int) -> str:
    sheets = draft.calculation.workbook.sheets

    def named(one: Ref) -> Ref:
        return one if one.sheet is None else replace(one, sheet=sheets[int(one.sheet)].name)

    assert block.tree is not None
    tree: Node = mapped(block.tree, named)
    text = render(tree, i, j)
    return f"{{={text}}}" if block.is_array else f"={text}"
