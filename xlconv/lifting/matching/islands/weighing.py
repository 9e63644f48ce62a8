"""Islands as one block each, where that explains more of a workbook.

An island whose cells all follow one pattern is a block. One with odd cells may be, in
several ways: each is lifted, and the way wins that leaves the fewest formulas without a
layer, and the fewest layers. Ways that explain as much are a tie, and none is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from xlconv.arrays import Mask
from xlconv.lifting.matching.block_index import BlockIndex
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.islands.explained import Score, score_of
from xlconv.lifting.matching.islands.lone_cells import (
    as_sibling,
    longer_lines,
    read_beside,
    single_cells,
)
from xlconv.lifting.matching.islands.patterns import IslandPattern, island_patterns
from xlconv.lifting.matching.islands.places import Island, islands
from xlconv.lifting.matching.tensors import Lifted, Stray, Tie
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, ranges_read
from xlconv.spreadsheet.formula import Node, Ref, areas_of, mapped, render
from xlconv.spreadsheet.workbook import indices_of

Lift = Callable[[Draft], Lifted]

# Ways to see an island that are tried, and blocks that are lifted for them all together.
_MOST_WAYS, _MOST_BLOCKS = 40, 8_000

_HALF = 0.5

# What is explained worse than this has cells that do not belong to it.
_EXPLAINED = 1


@dataclass(frozen=True, slots=True)
class Way:
    """A draft in which cells are what they would be by a pattern that `regular` others follow.

    `shared` is how much of what it should read each odd cell reads, of 1; `is_open` says that
    the cells belong together only if it is so.
    """

    draft: Draft
    strays: tuple[Stray, ...]
    regular: int
    blocks: frozenset[int]
    shared: float = 0.0
    is_open: bool = False

    @property
    def odd(self) -> frozenset[Cell]:
        """The cells that are odd if it is so."""
        return frozenset(one.cell for one in self.strays)


@dataclass(frozen=True, slots=True)
class _Question:
    """Cells of which some may be odd: where, and in what ways, as far as is known by then."""

    sheet: int
    area: Range
    ways: Callable[[Draft], list[Way]]


def with_whole_islands(draft: Draft) -> Draft:
    """Return the draft with a block for every island whose cells all follow one pattern."""
    for island in islands(draft.index):
        found = _patterns(draft, island)
        cells = island.area.size[0] * island.area.size[1]
        if found and len(found[0].regular) == cells:
            draft = _joined(draft, island, found[0]).draft
    return draft


def weighed(draft: Draft, lift: Lift) -> Lifted:
    """Return what is lifted, with islands that have odd cells as what explains the most."""
    best = lift(draft)
    before = score_of(draft, best)
    budget, ties = _MOST_BLOCKS, list[Tie]()
    told: list[tuple[int, Range]] = []
    for one in _questions(draft, best) if before[0] > _EXPLAINED else ():
        if any(one.sheet == sheet and one.area.overlaps(area) for sheet, area in told):
            continue
        ways = one.ways(draft)[:_MOST_WAYS]
        budget -= len(ways) * len(draft.index.blocks)
        if budget < 0:
            break
        lifted = [lift(way.draft) for way in ways]
        scores = [score_of(way.draft, found) for way, found in zip(ways, lifted, strict=True)]
        chosen = _chosen(ways, scores, before, best)
        if len({ways[k].odd for k in chosen}) > 1 or any(ways[k].is_open for k in chosen):
            ties.append(_tie(one, [ways[k] for k in chosen]))
        elif chosen:
            k = chosen[0]
            draft, best, before = ways[k].draft, lifted[k], scores[k]
        if chosen:
            told.append((one.sheet, one.area))
    return replace(best, ties=tuple(ties)) if ties else best


def _chosen(ways: list[Way], scores: list[Score], before: Score, best: Lifted) -> list[int]:
    """Return the ways that explain the most, and more than before; several are a tie."""
    order = sorted(range(len(ways)), key=lambda k: (scores[k], -ways[k].regular))
    if not order:
        return []
    first = order[0]
    equal = [
        k for k in order
        if scores[k] == scores[first] and ways[k].regular == ways[first].regular
    ]  # fmt: skip
    if ways[first].regular > 1:
        return equal if scores[first] < before else []
    if scores[first][0] < before[0]:
        return equal
    if scores[first][0] > before[0] or scores[first][:2] > before[:2]:
        return []
    # As good as no pattern at all: then what has no layer by itself is odd.
    left = [k for k in equal if ways[k].shared >= _HALF and _is_left(best, ways[k])]
    if left:
        return left
    equal = [k for k in equal if ways[k].shared > _HALF]
    several = len({ways[k].odd for k in equal}) > 1
    return equal if several and scores[first] < before else []


def _is_left(best: Lifted, way: Way) -> bool:
    """Whether the odd cells of a way are in no layer."""
    return all(
        any(best.blocks[k].lattice.index_of(cell) is not None for k in way.blocks & set(best.unlifted))
        for cell in way.odd
    )


def _tie(one: _Question, ways: list[Way]) -> Tie:
    candidates = {way.odd: way.strays for way in ways}
    is_open = any(way.is_open for way in ways)
    return Tie(one.sheet, one.area, tuple(candidates.values()), is_open)


# -- which cells may be odd ------------------------------------------------------------------


def _questions(draft: Draft, best: Lifted) -> Iterator[_Question]:
    for island in islands(draft.index, odd=True):
        yield _Question(
            island.sheet, island.area, lambda at, island=island: _ways(at, island)  # type: ignore[misc]
        )
    singles = single_cells(draft)
    for (sheet, cell), k in singles.items():
        if k in best.unlifted:
            yield _alone(sheet, cell, k)
    for sheet, cell in sorted(read_beside(draft, singles)):
        yield _alone(sheet, cell, None)
    for island in longer_lines(draft):
        yield _Question(
            island.sheet, island.area,
            lambda at, island=island: _ways(at, island, is_open=True),  # type: ignore[misc]
        )


def _alone(sheet: int, cell: Cell, k: int | None) -> _Question:
    return _Question(sheet, Range(*cell, *cell), lambda draft: _sibling_ways(draft, sheet, cell, k))


def _ways(draft: Draft, island: Island, *, is_open: bool = False) -> list[Way]:
    found = _patterns(draft, island, odd=True)
    cells = island.area.size[0] * island.area.size[1]
    ways = [_joined(draft, island, one) for one in found if len(one.regular) < cells]
    return [replace(way, is_open=is_open) for way in ways]


def _sibling_ways(draft: Draft, sheet: int, cell: Cell, k: int | None) -> list[Way]:
    """Return the ways in which a cell is like another formula that stands alone."""
    own = None if k is None else draft.index.blocks[k]
    found: dict[Node, int] = {}
    for (home, _), other in single_cells(draft).items():
        like = draft.index.blocks[other]
        if home == sheet and other != k:
            for tree in as_sibling(like, cell, None if own is None else own.tree):
                found.setdefault(tree, other)
    return [_replaced(draft, (sheet, cell), k, tree, other) for tree, other in found.items()]


def _patterns(draft: Draft, island: Island, *, odd: bool = False) -> list[IslandPattern]:
    cells = island.cells(draft.index.blocks)
    trees = {place: one.tree for place, one in cells.items() if one.tree is not None}
    if len({one.is_array for one in cells.values()}) > 1:
        return []
    jumps = _jumps(draft, island.sheet) if odd else ()
    found = island_patterns(island.area.size, trees, jumps)
    return [
        one for one in found
        if not odd or not any(
            home == island.sheet and area.overlaps(island.area)
            for home, area in ranges_read(one.tree, island.sheet, island.area.size)
        )
    ]  # fmt: skip


def _jumps(draft: Draft, sheet: int) -> list[int]:
    """Return how far formulas that stand alone are from each other in rows and columns."""
    cells = [cell for home, cell in single_cells(draft) if home == sheet]
    return sorted({
        abs(a - b)
        for one in cells for other in cells if one != other and (
            one[0] == other[0] or one[1] == other[1])
        for a, b in zip(one, other, strict=True) if a != b
    })[:4]  # fmt: skip


# -- what they would be then -----------------------------------------------------------------


def _joined(draft: Draft, island: Island, pattern: IslandPattern) -> Way:
    """Return the draft with an island as one block; its odd cells are strays."""
    cells = island.cells(draft.index.blocks)
    mask = np.zeros(island.area.size, np.bool_)
    for place in pattern.regular:
        mask[place] = True
    lattice = Plane((island.area.top, island.area.left), island.area.size)
    some = next(iter(cells.values()))
    block = _block(draft, island.sheet, lattice, pattern.tree, some, mask)
    order = [k for knot in draft.calculation.order for k in knot]
    odd = {place: cell for place, cell in cells.items() if place not in pattern.regular}
    last = max(island.blocks, key=lambda k: order.index(k) if k in order else k)
    strays = tuple(
        Stray(island.sheet, lattice.cell(i, j), _text(draft, block, i, j), lattice.range.name)
        for i, j in np.argwhere(~mask).tolist()
    )
    index = draft.index.joined(sorted(island.blocks), block, list(odd.values()), last)
    shares = [_shared(cell.tree, pattern.tree, place) for place, cell in odd.items()]
    shared = min(shares, default=0.0) if len(odd) == len(strays) else 0.0
    after = _with_strays(draft, index, strays)
    return Way(after, strays, len(pattern.regular), island.blocks, shared)


def _replaced(
    draft: Draft, where: tuple[int, Cell], k: int | None, tree: Node, other: int
) -> Way:
    """Return the draft with another formula in a cell, by itself or with none so far."""
    (sheet, cell), like = where, draft.index.blocks[other]
    lattice, mask = Plane(cell, (1, 1)), np.zeros((1, 1), np.bool_)
    block = _block(draft, sheet, lattice, tree, like, mask)
    odd = [] if k is None else [draft.index.blocks[k]]
    index = draft.index.joined([] if k is None else [k], block, odd, other if k is None else k)
    strays = (Stray(sheet, cell, _text(draft, block, 0, 0), lattice.range.name),)
    shared = _shared(odd[0].tree, tree, (0, 0)) if odd else 0.0
    blocks = frozenset([] if k is None else [k])
    return Way(_with_strays(draft, index, strays), strays, 1, blocks, shared)


def _with_strays(draft: Draft, index: BlockIndex, strays: tuple[Stray, ...]) -> Draft:
    lifted = replace(draft.lifted, strays=(*draft.lifted.strays, *strays))
    return replace(draft, index=index, lifted=lifted)


def _block(
    draft: Draft, sheet: int, lattice: Plane, tree: Node, like: FormulaBlock, mask: Mask
) -> FormulaBlock:
    keys = draft.calculation.grids[sheet].keys
    return FormulaBlock(
        sheet, lattice, tree, like.is_array,
        indices_of(keys, *lattice.cells()).reshape(lattice.shape), mask,
        reads=ranges_read(tree, sheet, lattice.shape),
    )  # fmt: skip


def _shared(own: Node | None, wanted: Node, place: tuple[int, int]) -> float:
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
