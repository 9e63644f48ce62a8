"""Blocks in dependency order, round by round, to tensors.

Takes a calculation and returns what its blocks are; the calculation stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from xlconv.layers.base.layer import OUTPUT
from xlconv.layers.base.match import Grouping
from xlconv.layers.base.products import is_still
from xlconv.layout.metric_names import named_ranges
from xlconv.lifting.labelled_planes import UNLABELLED, LabelledPlanes, labelled_planes
from xlconv.lifting.matching.block_index import BlockIndex
from xlconv.lifting.matching.block_matches import (
    key_of,
    matches_of,
    split_repeated,
    with_matches,
)
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.handed_on import with_handed_on, with_readers
from xlconv.lifting.matching.input_tensors import with_declared_input, with_inputs
from xlconv.lifting.matching.islands.explained import Score, unexplained
from xlconv.lifting.matching.islands.labelled_islands import enclosed_inputs, with_labelled_islands
from xlconv.lifting.matching.islands.weighing import EXPLAINED, weighed, with_whole_islands
from xlconv.lifting.matching.joins.interleaved_planes import join_interleaved
from xlconv.lifting.matching.joins.plane_tensors import join_planes, join_stacked, join_tensors
from xlconv.lifting.matching.joins.vector_tensors import (
    join_column,
    join_helpers,
    join_vector,
    join_view,
)
from xlconv.lifting.matching.padding_borders import with_border
from xlconv.lifting.matching.parameters import OperandError
from xlconv.lifting.matching.samples.same_layers import without_repeats
from xlconv.lifting.matching.samples.sample_blocks import with_samples
from xlconv.lifting.matching.samples.unfinished import with_unfinished
from xlconv.lifting.matching.split_sums import (
    parts_of_sums,
    split_mixed,
    split_spaced,
    with_sums,
    without_failed_sums,
)
from xlconv.lifting.matching.tensors import BlockMatch, Lifted
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Ref
from xlconv.spreadsheet.values import Unsupported


def lift(calculation: Calculation) -> Lifted:
    """Return the tensors and layers that the blocks of a calculated workbook spell."""
    labelled = labelled_planes(calculation.workbook)
    if labelled.names:
        said, score = _explained(calculation, labelled)
        if score[0] <= EXPLAINED or not (unexplained(said) or said.strays or said.ties):
            return said
        plain, other = _explained(calculation)
        return said if score[0] <= other[0] else plain
    return _explained(calculation)[0]


def _explained(
    calculation: Calculation, labelled: LabelledPlanes = UNLABELLED
) -> tuple[Lifted, Score]:
    """Return what explains a workbook best, with what labels say of it, and how badly it does."""
    draft = Draft(calculation, BlockIndex.of(calculation, labelled))
    areas = labelled.areas or enclosed_inputs(draft)
    draft = with_declared_input(with_labelled_islands(draft, areas), labelled.names)
    draft = with_whole_islands(split_mixed(draft))
    found, score = weighed(draft, _lifted)
    if not _computes(found) and not found.strays and not found.ties:
        found = _behind_formulas(draft) or found
    return replace(found, labelled=areas), score


def _behind_formulas(draft: Draft) -> Lifted | None:
    """Return the layers behind an input that formulas make from other numbers, None without any.

    Looked for only where there is no layer else: what was not recognised may be one as well.
    """
    draft = replace(draft, is_given_computed=True)
    if not any(one.kernels for one in _lifted(draft).tensors):
        return None
    return weighed(draft, _lifted)[0]


def _computes(lifted: Lifted) -> bool:
    """Whether a layer makes other numbers of some."""
    return any(
        not (layer.is_view or layer.is_copy) for one in lifted.tensors for layer in one.layers
    )


def _lifted(draft: Draft) -> Lifted:
    draft = with_samples(draft, [k for k in _in_order(draft) if k not in draft.index.aside])
    ordered = [k for k in _in_order(draft) if k not in draft.index.aside]
    metrics = _metric_blocks(draft)
    draft, waiting = _readable(draft, [k for k in ordered if k not in metrics])
    draft = with_readers(with_handed_on(draft, waiting), waiting)
    draft = with_sums(draft, waiting)
    while waiting:
        draft, waiting = _without_borders(draft, waiting)
        pending = set(waiting)
        ready = [k for k in waiting if _sources_known(draft, k, pending)]
        draft = with_matches(draft, ready)
        ready = _without_halves(draft, ready, pending) or ready
        if not ready:
            break
        parts = parts_of_sums(draft)
        draft = _joined_round(draft, [k for k in ready if k not in parts])
        draft, again = without_failed_sums(draft, ready)
        pending -= set(ready)
        waiting = [k for k in waiting if k in pending] + again
    left = parts_of_sums(draft) - draft.home.keys() - draft.helper_of.keys()
    draft = draft.with_unlifted(dict.fromkeys(left, "part of a sum that makes no layer"))
    draft = draft.with_unlifted(dict.fromkeys(waiting, "it depends on itself"))
    return _finished(draft)


def _finished(draft: Draft) -> Lifted:
    """Return what was found, with all blocks and the operands that do not fit."""
    lifted = with_unfinished(without_repeats(draft.lifted), draft.calculation)
    mismatches = dict(lifted.mismatches)
    for k in draft.lifted.unlifted:
        mismatch = draft.refused.get(k) or _mismatch(draft, k)
        if mismatch:
            mismatches[k] = mismatch
    order = tuple(_in_order(draft))
    return replace(lifted, blocks=draft.index.blocks, order=order, mismatches=mismatches)


def _in_order(draft: Draft) -> Iterator[int]:
    """Yield all blocks, each after what it reads; what others became comes after those."""
    for knot in draft.calculation.order:
        waiting = list(knot)
        while waiting:
            k = waiting.pop(0)
            yield k
            waiting += draft.index.parts.get(k, ())


# -- which blocks --------------------------------------------------------------------------


def _metric_blocks(draft: Draft) -> set[int]:
    """Return the blocks of cells that tell of layers, by their names, and are none."""
    book = draft.calculation.workbook
    sheets = {sheet.name: k for k, sheet in enumerate(book.sheets)}
    areas = [(sheets.get(home, -1), area) for home, area in named_ranges(book.names).values()]
    return {
        k
        for k, block in enumerate(draft.index.blocks if areas else [])
        if all(
            any(home == block.sheet and area.holds(Range(*cell, *cell)) for home, area in areas)
            for cell in _cells(block)
        )
    }


def _readable(draft: Draft, blocks: list[int]) -> tuple[Draft, list[int]]:
    """Return the blocks whose formulas could be read, and the draft with why others could not."""
    every = draft.index.blocks
    left = [k for k in blocks if every[k].tree is not None and not every[k].reason]
    unread = set(blocks) - set(left)
    reasons = {k: every[k].reason or "its formula cannot be read" for k in blocks if k in unread}
    return draft.with_unlifted(reasons), left


def _without_borders(draft: Draft, waiting: list[int]) -> tuple[Draft, list[int]]:
    """Return the blocks that are no border of a plane, and the draft with those that are."""
    left = []
    for k in waiting:
        after = with_border(draft, k)
        if after is draft:
            left.append(k)
        draft = after
    return draft, left


def _sources_known(draft: Draft, k: int, pending: set[int]) -> bool:
    return not any(
        other in pending and other != k
        for sheet, area in draft.index.blocks[k].reads
        for other in draft.index.touched(sheet, area)
    )


def _without_halves(draft: Draft, ready: list[int], pending: set[int]) -> list[int]:
    """Leave out blocks that stack tensors, while others of the same one still wait."""
    stacked = {
        k: _stack_of(draft, k)
        for k in ready
        if any(one.formula.grouping is Grouping.STACKED for one in matches_of(draft, k))
    }
    if not any(stacked.values()):
        return ready
    late = {_stack_of(draft, k) for k in pending - set(ready)} - {None}
    return [k for k in ready if stacked.get(k) not in late]


def _stack_of(draft: Draft, k: int) -> object:
    """Return what blocks have in common that stack tensors: a name, or what sums all of them."""
    block = draft.index.blocks[k]
    sums = draft.summed_by.get(k) if isinstance(block.tree, Ref) else None
    return draft.index.name_at(block) or (sums and (sums, block.lattice.shape)) or None


# -- what they are -------------------------------------------------------------------------


def _joined_round(draft: Draft, ready: list[int]) -> Draft:
    """Return the draft with the tensors that blocks make whose sources are known."""
    given = draft.inputs
    draft, left = _joined(with_inputs(draft, ready), ready)
    draft, cells = split_spaced(draft, left)
    if len(cells) > len(left):
        draft = with_matches(draft, cells)
        # What was split read several planes as if they were one.
        some = [k for k in (*ready, *cells) if k not in draft.index.aside]
        draft, left = _joined(with_inputs(replace(draft, inputs=given), some), cells)
    known = draft.lifted.unlifted
    draft = draft.with_unlifted({k: "its references make no layer" for k in left if k not in known})
    return draft.without_unlifted((*draft.home, *draft.helper_of))


def _joined(draft: Draft, ready: list[int]) -> tuple[Draft, list[int]]:
    """Join blocks to tensors; return the draft with them and the blocks that are left."""
    clusters: dict[tuple[object, ...], list[BlockMatch]] = {}
    for k in ready:
        for match in matches_of(draft, k):
            clusters.setdefault(key_of(draft, match), []).append(match)
    without = (k for k in ready if not matches_of(draft, k))
    draft = draft.with_unlifted(dict.fromkeys(without, "no layer is spelled this way"))
    # A block alone may match several layers; one that others share comes first.
    groups = [one for group in clusters.values() for one in split_repeated(draft, group)]
    # So do blocks that interleave: each may look like a layer of its own.
    tried: dict[int, None] = {}
    for group in sorted(groups, key=_precedence):
        fresh = [one for one in group if one.block not in draft.home]
        if fresh:
            draft = _tried(draft, fresh)
            tried |= dict.fromkeys(one.block for one in fresh)
    return draft, [k for k in tried if k not in draft.home and k not in draft.helper_of]


def _precedence(group: list[BlockMatch]) -> tuple[int, bool]:
    return -len(group), group[0].formula.grouping is not Grouping.INTERLEAVED


def _tried(draft: Draft, group: list[BlockMatch]) -> Draft:
    """Return the draft with the tensor that a group makes, or as it was where it makes none."""
    try:
        formula = group[0].formula
        join = join_helpers if formula.role != OUTPUT else _JOIN[formula.grouping]
        return join(draft, group)
    except Unsupported:  # ranges that are too large to be looked at
        return draft
    except OperandError as error:
        return replace(draft, refused={**draft.refused, **error.reasons})


_JOIN = {
    Grouping.PLANES: join_planes,
    Grouping.INTERLEAVED: join_interleaved,
    Grouping.UNITS: join_vector,
    Grouping.COLUMN: join_column,
    Grouping.ENTRIES: join_view,
    Grouping.STACKED: join_stacked,
    Grouping.JOINED: join_tensors,
}


# -- what keeps them from being a layer ----------------------------------------------------


def _mismatch(draft: Draft, k: int) -> str:
    """Return what keeps a sum of products from being a layer: the part of a plane it reads."""
    block = draft.index.blocks[k]
    for match in matches_of(draft, k) if block.tree is not None else ():
        for window in match.formula.windows if match.formula.weights else ():
            area = range_reached(window, block.lattice.shape)
            for other in draft.index.touched(sheet_of(window, block.sheet), area):
                plane = draft.index.blocks[other].lattice.range
                alike = plane != area and plane.size == area.size
                if other in draft.home and is_still(window) and alike:
                    return f"reads {area.name}, but the plane there is {plane.name}"
    return ""


def _cells(block: FormulaBlock) -> Iterator[tuple[int, int]]:
    places = zip(*np.nonzero(block.mask), strict=True)
    return (block.lattice.cell(int(i), int(j)) for i, j in places)
