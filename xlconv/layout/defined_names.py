"""Layout <-> defined names: where our own files say that planes, tables and helpers stand.

How a name is spelled is for `naming_convention`. Only geometry: never looks at a cell, nor
whether the formulas are what the names say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Shape
from xlconv.errors import LayoutError
from xlconv.layers.base.place import Groups, Place
from xlconv.layers.base.shapes import by_size
from xlconv.layout.layout import Layout
from xlconv.layout.metric_names import name_of_metric
from xlconv.layout.naming_convention import (
    INPUT,
    PICTURE,
    PROBE_COLUMN,
    PROBE_ROW,
    comparison_name,
    helper_name,
    is_check_name,
    parse_comparison_name,
    parse_helper_name,
    plane_name,
    table_name,
)
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.stages import Stage, halo_of, stages_of
from xlconv.network.network import Network
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import DefinedNames, Workbook

# A name refers to so many ranges: with the sheet's name of 31 letters, each takes up to 60
# of the 8,192 characters that Excel takes.
_MOST_AREAS = 136


class NamedPlaces(Struct, frozen=True):
    """Where names say that the tensors of a network stand.

    A tensor in `lost` stands nowhere: its reason is what is known of that. One without cells
    of its own, fused or a view, has no planes and is not lost.
    """

    layout: Layout
    lost: Mapping[int, LostPlace]


class LostPlace(Struct, frozen=True):
    """Why the cells of a tensor are not known, and where something of it is."""

    reason: str
    area: Range | None = None


def layout_of_names(network: Network, names: DefinedNames) -> Layout | None:
    """Return where the tensors of a network stand by their names, None where they do not say.

    Raises LayoutError where readers want halos that no sheet can have.
    """
    found = places_of_names(network, names)
    return None if found is None or found.lost else found.layout


def places_of_names(network: Network, names: DefinedNames) -> NamedPlaces | None:
    """Return where the tensors of a network stand by their names, and which of them do not.

    None where no name is one of the network's. Raises LayoutError where readers want halos
    that no sheet can have.
    """
    sheet = _home_of(network, names)
    if sheet is None:
        return None
    areas: dict[str, list[Range]] = {}
    for name, ranges in names:  # a sheet that was copied has names of its own
        own = [one for home, one in ranges if home == sheet]
        areas.setdefault(name, own)
        areas[name] = areas[name] or own
    lost: dict[int, LostPlace] = {}
    places = []
    for tensor, name in enumerate((INPUT, *network.names)):
        planes = _planes(areas, name, network.shapes[tensor])
        if isinstance(planes, LostPlace):
            lost[tensor], planes = planes, ()
        places.append(Place(planes, halo_of(network, tensor) if planes else Halo()))
    last = len(network.layers)
    for tensor in {0, last} - lost.keys():
        if not places[tensor].planes and not (tensor and network.layers[-1].is_view):
            lost[tensor] = LostPlace("no cells have its name")
    return _with_tables(network, Layout(sheet, tuple(places)), areas, lost)


def _home_of(network: Network, names: DefinedNames) -> str | None:
    """Return the sheet where most of the tensors have names."""
    own = {
        plane_name(name, k)
        for name, shape in zip((INPUT, *network.names), network.shapes, strict=True)
        for k in range(shape[0] if len(shape) == 3 else 1)
    }
    homes = Counter(home for name, ranges in names if name in own for home, _ in ranges)
    return homes.most_common(1)[0][0] if homes else None


def _planes(
    areas: Mapping[str, list[Range]], name: str, shape: Shape
) -> tuple[Plane, ...] | LostPlace:
    """Return the planes of a tensor; none where it has no cells, or not all of them a name."""
    count, *size = shape if len(shape) == 3 else (1, shape[0], 1)
    own = [areas.get(plane_name(name, k), []) for k in range(count)]
    if not any(own):
        return ()
    planes = [_plane(some, (size[0], size[1])) for some in own]
    for k, (some, plane) in enumerate(zip(own, planes, strict=True)):
        if not some:
            return LostPlace(f"no cells have the name {plane_name(name, k)}")
        if plane is None:
            found, wanted = by_size(some[0].size), by_size((size[0], size[1]))
            reason = f"the cells named {plane_name(name, k)} are {found}; expected {wanted}"
            reason += _other_size(some[0].size, (size[0], size[1]))
            return LostPlace(reason, some[0])
    return tuple(plane for plane in planes if plane is not None)


def _other_size(found: tuple[int, int], wanted: tuple[int, int]) -> str:
    """Return in words what was done to cells that are next to each other, where that is clear."""
    for axis, line in enumerate(("row", "column")):
        more = found[axis] - wanted[axis]
        if more and found[1 - axis] == wanted[1 - axis]:
            return f": {counted(abs(more), line)} {'inserted' if more > 0 else 'deleted'}"
    return ""


def _plane(areas: list[Range], shape: tuple[int, int]) -> Plane | None:
    """Return the plane of a shape within the one range of a name, None where it is another."""
    if len(areas) != 1:
        return None
    (area,) = areas
    steps = []
    for size, count in zip(area.size, shape, strict=True):
        step, rest = divmod(size - 1, count - 1) if count > 1 else (1, size - 1)
        if rest or step < 1:
            return None
        steps.append(step)
    return Plane((area.top, area.left), shape, (steps[0], steps[1]))


def _with_tables(
    network: Network,
    layout: Layout,
    areas: Mapping[str, list[Range]],
    lost: dict[int, LostPlace],
) -> NamedPlaces:
    places = list(layout.places)
    for stage in stages_of(network, layout):
        try:
            tables = _tables(network, stage, areas)
        except LayoutError as error:
            lost.setdefault(stage.tensor, LostPlace(str(error)))
            tables = {}
        helpers = dict(_helpers(network.names[stage.last], areas))
        places[stage.tensor] = replace(places[stage.tensor], helpers=helpers)
        places[stage.first + 1] = replace(places[stage.first + 1], tables=tables)
    return NamedPlaces(Layout(layout.sheet, tuple(places)), MappingProxyType(lost))


def _tables(network: Network, stage: Stage, areas: Mapping[str, list[Range]]) -> dict[str, Groups]:
    """Return where the parameters of a stage stand.

    Raises LayoutError where a name does not say it of one: there is none, it is of other
    sizes, or they are too many for a name, which then has only where they begin and end.
    """
    name, tables = network.names[stage.first], {}
    values = network.layers[stage.first].tables(network.shapes[stage.source])
    for key, groups in values.items():
        placed = []
        for index, matrices in enumerate(groups):
            named = table_name(name, key, index, len(groups))
            own = areas.get(named, [])
            shapes = [(len(one), one.shape[1]) for one in matrices]
            if len(own) != len(shapes):
                raise LayoutError(
                    f"no cells have the name {named}"
                    if not own
                    else f"{len(own)} ranges have the name {named}; expected {len(shapes)}"
                )
            planes = [_plane([area], shape) for area, shape in zip(own, shapes, strict=True)]
            for area, shape, plane in zip(own, shapes, planes, strict=True):
                if plane is None:
                    raise LayoutError(
                        f"the cells named {named} are {by_size(area.size)}; "
                        f"expected {by_size(shape)}{_other_size(area.size, shape)}"
                    )
            placed.append(tuple(plane for plane in planes if plane is not None))
        tables[key] = tuple(placed)
    return tables


def _helpers(tensor: str, areas: Mapping[str, list[Range]]) -> Iterable[tuple[str, Plane]]:
    """Yield what else has a tensor's name: its helpers, and some that no layer asks for."""
    for name, own in areas.items():
        helper = parse_helper_name(tensor, name)
        if helper is not None and len(own) == 1:
            area = own[0]
            yield helper, Plane((area.top, area.left), area.size)


