"""Details of the write road, each of which could be wrong without anything else failing."""

import errno
import os
import re
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import torch
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from tests.evaluator import evaluate
from tests.strategies import (
    conv_options,
    networks,
    pool_options,
    random_input,
    random_state,
)
from tests.test_look import cells, holds
from xlconv.cli import main
from xlconv.cli.network_sources import Sources, chosen_input, chosen_network
from xlconv.errors import (
    FileError,
    InputError,
    LayoutError,
    ShapeError,
    WeightsError,
    XlconvError,
)
from xlconv.files import whole_file
from xlconv.interop.inputs import read_input
from xlconv.layers import Flatten, Linear, Padding, ReLU
from xlconv.layers.base.place import Place
from xlconv.layers.base.strided_runs import Run, runs
from xlconv.layout.layout import Layout
from xlconv.lowering.book import book_of
from xlconv.lowering.boxes import BoxGrid, Slot, Stack, best_slot
from xlconv.lowering.formatting.receptive_field import probe_rules
from xlconv.lowering.lower import lower
from xlconv.lowering.panel import PANEL_COLUMNS
from xlconv.lowering.sheet_cells import workbook_of
from xlconv.lowering.strip import strip
from xlconv.network.initialise import initialised
from xlconv.network.network import Network, default_names
from xlconv.network.spec import network_of, read_spec
from xlconv.presets import PRESETS, sample_digit
from xlconv.spreadsheet.addresses import MAX_ROWS, Range, a1_name
from xlconv.spreadsheet.blocks.block import Block, expand
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Axis, Call, Number, Ref, render_block
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.formatting import THIN, CellStyle, Formatting
from xlconv.spreadsheet.xlsx.write import write_xlsx

CONV = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}

# ---------------------------------------------------------------- test_layers.py

REFUSED = [
    ({"type": "Conv2d", "out_channels": 1, "kernel_size": 1, "in_channels": 1}, [3, 4, 4],
     "in_channels = 1, but the input has 3"),
    ({"type": "Conv2d", "out_channels": 1, "kernel_size": 1, "in_channels": 4}, [3, 4, 4],
     "in_channels = 4, but the input has 3"),
    ({"type": "Linear", "out_features": 1, "in_features": 2}, [3], "in_features = 2, but"),
    ({"type": "Linear", "out_features": 1, "in_features": 4}, [3], "in_features = 4, but"),
    ({"type": "Softmax", "dim": 0}, [3], "dim = 0: expected 1 or -1"),
    ({"type": "Softmax", "dim": True}, [3], "dim = True: expected 1 or -1"),
    ({"type": "MaxPool2d", "kernel_size": [2, 5]}, [1, 3, 4],
     "a window of 2×5 is larger than its padded input of 3×4"),
    ({"type": "MaxPool2d", "kernel_size": [4, 2]}, [1, 3, 4],
     "a window of 4×2 is larger than its padded input of 3×4"),
    ({"type": "Conv2d", "out_channels": 4_194_305, "kernel_size": 1}, [1, 1, 1],
     "4,194,305 weights; expected at most 4,194,304"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "shape", "message"), REFUSED)
def test_options_that_torch_would_refuse_are_refused(options, shape, message) -> None:
    with pytest.raises(XlconvError) as caught:
        network_of({"input": shape, "layers": [options]})
    assert message in str(caught.value)


shapes = st.tuples(st.integers(1, 3), st.integers(2, 9), st.integers(2, 9)).map(list)


@given(st.one_of(conv_options(), pool_options()), shapes)
@settings(max_examples=200)
def test_a_layer_is_refused_where_torch_refuses_it_and_nowhere_else(options, shape) -> None:
    given_ = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items() if k != "type"}
    if options["type"] == "Conv2d":
        padding = given_.pop("padding")
        padding = (padding,) * 2 if isinstance(padding, int) else padding
        if len(padding) == 2:  # (height, width) -> (left, right, top, bottom)
            padding = (padding[1],) * 2 + (padding[0],) * 2
        kind = partial(nn.Conv2d, shape[0])
    else:
        kind, padding = getattr(nn, options["type"]), (0, 0, 0, 0)
    border = {
        "reflect": nn.ReflectionPad2d, "replicate": nn.ReplicationPad2d,
        "circular": nn.CircularPad2d,
    }.get(given_.pop("padding_mode", ""), nn.ZeroPad2d)  # fmt: skip
    # One frame of cells cannot hold zeros that count and others that do not.
    assume(not (options.get("ceil_mode") and options.get("count_include_pad")))
    try:
        twin = nn.Sequential(border(padding), kind(**given_))
        theirs = tuple(twin(torch.zeros(1, *shape)).shape[1:])
    except (RuntimeError, ValueError):
        with pytest.raises(XlconvError):
            network_of({"input": shape, "layers": [options]})
    else:
        # With ceil_mode torch takes a window that is a little larger than its padded input.
        if not (options.get("ceil_mode") and larger(options, shape)):
            assert network_of({"input": shape, "layers": [options]}).shapes[-1] == theirs


