"""What changed between two workbooks, and that nothing is said where nothing did."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers.command import run
from tests.helpers.paths import WORKBOOKS
from tests.helpers.shipped import opened, shipped_subject
from tests.helpers.strategies import random_input, random_state
from tests.mutations import Fault, rebuilt
from xlconv.analysis.comparison.changes import Change
from xlconv.analysis.comparison.likeness import paired_layers, paired_networks
from xlconv.analysis.diff import diff
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook, open_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.read import read_xlsx

DEFAULT = WORKBOOKS / "conv-example.xlsx"


def changed(cells: dict[str, tuple[Kind, float, str]]) -> list[Change]:
    """The default workbook against one with some other cells, and all caches refreshed."""
    subject = shipped_subject("conv-example")
    changes = {parse_a1(name): content for name, content in cells.items()}
    other = rebuilt(subject, Fault(changes, (0, 0), ()))
    return diff(opened("conv-example"), lift_workbook(other))


def net(*layers: dict, shape: tuple[int, ...] = (1, 8, 8), seed: int = 1) -> LiftedWorkbook:
    network = network_of({"input": list(shape), "layers": list(layers)})
    network = network.with_state(random_state(network, seed))
    return lift_workbook(book_of(network, strip(network), random_input(network, 0)).workbook)


def told(changes: list[Change]) -> list[tuple[str, str]]:
    return [(one.kind, one.where) for one in changes]


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_a_workbook_does_not_differ_from_itself(name: str) -> None:
    path = WORKBOOKS / f"{name}.xlsx"
    assert not diff(opened(name), open_workbook(path))
    result = run("diff", path, path)
    assert (result.exit_code, result.output) == (0, f"{path} → {path}: no difference\n")


@pytest.mark.slow
def test_a_weight_is_told_by_its_entry_and_cell() -> None:
    first, *rest = changed({"AE12": (Kind.NUMBER, 5.0, "")})
    assert (first.kind, first.where, first.cells) == (
        "weights", "conv1.weight[0, 0, 1, 1]", "conv-example!AE12",
    )  # fmt: skip
    assert first.message.endswith("→ 5")
    assert ("output", "output") in told(rest)
    assert [one.message[:4] for one in rest if one.kind == "finding"] == ["M501"]
    assert len(rest) == 2


def test_many_weights_are_counted() -> None:
    one = net({"type": "Conv2d", "out_channels": 3, "kernel_size": 3}, seed=1)
    other = net({"type": "Conv2d", "out_channels": 3, "kernel_size": 3}, seed=2)
    first, second, *_ = [one for one in diff(one, other) if one.kind == "weights"]
    state = [book.networks[0].network.state()["conv1.weight"] for book in (one, other)]
    far = np.abs(state[0] - state[1])  # in what the weights are measured in, not squared
    assert first.message == (
        f"27 of 27 numbers changed, by up to {far.max():.4g}, on average {far.mean():.4g}"
    )
    assert second.where == "conv1.bias[0]"


@pytest.mark.slow
def test_a_pixel_changes_the_input_and_the_output() -> None:
    changes = changed({"J10": (Kind.NUMBER, 0.25, "")})
    assert told(changes) == [("input", "input"), ("output", "output")]
    assert changes[0].message.startswith("1 of 784 numbers changed, by up to ")


@pytest.mark.slow
def test_another_prediction_is_told_by_its_class(tmp_path: Path) -> None:
    run("generate", tmp_path / "three.xlsx", "--digit", 3)
    changes = diff(opened("conv-example"), open_workbook(tmp_path / "three.xlsx"))
    assert changes[-1].message.endswith("; predicted class 7 → 3")


def test_options_and_shapes_of_a_layer_are_told() -> None:
    conv = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}
    changes = diff(net(conv, {"type": "ReLU"}), net(conv | {"stride": 2}, {"type": "ReLU"}))
    lines = [f"{one.where}: {one.message}" for one in changes if one.kind == "structure"]
    assert lines == [
        "conv1: stride default → 2", "conv1: gives 2×6×6 → 2×3×3", "relu1: gives 2×6×6 → 2×3×3",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_new_layer_and_one_that_is_gone_are_told_once() -> None:
    conv, relu = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}, {"type": "ReLU"}
    pool = {"type": "MaxPool2d", "kernel_size": 2}
    one, other = net(conv, relu), net(conv, relu, pool)
    lines = [(c.where, c.message) for c in diff(one, other) if c.kind == "structure"]
    last = ("output", "comes from relu1 → pool1; its numbers are not compared")
    assert lines == [("pool1", "is new: MaxPool2d 2×2"), last]
    lines = [(c.where, c.message) for c in diff(other, one) if c.kind == "structure"]
    last = ("output", "comes from pool1 → relu1; its numbers are not compared")
    assert lines == [("pool1", "is gone: MaxPool2d 2×2"), last]


@pytest.mark.slow
def test_a_cell_that_left_its_pattern_is_a_finding_and_no_wall_of_cells() -> None:
    changes = changed({"AP9": (Kind.NUMBER, 1.25, "")})
    (finding,) = [one for one in changes if one.kind == "finding"]
    assert finding.where == "conv-example!AP9"
    assert finding.message.startswith("S202 the number 1.25; expected =MAX(0,")
    assert {one.kind for one in changes} <= {"finding", "output"}


@pytest.mark.slow
def test_a_mended_cell_is_told_too() -> None:
    subject = shipped_subject("conv-example")
    fault = Fault({parse_a1("AP9"): (Kind.NUMBER, 1.25, "")}, (0, 0), ())
    changes = diff(lift_workbook(rebuilt(subject, fault)), opened("conv-example"))
    assert ("finding", "conv-example!AP9", "S202 is gone") in [
        (one.kind, one.where, one.message) for one in changes
    ]


def test_planes_that_moved_are_told_by_their_ranges() -> None:
    conv = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}
    network = network_of({"input": [1, 8, 8], "layers": [conv, {"type": "ReLU"}]})
    x = random_input(network, 0)
    one, other = (
        lift_workbook(book_of(network, strip(network, fuse=fuse), x).workbook)
        for fuse in (True, False)
    )
    moved = [change for change in diff(one, other) if change.kind == "place"]
    assert [change.where for change in moved] == ["relu1"]
    assert moved[0].message.startswith("moved: N3:S8, N12:S17 → ")


@pytest.mark.slow
def test_a_kernel_that_moved_is_told() -> None:
    kernel = parse_a1("AD11")
    subject = shipped_subject("conv-example")
    table = subject.cells
    cells: dict = {}
    for (row, column), content in table.items():
        if content[0] >= Kind.FORMULA and "$AD$11:$AF$13" in content[2]:
            text = content[2].replace("$AD$11:$AF$13", "$AD$61:$AF$63")
            cells[row, column] = (content[0], content[1], text)
        if kernel[0] <= row < kernel[0] + 3 and kernel[1] <= column < kernel[1] + 3:
            cells[row + 50, column] = content
            cells[row, column] = (Kind.BLANK, 0.0, "")
    other = lift_workbook(rebuilt(subject, Fault(cells, (0, 0), ())))
    moved = [one for one in diff(opened("conv-example"), other) if one.kind == "place"]
    assert [(one.where, one.message) for one in moved] == [
        ("conv1.weight", "moved: AD11:AF13 → AD61:AF63")
    ]


CONV, RELU = {"type": "Conv2d", "out_channels": 1, "kernel_size": 3}, {"type": "ReLU"}
FLAT, SOFTMAX = {"type": "Flatten"}, {"type": "Softmax"}
FC = {"type": "Linear", "out_features": 3}


def test_layers_are_matched_by_what_they_compute() -> None:
    """Of two convolutions, the first is taken away: the second is known by its weights."""
    whole = network_of({"input": [1, 8, 8], "layers": [CONV, RELU, CONV, RELU]})
    whole = whole.with_state(random_state(whole, 1))
    rest = network_of({"input": [1, 8, 8], "layers": [CONV, RELU]})
    state = whole.state()
    rest = rest.with_state({f"conv1.{key}": state[f"conv2.{key}"] for key in ("weight", "bias")})
    assert paired_layers(whole, rest) == [(0, None), (1, None), (2, 0), (3, 1)]
    assert paired_layers(rest, whole) == [(None, 0), (None, 1), (0, 2), (1, 3)]
    one, other = (
        lift_workbook(book_of(one, strip(one), random_input(one, 0)).workbook)
        for one in (whole, rest)
    )
    lines = [(c.where, c.message) for c in diff(one, other) if c.kind in ("structure", "weights")]
    assert lines[:3] == [
        ("conv1", "is gone: Conv2d 3×3"),
        ("relu1", "is gone: ReLU"),
        ("conv1", "name conv2 → conv1"),
    ]
    assert not [line for line in lines if ".weight" in line[0]]


def test_a_softmax_is_never_held_against_a_dense_layer() -> None:
    one, other = net(FLAT, FC, SOFTMAX), net(FLAT, FC)
    lines = [(c.kind, c.where, c.message) for c in diff(one, other)]
    assert ("structure", "softmax", "is gone: Softmax") in lines
    last = "comes from softmax → fc1; its numbers are not compared"
    assert ("structure", "output", last) in lines
    assert not [line for line in lines if line[0] == "output"]


def test_layers_are_matched_by_what_they_read_where_nothing_else_tells() -> None:
    pool, tanh = {"type": "AvgPool2d", "kernel_size": 2}, {"type": "Tanh"}
    one = network_of({"input": [1, 8, 8], "layers": [pool, tanh, pool]})
    other = network_of({"input": [1, 8, 8], "layers": [tanh, pool]})
    assert paired_layers(one, other) == [(0, None), (1, 0), (2, 1)]


def test_networks_are_matched_by_what_they_have_in_common() -> None:
    def head(*layers: dict) -> Network:
        network = network_of({"input": [1, 4, 4], "layers": [FLAT, *layers]})
        return network.with_state(random_state(network, 1))

    soft, plain, deep = head(FC, SOFTMAX), head(FC), head(FC, RELU, FC)
    assert paired_networks([soft, deep], [deep, soft]) == [(0, 1), (1, 0)]
    assert paired_networks([soft, deep], [deep]) == [(0, None), (1, 0)]
    assert paired_networks([plain], [soft, plain]) == [(0, 1), (None, 0)]
    assert paired_networks([soft, soft], [soft, soft]) == [(0, 0), (1, 1)]


@pytest.mark.slow
def test_cells_of_no_layer_are_counted_with_an_example() -> None:
    changes = changed(
        {"A60": (Kind.NUMBER, 5.0, ""), "A61": (Kind.NUMBER, 6.0, ""), "B60": (Kind.TEXT, 0.0, "x")}
    )
    assert [(one.kind, one.message, one.cells) for one in changes] == [
        ("cells", "2 cells of no layer changed, such as A60: nothing → 5", "A60:A61"),
        ("cells", "1 text of no layer changed, such as B60: nothing → x", "B60"),
    ]


@pytest.mark.slow
def test_sheets_and_networks_that_come_and_go_are_told(wild: Path) -> None:
    both = read_xlsx(wild / "conv-example.linear.xlsx")
    one, other = lift_workbook(both), lift_workbook(replace(both, sheets=both.sheets[:1]))
    changes = diff(one, other)
    assert ("cells", both.sheets[1].name) in told(changes)
    assert any(c.kind == "structure" and c.message.startswith("is gone: ") for c in changes)
    back = diff(other, one)
    assert any(c.kind == "structure" and c.message.startswith("is new: ") for c in back)
    assert ("cells", both.sheets[1].name) in told(back)


@pytest.mark.slow
def test_the_command_exits_with_1_and_tells_or_lists(tmp_path: Path) -> None:
    run("generate", tmp_path / "seed.xlsx", "--seed", 3)
    result = run("diff", DEFAULT, tmp_path / "seed.xlsx")
    assert result.exit_code == 1
    assert "\nWeights:\n  conv1.weight: 18 of 18 numbers changed, by up to " in result.output
    table = json.loads(run("diff", DEFAULT, tmp_path / "seed.xlsx", "--format", "json").output)
    assert table["version"] == 1
    assert table["changes"][0]["kind"] == "weights"
    edges = run("diff", WORKBOOKS / "edges.xlsx", WORKBOOKS / "stride2.xlsx")
    assert "more; --all shows them" in edges.output
    missing = run("diff", DEFAULT, tmp_path / "none.xlsx")
    assert missing.exit_code == 2
    assert "none.xlsx" in missing.output


@pytest.mark.slow
@pytest.mark.parametrize("columns", [50, 80])
def test_changes_fit_the_columns_and_lose_no_letter(columns: int) -> None:
    words = ("diff", WORKBOOKS / "edges.xlsx", WORKBOOKS / "stride2.xlsx")
    lines = run(*words, columns=columns).stdout.splitlines()
    assert max(map(len, lines)) <= columns
    assert "".join("".join(lines).split()) == "".join(run(*words).stdout.split())
