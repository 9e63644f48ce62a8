"""What explain prints on the command line."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.command import run
from tests.helpers.documents import section
from tests.helpers.explaining import CONV_EXAMPLE, find, text_of
from xlconv import book_of, initialised, network_of, strip
from xlconv.analysis.explanation import explain_cell


@pytest.mark.many
@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("nonsense", "'nonsense' is no cell"),
        ("conv9[0,0,0]", "no layer 'conv9'"),
        ("conv2[0,0,24]", "conv2[0, 0, 24]: conv2 is 2×24×24; expected an index up to [1, 23, 23]"),
        ("conv2[-1,0,0]", "conv2[-1, 0, 0]: conv2 is 2×24×24; expected an index up to [1, 23, 23]"),
        ("conv2[1,5]", "conv2[1, 5]: 2 indices; expected 3: channel, row, column"),
        ("fc1[]", "fc1[]: 0 indices; expected 1: unit"),
        ("conv1.weight[1]", "1 index; expected 4: output channel, input channel, row, column"),
        ("conv1[0, 5:8, 7]", "no single cell; expected one number each for channel, row"),
        ("covn2[0,0,0]", "relu2, pool1, flatten, fc1, softmax; did you mean conv2?"),
        ("conv1.wieght[0]", "expected one of conv1.weight, conv1.bias, conv1.padding; did you"),
        ("sofmax", "or a defined name; did you mean softmax?"),
        ("conv1.padding[0, 9, 9]", "no cell of the padding"),
        ("other!A1", "no sheet 'other'"),
    ],
)
def test_what_is_no_cell_is_one_line(cell: str, message: str) -> None:
    result = run("explain", str(CONV_EXAMPLE), cell)
    assert result.exit_code == 2
    assert result.output.startswith("error: ") and result.output.count("\n") == 1
    assert message in result.output


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    result = run("explain", str(tmp_path / "none.xlsx"), "A1")
    assert result.exit_code == 2 and result.output.count("\n") == 1


@pytest.mark.many
@pytest.mark.parametrize(
    "cell", ["conv2[1,5,7]", "softmax[7]", "fc1[3]", "A1", "AD11", "AG5", "A31", "relu1_0"]
)
def test_the_json_is_a_contract_without_nan(cell: str) -> None:
    if cell == "relu1_0":  # a defined name
        assert explain_cell(CONV_EXAMPLE, cell).cell == "AH3"
    output = run("explain", str(CONV_EXAMPLE), cell, "--format", "json").output
    table = json.loads(output, parse_constant=pytest.fail)
    assert table["version"] == 2
    assert set(table) == {
        "version", "path", "sheet", "cell", "kind", "role", "role_kind", "layers", "formula",
        "value", "stored", "from_formula", "from_network", "remarks", "step", "parts", "fields",
        "dependents", "all_dependents", "annotation", "sample",
    }  # fmt: skip
    if table["kind"] == "formula":
        assert table["step"]["values"] == [[table["from_formula"]]]
        assert table["from_network"] == pytest.approx(table["from_formula"], abs=1e-12)


@pytest.mark.many
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("cell", ["conv2[1,5,7]", "softmax[7]", "fc1[3]", "pool1[0,4,4]", "A31"])
def test_lines_stay_within_the_terminal(cell: str, columns: int) -> None:
    output = run("explain", str(CONV_EXAMPLE), cell, columns=columns).output
    lines = [line for line in output.splitlines() if not line.startswith("=")]  # the formula is one
    assert max(len(line.rstrip()) for line in lines) <= columns


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b" not in text_of(CONV_EXAMPLE, "pool1[0,4,4]")
    assert "\x1b[" in run("explain", str(CONV_EXAMPLE), "pool1[0,4,4]", "--color", "always").output


def test_a_dilated_kernel_shows_its_holes_and_counts_no_products_there(tmp_path: Path) -> None:
    spec = {
        "input": [1, 6, 6],
        "layers": [{"type": "Conv2d", "out_channels": 1, "kernel_size": 2, "dilation": 2}],
    }
    network = initialised(network_of(spec), seed=0)
    path = tmp_path / "dilated.xlsx"
    book_of(network, strip(network), np.ones((1, 6, 6))).write(path)
    (products,) = find(explain_cell(path, "conv1[0,0,0]").step, "SUMPRODUCT")
    weight = network.layers[0].weight[0, 0]
    assert np.allclose(np.array(products.products)[::2, ::2], weight)
    assert np.count_nonzero(products.products) == 4
    assert products.operands[1].values[1] == (None, None, None)
    assert "·" in text_of(path, "conv1[0,0,0]")


def test_the_readme_shows_what_explain_prints() -> None:
    shown = re.search("```\n(.*?)```", section("Explain"), re.S)[1]
    printed = text_of(CONV_EXAMPLE, "conv2[1, 5, 7]")
    assert [line.rstrip() for line in shown.splitlines()] == [
        line.rstrip() for line in printed.splitlines()
    ]