def larger(pool: dict, shape: list[int]) -> bool:
    return any(
        k > n + 2 * p
        for k, n, p in zip(pool["kernel_size"], shape[1:], pool["padding"], strict=True)
    )


def test_a_pair_of_paddings_is_height_and_width() -> None:
    table = {"input": [1, 5, 5], "layers": [CONV | {"padding": [1, 2]}]}
    assert network_of(table).layers[0].padding == Padding(left=2, right=2, top=1, bottom=1)


DESCRIBED = [
    (CONV, "3×3"),
    (CONV | {"kernel_size": [2, 3], "stride": [2, 1], "padding": [1, 0], "dilation": [1, 2]},
     "2×3, stride [2, 1], padding [0, 0, 1, 1], dilation [1, 2]"),
    (CONV | {"stride": 2, "padding": 1, "dilation": 2}, "3×3, stride 2, padding 1, dilation 2"),
    ({"type": "MaxPool2d", "kernel_size": 2}, "2×2"),
    ({"type": "MaxPool2d", "kernel_size": [2, 3], "stride": [1, 2], "padding": [1, 0],
      "ceil_mode": True}, "2×3, stride [1, 2], padding [1, 0], ceil mode"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "words"), DESCRIBED)
def test_layers_are_described_in_a_few_words(options, words) -> None:
    assert network_of({"input": [1, 9, 9], "layers": [options]}).layers[0].describe() == words


def test_a_linear_layer_takes_exactly_its_features() -> None:
    for features in (2, 4):
        with pytest.raises(ShapeError, match=f"3 input features, but the input has {features}"):
            Linear(np.zeros((2, 3))).output_shape((features,))


def test_a_run_ends_where_the_cells_of_a_unit_part() -> None:
    units = [((0, 0), (0, 5)), ((1, 0), (2, 5)), ((2, 0), (4, 5))]
    assert list(runs(units)) == [Run(k, 1, (0, 0)) for k in range(3)]


# ---------------------------------------------------------------- test_formula.py


def test_a_percent_sign_survives_the_templates() -> None:
    tree = Call("A%s", (Ref(Axis(0, 1), Axis(0, 0, 1)),))
    assert render_block(tree, (1, 2)) == ["A%s(A1)", "A%s(B1)"]


def test_a_formula_may_have_8192_characters_with_its_sign() -> None:
    fits = Call("SUM", (Number(10),) + (Number(1),) * 4092)  # 8,191 and the =
    expand(Block(Plane((0, 0), (1, 1)), fits), np.zeros((1, 1)), SheetBuilder())
    long = Call("SUM", (Number(1),) * 4094)
    with pytest.raises(LayoutError, match="A1: a formula of 8,193 characters"):
        expand(Block(Plane((0, 0), (1, 1)), long), np.zeros((1, 1)), SheetBuilder())


def test_the_longest_formula_of_a_block_is_the_one_named() -> None:
    wide = Call("SUM", (Ref(Axis(0), Axis(24, by_column=1)),) * 2500)  # Y1, Z1, AA1
    with pytest.raises(LayoutError, match=r"^C1: a formula of"):
        expand(Block(Plane((0, 0), (2, 3)), wide), np.zeros((2, 3)), SheetBuilder())


# ---------------------------------------------------------------- test_plane.py / test_lowering.py


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
def test_a_halo_on_any_side_is_one(side) -> None:
    assert not Halo(**{side: 1}).is_empty
    assert Halo().is_empty


def spread(layout: Layout, rows: int, columns: int) -> Layout:
    """Return the layout with every cell moved to a lattice of so many rows and columns."""

    def cell(at):
        return at[0] * rows, at[1] * columns

    def plane(one):
        return Plane(cell(one.origin), one.shape, (one.step[0] * rows, one.step[1] * columns))

    places = tuple(
        Place(
            tuple(map(plane, place.planes)),
            place.halo,
            {
                key: tuple(tuple(map(plane, group)) for group in groups)
                for key, groups in place.tables.items()
            },
            {key: plane(one) for key, one in place.helpers.items()},
        )
        for place in layout.places
    )
    probe = layout.probe and replace(
        layout.probe, row=cell(layout.probe.row), column=cell(layout.probe.column)
    )
    return replace(layout, places=places, labels=(), probe=probe)


@given(networks(), st.integers(0, 2**31), st.integers(1, 3), st.integers(1, 3))
def test_a_layout_may_leave_cells_free_between_entries(network, seed, rows, columns) -> None:
    layout = spread(strip(network), rows, columns)
    values = network.activations(random_input(network, seed))
    (sheet,) = workbook_of(network, layout, values).sheets
    readouts = {
        a1_name(one.origin)
        for place in layout.places
        for key, one in place.helpers.items()
        if key == "prediction"
    }
    for cell, cached, computed in evaluate(sheet):
        if cell not in readouts:  # MATCH counts the free cells too
            assert computed == pytest.approx(cached, rel=1e-9, abs=1e-11), cell


