"""Blocks that are planes -> one tensor of planes."""

from __future__ import annotations

from xlconv.layers.base.place import helper_of_plane
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.relative_geometry import placed, whole_geometry
from xlconv.lifting.matching.split_sums import note_parts
from xlconv.lifting.matching.tensors import BlockMatch, Tensor
from xlconv.lifting.matching.window_geometry import geometry_of, overhangs
from xlconv.lifting.matching.window_sources import number_of, own_sources, weighted_source
from xlconv.spreadsheet.blocks.plane import Plane


def join_planes(draft: Draft, group: list[BlockMatch]) -> bool:
    """Join blocks that are planes: convolutions, pools, elementwise layers."""
    group = sorted(group, key=lambda one: draft.blocks[one.block].lattice.origin[::-1])
    first = group[0]
    unit = draft.blocks[first.block]
    if first.match.weights:
        source, group = weighted_source(draft, group)
        planes = [] if source is None else list(draft.planes_of(source))
        first = group[0]
    else:
        source, planes = own_sources(draft, group)
    if source is None:
        return False
    if not first.match.weights:
        places = draft.planes_of(source)
        order = sorted(range(len(group)), key=lambda k: places.index(planes[k]))
        group, planes = [group[k] for k in order], [planes[k] for k in order]
        if tuple(planes) != places:
            return False
    geometry = geometry_of(draft, group, source, planes)
    layer = None if geometry is None else first.kind.from_geometry(geometry)
    if layer is None or geometry is None:
        return False
    lattices = tuple(draft.blocks[one.block].lattice for one in group)
    shape = draft.shape_of(source, lattices, layer)
    if shape is None:
        return False
    tensor = Tensor(
        unit.sheet, lattices, shape, tuple(one.block for one in group),
        (layer, *first.fused), source, geometry=geometry,
    )  # fmt: skip
    if not note_parts(draft, tensor, group):
        return False
    draft.parameters.note_tables(tensor, group, geometry)
    draft.parameters.note_scalars(tensor, group)
    _note_masks(draft, tensor, group)
    for k, plane in enumerate(planes):
        reader = first if first.match.weights else group[k]
        tensor.overhangs += overhangs(draft, tensor, reader, plane, k, geometry, lattices)
    draft.add(tensor)
    return True


def join_tensors(draft: Draft, group: list[BlockMatch]) -> bool:
    """Join blocks that read several tensors, each at its own place."""
    first = group[0]
    unit = draft.blocks[first.block]
    sources = [draft.home_of(unit, window) for window in first.match.windows]
    known = [one for one in sources if one is not None]
    if len(known) < len(sources) or len({draft.lifted.tensors[k].shape for k in known}) != 1:
        return False
    ordered: list[BlockMatch | None] = [None] * len(draft.planes_of(known[0]))
    for one in group:
        lattice = draft.blocks[one.block].lattice
        numbers = {
            number_of(draft, source, window, lattice)
            for source, window in zip(known, one.match.windows, strict=True)
        }
        number = numbers.pop() if len(numbers) == 1 else None
        if number is None or ordered[number] is not None:
            return False
        ordered[number] = one
    whole = [one for one in ordered if one is not None]
    if len(whole) < len(ordered):
        return False
    lattices = tuple(draft.blocks[one.block].lattice for one in whole)
    shape = draft.lifted.tensors[known[0]].shape
    layer = first.kind.from_geometry(whole_geometry(draft.lifted.tensors[known[0]]))
    if layer is None or lattices[0].shape != draft.planes_of(known[0])[0].shape:
        return False
    source, *others = known
    units = tuple(one.block for one in whole)
    layers = (layer, *first.fused)
    draft.add(Tensor(unit.sheet, lattices, shape, units, layers, source, tuple(others)))
    return True


def join_stacked(draft: Draft, group: list[BlockMatch]) -> bool:
    """Join copies of planes: those of one tensor, then those of another.

    Only where the planes are named as one tensor's: else they are copies, each for itself.
    """
    group = sorted(group, key=lambda one: draft.blocks[one.block].lattice.origin[::-1])
    first, unit = group[0], draft.blocks[group[0].block]
    if not draft.name_at(unit):
        return False
    sources: list[int] = []
    awaited: list[Plane] = []
    for one in group:
        block, (window,) = draft.blocks[one.block], one.match.windows
        source = draft.home_of(block, window)
        if source is None:
            return False
        if not awaited:
            sources.append(source)
            awaited = list(draft.planes_of(source))
        plane = awaited.pop(0)
        if source != sources[-1] or block.lattice.shape != plane.shape:
            return False
        if placed(window, plane, block.lattice) != ((0, 0), (1, 1), (1, 1)):
            return False
    lattices = tuple(draft.blocks[one.block].lattice for one in group)
    layer = first.kind.from_geometry(whole_geometry(draft.lifted.tensors[sources[0]]))
    if awaited or layer is None or len(sources) not in layer.inputs:
        return False
    shape = layer.output_shape(*(draft.lifted.tensors[one].shape for one in sources))
    blocks, layers = tuple(one.block for one in group), (layer, *first.fused)
    source, *others = sources
    draft.add(Tensor(unit.sheet, lattices, shape, blocks, layers, source, tuple(others)))
    return True


def _note_masks(draft: Draft, tensor: Tensor, group: list[BlockMatch]) -> None:
    for index, one in enumerate(group if group[0].match.masks else []):
        name, mask = one.match.masks[0]
        (unit,) = draft.read(draft.blocks[one.block], mask)
        if name:
            tensor.helpers[helper_of_plane(name, index)] = (unit, draft.blocks[unit].lattice)
        draft.helper_of[unit] = one
