"""Blocks that are planes -> one tensor of planes.

A join returns the draft with the tensor, or the very draft it was given if there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

from msgspec.structs import replace

from xlconv.errors import ShapeError
from xlconv.layers.base.place import helper_of_plane
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.parameters import with_scalars, with_tables
from xlconv.lifting.matching.relative_geometry import placed, whole_geometry
from xlconv.lifting.matching.split_sums import with_parts
from xlconv.lifting.matching.tensors import BlockMatch, Tensor
from xlconv.lifting.matching.window_geometry import geometry_of, overhangs
from xlconv.lifting.matching.window_sources import number_of, own_sources, weighted_source
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of


def join_planes(draft: Draft, group: list[BlockMatch]) -> Draft:
    """Join blocks that are planes: convolutions, pools, elementwise layers."""
    group = sorted(group, key=lambda one: draft.block(one).lattice.origin[::-1])
    after, source, group, planes = _in_order(draft, group)
    if source is None:
        return draft
    first = group[0]
    geometry = geometry_of(after, group, source, planes)
    if geometry is None or min(geometry.stride) < 1:  # windows that stand still, or go back
        return draft
    layer = first.kind.from_geometry(geometry)
    if layer is None:
        return draft
    lattices = tuple(after.block(one).lattice for one in group)
    shape = after.shape_of(source, lattices, layer)
    if shape is None:
        return draft
    # All planes of a layer with kernels read the same windows.
    readers = repeat(None) if first.formula.weights else lattices
    around = (
        one for plane, reader in zip(planes, readers, strict=False)
        for one in overhangs(after, after.block(first).sheet, plane, reader, geometry)
    )  # fmt: skip
    tensor = Tensor(
        after.block(first).sheet, lattices, shape, tuple(one.block for one in group),
        (layer, *first.fused), source, geometry=geometry, overhangs=tuple(around),
    )  # fmt: skip
    found = with_parts(after, tensor, group)
    if found is None:
        return draft
    found = with_tables(*found, group, geometry)
    found = with_scalars(*found, group)
    after, tensor = _with_masks(*found, group)
    return after.with_tensor(tensor)


def _in_order(
    draft: Draft, group: list[BlockMatch]
) -> tuple[Draft, int | None, list[BlockMatch], Sequence[Plane]]:
    """Return the tensor that blocks read, None if it is none; blocks and planes in its order."""
    if group[0].formula.weights:
        draft, source, group = weighted_source(draft, group)
        return draft, source, group, () if source is None else draft.planes_of(source)
    draft, source, planes = own_sources(draft, group)
    if source is None:
        return draft, None, group, ()
    places = draft.planes_of(source)
    order = sorted(range(len(group)), key=lambda k: places.index(planes[k]))
    is_whole = tuple(planes[k] for k in order) == places
    return draft, (source if is_whole else None), [group[k] for k in order], places


def join_tensors(draft: Draft, group: list[BlockMatch]) -> Draft:
    """Join blocks that read several tensors, each at its own place."""
    first = group[0]
    block = draft.block(first)
    sources = [draft.home_of(block, window) for window in first.formula.windows]
    known = [one for one in sources if one is not None]
    if len(known) < len(sources) or len({draft.lifted.tensors[k].shape for k in known}) != 1:
        return draft
    ordered: list[BlockMatch | None] = [None] * len(draft.planes_of(known[0]))
    for one in group:
        lattice = draft.block(one).lattice
        numbers = {
            number_of(draft, source, window, lattice)
            for source, window in zip(known, one.formula.windows, strict=True)
        }
        number = numbers.pop() if len(numbers) == 1 else None
        if number is None or ordered[number] is not None:
            return draft
        ordered[number] = one
    whole = [one for one in ordered if one is not None]
    if len(whole) < len(ordered):
        return draft
    lattices = tuple(draft.block(one).lattice for one in whole)
    shape = draft.lifted.tensors[known[0]].shape
    layer = first.kind.from_geometry(whole_geometry(draft.lifted.tensors[known[0]]))
    if layer is None or lattices[0].shape != draft.planes_of(known[0])[0].shape:
        return draft
    source, *others = known
    blocks = tuple(one.block for one in whole)
    layers = (layer, *first.fused)
    return draft.with_tensor(
        Tensor(block.sheet, lattices, shape, blocks, layers, source, tuple(others))
    )


def join_stacked(draft: Draft, group: list[BlockMatch]) -> Draft:
    """Join copies of planes: those of one tensor, then those of another.

    Only where the planes are named as one tensor's, or where one layer sums all of them: else
    they are copies, each for itself.
    """
    group = sorted(group, key=lambda one: draft.block(one).lattice.origin[::-1])
    first, block = group[0], draft.block(group[0])
    is_one = draft.index.name_at(block) or draft.summed_by.get(first.block)
    sources = _stacked_sources(draft, group) if is_one else []
    if not sources:
        return draft
    tensors = [draft.lifted.tensors[one] for one in sources]
    layer = first.kind.from_geometry(whole_geometry(tensors[0]))
    if layer is None or len(sources) not in layer.inputs:
        return draft
    lattices = tuple(draft.block(one).lattice for one in group)
    try:
        shape = layer.output_shape(*(one.shape for one in tensors))
    except ShapeError:  # a column of units, or planes of several sizes
        return draft
    blocks, layers = tuple(one.block for one in group), (layer, *first.fused)
    source, *others = sources
    return draft.with_tensor(
        Tensor(block.sheet, lattices, shape, blocks, layers, source, tuple(others))
    )


def _stacked_sources(draft: Draft, group: list[BlockMatch]) -> list[int]:
    """Return the tensors whose planes blocks copy, one after the other; [] if not all of them."""
    sources: list[int] = []
    awaited: list[Plane] = []
    for one in group:
        block, (window,) = draft.block(one), one.formula.windows
        source = draft.home_of(block, window)
        source = _input_at(draft, one) if source is None else source
        if source is None:
            return []
        if not awaited:
            sources.append(source)
            awaited = list(draft.planes_of(source))
        plane = awaited.pop(0)
        if source != sources[-1] or block.lattice.shape != plane.shape:
            return []
        if placed(window, plane, block.lattice) != ((0, 0), (1, 1), (1, 1)):
            return []
    return [] if awaited else sources


def _input_at(draft: Draft, match: BlockMatch) -> int | None:
    """Return the input that a block shows the numbers of, where others read it before."""
    block, (window,) = draft.block(match), match.formula.windows
    sheet, area = sheet_of(window, block.sheet), range_reached(window, block.lattice.shape)
    known = (
        k for k, tensor in enumerate(draft.lifted.tensors)
        if tensor.source < 0 and tensor.sheet == sheet
        and any(plane.range == area for plane in tensor.planes)
    )  # fmt: skip
    return next(known, None)


def _with_masks(draft: Draft, tensor: Tensor, group: list[BlockMatch]) -> tuple[Draft, Tensor]:
    """Return a tensor with the cells that let its activations through, where it has some."""
    helpers, masks = dict(tensor.helpers), {}
    for index, one in enumerate(group):
        for name, reference in one.formula.masks:
            (mask,) = draft.index.read(draft.block(one), reference)
            if name:
                helpers[helper_of_plane(name, index)] = (mask, draft.index.blocks[mask].lattice)
            masks[mask] = one
    return draft.with_helpers(masks), replace(tensor, helpers=helpers)