@given(networks(), st.integers(1, 3), st.integers(1, 3), st.data())
def test_the_probe_boxes_the_field_in_planes_with_free_cells(network, rows, columns, data) -> None:
    layout = spread(strip(network), rows, columns)  # in the real test: drawn beside strip(network)
    probe = layout.probe
    if probe is None:
        return
    _, height, width = network.shapes[probe.tensor]
    unit = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    for tensor, reach in network.receptive_fields(probe.tensor).items():
        place = layout.places[tensor]
        for plane in place.planes:
            area = plane.halo_range(place.halo)
            first = [reach.start[k] + reach.stride[k] * unit[k] for k in (0, 1)]
            (top, left) = plane.cell(*first)
            (bottom, right) = plane.cell(first[0] + reach.size[0] - 1, first[1] + reach.size[1] - 1)
            boxed = {
                cell
                for rule in probe_rules(network, layout)
                if rule.range == area
                for cell in cells(area)
                if holds(rule.formula, cell, probe.row, probe.column, unit)
            }
            assert boxed == {
                c for c in cells(area) if top <= c[0] <= bottom and left <= c[1] <= right
            }


def test_the_halo_of_spread_cells_is_spread() -> None:
    plane = Plane((10, 10), (3, 3), (2, 3))
    assert plane.halo_range(Halo(1, 2, 3, 4)) == Range(8, 1, 18, 28)


def test_every_cell_of_a_halo_is_filled_and_a_blank_one_is_not() -> None:
    options = CONV | {"padding": [1, 2, 3, 4]}
    network = network_of({"input": [1, 6, 5], "layers": [options]})
    layout = strip(network)
    (sheet,) = workbook_of(network, layout, network.activations(np.ones((1, 6, 5)))).sheets
    (plane,), halo = layout.places[0].planes, layout.places[0].halo
    around = set(cells(plane.halo_range(halo))) - set(cells(plane.range))
    assert len(around) == 13 * 8 - 6 * 5
    for cell in around:
        at = sheet.find(cell)
        assert at is not None and (sheet.kinds[at], sheet.numbers[at]) == (Kind.NUMBER, 0)
    fastai = PRESETS["fastai"]
    network = fastai.network()
    layout = fastai.layout(network)
    (sheet,) = workbook_of(network, layout, network.activations(fastai.sample())).sheets
    for place in layout.places:
        for plane in place.planes:
            for cell in set(cells(plane.halo_range(place.halo))) - set(cells(plane.range)):
                assert sheet.find(cell) is None, a1_name(cell)


def test_only_elementwise_layers_are_fused() -> None:
    table = {"input": [1, 6, 6], "layers": [CONV, {"type": "MaxPool2d", "kernel_size": 2}]}
    network = network_of(table)
    good = strip(network)
    pool = good.places[2]
    layout = replace(good, places=(
        good.places[0], Place(tables=good.places[1].tables), pool,
    ), labels=(), probe=None)  # fmt: skip
    with pytest.raises(LayoutError, match="MaxPool2d has no cells, and cannot be fused"):
        lower(network, layout)


@pytest.mark.parametrize("before", ["Softmax", "Flatten"])
def test_a_relu_after_a_softmax_or_a_view_has_cells_of_its_own(before) -> None:
    shape = [4] if before == "Softmax" else [2, 1, 2]
    network = network_of({"input": shape, "layers": [{"type": before}, {"type": "ReLU"}]})
    layout = strip(network)
    assert all(place.planes for place in layout.places)
    (sheet,) = workbook_of(network, layout, network.activations(random_input(network, 0))).sheets
    for cell, cached, computed in evaluate(sheet):
        assert computed == pytest.approx(cached, rel=1e-12), cell


def test_a_layout_has_room_for_a_million_rows_and_no_more() -> None:
    Layout("x", (Place((Plane((MAX_ROWS - 10, 0), (10, 1)),)),))
    with pytest.raises(LayoutError, match="needs 1,048,577 rows and 1 columns"):
        Layout("x", (Place((Plane((MAX_ROWS - 9, 0), (10, 1)),)),))


# ---------------------------------------------------------------- test_arrange.py (new)


def flattened(channels: int, size: int) -> bool:
    """Whether the planes before a Linear are written again as a column."""
    table = {
        "input": [channels, size, size],
        "layers": [{"type": "Flatten"}, {"type": "Linear", "out_features": 2}],
    }
    return bool(strip(network_of(table)).places[1].planes)


def test_a_flatten_takes_cells_only_where_planes_would_be_many_or_single() -> None:
    assert not flattened(16, 2)
    assert flattened(17, 2)
    assert flattened(2, 1)


def test_a_strip_of_many_planes_grows_down_before_it_grows_wide() -> None:
    layers = [CONV | {"out_channels": 32}, CONV | {"out_channels": 8}]
    layout = strip(network_of({"input": [1, 12, 12], "layers": layers}))
    areas = list(layout.ranges())
    bottom, right = max(a.bottom for a in areas), max(a.right for a in areas)
    assert right <= 4 * bottom


@pytest.mark.parametrize("shape", [[1, 8, 8], [3, 8, 8], [1, 28, 28], [3, 28, 28]])
def test_nothing_stands_where_the_panel_is_read(shape) -> None:
    layout = strip(network_of({"input": shape, "layers": [CONV]}))
    wide = {label.cell[0] for label in layout.labels if label.role in ("heading", "remark")}
    for area in layout.ranges():
        if area.left < PANEL_COLUMNS:
            assert not wide & set(range(area.top, area.bottom + 1))


