"""What the windows of blocks point at: a tensor, and a plane of it each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from xlconv.layers.base.products import Reference
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.input_tensors import input_of
from xlconv.lifting.matching.padding_borders import bordered_input
from xlconv.lifting.matching.relative_geometry import placed
from xlconv.lifting.matching.tensors import BlockMatch
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of


class Source(NamedTuple):
    """The tensor that windows read, None if it is none, and the plane of each in their order.

    An input that nobody read before is in the draft.
    """

    draft: Draft
    tensor: int | None = None
    planes: Sequence[Plane] = ()


def source_of(draft: Draft, match: BlockMatch, windows: tuple[Reference, ...]) -> Source:
    """Return the tensor that windows of a block read and the plane of each."""
    block, none = draft.block(match), Source(draft)
    areas = [range_reached(window, block.lattice.shape) for window in windows]
    sheets = {sheet_of(window, block.sheet) for window in windows}
    if len(sheets) != 1:
        return none
    (sheet,) = sheets
    touched = [draft.before_input(sheet, area) for area in areas]
    if not any(touched):
        source = draft.declared_at(sheet, areas[0])
        if source is None:
            return Source(*input_of(draft, sheet, areas))
    else:
        some = [k for one in touched for k in one]
        source = draft.mostly(some)
        if source is None and all(touched) and not draft.home.keys() & some:
            draft, source = bordered_input(draft, sheet, areas)
        if source is None or not all(touched):
            return none
    planes: list[Plane] = []
    for area in areas:
        within = draft.lifted.tensors[source].planes_at(area)
        if len(within) != 1:
            return none
        planes += within
    return Source(draft, source, planes) if len(set(planes)) == len(planes) else none


def own_sources(draft: Draft, group: list[BlockMatch]) -> Source:
    """Return the tensor that blocks read plane by plane, and the plane of each block."""
    planes: list[Plane] = []
    sources: set[int | None] = set()
    inputs: list[Range] = []
    sheets: set[int] = set()
    for one in group:
        block, window = draft.block(one), one.formula.windows[0]
        sheet, area = sheet_of(window, block.sheet), range_reached(window, block.lattice.shape)
        touched = draft.before_input(sheet, area)
        declared = draft.declared_at(sheet, area)
        if not touched and declared is None:
            inputs.append(area)
            sheets.add(sheet)
            continue
        home = draft.mostly(touched) if touched else declared
        sources.add(home)
        plane = None if home is None else draft.plane_at(home, block, window)
        planes += [plane] if plane is not None else []
    if len(sheets) == 1 and not sources:
        return Source(*input_of(draft, sheets.pop(), inputs))
    source = next(iter(sources)) if len(sources) == 1 else None
    whole = source is not None and len(planes) == len(group)
    return Source(draft, source, planes) if whole else Source(draft)


def weighted_source(
    draft: Draft, group: list[BlockMatch]
) -> tuple[Draft, int | None, list[BlockMatch]]:
    """Return the tensor that blocks with kernels read, and them with their terms in order.

    All of them read all planes, or each its part of them, as convolutions in groups do.
    """
    found, parts = [], []
    after, source, planes = source_of(draft, group[0], group[0].formula.windows)
    if source is None:
        return draft, None, group
    places = after.planes_of(source)
    if len(planes) == len(places):
        return after, source, in_order(group, planes, places)
    for one in group:
        after, own, planes = source_of(after, one, one.formula.windows)
        first = min((places.index(plane) for plane in planes if plane in places), default=0)
        part = places[first : first + len(planes)]
        if own != source or first % len(planes) or set(part) != set(planes):
            return draft, None, group
        parts.append(first // len(planes))
        found += in_order([one], planes, part)
    count, each = len(places) // len(planes), len(parts) * len(planes) // len(places)
    even = parts == [part for part in range(count) for _ in range(each)]
    return after, (source if even else None), found


def in_order(
    group: list[BlockMatch], planes: Sequence[Plane], wanted: Sequence[Plane]
) -> list[BlockMatch]:
    """Return the blocks with their terms, which read `planes`, in the wanted order of those."""
    order = [planes.index(plane) for plane in wanted]
    if order == sorted(order):
        return group

    def ordered(one: BlockMatch) -> BlockMatch:
        formula = one.formula
        return replace(one, formula=replace(
            formula,
            windows=tuple(formula.windows[k] for k in order),
            weights=tuple(formula.weights[k] for k in order),
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
