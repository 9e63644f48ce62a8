"""Lifted tensors -> network + layout: where everything stood, ready to be lowered again.

The other half of reading: `lift` says what the blocks are, this says where they live
and how they are spelled. Never writes a cell.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Shape
from xlconv.errors import LayoutError
from xlconv.layers import Layer
from xlconv.layers.base.place import Place, Spelling
from xlconv.layout.labels import Heading, Label
from xlconv.layout.layout import Layout
from xlconv.layout.metric_names import named_metrics
from xlconv.layout.naming_convention import PICTURE, PROBE_COLUMN, PROBE_ROW, SIZE
from xlconv.layout.placed_network import PlacedNetwork, PlacedNetworks
from xlconv.layout.probe import Probe, probed_layer, probed_name
from xlconv.layout.stages import halo_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook, Source, open_workbook
from xlconv.lifting.matching.relative_geometry import line_of
from xlconv.lifting.matching.tensors import Tensor
from xlconv.lifting.networks import LiftedNetwork
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane, halo_cells
from xlconv.spreadsheet.workbook import Kind, Sheet

_TITLE_ROW = 0
_FILLS: dict[str, float | str] = {"zeros": 0.0, "blank": "blank", "mixed": "blank"}


def layouts_of(source: Source) -> PlacedNetworks:
    """Return every network of a workbook with its layout, in the order of its `networks`.

    Raises ReadError for what is no workbook, LayoutError where a network has no layout.
    """
    book = open_workbook(source)
    found: list[PlacedNetwork] = []
    for lifted in book.networks:
        # Networks that share cells share their metrics too: those are the first one's.
        home = book.sheet_name(lifted.sheet)
        before = [other.layout for other in found if other.layout.sheet == home]
        taken = {metric.cell for layout in before for metric in layout.metrics}
        found.append(PlacedNetwork(lifted.network, _layout_of(book, lifted, taken)))
    return PlacedNetworks(_with_common_probes(found))


def _with_common_probes(found: list[PlacedNetwork]) -> list[PlacedNetwork]:
    """Let what may be chosen in a probe be as much as any network that shares its cells has."""
    sizes: dict[tuple[str, Cell], dict[Plane, tuple[int, int]]] = {}
    for one in found:
        probe = one.layout.probe
        if probe is not None:
            (plane, *_) = one.layout.places[probe.tensor].planes
            sizes.setdefault((one.layout.sheet, probe.row), {})[plane] = plane.shape

    def common(one: PlacedNetwork) -> PlacedNetwork:
        probe = one.layout.probe
        every = sizes[one.layout.sheet, probe.row].values() if probe is not None else ()
        if probe is None or len(every) < 2:
            return one
        rows, columns = (max(axis) for axis in zip(*every, strict=True))
        return replace(one, layout=replace(one.layout, probe=replace(probe, most=(rows, columns))))

    return [common(one) for one in found]


def _layout_of(book: LiftedWorkbook, network: LiftedNetwork, taken: set[Cell]) -> Layout:
    """Return where a network stands; metrics in cells that are taken are another network's."""
    places = _places_of(book, network)
    found = layout_around(book, network, places, _spelling(book, network), taken)
    own = (one for one in book.lifted.comparisons if one.one[0] in network.tensors)
    return replace(found, comparisons=tuple(one.comparison for one in own))


def layout_around(
    book: LiftedWorkbook, network: LiftedNetwork, places: list[Place], spelling: Spelling,
    taken: set[Cell],
) -> Layout:  # fmt: skip
    """Return the layout of places with what stands around them: labels, probe, links, metrics.

    Of the network only its sheet counts, and which of its tensors have cells.
    """
    sheet, lifted = book.workbook.sheets[network.sheet], book.lifted
    named = named_metrics(network.network, book.workbook.names, sheet.name, taken)
    return Layout(
        sheet.name, tuple(places), spelling, tuple(_labels(sheet, places)),
        _probe(book, network),
        tuple(one.what for one in lifted.links if one.sheet == network.sheet),
        picture=_picture(book, network),
        metrics=tuple(one for one in named if one.kind == SIZE or places[one.index].planes),
    )  # fmt: skip


