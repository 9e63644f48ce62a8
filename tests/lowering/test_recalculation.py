"""LibreOffice and Gnumeric against our cached values, after all of them are poisoned."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers import oracles
from tests.helpers.oracles import ORACLES, agree, each_oracle, poisoned
from tests.helpers.paths import ROOT
from tests.helpers.strategies import at_inference, random_input, random_state
from xlconv.layers import Dropout
from xlconv.layers.base.place import Spelling
from xlconv.layout.layout import Layout
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.stages import stages_of
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import Cell, Range, a1_name, parse_a1
from xlconv.spreadsheet.blocks.plane import Plane

EVERYTHING = {
    "name": "everything",
    "input": [2, 11, 12],
    "layers": [
        {"type": "Conv2d", "out_channels": 3, "kernel_size": [3, 2], "padding": [1, 0, 2, 1]},
        {"type": "ReLU"},
        {"type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1},
        {"type": "Conv2d", "out_channels": 2, "kernel_size": 2, "dilation": [2, 1], "bias": False},
        {"type": "MaxPool2d", "kernel_size": 2, "ceil_mode": True},
        {"type": "Flatten"},
        {"type": "Linear", "out_features": 5},
        {"type": "ReLU"},
        {"type": "Linear", "out_features": 3, "bias": False},
        {"type": "Softmax"},
    ],
}

SKIPS = {
    "name": "skips",
    "input": [2, 6, 7],
    "layers": [
        {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1},
        {"type": "ELU", "alpha": 0.7},
        {"type": "Concat", "reads": ["elu1", "input", "conv1"]},
        {"type": "GELU", "approximate": "tanh"},
        {"type": "Conv2d", "out_channels": 2, "kernel_size": 2},
        {"type": "GELU", "approximate": "tanh"},
        {"type": "ELU"},
    ],
}


# Up again: every phase of a stride, a border of zeros around what is read, and output_padding.
DECODER = {
    "name": "decoder",
    "input": [2, 4, 5],
    "layers": [
        {"type": "ConvTranspose2d", "out_channels": 3, "kernel_size": 4, "stride": 2, "padding": 1},
        {"type": "ReLU"},
        {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1},
        {"type": "BatchNorm2d"},
        {
            "type": "ConvTranspose2d", "out_channels": 2, "kernel_size": [3, 2],
            "stride": [2, 1], "padding": [1, 0], "output_padding": [1, 0], "bias": False,
        },
        {"type": "Sigmoid"},
    ],
}  # fmt: skip


class Case(NamedTuple):
    name: str
    network: Network
    layout: Layout
    x: np.ndarray
    heads: tuple[PlacedNetwork, ...] = ()


def presets_and_styles() -> list[Case]:
    cases = []
    for name, preset in PRESETS.items():
        network = preset.network()
        layout = preset.layout(network)
        heads = preset.heads_of(network, layout)
        cases.append(Case(name, network, layout, preset.sample(), heads))
    for table in (EVERYTHING, SKIPS):
        network = network_of(table)
        network = network.with_state(random_state(network, 1))
        x = random_input(network, 2)
        for array in (False, True):
            for fuse in (False, True):
                layout = strip(network, spelling=Spelling(array=array), fuse=fuse)
                cases.append(Case(f"{network.name}-{array}-{fuse}", network, layout, x))
    decoder = network_of(DECODER)
    decoder = decoder.with_state(random_state(decoder, 3))
    cases.append(Case("decoder", decoder, strip(decoder), random_input(decoder, 4)))
    return cases


def as_drawn(network: Network, layout: Layout, found: dict[Cell, str]) -> Network:
    """Return the network with the masks that a program drew when it recalculated."""
    layers = list(network.layers)
    for index, layer in enumerate(layers):
        if isinstance(layer, Dropout) and layer.mask is not None:
            helpers = layout.places[index + 1].helpers
            masks = np.array([
                [oracles.number(found[cell]) for cell in zip(*plane.cells(), strict=True)]
                for _, plane in sorted(helpers.items())
            ]).reshape(layer.mask.shape)  # fmt: skip
            assert set(np.unique(masks)) == {0, 1}
            assert abs(masks.mean() - (1 - layer.p)) < 0.15
            assert (masks != layer.mask).any()
            layers[index] = replace(layer, mask=masks)
    return replace(network, layers=tuple(layers))


CASES = presets_and_styles()


@each_oracle
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_recalculation_agrees_in_every_cell(case: Case, oracle: Callable, tmp_path: Path) -> None:
    path, sheet = poisoned(case.network, case.layout, case.x, tmp_path, case.heads)
    found = oracle(path, tmp_path)
    drawn = as_drawn(case.network, case.layout, found)
    if drawn != case.network:  # its masks are random, but what follows from them is not
        (sheet,) = book_of(drawn, case.layout, case.x).workbook.sheets
    agree(sheet, found)


@pytest.mark.office
def test_the_oracles_do_recalculate(tmp_path: Path) -> None:
    preset = PRESETS["edges"]
    network = preset.network()
    path, sheet = poisoned(network, preset.layout(network), preset.sample(), tmp_path)
    assert oracles.POISON.encode() in oracles.sheet_xml(path)
    for oracle in ORACLES:
        assert oracles.POISON not in set(oracle(path, tmp_path).values())
    assert oracles.POISON not in map(str, sheet.numbers.tolist())


@each_oracle
def test_softmax_of_logits_of_a_thousand_is_finite_everywhere(
    oracle: Callable, tmp_path: Path
) -> None:
    layers = [{"type": "Linear", "out_features": 4}, {"type": "Softmax"}]
    network = network_of({"input": [2], "layers": layers})
    weight = np.array([[1000, 0], [1000, 1], [-1000, 0], [0, 0.5]])
    network = network.with_state({"fc1.weight": weight, "fc1.bias": np.zeros(4)})
    path, sheet = poisoned(network, strip(network), np.ones(2), tmp_path)
    agree(sheet, oracle(path, tmp_path))
    e = np.e
    np.testing.assert_allclose(network.forward(np.ones(2)), [1 / (1 + e), e / (1 + e), 0, 0])


@each_oracle
def test_an_edited_pixel_and_weight_change_what_the_network_says(
    oracle: Callable, tmp_path: Path
) -> None:
    preset = PRESETS["conv-example"]
    network = preset.network()
    layout = preset.layout(network)
    path, sheet = poisoned(network, layout, preset.sample(), tmp_path)
    x = preset.sample()
    x[0, 9, 13] = 1.75
    state = network.state()
    state["conv2.weight"] = state["conv2.weight"].copy()
    state["conv2.weight"][1, 0, 2, 1] = -2.5
    pixel = layout.places[0].planes[0].cell(9, 13)
    weight = layout.places[3].tables["weight"][1][0].cell(2, 1)
    edited = tmp_path / "edited.xlsx"
    changes = {a1_name(pixel): "1.75", a1_name(weight): "-2.5"}
    assert oracles.edit(path, edited, changes) == 2
    expected = book_of(network.with_state(state), layout, x).workbook.sheets[0]
    changed = np.abs(expected.numbers - sheet.numbers) > 1e-6
    assert changed[sheet.is_formula].sum() > 200
    agree(expected, oracle(edited, tmp_path))


@each_oracle
def test_with_p_at_zero_nothing_is_dropped_as_at_inference(
    oracle: Callable, tmp_path: Path
) -> None:
    preset = PRESETS["dropout"]
    network = preset.network()
    layout = preset.layout(network)
    path, _ = poisoned(network, layout, preset.sample(), tmp_path)
    index = network.names.index("drop1")
    ((p,),) = layout.places[index + 1].tables["p"]
    assert oracles.edit(path, tmp_path / "edited.xlsx", {a1_name(p.origin): "0"}) == 1
    found = oracle(tmp_path / "edited.xlsx", tmp_path)
    whole = list(network.layers)
    whole[index] = replace(whole[index], p=0.0, mask=np.ones(network.shapes[index]))
    expected = book_of(replace(network, layers=tuple(whole)), layout, preset.sample())
    agree(expected.workbook.sheets[0], found)
    said = at_inference(network).forward(preset.sample())
    cells = zip(*layout.places[-1].planes[0].cells(), strict=True)
    read = [oracles.number(found[cell]) for cell in cells]
    assert read == pytest.approx(said.tolist(), rel=1e-9)


def trace(network: Network, layout: Layout, x: np.ndarray, folder: Path, cells: list[str]) -> dict:
    python = oracles.needs_uno()
    book_of(network, layout, x).write(folder / "traced.xlsx")
    script = ROOT / "tests" / "helpers" / "uno_trace.py"
    run = subprocess.run(
        [python, script, oracles.profile(folder), folder / "traced.xlsx", *cells],
        check=True, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    return json.loads(run.stdout)


def cells_of(areas: list[list[int]]) -> set[Cell]:
    return set().union(*(cells_in(Range(*area)) for area in areas))


def field(plane: Plane, reach, unit: tuple[int, int]) -> set[Cell]:
    """Return the cells of the window that a unit sees in a plane, padding included."""
    start = [reach.start[k] + reach.stride[k] * unit[k] for k in (0, 1)]
    window = Plane(plane.cell(*start), reach.size, plane.step).range
    return cells_in(window)


def cells_in(area: Range) -> set[Cell]:
    rows, columns = range(area.top, area.bottom + 1), range(area.left, area.right + 1)
    return {(row, column) for row in rows for column in columns}


@pytest.mark.office
@pytest.mark.parametrize("case", CASES[:4] + CASES[-1:], ids=lambda case: case[0])
def test_traced_precedents_are_the_receptive_fields(case: Case, tmp_path: Path) -> None:
    _, network, layout, x, _ = case
    asked: dict[str, tuple[int, int, tuple[int, int]]] = {}
    for stage in stages_of(network, layout):
        place, shape = layout.places[stage.tensor], network.shapes[stage.tensor]
        if network.layers[stage.first].receptive_field is None:
            break
        for channel, plane in enumerate(place.planes[:2]):
            for unit in {(0, 0), (shape[1] // 2, shape[2] // 3), (shape[1] - 1, shape[2] - 1)}:
                asked[a1_name(plane.cell(*unit))] = (stage.first, channel, unit)
    traced = trace(network, layout, x, tmp_path, list(asked))
    stages = {stage.first: stage for stage in stages_of(network, layout)}
    for name, (first, channel, unit) in asked.items():
        stage, layer = stages[first], network.layers[first]
        sources = layout.places[stage.source].planes
        tables = layout.places[first + 1].tables
        own = [channel] if not tables else range(len(sources))
        expected = {cell for k in own for cell in field(sources[k], layer.receptive_field, unit)}
        for groups in tables.values():
            for plane in groups[channel]:
                expected |= cells_in(plane.range)
        assert cells_of(traced[name]["direct"]) - {parse_a1(name)} == expected, name
        # All the way back: in the input, exactly what the receptive field says.
        reach = network.receptive_fields(stage.tensor)[0]
        for plane in layout.places[0].planes:
            inside = cells_in(plane.range)
            seen = cells_of(traced[name]["all"]) & inside
            assert seen <= field(plane, reach, unit) & inside
            if not dilated_or_clipped(network, stage.tensor):
                assert seen == field(plane, reach, unit) & inside, name


def dilated_or_clipped(network: Network, tensor: int) -> bool:
    """Whether a window within the field can miss cells of it: beyond padding, or by stride."""
    layers = network.layers[:tensor]
    return any(
        layer.receptive_field is not None
        and any(
            s > n
            for s, n in zip(layer.receptive_field.stride, layer.receptive_field.size, strict=True)
        )
        for layer in layers
    )
