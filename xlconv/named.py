"""The layout that a workbook's defined names tell: the inverse of `names`.

Our own files name the planes, tables and helpers of the network that they describe. Only
geometry: never looks at a cell, nor whether the formulas are what the names say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xlconv.layers import Shape
from xlconv.layout import Layout, halo_of, stages_of
from xlconv.network import Network
from xlconv.plane import Place, Plane
from xlconv.refs import Range

Names = Iterable[tuple[str, tuple[tuple[str, Range], ...]]]


def layout_of_names(network: Network, names: Names) -> Layout | None:
    """Return where the tensors of a network stand by their names, None where that is not told.

    Raises LayoutError where readers want frames that no sheet can have.
    """
    known = dict(names)
    homes = {home for ranges in known.values() for home, _ in ranges}
    areas = {name: [area for _, area in ranges] for name, ranges in known.items()}
    if len(homes) != 1:
        return None
    planes = [
        _planes(areas, name, shape)
        for name, shape in zip(("input", *network.names), network.shapes, strict=True)
    ]
    if not planes[0] or not planes[-1]:
        return None
    places = tuple(
        Place(some, halo_of(network, tensor) if some else Place().halo)
        for tensor, some in enumerate(planes)
    )
    (sheet,) = homes
    return _with_tables(network, Layout(sheet, places), areas)


def _planes(areas: Mapping[str, list[Range]], name: str, shape: Shape) -> tuple[Plane, ...]:
    """Return the planes of a tensor; none where it has no cells, or not all of them a name."""
    count, *size = shape if len(shape) == 3 else (1, shape[0], 1)
    found = [_plane(areas.get(f"{name}_{k}", []), (size[0], size[1])) for k in range(count)]
    if any(plane is None for plane in found):
        return ()
    return tuple(plane for plane in found if plane is not None)


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
    network: Network, layout: Layout, areas: Mapping[str, list[Range]]
) -> Layout | None:
    places = list(layout.places)
    for stage in stages_of(network, layout):
        first, last = network.names[stage.first], network.names[stage.last]
        tables = {}
        values = network.layers[stage.first].tables(network.shapes[stage.source])
        for key, groups in values.items():
            placed = []
            for index, matrices in enumerate(groups):
                name = f"{first}_{key}_{index}" if len(groups) > 1 else f"{first}_{key}"
                own = areas.get(name, [])
                shapes = [(len(one), one.shape[1]) for one in matrices]
                if len(own) != len(shapes):
                    return None  # too many for a name: only where they begin and end is told
                planes = [_plane([area], shape) for area, shape in zip(own, shapes, strict=True)]
                placed.append(tuple(plane for plane in planes if plane is not None))
                if len(placed[-1]) < len(planes):
                    return None
            tables[key] = tuple(placed)
        helpers = dict(_helpers(f"{last}_", areas))
        at = stage.tensor
        places[at] = Place(places[at].planes, places[at].halo, places[at].tables, helpers)
        at = stage.first + 1
        places[at] = Place(places[at].planes, places[at].halo, tables, places[at].helpers)
    return Layout(layout.sheet, tuple(places))


def _helpers(stem: str, areas: Mapping[str, list[Range]]) -> Iterable[tuple[str, Plane]]:
    """Yield what else has a tensor's name: its helpers, and some that no layer asks for."""
    for name, own in areas.items():
        if name.startswith(stem) and len(own) == 1:
            area = own[0]
            yield name.removeprefix(stem), Plane((area.top, area.left), area.size)
