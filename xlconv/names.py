"""The defined names of a network's tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

from xlconv.layout import Layout, stages_of
from xlconv.measures import measure_name, measure_range
from xlconv.network import Network
from xlconv.plane import Plane
from xlconv.refs import Range

PROBE_ROW, PROBE_COLUMN = "probe_row", "probe_column"
PICTURE = "picture_of_input"
# Between the names of two planes: the cell that compares them.
EQUALS = "_equals_"

# A name refers to so many ranges: with the sheet's name of 31 letters, each takes up to 60
# of the 8,192 characters that Excel takes.
_MOST_AREAS = 136

Names = tuple[tuple[str, tuple[tuple[str, Range], ...]], ...]


def defined_names(network: Network, layout: Layout) -> Names:
    """Return the defined names of a network's tensors, in torch's words with underscores.

    `relu1_0` is the first plane that relu1 gives, `conv1_weight_0` a kernel of conv1.
    A name always ends in a part after an underscore, so that none looks like a cell.
    """
    names: list[tuple[str, list[Plane]]] = []
    _name_planes(names, "input", layout.places[0].planes)
    for stage in stages_of(network, layout):
        name, last = network.names[stage.first], network.names[stage.last]
        _name_planes(names, last, layout.places[stage.tensor].planes)
        for key, groups in layout.places[stage.first + 1].tables.items():
            for index, group in enumerate(groups):
                names.append(
                    (f"{name}_{key}_{index}" if len(groups) > 1 else f"{name}_{key}", list(group))
                )
        for key, plane in layout.places[stage.tensor].helpers.items():
            names.append((f"{last}_{key}", [plane]))
    if layout.probe is not None:
        names.append((PROBE_ROW, [Plane(layout.probe.row, (1, 1))]))
        names.append((PROBE_COLUMN, [Plane(layout.probe.column, (1, 1))]))
    if layout.picture is not None:
        names.append((PICTURE, [layout.picture]))
    measures = [(measure_name(network, one), measure_range(one)) for one in layout.measures]
    return (
        *((name, tuple((layout.sheet, area) for area in _areas(planes))) for name, planes in names),
        *((name, ((layout.sheet, area),)) for name, area in measures),
    )


def _areas(planes: list[Plane]) -> list[Range]:
    """Return the ranges of planes, or the one around them where they are too many for a name."""
    areas = [plane.range for plane in planes]
    return areas if len(areas) <= _MOST_AREAS else [reduce(Range.union, areas)]


def names_of_all(networks: Iterable[tuple[Network, Layout]]) -> Names:
    """Return the defined names of several networks; a name that comes again is the first one's.

    A cell that compares two planes is named after both: `fc1_0_equals_flatten_0`.
    """
    networks = list(networks)
    found: dict[str, tuple[tuple[str, Range], ...]] = {}
    for network, layout in networks:
        for name, ranges in defined_names(network, layout):
            found.setdefault(name, ranges)
    by_range = {ranges[0]: name for name, ranges in found.items() if len(ranges) == 1}
    for _, layout in networks:
        for check in layout.checks:
            ends = [by_range.get((layout.sheet, one.range)) for one in (check.one, check.other)]
            if None not in ends:
                cell = Plane(check.cell, (1, 1)).range
                found[EQUALS.join(map(str, ends))] = ((layout.sheet, cell),)
    return tuple(found.items())


def compared_ranges(names: Names) -> Iterator[tuple[str, Range, Range, Range]]:
    """Yield sheet and cell of what is named as comparing two planes, and both of them."""
    known = {name: ranges[0] for name, ranges in names if len(ranges) == 1}
    for name, (home, cell) in known.items():
        one, _, other = name.partition(EQUALS)
        if one in known and other in known and {known[one][0], known[other][0]} == {home}:
            yield home, cell, known[one][1], known[other][1]


def _name_planes(
    names: list[tuple[str, list[Plane]]], name: str, planes: tuple[Plane, ...]
) -> None:
    for index, plane in enumerate(planes):
        names.append((f"{name}_{index}", [plane]))
