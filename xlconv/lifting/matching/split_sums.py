"""Sums that are written in parts, and blocks that are split where they have gaps."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Index
from xlconv.layers.base.partial_sums import Part
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.inline_sums import inlined
from xlconv.lifting.matching.islands.places import moves_fixed
from xlconv.lifting.matching.tensors import BlockMatch, Tensor
from xlconv.spreadsheet.calculation.evaluate import is_volatile
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.calculation.formula_block import part as part_of_block

# Planes that stand so regularly that they look like one block; a pool has more cells.
_MOST_PARTS = 4_096


def with_sums(draft: Draft, blocks: Iterable[int]) -> Draft:
    """Return the draft with those of some blocks that sum partial sums, written out."""
    every = draft.index.blocks
    found = {k: inlined(every[k], every, draft.index.read) for k in blocks}
    sums = {k: one for k, one in found.items() if one is not None}
    return replace(draft, sums={**draft.sums, **sums})


def parts_of_sums(draft: Draft) -> set[int]:
    """Return the blocks that are only parts of others' sums."""
    return {part.block for one in draft.sums.values() for part in one.partials}


def without_failed_sums(draft: Draft, ready: list[int]) -> tuple[Draft, list[int]]:
    """Return the draft without the sums of parts that make no layer, and what is in them.

    Those blocks and their parts are looked at once more, as they stand.
    """
    failed = {k for k in ready if k in draft.sums and k not in draft.home}
    if not failed:
        return draft, []
    parts = {part.block for k in failed for part in draft.sums[k].partials}
    left = replace(
        draft.without_unlifted(failed),
        sums={k: one for k, one in draft.sums.items() if k not in failed},
        matches={k: one for k, one in draft.matches.items() if k not in failed},
    )
    return left, sorted(failed | (parts - parts_of_sums(left)))


def with_parts(
    draft: Draft, tensor: Tensor, group: list[BlockMatch]
) -> tuple[Draft, Tensor] | None:
    """Return a tensor with where its partial sums stand; None if one sums no channels in a row."""
    helpers = dict(tensor.helpers)
    served: dict[int, BlockMatch] = {}
    for index, one in enumerate(group):
        for part in draft.sums[one.block].partials if one.block in draft.sums else ():
            span = part.among(one.formula.windows)
            if span is None:
                return None
            helpers[Part(index, *span).name] = (part.block, part.plane)
            served[part.block] = one
    return draft.with_helpers(served), replace(tensor, helpers=helpers)


def split_spaced(draft: Draft, blocks: list[int]) -> tuple[Draft, list[int]]:
    """Return the draft with spaced blocks split at their gaps, and the blocks there are then.

    Planes of a single number, row or column that stand in a regular order look like one block.
    """
    found: list[int] = []
    for k in blocks:
        pieces = _between_gaps(draft.index.blocks[k])
        if len(pieces) < 2:
            found.append(k)
            continue
        sums = {number: one for number, one in draft.sums.items() if number != k}
        draft = replace(draft, index=draft.index.split(k, pieces), sums=sums)
        cells = draft.index.parts[k]
        draft = with_sums(draft, cells)
        summed = draft.summed_by.get(k, frozenset())
        draft = replace(draft, summed_by={**draft.summed_by, **dict.fromkeys(cells, summed)})
        found += cells
    return draft, found


def split_mixed(draft: Draft) -> Draft:
    """Return the draft with spaced blocks split that are certainly planes of their own.

    Those that read each other, have names of their own, or are not as copying a formula leaves it.
    """
    for k, block in enumerate(draft.index.blocks):
        own = block.lattice.range
        # Masks have no layer of their own that would miss what it reads.
        is_mask = block.tree is not None and is_volatile(block.tree) and 1 in block.lattice.step
        mixed = is_mask or (
            moves_fixed(block.tree)
            or draft.index.named(block.sheet, own) > 1
            or any(sheet == block.sheet and area.overlaps(own) for sheet, area in block.reads)
        )
        if k not in draft.index.aside and mixed:
            pieces = _between_gaps(block)
            if len(pieces) > 1:
                draft = replace(draft, index=draft.index.split(k, pieces))
    return draft


def _between_gaps(block: FormulaBlock) -> list[FormulaBlock]:
    """Return the parts of a block whose cells stand next to each other, with a formula in them."""
    held = block.cells >= 0
    rows = _runs(np.flatnonzero(held.any(axis=1)), len(held), block.lattice.step[0])
    columns = _runs(np.flatnonzero(held.any(axis=0)), held.shape[1], block.lattice.step[1])
    if block.spills or len(rows) * len(columns) > _MOST_PARTS:
        return []
    parts = (part_of_block(block, some, others) for some in rows for others in columns)
    return [one for one in parts if one.mask.any()]


def _runs(held: Index, count: int, step: int) -> list[range]:
    """Return the runs of those lines, of so many, that stand next to each other and hold cells."""
    if step > 1:
        return [range(k, k + 1) for k in range(count)]
    ends = [-1, *sorted(set(range(count)) - set(held.tolist())), count]
    return [range(a + 1, b) for a, b in pairwise(ends) if b > a + 1]
