"""What the windows of blocks point at: a tensor, and a plane of it each."""

from __future__ import annotations

from dataclasses import replace

from xlconv.layers.base.products import Reference
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.input_tensors import input_of
from xlconv.lifting.matching.padding_borders import bordered_input
from xlconv.lifting.matching.relative_geometry import placed
from xlconv.lifting.matching.tensors import BlockMatch
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of


def source_of(
    draft: Draft, seen: BlockMatch, windows: tuple[Reference, ...]
) -> tuple[int | None, list[Plane]]:
    """Return the tensor that the windows read and the plane of each, in their order."""
    unit = draft.blocks[seen.block]
    areas = [range_reached(window, unit.lattice.shape) for window in windows]
    sheets = {sheet_of(window, unit.sheet) for window in windows}
    if len(sheets) != 1:
        return None, []
    (sheet,) = sheets
    touched = [draft.touched(sheet, area) for area in areas]
    if not any(touched):
        declared = draft.declared_at(sheet, areas[0])
        if declared is None:
            return input_of(draft, sheet, areas)
        source = declared
    else:
        some = [k for one in touched for k in one]
        home = draft.mostly(some)
        if home is None and all(touched) and not draft.home.keys() & some:
            home = bordered_input(draft, sheet, areas)
        if home is None or not all(touched):
            return None, []
        source = home
    planes = []
    for area in areas:
        within = [p for p in draft.lifted.tensors[source].planes if p.range.overlaps(area)]
        if len(within) != 1:
            return None, []
        planes += within
    return (source, planes) if len(set(planes)) == len(planes) else (None, [])


def own_sources(draft: Draft, group: list[BlockMatch]) -> tuple[int | None, list[Plane]]:
    planes: list[Plane] = []
    sources: set[int | None] = set()
    inputs: list[Range] = []
    for one in group:
        unit = draft.blocks[one.block]
        window = one.match.windows[0]
        sheet, area = sheet_of(window, unit.sheet), range_reached(window, unit.lattice.shape)
        touched = draft.touched(sheet, area)
        declared = draft.declared_at(sheet, area)
        if not touched and declared is None:
            inputs.append(area)
            continue
        homes = {draft.mostly(touched)} if touched else {declared}
        sources |= homes
        if len(homes) == 1 and None not in homes:
            plane = draft.plane_at(next(iter(homes)) or 0, unit, window)
            planes += [plane] if plane is not None else []
    if inputs and not sources:
        return input_of(draft, draft.blocks[group[0].block].sheet, inputs)
    source = next(iter(sources)) if len(sources) == 1 else None
    return (source, planes) if source is not None and len(planes) == len(group) else (None, [])


def weighted_source(draft: Draft, group: list[BlockMatch]) -> tuple[int | None, list[BlockMatch]]:
    """Return the tensor that blocks with kernels read, and them with their terms in order.

    All of them read all planes, or each its part of them, as convolutions in groups do.
    """
    found, parts = [], []
    source, planes = source_of(draft, group[0], group[0].match.windows)
    if source is None:
        return None, group
    places = draft.planes_of(source)
    if len(planes) == len(places):
        return source, in_order(draft, group, source, planes)
    for one in group:
        own, planes = source_of(draft, one, one.match.windows)
        first = min((places.index(plane) for plane in planes), default=0)
        part = places[first : first + len(planes)]
        if own != source or first % len(planes) or set(part) != set(planes):
            return None, group
        parts.append(first // len(planes))
        found += in_order(draft, [one], source, planes, part)
    count, each = len(places) // len(planes), len(parts) * len(planes) // len(places)
    even = parts == [part for part in range(count) for _ in range(each)]
    return (source if even else None), found


def in_order(
    draft: Draft,
    group: list[BlockMatch],
    source: int,
    planes: list[Plane],
    places: tuple[Plane, ...] | None = None,
) -> list[BlockMatch]:
    """Return the blocks with their terms in the order of the source's channels."""
    order = [planes.index(plane) for plane in places or draft.planes_of(source)]
    if order == sorted(order):
        return group

    def ordered(one: BlockMatch) -> BlockMatch:
        seen = one.match
        return replace(one, match=replace(
            seen,
            windows=tuple(seen.windows[k] for k in order),
            weights=tuple(seen.weights[k] for k in order),
        ))  # fmt: skip

    return [ordered(one) for one in group]


def number_of(draft: Draft, source: int, window: Reference, lattice: Plane) -> int | None:
    """Return which plane of a tensor a block reads entry by entry, None if it does not."""
    for number, plane in enumerate(draft.planes_of(source)):
        if placed(window, plane, lattice) == ((0, 0), (1, 1), (1, 1)):
            whole = range_reached(window, lattice.shape)
            if plane.range.holds(whole):
                return number
    return None
