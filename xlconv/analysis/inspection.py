"""Workbook -> its networks, layer by layer: geometry, costs and activations.

Returns data; `report.inspection` shows it. Names no layer and never writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array
from xlconv.errors import InputError
from xlconv.layers import ReceptiveField
from xlconv.lifting.lifted_workbook import LiftedWorkbook, Source, open_workbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.network import Network
from xlconv.network.shown import Shown
from xlconv.network.statistics import NEAR_ZERO, Statistics, statistics_of
from xlconv.network.summary import Line, summary_of
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.package import Budget

if TYPE_CHECKING:
    import pandas as pd


class InspectedLayer(Struct, frozen=True):
    """A layer (or the input) with its geometry and its activations.

    `window` has kernel_size, stride, padding (left, right, top, bottom) and dilation,
    or nothing. `rule` is the output's size worked out. `field` is what one unit sees of
    the network's input, None where it sees all of it. `values` are the activations:
    those of the cells, or where a layer has none (`line.ranges`) what it gives.
    """

    line: Line
    window: dict[str, tuple[int, ...]]
    rule: str
    field: ReceptiveField | None
    values: Array
    statistics: Statistics


class InspectedNetwork(Struct, frozen=True):
    """A recovered network on a sheet, the input first; shapes and values are of one sample.

    It is applied to as many `samples` as there are, each with cells of its own.
    """

    sheet: str
    network: Network
    layers: tuple[InspectedLayer, ...]
    samples: int = 1

    @property
    def parameters(self) -> int:
        """How many trainable numbers there are."""
        return sum(one.line.parameters for one in self.layers)

    @property
    def multiplications(self) -> int:
        """How many products one forward pass takes."""
        return sum(one.line.multiplications for one in self.layers)


class Unlifted(Struct, frozen=True):
    """A block of formulas that no layer explains: its range, first formula and reason."""

    sheet: str
    range: str
    cells: int
    formula: str
    reason: str


class Inspection(Shown, Struct, frozen=True):
    """A workbook's networks, longest first, what is in none, and what is there at all."""

    path: str
    networks: tuple[InspectedNetwork, ...]
    unlifted: tuple[Unlifted, ...]
    formulas: int
    numbers: int
    texts: int
    sheets: int
    near_zero: float

    def to_frame(self) -> pd.DataFrame:
        """Return the layers of all networks as a table, a row each, the input first."""
        import pandas as pd  # noqa: PLC0415  slow to import, and rarely used

        return pd.DataFrame(
            {
                "sheet": one.sheet, "network": number, "name": layer.line.name,
                "type": layer.line.type, "options": layer.line.describe,
                "input_shape": layer.line.input_shape, "output_shape": layer.line.output_shape,
                "parameters": layer.line.parameters,
                "multiplications": layer.line.multiplications,
                "mean": layer.statistics.mean, "std": layer.statistics.std,
                "near_zero": layer.statistics.near_zero, "min": layer.statistics.least,
                "max": layer.statistics.largest, "cells": ", ".join(layer.line.ranges),
            }
            for number, one in enumerate(self.networks, 1)
            for layer in one.layers
        )  # fmt: skip


def inspect_workbook(
    source: Source, *, near_zero: float = NEAR_ZERO, budget: Budget | None = None
) -> Inspection:
    """Return the networks of a workbook. Raises ReadError for what is no workbook."""
    return inspected(open_workbook(source, budget), near_zero=near_zero)


def inspected(book: LiftedWorkbook, *, near_zero: float = NEAR_ZERO) -> Inspection:
    """Return the networks of a lifted workbook."""
    sheets = book.workbook.sheets
    return Inspection(
        book.path,
        tuple(_network(book, lifted, near_zero) for lifted in book.networks),
        tuple(_unlifted(book)),
        sum(int(sheet.is_formula.sum()) for sheet in sheets),
        sum(int((sheet.kinds == Kind.NUMBER).sum()) for sheet in sheets),
        sum(int((sheet.kinds == Kind.TEXT).sum()) for sheet in sheets),
        len(sheets),
        near_zero,
    )


def _network(book: LiftedWorkbook, lifted: LiftedNetwork, near_zero: float) -> InspectedNetwork:
    lines = summary_of(lifted.network, lifted.planes(book.lifted))
    layers = []
    for k, (line, values) in enumerate(zip(lines, _activations(book, lifted), strict=True)):
        layer = line.layer
        layers.append(
            InspectedLayer(
                line,
                layer.window_options() if layer else {},
                layer.size_rule(line.input_shape) if layer else "",
                _field(lifted.network, k),
                values,
                statistics_of(values, near_zero),
            )
        )
    home, count = book.sheet_name(lifted.sheet), len(lifted.samples)
    return InspectedNetwork(home, lifted.network, tuple(layers), count)


def _activations(book: LiftedWorkbook, lifted: LiftedNetwork) -> Iterator[Array]:
    """Yield the input and every layer's output: from the cells, or computed where it has none."""
    network, values = lifted.network, [book.values(lifted.tensors[0])]
    yield values[0]
    for k, (name, layer) in enumerate(zip(network.names, network.layers, strict=True)):
        tensor, read = lifted.tensors[k + 1], (values[source] for source in network.sources[k])
        with np.errstate(all="ignore"):
            values.append(book.values(tensor) if tensor >= 0 else layer.forward(*read))
        if not np.isfinite(values[-1]).all():
            raise InputError(f"{book.path}: {name} overflows to infinity; expected smaller numbers")
        yield values[-1]


def _field(network: Network, tensor: int) -> ReceptiveField | None:
    """Return what a unit of a tensor sees of the input; a view's unit is one of the tensor's."""
    while tensor and network.layers[tensor - 1].is_view:
        tensor -= 1
    return network.receptive_fields(tensor).get(0)


def _unlifted(book: LiftedWorkbook) -> Iterator[Unlifted]:
    for k, reason in sorted(book.lifted.unlifted.items()):
        block = book.lifted.blocks[k]
        if not block.mask.any():
            continue  # its cells are in other blocks
        place = tuple(int(one) for one in np.argwhere(block.mask)[0])
        sheet = book.workbook.sheets[block.sheet]
        yield Unlifted(
            sheet.name,
            block.lattice.range.name,
            int(block.mask.sum()),
            f"={sheet.texts[int(block.cells[place])]}",
            book.lifted.mismatches.get(k, reason),
        )
