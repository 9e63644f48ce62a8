"""Sums that are written in parts, and blocks that are taken apart."""

from __future__ import annotations

import numpy as np

from xlconv.layers.base.partial_sums import Part
from xlconv.lifting.matching.draft import Draft, areas_of
from xlconv.lifting.matching.inline_sums import inlined
from xlconv.lifting.matching.tensors import BlockMatch, Tensor
from xlconv.spreadsheet.calculation.formula_block import singles


def note_sum(draft: Draft, k: int) -> None:
    """Keep a block's sum of partial sums, written out, if it is one."""
    found = inlined(draft.blocks[k], draft.blocks, draft.read)
    if found is not None:
        draft.sums[k] = found


def parts_of_sums(draft: Draft) -> set[int]:
    """Return the blocks that are only parts of others' sums."""
    return {part.unit for one in draft.sums.values() for part in one.partials}


def no_sums(draft: Draft, ready: list[int]) -> list[int]:
    """Return the blocks that were seen as sums of parts but make no layer, and their parts.

    They are looked at once more, as they stand.
    """
    failed = [k for k in ready if k in draft.sums and k not in draft.home]
    failed = [k for k in failed if draft.blocks[k].mask.any()]
    parts = {part.unit for k in failed for part in draft.sums.pop(k).partials}
    for k in failed:
        draft.matches.pop(k, None)
        draft.lifted.unlifted.pop(k, None)
    return sorted({*failed, *(parts - parts_of_sums(draft))})


def note_parts(draft: Draft, tensor: Tensor, group: list[BlockMatch]) -> bool:
    """Keep where the partial sums of a tensor stand; whether each sums channels in a row."""
    for index, one in enumerate(group):
        for part in draft.sums[one.block].partials if one.block in draft.sums else ():
            span = part.among(one.match.windows)
            if span is None:
                return False
            tensor.helpers[Part(index, *span).name] = (part.unit, part.plane)
            draft.helper_of[part.unit] = one
    return True


def split_line(draft: Draft, k: int) -> list[int]:
    """Return the cells of a spaced line as blocks of their own, any other block as it is.

    Planes of a single number that stand in a regular order look like one such line.
    """
    unit = draft.blocks[k]
    if 1 not in unit.lattice.shape or unit.lattice.step == (1, 1) or unit.mask.sum() < 2:
        return [k]
    new = list(range(len(draft.blocks), len(draft.blocks) + int(unit.mask.sum())))
    draft.blocks += singles(unit)
    draft.sums.pop(k, None)
    unit.mask = np.zeros_like(unit.mask)  # its cells belong to others now
    order = draft.calculation.order
    place = next(at for at, knot in enumerate(order) if k in knot)
    order[place + 1 : place + 1] = [[one] for one in new]
    draft.aside.add(k)
    draft.areas = areas_of(draft.blocks)
    draft.touching.clear()
    for one in new:
        note_sum(draft, one)
    return new