def _places_of(book: LiftedWorkbook, network: LiftedNetwork) -> list[Place]:
    """Return where the input and every layer stands."""
    tensors, layers = book.lifted.tensors, network.network.layers
    places: list[Place] = []
    start = 0  # the first of the layers that share a tensor's cells
    for index, number in enumerate(network.tensors):
        layer = layers[index - 1] if index else None
        if number < 0:
            places.append(Place())
            if layer is not None and layer.is_view:
                start = index
            continue
        tensor = tensors[number]
        halo = _halo(book, network, index)
        helpers = {name: plane for name, (_, plane) in tensor.helpers.items()}
        if layer is None:
            places.append(Place(tensor.planes, halo))
            continue
        if tensor.is_vector and tensor.planes[0].shape[1] > 1:
            area = tensor.planes[0].range.name
            raise LayoutError(f"{area}: a vector in a row; only columns can be written again")
        tables = _tables(tensor, layers[start], tensors[tensor.source].shape)
        if start == index - 1:
            places.append(Place(tensor.planes, halo, tables, helpers))
        else:
            places[start + 1] = Place(tables=tables)
            places.append(Place(tensor.planes, halo, helpers=helpers))
        start = index
    return places


def _tables(tensor: Tensor, layer: Layer, shape: Shape) -> dict[str, tuple[tuple[Plane, ...], ...]]:
    """Return where the parameters stand, in the groups of `Layer.tables`."""
    tables: dict[str, tuple[tuple[Plane, ...], ...]] = {}
    if tensor.kernels:
        count = len(layer.tables(shape)["weight"][0])
        groups = layer.by_channel(tensor.kernels)
        tables["weight"] = tuple(_joined(tuple(planes), count) for planes in groups)
    if tensor.biases:
        tables["bias"] = tuple((plane,) for plane in tensor.biases)
        if layer.tables(shape)["bias"][0][0].size > 1:  # one table for all outputs
            column = line_of(list(tensor.biases))
            if column is None:
                raise LayoutError("the biases of a dense layer stand in no line")
            tables["bias"] = ((column,),)
    for name, planes in tensor.scalars.items():
        tables[name] = tuple((plane,) for plane in planes)
    return tables


def _joined(planes: tuple[Plane, ...], count: int) -> tuple[Plane, ...]:
    """Return as many planes as windows, where every entry of them is a plane of its own."""
    if len(planes) == count:
        return planes
    size = len(planes) // count
    return tuple(_rectangle(planes[k : k + size]) for k in range(0, len(planes), size))


def _rectangle(cells: tuple[Plane, ...]) -> Plane:
    """Return the plane whose entries, row by row, are single cells."""
    rows = sorted({cell.origin[0] for cell in cells})
    columns = sorted({cell.origin[1] for cell in cells})
    steps = tuple(lines[1] - lines[0] if len(lines) > 1 else 1 for lines in (rows, columns))
    plane = Plane((rows[0], columns[0]), (len(rows), len(columns)), (steps[0], steps[1]))
    wanted = list(zip(*(axis.tolist() for axis in plane.cells()), strict=True))
    if wanted != [cell.origin for cell in cells]:
        area = plane.range.name
        raise LayoutError(f"{area}: weights in another order; only windows can be written again")
    return plane


def _halo(book: LiftedWorkbook, network: LiftedNetwork, index: int) -> Halo:
    """Return the cells around a tensor that its reader's windows reach, as they are filled."""
    halo = halo_of(network.network, index)
    if halo.is_empty or halo.repeats:
        return halo
    home = network.tensors[index]
    readers = [tensor for tensor in book.lifted.tensors if home in tensor.sources]
    fills = {one.fill for tensor in readers for one in tensor.overhangs}
    if fills == {"text"}:
        return halo._replace(fill=_text_around(book, network, index, halo))
    return halo._replace(fill=_FILLS[fills.pop()] if len(fills) == 1 else "blank")


