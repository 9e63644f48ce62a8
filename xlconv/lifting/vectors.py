"""Blocks and single cells that are the units of one vector -> that vector."""

from __future__ import annotations

from xlconv.calculation import Unit, reach
from xlconv.formula import Ref
from xlconv.lifting.draft import Draft
from xlconv.lifting.geometry import geometry_of
from xlconv.lifting.sources import in_order, source_of
from xlconv.placing import (
    column_of,
    whole_geometry,
)
from xlconv.plane import Plane
from xlconv.tensors import Seen, Tensor


def join_units(draft: Draft, group: list[Seen]) -> bool:
    """Join blocks and single cells that are the units of one vector."""
    group = sorted(group, key=lambda one: draft.units[one.unit].lattice.origin)
    first, sheet = group[0], draft.units[group[0].unit].sheet
    column = column_of([draft.units[one.unit].lattice for one in group])
    holes = len(draft.lifted.holes)
    source, planes = source_of(draft, first, first.sighting.windows)
    if column is None or source is None or len(draft.lifted.holes) > holes:
        return False  # an input with holes is a kernel, seen the wrong way round
    if len(planes) < len(draft.planes_of(source)):
        return False
    group, planes = in_order(draft, group, source, planes), list(draft.planes_of(source))
    first = group[0]
    geometry = geometry_of(draft, group, source, planes)
    layer = None if geometry is None else first.kind.lifted(geometry)
    if layer is None or geometry is None:
        return False
    count = column.shape[0] * column.shape[1]
    if geometry.weights is None or len(geometry.weights) != count:
        return False
    tensor = Tensor(
        sheet, (column,), (count,), tuple(one.unit for one in group),
        (layer, *first.fused), source, geometry=geometry,
    )  # fmt: skip
    draft.parameters.note_tables(tensor, group, geometry)
    draft.add(tensor)
    return True


def join_column(draft: Draft, group: list[Seen]) -> bool:
    """Take one block that computes a vector from a vector, perhaps through a helper."""
    if len(group) != 1:
        return False
    (seen,) = group
    unit = draft.units[seen.unit]
    found = draft.read_unit(unit, seen.sighting.windows[0])
    helpers: dict[str, tuple[int, Plane]] = {}
    if found in draft.helper_of:
        helper = draft.helper_of[found]
        if helper.kind is not seen.kind or not _covers(unit, seen, draft.units[found].lattice):
            return False
        helpers[helper.sighting.role] = (found, draft.units[found].lattice)
        found = draft.read_unit(draft.units[found], helper.sighting.windows[0])
    source = draft.home.get(found) if found is not None else None
    if source is None or not draft.lifted.tensors[source].is_vector:
        return False
    if not helpers and not _covers(unit, seen, draft.lifted.tensors[source].planes[0]):
        return False
    layer = seen.kind.lifted(whole_geometry(draft.lifted.tensors[source]))
    shape = None if layer is None else draft.shape_of(source, (unit.lattice,), layer)
    if layer is None or shape is None:
        return False
    draft.add(
        Tensor(unit.sheet, (unit.lattice,), shape, (seen.unit,), (layer,), source, helpers=helpers)
    )
    return True


def _covers(unit: Unit, seen: Seen, lattice: Plane) -> bool:
    every = seen.sighting.whole
    assert every is not None
    return reach(every, unit.lattice.shape) == lattice.range


def join_helpers(draft: Draft, group: list[Seen]) -> bool:
    for seen in group:
        draft.helper_of[seen.unit] = seen
        unit = draft.units[seen.unit]
        found = draft.read_unit(unit, seen.sighting.windows[0])
        source = draft.home.get(found) if found is not None else None
        if source is None:
            del draft.helper_of[seen.unit]
            return False
        tensor = draft.lifted.tensors[source]
        if seen.sighting.role in seen.kind.readouts:
            if not isinstance(tensor.layers[0], seen.kind):
                del draft.helper_of[seen.unit]
                return False
            tensor.helpers[seen.sighting.role] = (seen.unit, unit.lattice)
    return True


def join_view(draft: Draft, group: list[Seen]) -> bool:
    """Join references that lay a tensor's planes out as one vector."""
    group = sorted(group, key=lambda one: draft.units[one.unit].lattice.origin)
    units = [draft.units[one.unit] for one in group]
    column = column_of([unit.lattice for unit in units])
    source = draft.tensor_read(group[0])
    if column is None or source is None or source < 0:
        return False
    if draft.lifted.tensors[source].is_vector:
        return False  # flat already: it is only there once more
    wanted = [
        plane.cell(i, j)
        for plane in draft.lifted.tensors[source].planes
        for i in range(plane.shape[0])
        for j in range(plane.shape[1])
    ]
    found = []
    for unit, one in zip(units, group, strict=True):
        reference = one.sighting.windows[0]
        assert isinstance(reference, Ref)
        found += [
            (reference.row.at(i, j), reference.column.at(i, j))
            for i in range(unit.lattice.shape[0])
            for j in range(unit.lattice.shape[1])
        ]
    layer = group[0].kind.lifted(whole_geometry(draft.lifted.tensors[source]))
    if found != wanted or layer is None:
        return False
    units_ = tuple(one.unit for one in group)
    draft.add(Tensor(units[0].sheet, (column,), (len(wanted),), units_, (layer,), source))
    return True
