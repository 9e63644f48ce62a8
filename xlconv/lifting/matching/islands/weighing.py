"""Islands as one block each, where that explains more of a workbook.

An island whose cells all follow one pattern is a block. One with odd cells may be, in
several ways: each is lifted, and the way wins that leaves the fewest formulas without a
layer, and the fewest layers. Ways that explain as much are a tie, and none is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from xlconv.arrays import Mask
from xlconv.lifting.matching.block_index import BlockIndex
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.islands.explained import Score, score_of, unread
from xlconv.lifting.matching.islands.lone_cells import (
    as_sibling,
    longer_lines,
    read_beside,
    single_cells,
)
from xlconv.lifting.matching.islands.patterns import IslandPattern, island_patterns
from xlconv.lifting.matching.islands.places import Island, islands
from xlconv.lifting.matching.tensors import Lifted, Stray, Tie
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Cell, Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, ranges_read
from xlconv.spreadsheet.formula import Node, Ref, areas_of, mapped, render
from xlconv.spreadsheet.workbook import indices_of, number_at, text_at

Lift = Callable[[Draft], Lifted]

# Ways to see an island that are tried, and blocks that are lifted for them all together.
_MOST_WAYS, _MOST_BLOCKS = 40, 8_000

_HALF = 0.5

# Steps from plane to plane that are tried.
_MOST_JUMPS = 4

# Where so many of the cells beside one hold a zero, or a text, it stands around a plane.
_FRAMED = 2
_BESIDE = ((0, 1), (1, 0), (0, -1), (-1, 0))

# What is explained worse than this has cells that do not belong to it.
_EXPLAINED = 1


@dataclass(frozen=True, slots=True)
class Way:
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


@dataclass(frozen=True, slots=True)
class _Question:
    """Cells of which some may be odd: where, and in what ways, as far as is known by then."""

    sheet: int
    area: Range
    ways: Callable[[Draft], list[Way]]
    is_alone: bool = False


Weighed = tuple[_Question, Way, Lifted, Score]


def with_whole_islands(draft: Draft) -> Draft:
    """Return the draft with a block for every island whose cells all follow one pattern."""
    for island in islands(draft.index):
        found = _patterns(draft, island)
        cells = island.area.size[0] * island.area.size[1]
        if found and len(found[0].regular) == cells:
            draft = _joined(draft, island, found[0]).draft
    return draft


def weighed(draft: Draft, lift: Lift) -> Lifted:
    """Return what is lifted, with cells that are odd where that explains the most.

    The way that explains the most comes first; then what is left is looked at again.
    """
    best = lift(draft)
    before = score_of(draft, best)
    budget = _MOST_BLOCKS
    ties: list[Tie] = []
    while before[0] > _EXPLAINED + len(best.strays):
        weighed_: list[Weighed] = []
        for question in _questions(draft, best, ties):
            for way in question.ways(draft)[:_MOST_WAYS]:
                budget -= len(way.draft.index.blocks)
                if budget < 0:
                    break
                lifted = lift(way.draft)
                if way.block not in {*lifted.unlifted, *lifted.mismatches}:
                    weighed_.append((question, way, lifted, score_of(way.draft, lifted)))
            if not question.is_alone and _is_best(weighed_, best):
                break
        chosen = _chosen(weighed_, before, best)
        if not chosen:
            break
        _, way, lifted, score = chosen[0]
        if way.is_open:
            ties.append(_tie(chosen))
            continue
        if len({one.odd for _, one, _, _ in chosen}) > 1:  # whichever it is: the rest goes on
            ties.append(_tie(chosen))
            kept = draft.lifted.strays
            way = replace(way, draft=_with_strays(way.draft, way.draft.index, kept))
            lifted, score = replace(lifted, strays=best.strays), (score[0] - 1, *score[1:])
        draft, best, before = way.draft, lifted, score
    return replace(best, ties=tuple(ties)) if ties else best


def _is_best(weighed_: list[Weighed], best: Lifted) -> bool:
    """Whether nothing is left by some way but the one cell that is odd."""
    least = _EXPLAINED + len(best.strays) + 1
    return any(score[0] <= least for _, _, _, score in weighed_)


def _chosen(weighed_: list[Weighed], before: Score, best: Lifted) -> list[Weighed]:
    """Return the ways that explain the most, and more than before; several are a tie."""
    ranked = sorted(weighed_, key=lambda one: (one[3], one[1].is_open, -one[1].regular))
    better = [one for one in ranked if _is_better(one[1], one[3], before, best)]
    if better:
        _, way, _, score = better[0]
        return [
            one for one in better
            if one[3] == score and one[1].regular == way.regular and one[1].excludes(way)
        ]  # fmt: skip
    for _, way, _, score in ranked:
        # As good as layers of their own: nothing says that the cells belong together.
        equal = [
            one for one in ranked
            if one[3] == score < before and score[0] == before[0] and one[1].excludes(way)
            and one[1].shared > _HALF and way.shared > _HALF
        ]  # fmt: skip
        if len({one.odd for _, one, _, _ in equal}) > 1:
            return equal
    return []


def _is_better(way: Way, score: Score, before: Score, best: Lifted) -> bool:
    if way.regular > 1:
        return score < before
    if score[0] + way.margin < before[0]:
        return True
    # As good as no pattern at all: then what has no layer by itself is odd.
    same = score[0] == before[0] and not way.margin and score[:2] <= before[:2]
    return same and way.shared >= _HALF and _is_left(best, way)


def _is_left(best: Lifted, way: Way) -> bool:
    """Whether the odd cells of a way are in no layer."""
    return all(
        any(
            best.blocks[k].lattice.index_of(cell) is not None
            for k in way.blocks & set(best.unlifted)
        )
        for cell in way.odd
    )


def _tie(chosen: list[Weighed]) -> Tie:
    candidates = {way.odd: way.strays for _, way, _, _ in chosen}
    area = chosen[0][0].area
    for question, _, _, _ in chosen:
        area = area.union(question.area)
    return Tie(chosen[0][0].sheet, area, tuple(candidates.values()), chosen[0][1].is_open)


# -- which cells may be odd ------------------------------------------------------------------


def _questions(draft: Draft, best: Lifted, ties: list[Tie]) -> list[_Question]:
    """Return the cells of which some may be odd and that are in no tie so far."""
    known = [(tie.sheet, one.cell) for tie in ties for strays in tie.candidates for one in strays]
    return [
        one for one in _possible_questions(draft, best)
        if not any(
            sheet == one.sheet and one.area.holds(Range(*cell, *cell)) for sheet, cell in known
        )
    ]  # fmt: skip


def _possible_questions(draft: Draft, best: Lifted) -> Iterator[_Question]:
    is_short = bool(best.holes) or unread(draft, best) > 0
    for island in islands(draft.index, odd=True):
        if is_short or not _is_whole(best, island):
            ways = partial(_ways, island=island)
            yield _Question(island.sheet, island.area, ways)
    singles = single_cells(draft)
    for (sheet, cell), k in singles.items():
        if k in best.unlifted:
            yield _alone(sheet, cell, k)
        if k in best.unlifted or any(k in one.blocks for one in best.tensors):
            constant = partial(_constant_ways, sheet=sheet, cell=cell, k=k)
            yield _Question(sheet, Range(*cell, *cell), constant, is_alone=True)
    for sheet, cell in sorted(read_beside(draft, singles)):
        yield _alone(sheet, cell, None)
    for island in longer_lines(draft) if is_short else ():
        ways = partial(_ways, island=island, is_open=True)
        yield _Question(island.sheet, island.area, ways)


def _is_whole(best: Lifted, island: Island) -> bool:
    """Whether all cells of an island are of one tensor."""
    cells = island.lattice.shape[0] * island.lattice.shape[1]
    homes = [any(k in one.blocks for k in island.blocks) for one in best.tensors]
    blocks = set().union(*(one.blocks for one in best.tensors))
    return len(island.owners) == cells and island.blocks <= blocks and sum(homes) == 1


def _is_repeated(draft: Draft, island: Island) -> bool:
    """Whether all cells hold the very same formula."""
    cells = list(island.cells(draft.index.blocks).values())
    whole = len(cells) == island.lattice.shape[0] * island.lattice.shape[1]
    return whole and all(one.tree == cells[0].tree for one in cells)


def _alone(sheet: int, cell: Cell, k: int | None) -> _Question:
    ways = partial(_sibling_ways, sheet=sheet, cell=cell, k=k)
    return _Question(sheet, Range(*cell, *cell), ways, is_alone=True)


def _ways(draft: Draft, island: Island, *, is_open: bool = False) -> list[Way]:
    found = _patterns(draft, island, odd=True)
    cells = island.lattice.shape[0] * island.lattice.shape[1]
    ways = [_joined(draft, island, one) for one in found if len(one.regular) < cells]
    if _is_repeated(draft, island):  # what both hold may be meant for both
        ways = [replace(way, shared=0.0, margin=1) for way in ways]
    return [replace(way, is_open=is_open) for way in ways]


def _sibling_ways(draft: Draft, sheet: int, cell: Cell, k: int | None) -> list[Way]:
    """Return the ways in which a cell is like another formula that stands alone."""
    own = None if k is None else draft.index.blocks[k]
    found: dict[Node, int] = {}
    for (home, _), other in single_cells(draft).items():
        like = draft.index.blocks[other]
        if home == sheet and other != k:
            jumps = _plane_jumps(draft, like)
            for tree in as_sibling(like, cell, None if own is None else own.tree, jumps):
                if _is_on_sheet(tree, (1, 1)):
                    found.setdefault(tree, other)
    return [_replaced(draft, (sheet, cell), k, tree, other) for tree, other in found.items()]


def _constant_ways(draft: Draft, sheet: int, cell: Cell, k: int) -> list[Way]:
    """Return the way in which a cell holds no formula but what stands around a plane."""
    book = draft.calculation.workbook.sheets[sheet]
    beside = [(cell[0] + down, cell[1] + right) for down, right in _BESIDE]
    zeros = sum(number_at(book, one) == 0 for one in beside if min(one) >= 0)
    texts = sum(bool(text_at(book, one)) for one in beside if min(one) >= 0)
    inside = any(
        home == sheet and area.size != (1, 1) and area.holds(Range(*cell, *cell))
        for one in draft.index.blocks for home, area in one.reads
    )  # fmt: skip
    if max(zeros, texts) < _FRAMED or not inside:
        return []
    expected = "a text" if texts > zeros else "0"
    strays = (Stray(sheet, cell, f"{expected}, as beside it", Range(*cell, *cell).name),)
    after = _with_strays(draft, draft.index.without(k), (*draft.lifted.strays, *strays))
    return [Way(after, strays, 1, frozenset({k}), k)]


def _patterns(draft: Draft, island: Island, *, odd: bool = False) -> list[IslandPattern]:
    cells = island.cells(draft.index.blocks)
    trees = {place: one.tree for place, one in cells.items() if one.tree is not None}
    if len({one.is_array for one in cells.values()}) > 1:
        return []
    jumps = _jumps(draft, island.sheet) if odd else ()
    shape = island.lattice.shape
    found = island_patterns(shape, trees, jumps)
    return [one for one in found if not odd or _is_possible(one.tree, island)]


def _is_possible(tree: Node, island: Island) -> bool:
    """Whether cells of an island may hold a formula: it is on the sheet, and reads none of them."""
    shape = island.lattice.shape
    reads = ranges_read(tree, island.sheet, shape)
    return _is_on_sheet(tree, shape) and not any(
        home == island.sheet and area.overlaps(island.area) for home, area in reads
    )


def _is_on_sheet(tree: Node, shape: tuple[int, int]) -> bool:
    """Whether all that a formula reads in cells of a lattice is there, corners the right way."""
    return all(
        0 <= one.top <= one.bottom < MAX_ROWS and 0 <= one.left <= one.right < MAX_COLUMNS
        for i in (0, shape[0] - 1) for j in (0, shape[1] - 1) for one in areas_of(tree, i, j)
    )  # fmt: skip


def _jumps(draft: Draft, sheet: int) -> list[int]:
    """Return how far formulas that stand alone are from each other in rows and columns."""
    cells = [cell for home, cell in single_cells(draft) if home == sheet]
    return sorted({
        abs(a - b)
        for one in cells for other in cells if one != other and (
            one[0] == other[0] or one[1] == other[1])
        for a, b in zip(one, other, strict=True) if a != b
    })[:_MOST_JUMPS]  # fmt: skip


def _plane_jumps(draft: Draft, like: FormulaBlock) -> list[Cell]:
    """Return how far blocks are from those that a formula reads, of the same size."""
    blocks = draft.index.blocks
    found: dict[Cell, None] = {}
    for read in like.reads:
        for k in draft.index.touched(*read):
            one = blocks[k].lattice
            for other in (block.lattice for block in blocks if block.sheet == like.sheet):
                if other.shape == one.shape and other.origin != one.origin:
                    down, right = other.origin[0] - one.origin[0], other.origin[1] - one.origin[1]
                    found[down, right] = None
    return list(found)[:_MOST_JUMPS]


# -- what they would be then -----------------------------------------------------------------


def _joined(draft: Draft, island: Island, pattern: IslandPattern) -> Way:
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
    shares = [_shared(cell.tree, pattern.tree, place) for place, cell in odd.items()]
    shared = min(shares, default=0.0) if len(odd) == len(strays) else 0.0
    after = _with_strays(draft, index, (*draft.lifted.strays, *strays))
    return Way(after, strays, len(pattern.regular), island.blocks, made, followers, shared)


def _replaced(draft: Draft, where: tuple[int, Cell], k: int | None, tree: Node, other: int) -> Way:
    """Return the draft with another formula in a cell, by itself or with none so far."""
    (sheet, cell), like = where, draft.index.blocks[other]
    lattice, mask = Plane(cell, (1, 1)), np.zeros((1, 1), np.bool_)
    block = _block(draft, sheet, lattice, tree, like, mask)
    odd = [] if k is None else [draft.index.blocks[k]]
    made = len(draft.index.blocks)
    index = draft.index.joined([] if k is None else [k], block, odd, other if k is None else k)
    strays = (Stray(sheet, cell, _text(draft, block, 0, 0), lattice.range.name),)
    shared = _shared(odd[0].tree, tree, (0, 0)) if odd else 0.0
    blocks = frozenset([] if k is None else [k])
    return Way(
        _with_strays(draft, index, (*draft.lifted.strays, *strays)),
        strays,
        1,
        blocks,
        made,
        frozenset({like.lattice.origin}),
        shared,
    )


def _with_strays(draft: Draft, index: BlockIndex, strays: tuple[Stray, ...]) -> Draft:
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
