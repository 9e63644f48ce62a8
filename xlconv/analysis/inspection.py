"""What a workbook's networks are, layer by layer: geometry, costs and activations.

Returns data; `report.inspection` shows it. Names no layer and never writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xlconv.arrays import Array
from xlconv.errors import InputError
from xlconv.layers import ReceptiveField
from xlconv.lifting.lifted_workbook import LiftedWorkbook, open_workbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.network import Network
from xlconv.network.statistics import NEAR_ZERO, Statistics, statistics_of
from xlconv.network.summary import Line, summary_of
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.package import Budget


@dataclass(frozen=True, slots=True)
class InspectedLayer:
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


@dataclass(frozen=True, slots=True)
class InspectedNetwork:
    """A recovered network on a sheet, the input first."""

    sheet: str
    network: Network
    layers: tuple[InspectedLayer, ...]

    @property
    def parameters(self) -> int:
        """How many trainable numbers there are."""
        return sum(one.line.parameters for one in self.layers)

    @property
    def multiplications(self) -> int:
        """How many products one forward pass takes."""
        return sum(one.line.multiplications for one in self.layers)


@dataclass(frozen=True, slots=True)
class Unlifted:
    """A block of formulas that no layer explains: its range, first formula and reason."""

    sheet: str
    range: str
    cells: int
    formula: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """A workbook's networks, longest first, what is in none, and what is there at all."""

    path: str
    networks: tuple[InspectedNetwork, ...]
    unlifted: tuple[Unlifted, ...]
    formulas: int
    numbers: int
    texts: int
    sheets: int
    near_zero: float


def inspect_workbook(
    path: str | Path, *, near_zero: float = NEAR_ZERO, budget: Budget | None = None
) -> Inspection:
    """Read a workbook and return its networks. Raises ReadError for what is no workbook."""
    return inspected(open_workbook(path, budget), near_zero=near_zero)


def inspected(seen: LiftedWorkbook, *, near_zero: float = NEAR_ZERO) -> Inspection:
    """Return the networks of an opened workbook."""
    sheets = seen.workbook.sheets
    return Inspection(
        seen.path,
        tuple(_network(seen, model, near_zero) for model in seen.networks),
        tuple(_unlifted(seen)),
        sum(int(sheet.is_formula.sum()) for sheet in sheets),
        sum(int((sheet.kinds == Kind.NUMBER).sum()) for sheet in sheets),
        sum(int((sheet.kinds == Kind.TEXT).sum()) for sheet in sheets),
        len(sheets),
        near_zero,
    )


def _network(seen: LiftedWorkbook, model: LiftedNetwork, near_zero: float) -> InspectedNetwork:
    lines = summary_of(model.network, model.planes(seen.lifted))
    layers = []
    for k, (line, values) in enumerate(zip(lines, _activations(seen, model), strict=True)):
        layer = line.layer
        layers.append(
            InspectedLayer(
                line,
                layer.window_options() if layer else {},
                layer.size_rule(line.input_shape) if layer else "",
                _field(model.network, k),
                values,
                statistics_of(values, near_zero),
            )
        )
    return InspectedNetwork(seen.sheet_name(model.sheet), model.network, tuple(layers))


def _activations(seen: LiftedWorkbook, model: LiftedNetwork) -> Iterator[Array]:
    """Yield the input and every layer's output: from the cells, or computed where it has none."""
    network, values = model.network, [seen.values(model.tensors[0])]
    yield values[0]
    for k, (name, layer) in enumerate(zip(network.names, network.layers, strict=True)):
        place, read = model.tensors[k + 1], (values[source] for source in network.sources[k])
        with np.errstate(all="ignore"):
            values.append(seen.values(place) if place >= 0 else layer.forward(*read))
        if not np.isfinite(values[-1]).all():
            raise InputError(f"{seen.path}: {name} overflows to infinity; expected smaller numbers")
        yield values[-1]


def _field(network: Network, tensor: int) -> ReceptiveField | None:
    """Return what a unit of a tensor sees of the input; a view's unit is one of the tensor's."""
    while tensor and network.layers[tensor - 1].is_view:
        tensor -= 1
    return network.receptive_fields(tensor).get(0)


def _unlifted(seen: LiftedWorkbook) -> Iterator[Unlifted]:
    for k, reason in sorted(seen.lifted.unlifted.items()):
        unit = seen.calculation.blocks[k]
        place = tuple(int(one) for one in np.argwhere(unit.mask)[0])
        sheet = seen.workbook.sheets[unit.sheet]
        yield Unlifted(
            sheet.name,
            unit.lattice.range.name,
            int(unit.mask.sum()),
            f"={sheet.texts[int(unit.cells[place])]}",
            seen.lifted.mismatches.get(k, reason),
        )