def test_a_panel_under_an_input_of_several_columns_stands_under_everything() -> None:
    layout = strip(network_of({"input": [3, 28, 28], "layers": [CONV]}))
    bottom = max(area.bottom for area in layout.ranges())
    (row,) = [one.cell[0] for one in layout.labels if one.text == "How to read this sheet"]
    assert row == bottom + 2


slots = st.builds(
    Slot,
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.builds(BoxGrid, st.integers(1, 4), st.tuples(st.integers(1, 4), st.integers(1, 4)),
              st.just((1, 1)), st.integers(1, 4)),
    st.booleans(),
)  # fmt: skip


@given(slots, st.integers(1, 20), st.integers(1, 60))
def test_slots_and_stacks_have_room_for_all_they_hold(slot, count, height) -> None:
    assert slot.table_top + slot.table_height <= slot.height
    stack = Stack.fitting(slot, count, height)
    assert stack.pitch >= slot.height + 2  # a caption above, a free row below


def test_stacks_are_even_and_slots_as_high_as_there_is_room() -> None:
    stack = Stack.fitting(Slot((1, 1)), 5, 14)
    assert stack.rows == 3  # 3 + 2, not 4 + 1
    slot, _ = best_slot((4, 4), BoxGrid(20, (3, 3)), 1, 30, bias=True)
    assert slot.height + 2 <= 30


def test_the_default_labels_stand_where_they_belong() -> None:
    preset = PRESETS["conv-example"]
    labels = {a1_name(one.cell): one.text for one in preset.layout(preset.network()).labels}
    for cell, text in {
        "A1": "input · 1@28×28",
        "AH2": "relu1[0]", "AH31": "relu1[1]", "AD9": "kernel 0", "AD38": "kernel 1",
        "AE15": "← bias", "AE44": "← bias", "CY3": "weights of 0", "EY32": "weights of 9",
        "FL4": "0", "FL13": "9", "FM3": "bias", "FN3": "fc1", "FQ3": "exp", "FR3": "softmax",
        "B31": "← prediction: the class with the largest output of softmax",
        "A38": "Probe: what one unit of conv2 sees",
        "A44": "conv1 · Conv2d 3×3 · 2@26×26 · 20 parameters",
        "A45": "relu1 · ReLU · 2@26×26",
        "A50": "fc1 · Linear · 10 · 2,890 parameters",
    }.items():  # fmt: skip
        assert labels[cell] == text, cell


def test_the_probe_knows_the_size_of_its_tensor() -> None:
    layers = [CONV, {"type": "ReLU"}, CONV | {"padding": [0, 1]}, {"type": "ReLU"}]
    network = network_of({"input": [1, 8, 20], "layers": layers})
    layout = strip(network)
    probe = layout.probe
    assert probe is not None
    assert (probe.tensor, probe.name) == (4, "conv2")  # 4×18
    made = book_of(network, layout, np.zeros((1, 8, 20)))
    (sheet,) = made.workbook.sheets
    assert [sheet.numbers[sheet.find(cell)] for cell in (probe.row, probe.column)] == [2, 9]
    assert [(one.cell, one.last) for one in made.formatting.validations] == [
        (probe.row, 3), (probe.column, 17),
    ]  # fmt: skip
    texts = [label.text for label in layout.labels]
    assert any("its row, 0 to 3:" in text for text in texts)
    assert any("its column, 0 to 17:" in text for text in texts)


# ---------------------------------------------------------------- test_network.py

SPEC = {"input": [1, 6, 6], "layers": [CONV, {"type": "Flatten"},
                                       {"type": "Linear", "out_features": 2}]}  # fmt: skip


def test_infinity_and_complex_numbers_are_refused() -> None:
    network = network_of(SPEC)
    with pytest.raises(InputError, match="NaN or infinity"):
        network.forward(np.full((1, 6, 6), np.inf))
    with pytest.raises(WeightsError, match=r"fc1\.bias: NaN or infinity"):
        network.with_state(network.state() | {"fc1.bias": np.array([1, -np.inf])})
    with pytest.raises(WeightsError, match=r"fc1\.bias: complex128 values"):
        network.with_state(network.state() | {"fc1.bias": np.array([1, 1j])})


def test_the_fingerprint_knows_names_and_shapes() -> None:
    flat = Linear(np.arange(6.0).reshape(2, 3)), Linear(np.arange(6.0).reshape(3, 2))
    prints = {Network((one.weight.shape[1],), (one,)).fingerprint() for one in flat}
    prints.add(Network((3,), (flat[0],), names=("other",)).fingerprint())
    assert len(prints) == 3


def test_a_second_flatten_has_a_number_and_planes_no_classes() -> None:
    assert default_names([Flatten, Flatten]) == ("flatten", "flatten2")
    with pytest.raises(ShapeError, match="2 classes, but"):
        Network((2, 1, 1), (ReLU(),), classes=("a", "b"))


