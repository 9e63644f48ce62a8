"""What a file declares -> the network with the weights in its cells, and where it stands.

For planes so small that several layers have the same formulas: there the description and the
names still say which it is. Whether the formulas are those is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.errors import XlconvError
from xlconv.layers import Layer
from xlconv.layers.base.place import Place, Spelling
from xlconv.layout.defined_names import layout_of_names
from xlconv.layout.layout import Layout
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.stages import stages_of
from xlconv.lifting.description import in_training_by_names
from xlconv.lifting.layouts import layout_around
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.network import Network
from xlconv.spreadsheet.workbook import Kind


def declared_layout(book: LiftedWorkbook) -> PlacedNetwork | None:
    """Return the one network that a file describes where all of its names say it stands.

    None where it describes none or several, or where a name is missing.
    """
    sheets = [sheet.name for sheet in book.workbook.sheets]
    if len(book.description.networks) != 1:
        return None
    names = {name for name, _ in book.workbook.names}
    network = in_training_by_names(book.description.networks[0], names)
    try:
        bare = layout_of_names(network, book.workbook.names)
    except XlconvError:
        return None
    if bare is None or bare.sheet not in sheets:
        return None
    number = sheets.index(bare.sheet)
    weights = dict(_weights(book, number, network, bare))
    if weights.keys() != network.state().keys():
        return None
    network = network.with_state(weights)
    tensors = tuple(k if place.planes else -1 for k, place in enumerate(bare.places))
    lifted = LiftedNetwork(network, tensors, number)
    spelling = Spelling(array=any(_arrays(book, number, network, bare)))
    return PlacedNetwork(
        network, layout_around(book, lifted, list(bare.places), spelling, taken=set())
    )


def _arrays(book: LiftedWorkbook, sheet: int, network: Network, layout: Layout) -> Iterator[bool]:
    """Yield of every layer with kernels whether its formulas are arrays."""
    cells = book.workbook.sheets[sheet]
    for stage in stages_of(network, layout):
        if "weight" in layout.places[stage.first + 1].tables:
            index = cells.find(layout.places[stage.tensor].planes[0].origin)
            yield index is not None and cells.kinds[index] == Kind.ARRAY_FORMULA


def _weights(
    book: LiftedWorkbook, sheet: int, network: Network, layout: Layout
) -> Iterator[tuple[str, Array]]:
    for stage in stages_of(network, layout):
        place, shape = layout.places[stage.first + 1], network.shapes[stage.source]
        found = _parameters(book, sheet, network.layers[stage.first], place, shape)
        for key, value in found.items():
            yield f"{network.names[stage.first]}.{key}", value


def _parameters(
    book: LiftedWorkbook, sheet: int, layer: Layer, place: Place, shape: Shape
) -> dict[str, Array]:
    """Return the parameters of a layer from its tables, {} where they do not have all of them.

    Where an entry stands is seen by where its number does: all are numbered from 1.
    """
    sizes = {name: value.size for name, value in layer.parameters().items()}
    numbers = np.arange(1.0, sum(sizes.values()) + 1)
    parts = np.split(numbers, np.cumsum(list(sizes.values()))[:-1])
    numbered = {
        name: part.reshape(value.shape)
        for part, (name, value) in zip(parts, layer.parameters().items(), strict=True)
    } if sizes else {}  # fmt: skip
    tables = layer.with_parameters(numbered).tables(shape)
    held = np.full(len(numbers), np.nan)
    for name in tables.keys() & place.tables.keys() & sizes.keys():
        for matrices, planes in zip(tables[name], place.tables[name], strict=False):
            for matrix, plane in zip(matrices, planes, strict=False):
                is_entry = matrix > 0
                held[matrix[is_entry].astype(int) - 1] = book.matrix(sheet, plane)[is_entry]
    if np.isnan(held).any():
        return {}
    return {name: held[value.astype(int) - 1] for name, value in numbered.items()}