def _text_around(book: LiftedWorkbook, network: LiftedNetwork, index: int, halo: Halo) -> str:
    tensor = book.lifted.tensors[network.tensors[index]]
    sheet = book.workbook.sheets[tensor.sheet]
    rows, columns = halo_cells(tensor.planes[0], halo)
    found = sheet.find((int(rows[0]), int(columns[0])))
    return "" if found is None else sheet.texts[found]


def _spelling(book: LiftedWorkbook, network: LiftedNetwork) -> Spelling:
    """Return how layers with kernels are spelled: as array formulas where any of them is."""
    for number in network.tensors:
        tensor = book.lifted.tensors[number] if number >= 0 else None
        if tensor is None or not tensor.kernels or tensor.is_vector:
            continue
        if book.lifted.blocks[tensor.blocks[0]].is_array:
            return Spelling(array=True)
    return Spelling()


def _probe(book: LiftedWorkbook, network: LiftedNetwork) -> Probe | None:
    """Return the probe whose cells the workbook names."""
    named = {name: ranges[0] for name, ranges in book.workbook.names if len(ranges) == 1}
    if PROBE_ROW not in named or PROBE_COLUMN not in named:
        return None
    (home, row), (_, column) = named[PROBE_ROW], named[PROBE_COLUMN]
    if home != book.sheet_name(network.sheet):
        return None
    grid = book.calculation.grids[network.sheet]
    chosen = float(grid.region(row)[0][0, 0]), float(grid.region(column)[0][0, 0])
    name = probed_name(_text_above(book, network.sheet, (row.top, row.left)))
    index = probed_layer(network.network, name)
    if index is None:  # another heading
        index = probed_layer(network.network)
    if index is None:
        return None
    tensor = index + 1
    while network.tensors[tensor] < 0:  # fused into a later layer
        tensor += 1
    at = (row.top, row.left), (column.top, column.left)
    return Probe(*at, tensor, network.network.names[index], chosen)


def _text_above(book: LiftedWorkbook, number: int, cell: Cell) -> str:
    sheet = book.workbook.sheets[number]
    index = sheet.find((cell[0] - 1, cell[1]))
    return "" if index is None or sheet.kinds[index] != Kind.TEXT else sheet.texts[index]


def _picture(book: LiftedWorkbook, network: LiftedNetwork) -> Plane | None:
    """Return the cells that the workbook names as the picture of its input."""
    for name, ranges in book.workbook.names:
        if name == PICTURE and ranges and ranges[0][0] == book.sheet_name(network.sheet):
            area = ranges[0][1]
            channels, *size = network.network.input_shape
            if channels == 3 and list(area.size) == size:
                return Plane((area.top, area.left), area.size)
    return None


def _labels(sheet: Sheet, places: list[Place]) -> Iterator[Label]:
    """Yield the texts of a sheet that are no padding, by what they seem to be."""
    padding = {
        cell
        for place in places
        if isinstance(place.halo.fill, str) and place.halo.fill != "blank"
        if not place.halo.repeats
        for plane in place.planes
        for cell in zip(*(axis.tolist() for axis in halo_cells(plane, place.halo)), strict=True)
    }
    columns = [p for place in places for p in place.planes if p.shape[1] == 1]
    origins = {plane.origin for place in places for plane in _all(place)}
    for index in np.flatnonzero(sheet.kinds == Kind.TEXT).tolist():
        cell = int(sheet.rows[index]), int(sheet.columns[index])
        if cell not in padding:
            text = sheet.texts[index]
            yield Label(cell, text, _label_role(cell, text, origins, columns))


def _label_role(cell: Cell, text: str, origins: set[Cell], columns: list[Plane]) -> str:
    row, column = cell
    if row == _TITLE_ROW:
        return "title"
    if text.startswith(tuple(Heading)):
        return "heading"
    for plane in columns:
        top, left = plane.origin
        if row == top - 1 and abs(column - left) <= 2:
            return "header"
        if top <= row < top + plane.shape[0] and left - 4 <= column < left:
            return "class"
    near = any((row + down, column) in origins for down in (1, 2))
    return "caption" if near or text.startswith("←") else "remark"


def _all(place: Place) -> Iterator[Plane]:
    yield from place.planes
    yield from place.helpers.values()
    for groups in place.tables.values():
        for group in groups:
            yield from group