def test_seeded_weights_have_four_decimals_and_seed_0() -> None:
    network = network_of(SPEC)
    weights = initialised(network, 3).state()["fc1.weight"]
    assert np.array_equal(weights, np.round(weights, 4))
    assert not np.array_equal(weights, np.round(weights, 3))
    assert initialised(network) == initialised(network, 0, "kaiming")


# ---------------------------------------------------------------- test_spec.py

HEAD = "input = [1, 28, 28]\n"
TOML = '[[layers]]\ntype = "Conv2d"\nout_channels = 2\nkernel_size = 3\n'
BAD_SPEC = [
    (HEAD + TOML + 'name = "INPUT"', "name = 'INPUT' is taken"),
    (HEAD + TOML + TOML + 'name = "Conv1"', "layer 2: name = 'Conv1' is taken"),
    (HEAD + TOML + f'name = "{"a" * 61}"', "at most 60"),
    (HEAD + 'init = "xavier"\nweights = "w.npz"\n' + TOML, "expected one source of weights"),
    (HEAD + "weights = 3\n" + TOML, "weights = 3: expected the name of an .npz file"),
]


@pytest.mark.parametrize(("text", "message"), BAD_SPEC)
def test_a_bad_description(tmp_path, text, message) -> None:
    (tmp_path / "net.toml").write_text(text)
    with pytest.raises(XlconvError) as caught:
        read_spec(tmp_path / "net.toml")
    assert message in str(caught.value)


def test_a_byte_order_mark_is_no_content(tmp_path) -> None:
    (tmp_path / "net.toml").write_text(HEAD + TOML, encoding="utf-8-sig")
    assert read_spec(tmp_path / "net.toml").network.name == "net"
    (tmp_path / "a.csv").write_text("1,2\n3,4\n", encoding="utf-8-sig")
    assert read_input(tmp_path / "a.csv", (1, 2, 2)).values.ravel().tolist() == [1, 2, 3, 4]


# ---------------------------------------------------------------- test_write.py


def parts(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as file:
        return file.read(name).decode()


@pytest.mark.parametrize("text", ["A2<D2", "A2>D2", 'A2&"x"'])
def test_every_mark_alone_is_escaped(tmp_path, text) -> None:
    into = SheetBuilder()
    into.add(Kind.FORMULA, [1], [1], numbers=[1], texts=[text])
    write_xlsx(Workbook((into.finish("x"),)), tmp_path / "x.xlsx")
    assert openpyxl.load_workbook(tmp_path / "x.xlsx").active["B2"].value == "=" + text


def test_negative_zero_is_zero() -> None:
    into = SheetBuilder()
    into.add(Kind.NUMBER, [0], [0], numbers=[-0.0])
    assert not np.signbit(into.finish("x").numbers).any()


def test_a_long_property_is_written_in_numbered_parts(tmp_path) -> None:
    sheet = SheetBuilder().finish("x")
    write_xlsx(Workbook((sheet,), properties=(("key", "ab" * 300),)), tmp_path / "x.xlsx")
    properties = openpyxl.load_workbook(tmp_path / "x.xlsx").custom_doc_props.props
    assert [one.name for one in properties] == ["key", "key.1", "key.2"]
    assert [len(one.value) for one in properties] == [255, 255, 90]


def test_names_of_sheets_are_quoted_or_refused(tmp_path) -> None:
    network = network_of(SPEC)
    made = book_of(network, strip(network, sheet="it's"), np.zeros((1, 6, 6)))
    made.write(tmp_path / "x.xlsx")
    assert "'it''s'!$A$2:$F$7" in parts(tmp_path / "x.xlsx", "xl/workbook.xml")
    made = book_of(network, strip(network, sheet="a" * 32), np.zeros((1, 6, 6)))
    with pytest.raises(FileError, match=r"y\.xlsx: .*31"):
        made.write(tmp_path / "y.xlsx")
    assert not (tmp_path / "y.xlsx").exists()


def test_a_single_cell_is_framed_on_every_side(tmp_path) -> None:
    look = Formatting()
    look.canvas.frame(Range(0, 0, 0, 0), CellStyle(), THIN)
    write_xlsx(Workbook((SheetBuilder().finish("x"),)), tmp_path / "x.xlsx", look)
    border = openpyxl.load_workbook(tmp_path / "x.xlsx").active["A1"].border
    assert {getattr(border, side).style for side in ("top", "bottom", "left", "right")} == {"thin"}


def test_a_link_to_nothing_exists_too(tmp_path) -> None:
    (tmp_path / "link.xlsx").symlink_to("none.xlsx")
    with (
        pytest.raises(FileError, match="exists"),
        whole_file(tmp_path / "link.xlsx", replace=False),
    ):
        pytest.fail("must not be asked for content")


def test_what_is_renamed_is_on_the_disk(tmp_path, monkeypatch) -> None:
    flushed = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(os.fstat(handle).st_size))
    with whole_file(tmp_path / "x.xlsx", replace=False) as temporary:
        temporary.write_text("whole")
    assert flushed == [5]


