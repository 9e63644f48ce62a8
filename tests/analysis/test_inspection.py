"""What inspect tells, against NumPy, torch and figures that are known."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from tests.helpers.command import run
from tests.helpers.documents import section
from tests.helpers.paths import WORKBOOKS
from tests.helpers.shipped import shipped_subject
from tests.helpers.torch import torch
from tests.mutations import Fault, rebuilt
from xlconv import book_of, initialised, network_of, strip
from xlconv.analysis.inspection import Inspection, inspect_workbook, inspected
from xlconv.cli import main
from xlconv.layers import LAYERS, Conv2d, MaxPool2d
from xlconv.layers.base.options import Padding
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.report.heatmap import Picture, Scale, print_pictures
from xlconv.report.inspection import as_json
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.workbook import Kind

CONV_EXAMPLE = WORKBOOKS / "conv-example.xlsx"
STRIDE2 = WORKBOOKS / "stride2.xlsx"


def layers(found: Inspection, number: int = 0) -> dict:
    return {one.line.name: one for one in found.networks[number].layers}


@pytest.mark.parametrize("fuse", [True, False])
def test_a_layer_without_cells_after_a_skip_is_told_by_what_it_reads(fuse: bool) -> None:
    conv = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1}
    skip = [conv, conv, {"type": "Add", "reads": "conv1"}, {"type": "ReLU"}]
    network = initialised(network_of({"input": [2, 5, 6], "layers": skip}), seed=1)
    x = np.random.default_rng(2).uniform(-1, 1, network.input_shape)
    book = book_of(network, strip(network, fuse=fuse), x)
    found = layers(inspected(lift_workbook(book.workbook)))
    for name, values in zip(network.names, network.activations(x)[1:], strict=True):
        np.testing.assert_allclose(found[name].values, values, rtol=1e-12, atol=1e-12)


# -- geometry and costs ------------------------------------------------------------------


@pytest.mark.slow
def test_a_7_by_7_grid_with_1168_parameters_of_which_16_are_biases() -> None:
    # fastbook's exercise: a stride-2 convolution of 8 to 16 channels, asked at 7 x 7.
    spec = {
        "input": [8, 14, 14],
        "layers": [
            {"type": "Conv2d", "out_channels": 16, "kernel_size": 3, "stride": 2, "padding": 1}
        ],
    }
    network = initialised(network_of(spec), seed=0)
    book = book_of(network, strip(network), np.zeros((8, 14, 14)))
    conv = layers(inspected(lift_workbook(book.workbook)))["conv1"]
    assert conv.line.parameters == 1168
    assert conv.line.output_shape == (16, 7, 7)
    assert conv.line.multiplications == 7 * 7 * (1168 - 16)


@pytest.mark.slow
def test_two_stride_2_convolutions_see_7_by_7() -> None:
    found = layers(inspect_workbook(STRIDE2))
    assert found["conv2"].field == ((7, 7), (4, 4), (-3, -3))
    assert found["relu2"].field == ((7, 7), (4, 4), (-3, -3))
    assert found["flatten"].field == found["conv5"].field
    assert found["softmax"].field is None
    assert found["input"].field == ((1, 1), (1, 1), (0, 0))


@pytest.mark.parametrize("name", LAYERS)
def test_the_size_rule_ends_in_the_size(name: str) -> None:
    from xlconv.layers.base.options import Options

    for shape, options in LAYERS[name].EXAMPLES:
        layer = LAYERS[name].build(Options(options), shape)
        rule = layer.size_rule(shape)
        assert bool(rule) == bool(layer.window_options())
        if rule:
            both = rule.split("; ") * (2 if "; " not in rule else 1)
            sizes = tuple(int(text.rsplit(" = ", 1)[1]) for text in both)
            assert sizes == layer.output_shape(shape)[1:]


@pytest.mark.parametrize(
    ("layer", "shape", "rule"),
    [
        (
            Conv2d(np.zeros((1, 1, 3, 3)), stride=(2, 2), padding=Padding(1, 1, 1, 1)),
            (1, 28, 28), "(28 + 2·1 − 3)//2 + 1 = 14",
        ),
        (
            Conv2d(np.zeros((1, 1, 3, 3)), dilation=(2, 2), padding=Padding(1, 1, 1, 1)),
            (1, 9, 9), "(9 + 2·1 − 2·(3 − 1) − 1)//1 + 1 = 7",
        ),
        (
            Conv2d(np.zeros((1, 1, 3, 3)), padding=Padding(0, 1, 0, 0)),
            (1, 26, 26),
            "height (26 + 2·0 − 3)//1 + 1 = 24; width (26 + 0 + 1 − 3)//1 + 1 = 25",
        ),
        (
            Conv2d(np.zeros((1, 1, 3, 3)), padding=Padding(-1, -1, -1, -1)),
            (1, 9, 9), "(9 − 1 − 1 − 3)//1 + 1 = 5",
        ),
        (MaxPool2d((2, 2), (2, 2), ceil_mode=True), (1, 25, 25), "⌈(25 + 2·0 − 2)/2⌉ + 1 = 13"),
        (
            MaxPool2d((2, 2), (3, 3), (1, 1), ceil_mode=True),
            (1, 6, 6), "⌈(6 + 2·1 − 2)/3⌉ + 1 = 3",
        ),
        (
            MaxPool2d((1, 1), (3, 3), ceil_mode=True),
            (1, 6, 6), "⌈(6 + 2·0 − 1)/3⌉ + 1 − 1 past the end = 2",
        ),
    ],
)  # fmt: skip
def test_the_size_rule_has_the_layers_numbers(layer, shape, rule) -> None:
    assert layer.size_rule(shape) == rule
    for part in rule.split("; "):
        text, size = re.sub("^(height|width) ", "", part).split(" = ")
        text = text.removesuffix(" past the end").replace("·", "*").replace("−", "-")
        text = re.sub("⌈(.*)⌉", r"math.ceil(\1)", text)
        assert eval(text, {"math": math}) == int(size)  # the text is arithmetic that comes out


def test_published_workbooks_are_inspected_as_they_are(wild: Path) -> None:
    relu = layers(inspect_workbook(wild / "conv-example.relu.xlsx"))
    assert list(relu) == ["input", "conv1", "relu1", "conv2", "relu2", "pool1", "flatten", "fc1"]
    assert relu["relu2"].line.output_shape == (2, 24, 25)
    assert "(26 + 0 + 1 − 3)//1 + 1 = 25" in relu["conv2"].rule
    assert "⌈(25 + 2·0 − 2)/2⌉ + 1 = 13" in relu["pool1"].rule
    assert relu["pool1"].field == ((6, 6), (2, 2), (0, 0))
    assert relu["fc1"].statistics.std is None
    assert relu["fc1"].statistics.mean == pytest.approx(258.73762671075724)
    linear = inspect_workbook(wild / "conv-example.linear.xlsx")
    assert [one.sheet for one in linear.networks] == ["conv-example", "conv-example (2)"]
    assert linear.networks[1].layers[2].field == ((5, 5), (1, 1), (1, 0))


# -- statistics --------------------------------------------------------------------------


@pytest.mark.torch
def test_statistics_are_torchs_of_the_cells() -> None:
    import openpyxl

    sheet = openpyxl.load_workbook(CONV_EXAMPLE, data_only=True).active
    cells = [cell.value for area in ("AH3:BG28", "AH32:BG57") for row in sheet[area]
             for cell in row]  # fmt: skip
    x = torch.tensor(cells, dtype=torch.float64)
    own = layers(inspect_workbook(CONV_EXAMPLE))["relu1"].statistics
    assert own.count == 2 * 26 * 26
    assert own.mean == pytest.approx(x.mean().item())
    assert own.std == pytest.approx(x.std().item(), rel=1e-12)
    assert own.near_zero == (x.abs() <= 0.05).double().mean().item()
    assert (own.least, own.largest) == (x.min().item(), x.max().item())


def test_a_layer_without_cells_has_the_statistics_of_what_it_gives() -> None:
    found = layers(inspect_workbook(CONV_EXAMPLE))
    conv, relu = found["conv1"], found["relu1"]
    assert not conv.line.ranges and conv.line.where == "in relu1"
    assert np.allclose(np.maximum(0, conv.values), relu.values)
    assert conv.statistics.least < 0


def test_a_layer_with_cells_has_the_statistics_of_its_cells() -> None:
    subject = shipped_subject("conv-example")
    place = parse_a1("AP9")
    broken = rebuilt(subject, Fault({place: (Kind.NUMBER, 99.0, "")}, place, ()))
    found = layers(inspected(lift_workbook(broken)))
    assert found["relu1"].values[0, 6, 8] == found["relu1"].statistics.largest == 99
    assert found["conv1"].statistics.largest < 99


def test_near_zero_is_an_absolute_limit_that_can_be_set() -> None:
    found = layers(inspect_workbook(CONV_EXAMPLE, near_zero=1.0))["fc1"]
    assert found.statistics.near_zero == (np.abs(found.values) <= 1).mean() > 0
    assert (found.values <= 1).mean() > found.statistics.near_zero  # more are, with the sign


# -- what is shown -----------------------------------------------------------------------


@pytest.mark.many
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("path", sorted(WORKBOOKS.glob("*.xlsx")), ids=lambda path: path.stem)
def test_tables_stay_within_the_terminal_and_cut_no_number(path: Path, columns: int) -> None:
    result = run("inspect", path, columns=columns)
    assert result.exit_code == 0
    lines = [one for one in result.output.splitlines() if not one.startswith(str(path))]
    assert max(map(len, lines)) <= columns
    for line in lines:
        assert "…" not in line or " … " in f"{line} "  # of ranges, never of a number


def test_another_head_is_told_by_the_layers_that_it_has_of_its_own() -> None:
    output = run("inspect", WORKBOOKS / "multi-label.xlsx").output
    first, *lines = output.splitlines()
    assert first.endswith("multi-label, 9 layers, 5,958 parameters, 113,040 multiplications")
    names = [line.split()[0] for line in lines if line.split()]
    for name, times in (("input", 2), ("conv1", 3), ("softmax", 2), ("sigmoid1", 2)):
        assert names.count(name) == times
    networks = json.loads(run("inspect", WORKBOOKS / "multi-label.xlsx", "--format", "json").output)
    assert [len(one["layers"]) for one in networks["networks"]] == [9, 9]


@pytest.mark.slow
def test_the_text_tells_each_layers_facts() -> None:
    lines = [" ".join(line.split()) for line in run("inspect", STRIDE2).output.splitlines()]
    assert lines[0].endswith("stride2, 11 layers, 6,722 parameters, 58,608 multiplications")
    assert "conv2 4×14×14 3×3 2 1 (14 + 2·1 − 3)//2 + 1 = 7" in lines
    assert any(line.startswith("conv2 7×7 4 −3 ") for line in lines)


@pytest.mark.slow
def test_the_json_is_a_contract_without_nan(wild: Path) -> None:
    for path in (*WORKBOOKS.glob("*.xlsx"), *wild.glob("*.xlsx")):
        result = run("inspect", path, "--format", "json")
        table = json.loads(result.output, parse_constant=pytest.fail)
        assert table["version"] == 1
        assert set(table) == {
            "version", "path", "near_zero", "networks", "unlifted", "formulas", "numbers",
            "texts", "sheets",
        }  # fmt: skip
        for network in table["networks"]:
            for layer in network["layers"]:
                assert set(layer) == {
                    "name", "type", "options", "input_shape", "output_shape", "parameters",
                    "multiplications", "window", "size_rule", "receptive_field", "ranges",
                    "statistics",
                }  # fmt: skip
    assert as_json(inspect_workbook(STRIDE2)) == run("inspect", STRIDE2, "--format", "json").output


def test_a_file_without_a_network_is_told_in_one_line_with_what_is_there(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "odd.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("odd")
        sheet.write("A1", "a text")
        sheet.write("A2", 2)
        sheet.write_formula("B1", "=A2^2+1", value=5)
        sheet.write_formula("B3", "=OFFSET(A2,0,0)", value=2)
    result = run("inspect", path)
    assert result.exit_code == 1
    first, *rest = result.output.splitlines()
    assert first == f"{path}: no network; 2 formulas, 1 number, 1 text on 1 sheet"
    assert any("odd!B1 (1 cell): no layer is spelled this way; =A2^2+1" in line for line in rest)
    assert any("odd!B3" in line and "OFFSET" in line for line in rest)
    table = json.loads(run("inspect", path, "--format", "json").output)
    assert table["networks"] == [] and len(table["unlifted"]) == 2


def test_bad_files_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "not.xlsx"
    path.write_text("no")
    result = run("inspect", path)
    assert result.exit_code == 2
    assert result.output.startswith("error: ") and result.output.count("\n") == 1
    assert run("inspect", tmp_path / "none.xlsx").exit_code == 2
    assert run("inspect", CONV_EXAMPLE, "--near-zero", "-1").exit_code == 2


# -- the pictures ------------------------------------------------------------------------


def drawn(values: np.ndarray, *, width: int = 80, color: bool = False) -> str:
    import io

    file = io.StringIO()
    system = "truecolor" if color else None
    console = Console(file=file, width=width, force_terminal=color, color_system=system)
    print_pictures(console, [Picture(("a",), values)], Scale.of(values))
    return file.getvalue()


def test_a_plane_of_28_takes_28_columns_and_14_lines() -> None:
    _, *lines = drawn(np.ones((28, 28))).splitlines()
    assert len(lines) == 14
    assert {len(line) for line in lines} == {28}


def test_half_blocks_have_the_colours_of_two_rows() -> None:
    values = np.zeros((28, 28))
    values[0] = 1.0
    first = drawn(values, color=True).splitlines()[1]
    assert first.count("▀") == 28
    assert "38;2;255;240;190" in first and "48;2;24;24;32" in first


def test_signed_planes_diverge_from_white() -> None:
    values = np.zeros((8, 8))
    values[0, 0], values[7, 7] = -2.0, 1.0
    text = drawn(values, color=True)
    assert "38;2;33;90;200" in text  # the most negative, in blue
    assert "250;250;250" in text
    assert "225;145;145" in text  # half way to red: the scale is symmetric


def test_large_planes_are_averaged_down_to_the_width() -> None:
    values = np.zeros((100, 100))
    values[:, 50:] = 1.0
    _, *lines = drawn(values, width=40).splitlines()
    assert {len(line) for line in lines} == {34}  # by threes
    assert len(lines) == 17
    assert lines[0][:16].isspace() and set(lines[0][17:]) == {"@"}


@pytest.mark.slow
def test_the_heatmap_draws_every_plane() -> None:
    plain = run("inspect", CONV_EXAMPLE, "--heatmap", columns=80).output
    assert "\x1b" not in plain and "▀" not in plain
    assert "[1] AH32:BG57" in plain and "FR4:FR13" in plain
    colored = run("inspect", CONV_EXAMPLE, "--heatmap", "--color=always").output
    assert "▀" in colored and "38;2;" in colored
    forced = CliRunner().invoke(
        main, ["inspect", str(CONV_EXAMPLE), "--heatmap"],
        env={"FORCE_COLOR": "1", "COLORTERM": "truecolor"},
    )  # fmt: skip
    assert "▀" in forced.output


def test_the_readme_shows_what_inspect_prints() -> None:
    shown = re.search("```\n(.*?)```", section("Inspect"), re.S)[1]
    output = run("inspect", CONV_EXAMPLE).output
    printed = {" ".join(line.split()) for line in output.splitlines()}
    for line in shown.splitlines():
        assert " ".join(line.split()) in printed
    assert len(shown.splitlines()) > 5