def defined_names(network: Network, layout: Layout) -> DefinedNames:
    """Return the defined names of a network's tensors, in torch's words with underscores."""
    names: list[tuple[str, list[Plane]]] = []
    _name_planes(names, INPUT, layout.places[0].planes)
    for stage in stages_of(network, layout):
        name, last = network.names[stage.first], network.names[stage.last]
        _name_planes(names, last, layout.places[stage.tensor].planes)
        for key, groups in layout.places[stage.first + 1].tables.items():
            for index, group in enumerate(groups):
                names.append((table_name(name, key, index, len(groups)), list(group)))
        for key, plane in layout.places[stage.tensor].helpers.items():
            names.append((helper_name(last, key), [plane]))
    if layout.probe is not None:
        names.append((PROBE_ROW, [Plane(layout.probe.row, (1, 1))]))
        names.append((PROBE_COLUMN, [Plane(layout.probe.column, (1, 1))]))
    if layout.picture is not None:
        names.append((PICTURE, [layout.picture]))
    metrics = [(name_of_metric(network, one), one.range) for one in layout.metrics]
    return (
        *((name, tuple((layout.sheet, area) for area in _areas(planes))) for name, planes in names),
        *((name, ((layout.sheet, area),)) for name, area in metrics),
    )


def _areas(planes: list[Plane]) -> list[Range]:
    """Return the ranges of planes, or the one around them where they are too many for a name."""
    areas = [plane.range for plane in planes]
    return areas if len(areas) <= _MOST_AREAS else [reduce(Range.union, areas)]


def names_of_all(networks: Iterable[PlacedNetwork]) -> DefinedNames:
    """Return the defined names of several networks; a name that comes again is the first one's.

    A cell that compares two planes is named after both: `fc1_0_equals_flatten_0`.
    """
    every = list(networks)
    found: dict[str, tuple[tuple[str, Range], ...]] = {}
    for placed in every:
        for name, ranges in defined_names(placed.network, placed.layout):
            found.setdefault(name, ranges)
    by_range = {ranges[0]: name for name, ranges in found.items() if len(ranges) == 1}
    for layout in (placed.layout for placed in every):
        for pair in layout.comparisons:
            one, other = (
                by_range.get((layout.sheet, plane.range)) for plane in (pair.one, pair.other)
            )
            if one is not None and other is not None:
                cell = Plane(pair.cell, (1, 1)).range
                found[comparison_name(one, other)] = ((layout.sheet, cell),)
    return tuple(found.items())


def compared_ranges(names: DefinedNames) -> Iterator[tuple[str, Range, Range, Range]]:
    """Yield sheet and cell of what is named as comparing two planes, and both of them."""
    known = {name: ranges[0] for name, ranges in names if len(ranges) == 1}
    for name, (home, cell) in known.items():
        one, other = parse_comparison_name(name) or ("", "")
        if one in known and other in known and {known[one][0], known[other][0]} == {home}:
            yield home, cell, known[one][1], known[other][1]


def _name_planes(
    names: list[tuple[str, list[Plane]]], name: str, planes: tuple[Plane, ...]
) -> None:
    for index, plane in enumerate(planes):
        names.append((plane_name(name, index), [plane]))


def check_sheets(workbook: Workbook) -> frozenset[int]:
    """Return the sheets, by number, that hold the live checks of an exercise: they only look on."""
    named = {
        sheet.casefold() for name, ranges in workbook.names if is_check_name(name)
        for sheet, _ in ranges
    }  # fmt: skip
    return frozenset(k for k, sheet in enumerate(workbook.sheets) if sheet.name.casefold() in named)
