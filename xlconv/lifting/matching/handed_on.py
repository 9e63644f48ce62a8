"""Who reads what: the layers that numbers reach through others, and the cells that only show them.

A cell that shows a plain number, as `=C4` does, is a tied weight or an entry of an input
once more: what reads it tells. Only references are followed; nothing is lifted here.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from xlconv.layers.base.match import Match
from xlconv.layers.base.products import Reference
from xlconv.lifting.matching.block_matches import matches_of
from xlconv.lifting.matching.draft import Draft
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.formula import Ref
from xlconv.spreadsheet.values import NUMBER


def with_handed_on(draft: Draft, blocks: list[int]) -> Draft:
    """Return the draft with the blocks that hand plain numbers on to layers, as they are."""
    shown = {k for k in blocks if isinstance(draft.index.blocks[k].tree, Ref)}
    plain = {k for k in shown if _shows_numbers(draft, k)}
    if not plain:
        return draft
    read, others = set[int](), set[int]()
    for k in set(blocks) - shown:
        for windows, parameters in _readings(draft, k, shown):
            read |= windows
            others |= parameters
    waiting = sorted(shown & read - others)
    found = set(waiting)
    while waiting:  # what is shown once more is handed on too
        k = waiting.pop()
        tree = draft.index.blocks[k].tree
        assert isinstance(tree, Ref)
        before = [one for one in _reached(draft, k, (tree,)) if one in shown]
        before = [one for one in before if one not in found | others]
        found.update(before)
        waiting += before
    return replace(draft, handed_on=frozenset(found & plain))


def with_readers(draft: Draft, blocks: list[int]) -> Draft:
    """Return the draft with the sums of products that each block's numbers come to, in the end.

    Only where somebody will ask: where more than such sums reads plain numbers, or where
    cells show others' numbers once more.
    """
    plain = [
        k for k in blocks if any(_is_plain(draft, *place) for place in draft.index.blocks[k].reads)
    ]
    copies = any(isinstance(draft.index.blocks[k].tree, Ref) for k in blocks)
    if not copies and all(one.formula.weights for k in plain for one in matches_of(draft, k)):
        return draft
    readers: dict[int, list[int]] = {}
    for k in blocks:
        for sheet, area in draft.index.blocks[k].reads:
            for other in draft.index.touched(sheet, area):
                readers.setdefault(other, []).append(k)
    sums = {k for k in blocks if any(one.formula.weights for one in matches_of(draft, k))}
    found: dict[int, frozenset[int]] = {}
    for k in reversed(blocks):  # those that read a block come after it
        own = (
            frozenset({one}) if one in sums else found.get(one, frozenset())
            for one in readers.get(k, ())
        )  # fmt: skip
        found[k] = frozenset().union(*own)
    return replace(draft, summed_by=found)


def _readings(draft: Draft, k: int, shown: set[int]) -> Iterator[tuple[set[int], set[int]]]:
    """Yield which blocks a block may read as activations, and which as parameters.

    Where it multiplies what is computed with what only shows numbers, those are parameters;
    where both only show numbers, either may be, but for weights that are tied with dollars.
    """
    found = []
    for match in matches_of(draft, k):
        windows = {
            one for one in _reached(draft, k, match.formula.windows)
            if one not in shown or not _is_beside(draft, k, match.formula.windows, one)
        }  # fmt: skip
        found.append((windows, set(_reached(draft, k, _parameters(match.formula)))))
    computed = [one for one in found if one[0] - shown]
    free = {k for k in shown if not _is_tied(draft, k)}
    yield from computed or ((windows, set()) for windows, _ in found if windows <= free)


def _shows_numbers(draft: Draft, k: int) -> bool:
    block = draft.index.blocks[k]
    tree = block.tree
    assert isinstance(tree, Ref)
    if block.spills or _is_tied(draft, k):
        return False
    area, sheet = range_reached(tree, block.lattice.shape), sheet_of(tree, block.sheet)
    return _is_plain(draft, sheet, area) and bool(
        (draft.calculation.grids[sheet].region(area)[1] == NUMBER).any()
    )


def _is_plain(draft: Draft, sheet: int, area: Range) -> bool:
    return min(area.top, area.left) >= 0 and not draft.index.touched(sheet, area)


def _is_beside(draft: Draft, k: int, windows: tuple[Reference, ...], shown: int) -> bool:
    """Whether windows have what a block shows besides the block: it is a border around that."""
    block, reader = draft.index.blocks[shown], draft.index.blocks[k]
    areas = [
        (sheet_of(one, reader.sheet), range_reached(one, reader.lattice.shape)) for one in windows
    ]
    return any(
        home == sheet and area.overlaps(target) and area.overlaps(block.lattice.range)
        for sheet, target in block.reads for home, area in areas
    )  # fmt: skip


def _is_tied(draft: Draft, k: int) -> bool:
    """Whether a block that shows other cells names them with dollars, as weights are tied."""
    tree = draft.index.blocks[k].tree
    return isinstance(tree, Ref) and tree.row.absolute and tree.column.absolute


def _parameters(formula: Match) -> tuple[Reference, ...]:
    tables = [one for table in formula.weights for one in table.references]
    single = [node for _, node in formula.scalars if isinstance(node, Ref)]
    return (*tables, *single, *([] if formula.bias is None else [formula.bias]))


def _reached(draft: Draft, k: int, references: tuple[Reference, ...]) -> Iterator[int]:
    """Yield the blocks that references of a block point to, but for cells among numbers."""
    block = draft.index.blocks[k]
    for one in references:
        area, sheet = range_reached(one, block.lattice.shape), sheet_of(one, block.sheet)
        touched = draft.index.touched(sheet, area)
        if touched and not draft.is_of_numbers(sheet, area):
            yield from touched
