"""Which cells may be odd, and in what ways: those that are in no layer, or alone in theirs.

Only asks; what explains a workbook better is weighed by others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.islands.explained import unexplained, unread
from xlconv.lifting.matching.islands.lone_cells import (
    Jumps,
    Siblings,
    longer_lines,
    read_beside,
    single_cells,
)
from xlconv.lifting.matching.islands.patterns import IslandPattern, island_patterns
from xlconv.lifting.matching.islands.places import Island, islands
from xlconv.lifting.matching.islands.ways import Way, as_constant, joined, replaced
from xlconv.lifting.matching.tensors import Lifted, Tie
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Cell, Range
from xlconv.spreadsheet.calculation.formula_block import ranges_read
from xlconv.spreadsheet.formula import Node, areas_of
from xlconv.spreadsheet.workbook import number_at, text_at

# Of more formulas that stand alone, none is asked about: that is no small network.
_MOST_ALONE = 100

# Where so many of the cells beside one hold a zero, or a text, it stands around a plane.
_FRAMED = 2
_BESIDE = ((0, 1), (1, 0), (0, -1), (-1, 0))


class Possible(NamedTuple):
    """A way that is not worked out so far, and how many cells speak for it."""

    regular: int
    way: Callable[[], Way]


class Question(Struct, frozen=True):
    """Cells of which some may be odd: where, and in what ways, as far as is known by then."""

    sheet: int
    area: Range
    ways: Callable[[Draft], list[Possible]]
    is_alone: bool = False


def questions(draft: Draft, best: Lifted, ties: list[Tie]) -> list[Question]:
    """Return the cells of which some may be odd and that are in no tie so far."""
    known = [(tie.sheet, one.cell) for tie in ties for strays in tie.candidates for one in strays]
    return [
        one for one in _possible_questions(draft, best)
        if not any(
            sheet == one.sheet and one.area.holds(Range(*cell, *cell)) for sheet, cell in known
        )
    ]  # fmt: skip


def _possible_questions(draft: Draft, best: Lifted) -> Iterator[Question]:
    is_short = bool(best.holes) or unread(draft, best) > 0
    left = unexplained(best)
    given = {*best.unlifted, *best.mismatches} - left
    jumps = Jumps(draft)
    for island in islands(draft.index, odd=True):
        if island.blocks <= given or _is_said(draft, island):
            continue
        if is_short or not _is_whole(best, island):
            ways = partial(_ways, island=island, jumps=jumps)
            yield Question(island.sheet, island.area, ways)
    known = left.union(*(one.blocks for one in best.tensors))
    for island in longer_lines(draft) if is_short else ():
        if not island.blocks <= known:  # what only tells of layers is no line of units
            continue
        ways = partial(_ways, island=island, jumps=jumps, is_open=True)
        yield Question(island.sheet, island.area, ways)
    singles = {at: k for at, k in single_cells(draft).items() if k not in given}
    if len(singles) <= _MOST_ALONE:
        yield from _alone_questions(draft, best, left, singles)


def _alone_questions(
    draft: Draft, best: Lifted, left: set[int], singles: Mapping[tuple[int, Cell], int]
) -> Iterator[Question]:
    siblings = Siblings(draft, singles)
    for (sheet, cell), k in singles.items():
        if k in left:
            yield _alone(siblings, sheet, cell, k)
        if k in left or any(k in one.blocks for one in best.tensors):
            constant = partial(_constant_ways, sheet=sheet, cell=cell, k=k)
            yield Question(sheet, Range(*cell, *cell), constant, is_alone=True)
    for sheet, cell in sorted(read_beside(draft, singles)):
        yield _alone(siblings, sheet, cell, None)


def _is_whole(best: Lifted, island: Island) -> bool:
    """Whether all cells of an island are of one tensor."""
    cells = island.lattice.shape[0] * island.lattice.shape[1]
    homes = [any(k in one.blocks for k in island.blocks) for one in best.tensors]
    blocks = set().union(*(one.blocks for one in best.tensors))
    return len(island.owners) == cells and island.blocks <= blocks and sum(homes) == 1


def _is_said(draft: Draft, island: Island) -> bool:
    """Whether a label says that all cells are of one plane, whose formulas follow one pattern."""
    cells = island.lattice.shape[0] * island.lattice.shape[1]
    blocks = draft.index.blocks
    return len(island.blocks) == 1 and len(island.owners) == cells and all(
        draft.index.kind_at(blocks[k]) is not None for k in island.blocks
    )  # fmt: skip


def _is_repeated(draft: Draft, island: Island) -> bool:
    """Whether all cells hold the very same formula."""
    cells = list(island.cells(draft.index.blocks).values())
    whole = len(cells) == island.lattice.shape[0] * island.lattice.shape[1]
    return whole and all(one.tree == cells[0].tree for one in cells)


def _alone(siblings: Siblings, sheet: int, cell: Cell, k: int | None) -> Question:
    ways = partial(_sibling_ways, siblings=siblings, sheet=sheet, cell=cell, k=k)
    return Question(sheet, Range(*cell, *cell), ways, is_alone=True)


def _ways(draft: Draft, island: Island, jumps: Jumps, *, is_open: bool = False) -> list[Possible]:
    found = _odd_patterns(draft, island, jumps)
    cells = island.lattice.shape[0] * island.lattice.shape[1]
    repeated = _is_repeated(draft, island)

    def way(pattern: IslandPattern) -> Way:
        made = replace(joined(draft, island, pattern), is_open=is_open)
        # What both hold may be meant for both.
        return replace(made, shared=0.0, margin=1) if repeated else made

    return [
        Possible(len(one.regular), partial(way, one)) for one in found if len(one.regular) < cells
    ]


def _sibling_ways(
    draft: Draft, siblings: Siblings, sheet: int, cell: Cell, k: int | None
) -> list[Possible]:
    """Return the ways in which a cell is like another formula that stands alone."""
    found = siblings.formulas(sheet, cell, k)
    return [
        Possible(len(others), partial(replaced, draft, (sheet, cell), k, tree, others))
        for tree, others in found.items() if _is_on_sheet(tree, (1, 1))
    ]  # fmt: skip


def _constant_ways(draft: Draft, sheet: int, cell: Cell, k: int) -> list[Possible]:
    """Return the way in which a cell holds no formula but what stands around a plane."""
    if draft.index.named(sheet, Range(*cell, *cell)):
        return []  # of a plane, as its name says: a formula there counts at its value
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
    text = f"{expected}, as beside it"
    return [Possible(1, partial(as_constant, draft, sheet, cell, k, text))]


def _odd_patterns(draft: Draft, island: Island, jumps: Jumps) -> list[IslandPattern]:
    """Return the patterns that most of an island follows, and which its cells may hold."""
    trees = island.trees(draft.index.blocks)
    found = island_patterns(island.lattice.shape, trees, jumps.on(island.sheet))
    return [one for one in found if _is_possible(one.tree, island)]


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
