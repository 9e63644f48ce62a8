"""Islands as one block each, where that explains more of a workbook.

An island whose cells all follow one pattern is a block. One with odd cells may be, in
several ways: each is lifted, and the way wins that leaves the fewest formulas without a
layer, and the fewest layers. Ways that explain as much are a tie, and none is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from msgspec.structs import replace

from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.islands.explained import Score, score_of, unread
from xlconv.lifting.matching.islands.patterns import IslandPattern, whole_pattern
from xlconv.lifting.matching.islands.places import islands
from xlconv.lifting.matching.islands.questions import Possible, Question, questions
from xlconv.lifting.matching.islands.ways import Way, joined, with_strays
from xlconv.lifting.matching.tensors import Lifted, Tie

Lift = Callable[[Draft], Lifted]
Weighed = tuple[Question, Way, Lifted, Score]

# Ways to see an island that are tried, and blocks that are lifted for them all together.
_MOST_WAYS, _MOST_BLOCKS = 40, 4_000
_MOST_DECLARED = 1_000  # where names say what the cells are, and so which are odd

_HALF = 0.5

# What is explained worse than this has cells that do not belong to it.
EXPLAINED = 1


def with_whole_islands(draft: Draft) -> Draft:
    """Return the draft with a block for every island whose cells all follow one pattern."""
    for island in islands(draft.index):
        shape = island.lattice.shape
        tree = whole_pattern(shape, island.trees(draft.index.blocks))
        if tree is not None:
            pattern = IslandPattern(tree, frozenset(np.ndindex(*shape)))
            draft = joined(draft, island, pattern).draft
    return draft


def weighed(draft: Draft, lift: Lift) -> tuple[Lifted, Score]:
    """Return what is lifted, with cells that are odd where that explains the most, and its score.

    The way that explains the most comes first; then what is left is looked at again.
    """
    best = lift(draft)
    before = score_of(draft, best)
    budget = _MOST_DECLARED if draft.declared else _MOST_BLOCKS
    ties: list[Tie] = []
    while before[0] > EXPLAINED + len(best.strays):
        weighed_: list[Weighed] = []
        for turn in _in_turn(draft, questions(draft, best, ties)):
            for question, possible in turn:
                budget -= len(draft.index.blocks)
                if budget < 0:
                    break
                way = possible.way()
                lifted = lift(way.draft)
                if _makes_layer(question, way, lifted):
                    weighed_.append((question, way, lifted, score_of(way.draft, lifted)))
            if budget < 0 or _is_best(weighed_, best):
                break
        chosen = _chosen(weighed_, before, best) or _reading_more(draft, weighed_, before, best)
        if not chosen:
            break
        _, way, lifted, score = chosen[0]
        if way.is_open:
            ties.append(_tie(chosen))
            continue
        if len({one.odd for _, one, _, _ in chosen}) > 1:  # whichever it is: the rest goes on
            ties.append(_tie(chosen))
            kept = draft.lifted.strays
            way = replace(way, draft=with_strays(way.draft, way.draft.index, kept))
            lifted, score = replace(lifted, strays=best.strays), (score[0] - 1, *score[1:])
        draft, best, before = way.draft, lifted, score
    return (replace(best, ties=tuple(ties)) if ties else best), before


def _in_turn(draft: Draft, asked: list[Question]) -> Iterator[list[tuple[Question, Possible]]]:
    """Yield the ways that are weighed together, those first that most other cells speak for."""
    for one in asked:
        if not one.is_alone:
            yield [(one, way) for way in one.ways(draft)[:_MOST_WAYS]]
    alone: dict[int, list[tuple[Question, Possible]]] = {}
    for one in asked:
        for way in one.ways(draft)[:_MOST_WAYS] if one.is_alone else ():
            alone.setdefault(way.regular, []).append((one, way))
    yield from (alone[regular] for regular in sorted(alone, reverse=True))


def _makes_layer(question: Question, way: Way, lifted: Lifted) -> bool:
    """Whether what cells would hold is of a layer; of a cell alone, some like it is of one too."""
    if way.block in {*lifted.unlifted, *lifted.mismatches}:
        return False
    if not question.is_alone or way.block in way.blocks:  # then it holds no formula at all
        return True
    inside = _in_layers(lifted)
    lattices = [
        lifted.blocks[k].lattice for k in inside if lifted.blocks[k].sheet == question.sheet
    ]
    return way.block in inside and any(
        one.index_of(cell) is not None for one in lattices for cell in way.followers
    )


def _in_layers(lifted: Lifted) -> set[int]:
    """Return the blocks of layers, their helpers and borders among them."""
    return {
        k
        for one in lifted.tensors
        for k in (
            *one.blocks,
            *(helper for helper, _ in one.helpers.values()),
            *(repeated.block for repeated in one.border),
        )
    }


def _is_best(weighed_: list[Weighed], best: Lifted) -> bool:
    """Whether nothing is left by some way but the one cell that is odd."""
    least = EXPLAINED + len(best.strays) + 1
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


def _reading_more(
    draft: Draft, weighed_: list[Weighed], before: Score, best: Lifted
) -> list[Weighed]:
    """Return a way that explains as much and reads numbers that nobody reads otherwise.

    Two cells read one number, and another beside it is read by none: a number that both share,
    or a cell that is odd. Nothing says which.
    """
    idle = unread(draft, best)
    return [
        (question, replace(way, is_open=True), lifted, score)
        for question, way, lifted, score in weighed_ if idle
        if score == before and len(way.odd) == 1 and unread(way.draft, lifted) < idle
    ][:1]  # fmt: skip


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
