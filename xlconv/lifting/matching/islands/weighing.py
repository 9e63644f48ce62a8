"""Islands as one block each, where that explains more of a workbook.

An island whose cells all follow one pattern is a block. One with odd cells may be, in
several ways: each is lifted, and the way wins that leaves the fewest formulas without a
layer, and the fewest layers. Two that explain as much are a tie, and none is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.islands.patterns import IslandPattern, island_patterns
from xlconv.lifting.matching.islands.places import Island, islands
from xlconv.lifting.matching.samples.same_layers import kinds_of
from xlconv.lifting.matching.tensors import Lifted, Stray, Tie
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, ranges_read
from xlconv.spreadsheet.formula import Node, Ref, mapped, render
from xlconv.spreadsheet.workbook import indices_of

Lift = Callable[[Draft], Lifted]
Score = tuple[int, ...]

# Ways to see an island that are tried, and blocks that are lifted for them all together.
_MOST_WAYS, _MOST_BLOCKS = 8, 4_000


def with_whole_islands(draft: Draft) -> Draft:
    """Return the draft with a block for every island whose cells all follow one pattern."""
    for island in islands(draft.index):
        found = _patterns(draft, island)
        cells = island.area.size[0] * island.area.size[1]
        if found and len(found[0].regular) == cells:
            draft = _joined(draft, island, found[0])
    return draft


def weighed(draft: Draft, lift: Lift) -> Lifted:
    """Return what is lifted, with islands that have odd cells as what explains the most."""
    best = lift(draft)
    budget, ties = _MOST_BLOCKS, []
    for island in islands(draft.index):
        ways = _patterns(draft, island)[:_MOST_WAYS]
        budget -= len(ways) * len(draft.index.blocks)
        if budget < 0:
            break
        drafts = [_joined(draft, island, one) for one in ways]
        found = sorted(
            ((_score(one), k, one) for k, one in enumerate(map(lift, drafts))),
            key=lambda way: (way[0], -len(ways[way[1]].regular)),
        )
        if not found:
            continue
        (score, first, lifted), before = found[0], _score(best)
        # Of two cells, neither is odd only because there would be a layer less.
        if not (score < before if len(ways[first].regular) > 1 else score[0] < before[0]):
            continue
        equal = [
            k for other, k, _ in found
            if other == score and len(ways[k].regular) == len(ways[first].regular)
        ]  # fmt: skip
        if len({ways[k].regular for k in equal}) > 1:
            candidates = (drafts[k].lifted.strays[len(draft.lifted.strays) :] for k in equal)
            ties.append(Tie(island.sheet, island.area, tuple(candidates)))
            continue
        draft, best = drafts[first], lifted
    return _with_ties(best, ties) if ties else best


def _patterns(draft: Draft, island: Island) -> list[IslandPattern]:
    cells = island.cells(draft.index.blocks)
    trees = {place: one.tree for place, one in cells.items() if one.tree is not None}
    if len({one.is_array for one in cells.values()}) > 1:
        return []
    return island_patterns(island.area.size, trees)


def _joined(draft: Draft, island: Island, pattern: IslandPattern) -> Draft:
    """Return the draft with an island as one block; its odd cells are strays."""
    cells = island.cells(draft.index.blocks)
    mask = np.zeros(island.area.size, np.bool_)
    for place in pattern.regular:
        mask[place] = True
    lattice = Plane((island.area.top, island.area.left), island.area.size)
    some = next(iter(cells.values()))
    keys = draft.calculation.grids[island.sheet].keys
    block = FormulaBlock(
        island.sheet, lattice, pattern.tree, some.is_array,
        indices_of(keys, *lattice.cells()).reshape(lattice.shape), mask,
        reads=ranges_read(pattern.tree, island.sheet, lattice.shape),
    )  # fmt: skip
    order = [k for knot in draft.calculation.order for k in knot]
    odd = [cell for place, cell in cells.items() if place not in pattern.regular]
    last = max(island.blocks, key=lambda k: order.index(k) if k in order else k)
    strays = [
        Stray(island.sheet, lattice.cell(i, j), _text(draft, block, i, j), lattice.range.name)
        for i, j in np.argwhere(~mask).tolist()
    ]
    index = draft.index.joined(sorted(island.blocks), block, odd, last)
    lifted = replace(draft.lifted, strays=(*draft.lifted.strays, *strays))
    return replace(draft, index=index, lifted=lifted)


def _text(draft: Draft, block: FormulaBlock, i: int, j: int) -> str:
    sheets = draft.calculation.workbook.sheets

    def named(one: Ref) -> Ref:
        return one if one.sheet is None else replace(one, sheet=sheets[int(one.sheet)].name)

    assert block.tree is not None
    tree: Node = mapped(block.tree, named)
    text = render(tree, i, j)
    return f"{{={text}}}" if block.is_array else f"={text}"


def _score(lifted: Lifted) -> Score:
    """Return how badly a workbook is explained: what is left, and how much it takes."""
    left = {*lifted.unlifted, *lifted.mismatches}
    read = {source for one in lifted.tensors for source in one.sources}
    past = [
        one for tensor in lifted.tensors for one in tensor.overhangs
        if one.fill in ("blank", "mixed")
    ]  # fmt: skip
    unexplained = sum(int(lifted.blocks[k].mask.sum()) for k in left)
    kinds = kinds_of(lifted.tensors)  # the ends of several samples are one
    ends = len({
        kinds[k] for k, one in enumerate(lifted.tensors) if one.source >= 0 and k not in read
    })  # fmt: skip
    return (
        unexplained + ends + len(lifted.strays),
        len(lifted.tensors),
        len(past),
        len(lifted.holes),
    )


def _with_ties(lifted: Lifted, ties: list[Tie]) -> Lifted:
    reasons = {}
    for tie in ties:
        for k, block in enumerate(lifted.blocks):
            here = block.sheet == tie.sheet and tie.area.holds(block.lattice.range)
            if block.mask.any() and here and not any(k in one.blocks for one in lifted.tensors):
                reasons[k] = tie.reason
    return replace(lifted, ties=tuple(ties), unlifted={**lifted.unlifted, **reasons})
