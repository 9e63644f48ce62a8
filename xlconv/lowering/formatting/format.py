"""A placed network -> formatting: colours, lines, number formats, comments and the probe.

Decides only appearance: no formula or number of the network depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array
from xlconv.layers import Layer
from xlconv.layers.base.answers import HelperKind
from xlconv.layers.base.partial_sums import parts_of
from xlconv.layers.base.place import Place, helper_kind
from xlconv.layout.layout import Layout
from xlconv.layout.links import KernelMenu
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.stages import Lowered, Stage, stages_of
from xlconv.lowering.formatting.colours import INPUT, PROBE, STAGES, VECTOR_WIDTH, ZERO, Palette
from xlconv.lowering.formatting.labels import (
    comment_input,
    comment_stage,
    format_labels,
    title_band,
)
from xlconv.lowering.formatting.planes import format_picture, format_probabilities, format_tensor
from xlconv.lowering.formatting.receptive_field import probe_rules
from xlconv.lowering.formatting.tables import (
    format_comparison,
    format_kernel_menu,
    format_metric,
    format_sums,
    format_tables,
)
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.xlsx.formatting import (
    THIN,
    Borders,
    CellStyle,
    ColorScale,
    DataValidation,
    Formatting,
)

_READOUT = CellStyle(
    number_format="0", size=14, bold=True, color="#B91C1C", fill="#FEE2E2",
    borders=Borders(THIN, THIN, THIN, THIN, "#B91C1C"),
)  # fmt: skip
_SETTING = replace(PROBE, number_format="0.0##", shrink=True)


def format_network(
    placed: PlacedNetwork, stages: Sequence[Lowered], values: list[Array], formatting: Formatting,
    *, shared: int = 0, number: int = 0,
) -> None:  # fmt: skip
    """Add a network's formatting to that of its sheet.

    `stages` are what `lower` makes of it, `values` its activations for the input.
    The first `shared` tensors are those of a network that is there already; `number` says
    how many networks are.
    """
    network, layout = placed.network, placed.layout
    formatting.title = formatting.title or network.name
    format_labels(formatting, layout)
    if not shared:
        title_band(formatting, layout, 0, 0, INPUT)
        format_tensor(formatting, layout, 0, values[0], INPUT)
        comment_input(formatting, layout)
        if layout.picture is not None:
            format_picture(formatting, layout.picture, values[0])
    palettes = _palettes(network, layout, number)
    for lowered in stages:
        stage = lowered.stage
        if stage.tensor < shared:
            continue
        _format_stage(formatting, network, layout, stage, values, palettes[stage.tensor])
        comment_stage(formatting, network, layout, lowered)
    for metric in layout.metrics:
        format_metric(formatting, metric)
    for one in layout.links if not shared else ():
        if isinstance(one, KernelMenu):
            format_kernel_menu(formatting, one)
    for comparison in layout.comparisons:
        format_comparison(formatting, comparison)
    if layout.probe is not None and layout.probe.tensor >= shared:
        _format_probe(formatting, network, layout, shared)


def _palettes(network: Network, layout: Layout, number: int) -> dict[int, Palette]:
    """Return the colours of every tensor: those of a network differ from the ones beside it."""
    palettes = {0: INPUT}
    for stage in stages_of(network, layout):
        if network.layers[stage.last].is_copy:
            palettes[stage.tensor] = palettes[stage.source]
        else:
            palettes[stage.tensor] = STAGES[number % len(STAGES)]
            number += 1
    return palettes


def _format_stage(
    formatting: Formatting,
    network: Network,
    layout: Layout,
    stage: Stage,
    values: list[Array],
    palette: Palette,
) -> None:
    title_band(formatting, layout, stage.first + 1, stage.tensor, palette)
    _format_parameters(formatting, network, layout, stage)
    place, layer = layout.places[stage.tensor], network.layers[stage.last]
    probabilities = network.probabilities(stage.tensor)
    if probabilities is not None:
        format_probabilities(formatting, layout, place, probabilities)
    else:
        format_tensor(formatting, layout, stage.tensor, values[stage.tensor], palette)
    _format_helpers(formatting, place, layer)
    sums = [part.name for parts in parts_of(place.helpers).values() for part in parts]
    if sums:
        before, after = values[stage.source], values[stage.tensor]
        found = network.layers[stage.first].helpers(before, after, sums)
        planes = [place.helpers[name] for name in sums]
        format_sums(formatting, planes, [found[name] for name in sums])
    for name in layer.helper_names(HelperKind.READOUT):
        formatting.canvas.fill(place.helpers[name].range, _READOUT)


def _format_parameters(
    formatting: Formatting, network: Network, layout: Layout, stage: Stage
) -> None:
    layer, own = network.layers[stage.first], network.names[stage.first]
    tables = layer.tables(network.shapes[stage.source])
    for name, groups in layout.places[stage.first + 1].tables.items():
        planes = [plane for group in groups for plane in group]
        setting = layer.setting(name)
        if setting is not None:  # to be played with, as the probe is
            title = f"{name} of {own}"
            for plane in planes:
                formatting.canvas.fill(plane.range, _SETTING)
                formatting.validations.append(
                    DataValidation(plane.origin, setting.most, title, setting.hint, whole=False)
                )
        else:
            matrices = [matrix.ravel() for group in tables[name] for matrix in group]
            format_tables(formatting, planes, np.concatenate(matrices), layout)


def _format_helpers(formatting: Formatting, place: Place, layer: Layer) -> None:
    for name in layer.helper_names(HelperKind.COLUMN):
        plane = place.helpers[name]
        formatting.canvas.frame(plane.range, CellStyle("0.000", shrink=True))
        formatting.widths[plane.origin[1]] = VECTOR_WIDTH
    for name, plane in place.helpers.items():
        if helper_kind(name) in layer.helper_names(HelperKind.PLANE):
            style = CellStyle('0;-0;"·"', color="#6B7280", shrink=True)
            formatting.canvas.frame(plane.range, style)
            formatting.scales.append(ColorScale((plane.range,), ((0, "#E5E7EB"), (1, ZERO))))


def _format_probe(formatting: Formatting, network: Network, layout: Layout, shared: int) -> None:
    probe = layout.probe
    assert probe is not None
    _, *size = network.shapes[probe.tensor]
    height, width = probe.most or size
    for cell, last, axis in ((probe.row, height - 1, "row"), (probe.column, width - 1, "column")):
        formatting.canvas.fill(Range(*cell, *cell), PROBE)
        what = "an output" if probe.most else f"a unit of {probe.name}"
        hint = f"The {axis} of {what}, counted from 0 to {last}"
        if cell not in {one.cell for one in formatting.validations}:  # networks may share the cells
            formatting.validations.append(DataValidation(cell, last, "Probe", hint))
    formatting.conditional_formats += probe_rules(network, layout, shared)
