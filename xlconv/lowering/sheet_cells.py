"""Lowered stages -> the cells of a sheet: numbers, texts, and formulas with cached values.

Every number in a cell is one that a formula reads; every cached value is the network's own.
Names no layer, decides no formula, and never reads a sheet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlconv.arrays import Array
from xlconv.errors import LayoutError
from xlconv.layers.base.layer import OUTPUT
from xlconv.layers.base.padding_modes import halo_blocks
from xlconv.layers.base.place import Place
from xlconv.layout.layout import Layout
from xlconv.layout.links import formulas_of
from xlconv.layout.metric_cells import metric_cells
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.stages import Lowered, Stage
from xlconv.lowering.lower import lower
from xlconv.network.network import Network, layer_place
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.block import Block, expand
from xlconv.spreadsheet.blocks.plane import Plane, halo_cells
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook


def workbook_of(network: Network, layout: Layout, values: list[Array]) -> Workbook:
    """Return the workbook that computes the network, caches filled in.

    `values` are the network's activations for one input (`Network.activations`):
    the input itself, and what becomes the cached values, computed from exactly the
    numbers in the cells. Raises LayoutError where cells collide or a formula is too
    long.
    """
    into, placed = SheetBuilder(), PlacedNetwork(network, layout)
    add_network(placed, lower(network, layout), values, into)
    add_comparisons([placed], [values], into)
    return Workbook((into.finish(layout.sheet),))


def add_network(
    placed: PlacedNetwork, stages: Sequence[Lowered], values: list[Array], into: SheetBuilder,
    *, shared: int = 0,
) -> None:  # fmt: skip
    """Write the cells of a network into a sheet; `stages` are what `lower` makes of it.

    The first `shared` tensors, counted from the input, are those of a network that is
    there already.
    """
    network, layout = placed.network, placed.layout
    if not shared:
        _add_planes(layout.places[0].planes, as_planes(values[0]), into)
    for place, matrices in list(zip(layout.places, values, strict=True))[shared:]:
        _add_halos(place, matrices, into)
    linked = formulas_of(layout.links)
    for lowered in stages:
        if lowered.stage.tensor >= shared:
            _add_tables(network, layout, lowered.stage, linked, into)
            _add_formulas(network, layout, lowered, values, into)
    if not shared:
        _add_kernel_options(layout, into)
        _add_probe(network, layout, into)
    _add_metrics(network, layout, values, into)
    for label in layout.labels:
        into.add(Kind.TEXT, [label.cell[0]], [label.cell[1]], texts=[label.text])


def _add_kernel_options(layout: Layout, into: SheetBuilder) -> None:
    for one in layout.links:
        for option in one.options:
            into.add(Kind.NUMBER, *option.plane.cells(), numbers=option.numbers)


def _add_probe(network: Network, layout: Layout, into: SheetBuilder) -> None:
    if layout.probe is not None:
        _, height, width = network.shapes[layout.probe.tensor]
        row, column = layout.probe.unit or (height // 2, width // 2)
        _add_number(layout.probe.row, row, into)
        _add_number(layout.probe.column, column, into)


def add_comparisons(
    networks: Sequence[PlacedNetwork], values: Sequence[list[Array]], into: SheetBuilder
) -> None:
    """Write the cells that compare two planes, which may be those of two networks.

    `values` are the activations of every network.
    """
    known: dict[Plane, Array] = {}
    for placed, activations in zip(networks, values, strict=True):
        for place, matrices in zip(placed.layout.places, activations, strict=True):
            known |= zip(place.planes, as_planes(matrices), strict=False)
    for one in dict.fromkeys(one for placed in networks for one in placed.layout.comparisons):
        difference = known[one.one] - known[one.other]
        expand(one.block(), np.array([[(difference**2).sum()]]), into)


def as_planes(values: Array) -> Array:
    """Return (C, H, W) as it is, and a vector (N,) as one column: (1, N, 1)."""
    return values if values.ndim == 3 else values.reshape(1, -1, 1)


def _add_number(cell: Cell, number: float, into: SheetBuilder) -> None:
    into.add(Kind.NUMBER, [cell[0]], [cell[1]], numbers=number)


def _add_metrics(network: Network, layout: Layout, values: list[Array], into: SheetBuilder) -> None:
    for one in layout.metrics:
        planes = layout.places[one.index].planes
        for cell, content, value, _ in metric_cells(
            network, one, layout.metrics, planes, values[one.index]
        ):
            if isinstance(content, float | int):
                _add_number(cell, content, into)
            else:
                expand(Block(Plane(cell, (1, 1)), content), np.full((1, 1), value), into)


def _add_planes(planes: tuple[Plane, ...], values: Array, into: SheetBuilder) -> None:
    for plane, matrix in zip(planes, values, strict=True):
        into.add(Kind.NUMBER, *plane.cells(), numbers=matrix)


def _add_tables(
    network: Network, layout: Layout, stage: Stage, linked: dict[Cell, str], into: SheetBuilder
) -> None:
    values = network.layers[stage.first].tables(network.shapes[stage.source])
    places = layout.places[stage.first + 1].tables
    for name, groups in values.items():
        for planes, matrices in zip(places[name], groups, strict=True):
            for plane, matrix in zip(planes, matrices, strict=True):
                _add_table(plane, matrix, linked, into)


def _add_table(plane: Plane, matrix: Array, linked: dict[Cell, str], into: SheetBuilder) -> None:
    """Write a table of parameters: numbers, and formulas where they are another cell's."""
    rows, columns = plane.cells()
    cells = zip(rows.tolist(), columns.tolist(), strict=True)
    texts = [linked.get(cell, "") for cell in cells] if linked else [""] * len(rows)
    held = np.array([not text for text in texts])
    numbers = matrix.ravel()
    into.add(Kind.NUMBER, rows[held], columns[held], numbers=numbers[held])
    if not held.all():
        given = [text for text in texts if text]
        into.add(Kind.FORMULA, rows[~held], columns[~held], numbers=numbers[~held], texts=given)