def test_the_longest_names_and_disks_without_links_are_served(tmp_path, monkeypatch) -> None:
    def refuse(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / ("a" * 250 + ".xlsx")
    with whole_file(path, replace=False) as temporary:
        temporary.write_text("ours")
    assert path.read_text() == "ours"


# ---------------------------------------------------------------- test_look.py


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    preset = PRESETS["conv-example"]
    network = preset.network()
    path = tmp_path_factory.mktemp("look") / "x.xlsx"
    book_of(network, preset.layout(network), preset.sample()).write(path)
    return path


@pytest.fixture(scope="module")
def written(path):
    return openpyxl.load_workbook(path)


def test_the_page_and_the_screen(written) -> None:
    sheet = written.active
    assert sheet.sheet_view.showGridLines is False
    assert sheet.sheet_view.zoomScale == 70
    assert int(sheet.page_setup.paperSize) == 8
    assert sheet["AH3"].alignment.vertical == "center"
    assert sheet.column_dimensions["FR"].width == pytest.approx(10.29, abs=0.01)  # 72 pixels
    assert sheet["FR4"].number_format == "0.0%"
    titles = ("A1", "AD1", "BI1", "CL1", "CY1", "FP1")
    assert len({sheet[cell].fill.fgColor.rgb for cell in titles}) == 6


def test_the_notes_say_what_a_plane_computes(written) -> None:
    sheet = written.active
    assert sheet["A2"].comment.text == "input[0]: 28×28 numbers\nChange any of them."
    assert sheet["AH32"].comment.text == (
        "relu1[1]: 26×26 cells, each of them\n"
        "• the window times the kernel, summed over all input channels, plus the bias\n"
        "• negative numbers become 0\n"
        "This one reads A2:C4, AD40:AF42, AD44"
    )
    assert sheet["CL4"].comment.text.splitlines()[1:] == [
        "• the largest number of the window", "This one reads BM4:BN5",
    ]  # fmt: skip
    assert sheet["FN4"].comment.text.startswith("fc1[0]: 10×1 cells, each of them\n")
    assert sheet["FR4"].comment.text.endswith("This one reads FQ4, FQ4:FQ13")


def test_a_note_names_six_areas_and_counts_the_rest() -> None:
    network = network_of({"input": [4, 3, 3], "layers": [CONV]})
    notes = book_of(network, strip(network), np.zeros((4, 3, 3))).formatting.comments
    assert re.search(r"This one reads (\w+:\w+, ){5}\w+:\w+ and 3 more$", notes[-1].text)


def scales(sheet) -> dict[str, list[tuple[str, object, str]]]:
    return {
        str(ranges.sqref): [
            (point.type, point.val, color.rgb[2:])
            for point, color in zip(rule.colorScale.cfvo, rule.colorScale.color, strict=True)
        ]
        for ranges in sheet.conditional_formatting
        for rule in ranges.rules
        if rule.type == "colorScale"
    }


def test_negative_is_blue_positive_is_red_and_zero_is_white(written) -> None:
    found = scales(written.active)
    state = PRESETS["conv-example"].network().state()
    most = float(np.abs(state["conv1.weight"]).max())
    assert found["AD11:AF13 AD40:AF42"] == [
        ("num", -most, "8FB4EA"), ("num", 0, "FFFFFF"), ("num", most, "F09A8E"),
    ]  # fmt: skip
    # Activations without a negative number: from white up to the largest of all planes, live.
    assert found["AH32:BG57"] == [
        ("num", 0, "FFFFFF"),
        ("formula", "MAX($AH$3:$BG$28,$AH$32:$BG$57)", "F5B97A"),
    ]


def test_the_largest_probability_is_marked_and_has_the_longest_bar(written, path) -> None:
    rules = {
        str(ranges.sqref): rule.formula
        for ranges in written.active.conditional_formatting
        for rule in ranges.rules
        if rule.type == "expression" and rule.formula[0].startswith("$FR")
    }
    largest = ["$FR4=MAX($FR$4:$FR$13)"]
    assert rules == {"FP4:FQ13": largest, "FR4:FR13": largest}
    xml = parts(path, "xl/worksheets/sheet1.xml")
    assert '<cfvo type="num" val="0"/><cfvo type="num" val="1"/>' in xml


def test_the_probe_takes_whole_numbers_from_0(written) -> None:
    found = {
        str(one.sqref): (one.type, one.operator, one.formula1, one.formula2)
        for one in written.active.data_validations.dataValidation
    }
    # between is the default of the format
    assert found == dict.fromkeys(("A39", "A40"), ("whole", None, "0", "23"))


def test_the_share_of_a_dropout_stays_below_1(tmp_path: Path) -> None:
    layers = [{"type": "Flatten"}, {"type": "Dropout", "p": 0.25, "name": "loss"}]
    network = network_of({"input": [1, 2, 2], "layers": layers}).in_training()
    layout = strip(network)
    book_of(network, layout, np.ones((1, 2, 2))).write(tmp_path / "drop.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "drop.xlsx").active
    (one,) = sheet.data_validations.dataValidation
    assert sheet[str(one.sqref)].value == 0.25
    assert (one.type, one.operator, one.formula1, one.formula2) == ("decimal", None, "0", "0.99")
    assert (one.promptTitle, one.prompt[:23]) == ("p of loss", "The share that is dropp")
    assert one.showInputMessage and one.showErrorMessage


def test_class_names_that_are_numbers_are_no_mistake(path, tmp_path) -> None:
    assert re.search(
        r'<ignoredError sqref="FL4( \w+)* FP13" numberStoredAsText="1"/>',
        parts(path, "xl/worksheets/sheet1.xml"),
    )
    network = network_of({"input": [2], "classes": ["cat", "1e3"], "layers": [{"type": "Softmax"}]})
    look = book_of(network, strip(network), [0, 1]).formatting
    assert len(look.text_numbers) == 1


def test_no_conditional_format_is_longer_than_excel_takes() -> None:
    network = initialised(
        network_of({"input": [1, 8, 8], "layers": [CONV | {"out_channels": 40}, {"type": "ReLU"}]})
    )
    look = book_of(network, strip(network), np.ones((1, 8, 8))).formatting
    texts = [value for scale in look.scales for value, _ in scale.points if isinstance(value, str)]
    assert texts and max(map(len, texts)) <= 255


def test_padding_is_faint_and_belongs_to_the_scale_of_its_plane(tmp_path) -> None:
    network = network_of({"input": [1, 6, 6], "layers": [CONV | {"padding": 1}]})
    layout = strip(network)
    made = book_of(network, layout, np.ones((1, 6, 6)))
    area = layout.places[0].planes[0].halo_range(layout.places[0].halo)
    assert made.formatting.scales[0].ranges == (area,)
    made.write(tmp_path / "x.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx").active.cell(area.top + 1, area.left + 1)
    assert (cell.value, cell.font.sz, cell.font.color.rgb) == (0, 7, "FFB6BCC6")


# ---------------------------------------------------------------- test_inputs.py


def test_pictures_keep_their_axes(tmp_path) -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[:2] = (255, 0, 0)  # the upper half
    Image.fromarray(picture).save(tmp_path / "a.png")
    found = read_input(tmp_path / "a.png", (3, 2, 3))
    assert found.values[0].tolist() == [[1, 1, 1], [0, 0, 0]]
    assert "6×4 RGB → 3×2 RGB" in found.remark


def test_pictures_are_averaged_and_only_what_is_transparent_is_white(tmp_path) -> None:
    board = np.indices((4, 4)).sum(axis=0) % 2 * 255
    Image.fromarray(board.astype(np.uint8)).save(tmp_path / "a.png")
    found = read_input(tmp_path / "a.png", (1, 2, 2)).values
    assert found.ravel().tolist() == [0.502] * 4
    Image.new("RGBA", (2, 2), (0, 0, 0, 255)).save(tmp_path / "b.png")
    assert (read_input(tmp_path / "b.png", (1, 2, 2)).values == 0).all()
    Image.new("P", (2, 2), 0).save(tmp_path / "c.png", transparency=0)
    assert (read_input(tmp_path / "c.png", (1, 2, 2)).values == 1).all()


def test_a_picture_of_too_many_pixels_is_not_decoded(tmp_path, monkeypatch) -> None:
    Image.new("L", (4, 5)).save(tmp_path / "a.png")
    monkeypatch.setattr("xlconv.interop.inputs._MOST_PIXELS", 19)
    with pytest.raises(InputError, match="4×5 pixels; expected at most 19"):
        read_input(tmp_path / "a.png", (1, 2, 2))


def test_arrays_of_the_right_size_and_wrong_shape_are_refused(tmp_path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((4, 3)))
    with pytest.raises(InputError, match=r"shape \(4, 3\)"):
        read_input(tmp_path / "a.npy", (1, 3, 4))
    np.save(tmp_path / "b.npy", np.zeros((6, 4)))  # only CSV has channels below each other
    with pytest.raises(InputError, match=r"shape \(6, 4\)"):
        read_input(tmp_path / "b.npy", (2, 3, 4))
    np.save(tmp_path / "c.npy", np.array([1j]))
    with pytest.raises(InputError, match="complex128 values; expected real numbers"):
        read_input(tmp_path / "c.npy", (1,))
    for text in ("1,2,3\n", "1\n2\n3\n"):
        (tmp_path / "v.csv").write_text(text)
        assert read_input(tmp_path / "v.csv", (3,)).values.tolist() == [1, 2, 3]


# ---------------------------------------------------------------- test_sources.py (new)


def test_the_command_line_wins_over_the_description(tmp_path) -> None:
    path = tmp_path / "net.toml"
    plain = network_of({"input": [1, 28, 28], "layers": [CONV], "name": "net"})

    def chosen(head: str, **asked):
        path.write_text(HEAD + head + TOML)
        return chosen_network(Sources(spec=path, **asked))

    assert chosen("") == initialised(plain, 0, "kaiming")
    assert chosen("seed = 5\n") == initialised(plain, 5)
    assert chosen('seed = 5\ninit = "xavier"\n') == initialised(plain, 5, "xavier")
    assert chosen('seed = 5\ninit = "xavier"\n', seed=0) == initialised(plain, 0, "xavier")
    assert chosen('seed = 5\ninit = "xavier"\n', init="uniform") == initialised(plain, 5, "uniform")
    np.savez(tmp_path / "w.npz", **random_state(plain, 1))
    assert chosen('weights = "w.npz"\n') == plain.with_state(random_state(plain, 1))
    assert chosen('weights = "w.npz"\n', seed=0) == initialised(plain, 0)
    with pytest.raises(XlconvError, match="expected one source of weights"):
        chosen("", weights=tmp_path / "w.npz", init="xavier")


def test_weights_of_a_preset_may_be_drawn_again() -> None:
    trained = PRESETS["conv-example"].network()
    assert chosen_network(Sources()) == trained
    assert chosen_network(Sources(seed=0)) == initialised(trained, 0)
    assert chosen_network(Sources(init="xavier")) == initialised(trained, 0, "xavier")


def test_a_described_network_is_shown_numbers_from_0_to_1(tmp_path) -> None:
    path = tmp_path / "net.toml"
    path.write_text("input = [2, 30, 30]\n" + TOML)
    sources = Sources(spec=path)
    values = chosen_input(sources, chosen_network(sources)).values
    assert 0 <= values.min() < 0.1 and 0.9 < values.max() <= 1
    assert np.array_equal(values, np.round(values, 2))


# ---------------------------------------------------------------- test_cli.py


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def good(*words: str) -> str:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return result.output


def test_file_names_of_any_spelling(folder) -> None:
    good("generate", "X.XLSX", "--preset", "edges")
    (folder / "net.toml").write_text('name = "???"\n' + HEAD + TOML)
    good("generate", "--spec", "net.toml")
    assert {one.name for one in folder.iterdir()} == {"X.XLSX", "net.toml", "net.xlsx"}


def test_more_words_that_do_not_go_together(folder) -> None:
    result = CliRunner().invoke(main, ["generate", "--preset", "fastai", "--relu", "fused"])
    assert result.exit_code == 2 and "arrangement of its own" in result.output
    result = CliRunner().invoke(main, ["generate", "--seed", "-1"])
    assert result.exit_code == 2 and "Usage:" in result.output


LINEAR = '[[layers]]\ntype = "Linear"\nout_features = '


def test_logits_have_no_percentage_and_one_number_no_class(folder) -> None:
    np.save("x.npy", np.zeros(3))
    np.savez("w.npz", **{"fc1.weight": np.zeros((2, 3)), "fc1.bias": [1, 4]})
    (folder / "two.toml").write_text(f"input = [3]\n{LINEAR}2\n")
    output = good("generate", "--spec", "two.toml", "--weights", "w.npz", "--input", "x.npy")
    assert "predicted" not in output
    (folder / "one.toml").write_text(f"input = [3]\n{LINEAR}1\n")
    assert "predicted" not in good("generate", "--spec", "one.toml")


def test_style_and_relu_are_taken_for_a_description(folder) -> None:
    (folder / "net.toml").write_text(HEAD + TOML + '[[layers]]\ntype = "ReLU"\n')
    good("generate", "--spec", "net.toml", "--style", "array", "--relu", "separate")
    sheet = openpyxl.load_workbook("net.xlsx").active
    assert sheet["AH3"].value.text == "=SUM(A2:C4*$AD$11:$AF$13)+$AD$15"
    assert sheet["BI3"].value == "=MAX(0,AH3)"


def test_more_than_two_planes_are_told_by_the_first_and_the_last(folder) -> None:
    network = PRESETS["edges"].network()
    planes = PRESETS["edges"].layout(network).places[1].planes
    told = f"{planes[0].range.name} … {planes[3].range.name} (4 planes)"
    assert told in " ".join(good("generate", "--preset", "edges").split())


def test_presets_are_told_with_their_summaries() -> None:
    lines = good("presets").splitlines()
    for line, preset in zip(lines, PRESETS.values(), strict=True):
        assert preset.summary in line


# ---------------------------------------------------------------- test_presets.py


def test_edges_are_the_four_kernels_of_the_chapter() -> None:
    (weight,) = PRESETS["edges"].network().state().values()
    assert weight[:, 0].tolist() == [
        [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
        [[-1, 1, 0], [-1, 1, 0], [-1, 1, 0]],
        [[0, -1, 1], [-1, 1, 0], [1, 0, 0]],
        [[1, -1, 0], [0, 1, -1], [0, 0, 1]],
    ]


def test_fastai_has_weights_of_both_signs_and_an_activation_above_zero() -> None:
    state = PRESETS["fastai"].network().state()
    assert state["conv2.weight"].min() < -0.5 and state["conv2.weight"].max() > 0.5
    assert state["fc1.weight"].min() >= 0


def test_stride2_ends_in_logits_without_a_relu() -> None:
    assert PRESETS["stride2"].network().names[-3:] == ("conv5", "flatten", "softmax")


@pytest.mark.parametrize(("name", "digit"), [("conv-example", 7), ("stride2", 3)])
def test_presets_show_the_digit_they_say(name, digit) -> None:
    assert np.array_equal(PRESETS[name].sample(), sample_digit(digit))
