"""The defined names of a network's tensors."""

from __future__ import annotations

from collections.abc import Iterable

from xlconv.layout import Layout, stages_of
from xlconv.network import Network
from xlconv.plane import Plane
from xlconv.refs import Range

PROBE_ROW, PROBE_COLUMN = "probe_row", "probe_column"
PICTURE = "picture_of_input"

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
    return tuple(
        (name, tuple((layout.sheet, plane.range) for plane in planes)) for name, planes in names
    )


def names_of_all(networks: Iterable[tuple[Network, Layout]]) -> Names:
    """Return the defined names of several networks; a name that comes again is the first one's."""
    found: dict[str, tuple[tuple[str, Range], ...]] = {}
    for network, layout in networks:
        for name, ranges in defined_names(network, layout):
            found.setdefault(name, ranges)
    return tuple(found.items())


def _name_planes(
    names: list[tuple[str, list[Plane]]], name: str, planes: tuple[Plane, ...]
) -> None:
    for index, plane in enumerate(planes):
        names.append((f"{name}_{index}", [plane]))
