"""Network + layout -> look: colours, frames, number formats, notes and the probe.

Decides only appearance: no formula or number of the network depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from xlconv.arrays import Array
from xlconv.layers.base.helper_names import helper_kind
from xlconv.layers.base.partial_sums import parts_of
from xlconv.layout.layout import Layout
from xlconv.layout.links import KernelMenu
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.stages import Lowered, Stage, stages_of
from xlconv.lowering.formatting.colours import INPUT, PROBE, VECTOR_WIDTH, ZERO, Palette
from xlconv.lowering.formatting.labels import dress_labels, note_input, note_stage, title_band
from xlconv.lowering.formatting.planes import dress_picture, dress_probabilities, dress_tensor
from xlconv.lowering.formatting.receptive_field import probe_rules
from xlconv.lowering.formatting.tables import (
    dress_check,
    dress_measure,
    dress_menu,
    dress_sums,
    dress_tables,
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

_STAGES = (
    Palette("#B45309", "#F5B97A"),  # orange
    Palette("#15803D", "#93D5AB"),  # green
    Palette("#6D28D9", "#C6B0F2"),  # violet
    Palette("#0E7490", "#8CD3E3"),  # cyan
    Palette("#BE185D", "#F2A7C6"),  # rose
    Palette("#4D7C0F", "#C3DC8F"),  # lime
)
_READOUT = CellStyle(
    number_format="0", size=14, bold=True, color="#B91C1C", fill="#FEE2E2",
    borders=Borders(THIN, THIN, THIN, THIN, "#B91C1C"),
)  # fmt: skip
_SETTING = replace(PROBE, number_format="0.0##", shrink=True)


def format_network(
    placed: PlacedNetwork, stages: Sequence[Lowered], values: list[Array], look: Formatting,
    *, shared: int = 0, number: int = 0,
) -> None:  # fmt: skip
    """Put a network's appearance into its sheet's.

    `stages` are what `lower` makes of it, `values` its activations for the input.

    The first `shared` tensors are those of a network that is there already; `number` says
    how many networks are.
    """
    network, layout = placed.network, placed.layout
    look.title = look.title or network.name
    dress_labels(look, layout)
    if not shared:
        title_band(look, layout, 0, 0, INPUT)
        dress_tensor(look, layout, 0, values[0], INPUT)
        note_input(look, layout)
        if layout.picture is not None:
            dress_picture(look, layout.picture, values[0])
    palettes = _palettes(network, layout, number)
    for lowered in stages:
        stage = lowered.stage
        if stage.tensor < shared:
            continue
        _dress_stage(look, network, layout, stage, values, palettes[stage.tensor])
        note_stage(look, network, layout, lowered)
    for measure in layout.metrics:
        dress_measure(look, measure)
    for one in layout.links if not shared else ():
        if isinstance(one, KernelMenu):
            dress_menu(look, one)
    for check in layout.comparisons:
        dress_check(look, check)
    if layout.probe is not None and layout.probe.tensor >= shared:
        _dress_probe(look, network, layout, shared)


def _palettes(network: Network, layout: Layout, number: int) -> dict[int, Palette]:
    """Return the colours of every tensor: those of a network differ from the ones beside it."""
    palettes = {0: INPUT}
    for stage in stages_of(network, layout):
        if network.layers[stage.last].is_copy:
            palettes[stage.tensor] = palettes[stage.source]
        else:
            palettes[stage.tensor] = _STAGES[number % len(_STAGES)]
            number += 1
    return palettes


def _dress_stage(
    look: Formatting,
    network: Network,
    layout: Layout,
    stage: Stage,
    values: list[Array],
    palette: Palette,
) -> None:
    first, place = layout.places[stage.first + 1], layout.places[stage.tensor]
    title_band(look, layout, stage.first + 1, stage.tensor, palette)
    tables = network.layers[stage.first].tables(network.shapes[stage.source])
    for name, groups in first.tables.items():
        matrices = [matrix.ravel() for group in tables[name] for matrix in group]
        planes = [plane for group in groups for plane in group]
        settings = network.layers[stage.first].settings
        if name in settings:  # to be played with, as the probe is
            most, hint = settings[name]
            for plane in planes:
                look.canvas.fill(plane.range, _SETTING)
                title = f"{name} of {network.names[stage.first]}"
                look.validations.append(
                    DataValidation(plane.origin, most, title, hint, whole=False)
                )
        else:
            dress_tables(look, planes, np.concatenate(matrices), layout)
    layer = network.layers[stage.last]
    if layer.is_softmax_like or network.gives_probabilities(stage.tensor):
        dress_probabilities(look, layout, place, layer)
    else:
        dress_tensor(look, layout, stage.tensor, values[stage.tensor], palette)
    for name in layer.helper_columns:
        plane = place.helpers[name]
        look.canvas.frame(plane.range, CellStyle("0.000", shrink=True))
        look.widths[plane.origin[1]] = VECTOR_WIDTH
    for name, plane in place.helpers.items():
        if helper_kind(name) in layer.helper_planes:
            look.canvas.frame(plane.range, CellStyle('0;-0;"·"', color="#6B7280", shrink=True))
            look.scales.append(ColorScale((plane.range,), ((0, "#E5E7EB"), (1, ZERO))))
    sums = [part.name for parts in parts_of(place.helpers).values() for part in parts]
    if sums:
        before, after = values[stage.source], values[stage.tensor]
        found = network.layers[stage.first].helpers(before, after, sums)
        dress_sums(look, [place.helpers[name] for name in sums], [found[name] for name in sums])
    for name in layer.readouts:
        look.canvas.fill(place.helpers[name].range, _READOUT)


def _dress_probe(look: Formatting, network: Network, layout: Layout, shared: int) -> None:
    probe = layout.probe
    assert probe is not None
    _, *size = network.shapes[probe.tensor]
    height, width = probe.most or size
    for cell, last, axis in ((probe.row, height - 1, "row"), (probe.column, width - 1, "column")):
        look.canvas.fill(Range(*cell, *cell), PROBE)
        what = "an output" if probe.most else f"a unit of {probe.name}"
        hint = f"The {axis} of {what}, counted from 0 to {last}"
        if cell not in {one.cell for one in look.validations}:  # networks may share the cells
            look.validations.append(DataValidation(cell, last, "Probe", hint))
    look.conditional_formats += probe_rules(network, layout, shared)