def _add_halos(place: Place, values: Array, into: SheetBuilder) -> None:
    if place.halo.is_empty or place.halo.fill == "blank" or not place.planes:
        return
    if place.halo.repeats:
        for plane, matrix in zip(place.planes, values, strict=True):
            for one in halo_blocks(plane, place.halo):
                expand(one.block, matrix[np.ix_(one.rows, one.columns)], into)
        return
    for plane in place.planes:
        rows, columns = halo_cells(plane, place.halo)
        if isinstance(place.halo.fill, str):
            into.add(Kind.TEXT, rows, columns, texts=[place.halo.fill] * len(rows))
        else:
            into.add(Kind.NUMBER, rows, columns, numbers=place.halo.fill)


def _add_formulas(
    network: Network, layout: Layout, lowered: Lowered, values: list[Array], into: SheetBuilder
) -> None:
    stage, place = lowered.stage, layout.places[lowered.stage.tensor]
    output = as_planes(values[stage.tensor])
    first = network.layers[stage.first]
    helpers = first.helpers(values[stage.source], values[stage.tensor], place.helpers)
    for one in lowered.blocks:
        if one.name == OUTPUT:
            plane, matrix = place.planes[one.index], output[one.index]
        else:
            plane, matrix = place.helpers[one.name], helpers[one.name]
        try:
            expand(one.block, _part(one.block, plane, matrix), into)
        except LayoutError as error:
            raise error.at(layer_place(stage.first + 1, network.names[stage.first])) from None


def _part(block: Block, plane: Plane, matrix: Array) -> Array:
    """Return the entries of a plane's matrix that a block of it computes."""
    rows, columns = (
        slice((at - start) // step, None, each // step)
        for at, start, each, step in zip(
            block.lattice.origin, plane.origin, block.lattice.step, plane.step, strict=True
        )
    )
    height, width = block.lattice.shape
    return matrix[rows, columns][:height, :width]
