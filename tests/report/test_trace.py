"""A trace is told, drawn and written by what its cells are."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tests.helpers.shipped import opened
from tests.helpers.small_sheets import book, sheet_of, told, traced
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.report.trace.graph_formats import trace_dot, trace_json
from xlconv.report.trace.svg import trace_svg
from xlconv.report.trace.svg_planes import path_of
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.precedents.region import region_of


@pytest.fixture(scope="module")
def example() -> LiftedWorkbook:
    return opened("conv-example")


def test_the_tree_names_windows_kernels_and_biases(example: LiftedWorkbook) -> None:
    text = told(traced(example, "conv2[1, 5, 7]", depth=None))
    first, *lines = text.splitlines()
    assert first.startswith("conv-example!BT38  conv2[1, 5, 7]  =MAX(0,SUMPRODUCT(AO8:AQ10,")
    assert first.endswith("→ 0.35581")
    assert lines[0] == "├── conv1[0] 3×3 at rows 5..7, columns 7..9  AO8:AQ10"
    assert lines[1] == "│   ├── input[0] 5×5 at rows 5..9, columns 7..11  H7:L11"
    assert lines[-1] == "└── conv2.bias[1] = 0  BI47"


@pytest.mark.slow
def test_planes_of_a_tensor_are_folded_where_they_are_many() -> None:
    of = opened("stride2")
    lines = told(traced(of, "softmax[0]", depth=None)).splitlines()
    assert len(lines) < 60
    assert any("conv4[0] … conv4[31] 2×2 each, 128 cells" in line for line in lines)
    assert any("zeros above input[0], 29 cells  A2:AC2" in line for line in lines)


def test_what_lies_beyond_a_plane_is_named_so() -> None:
    found = traced(opened("fastai"), "conv2[1, 5, 24]")
    assert "blanks right of conv1[0], 3 cells" in {one.label for one in found.nodes}


def test_blanks_between_the_entries_of_a_plane_belong_to_it() -> None:
    found = traced(opened("fastai"), "fc1[0]")
    assert [one.label for one in found.nodes[1:]] == [
        "pool1[0] 12×13", "pool1[1] 12×13", "fc1.weight[0, 0..155]", "fc1.weight[0, 156..311]",
    ]  # fmt: skip
    assert [len(one.region) for one in found.nodes[1:]] == [23 * 25] * 4


def test_json_says_the_same_cells_and_has_no_nan(example: LiftedWorkbook) -> None:
    found = traced(example, "conv2[1, 5, 7]", depth=None)
    content = json.loads(trace_json(found), parse_constant=lambda _: pytest.fail("NaN"))
    assert content["version"] == 2
    assert (content["cell"], content["direction"]) == ("BT38", "precedents")
    assert content["complete"]
    assert content["value"] == pytest.approx(0.35581, abs=1e-5)
    assert content["cells"] == len(found.cells()) == 9 * 4 + 25 + 9 * 2 + 3
    boxes = [
        (*parse_a1(first), *parse_a1(last or first))
        for node in content["nodes"][1:]
        for name in node["ranges"]
        for first, _, last in [name.partition(":")]
    ]
    assert region_of(np.array(boxes)) == found.cells()
    ids = {node["id"]: node["level"] for node in content["nodes"]}
    assert all(ids[edge["from"]] > ids[edge["to"]] for edge in content["edges"])
    circular = json.loads(trace_json(traced(book(sheet_of({"A1": "=1/0+A1"})), "A1")))
    assert circular["edges"] == [{"from": 0, "to": 0, "ranges": ["A1"]}]


def test_dot_has_a_node_for_every_range(example: LiftedWorkbook) -> None:
    found = traced(example, "input[0, 9, 9]", dependents=True, depth=None)
    text = trace_dot(found)
    assert text.count("[label=") == len(found.nodes)
    assert text.count(" -> ") == len(found.edges)
    assert "n0 -> n1;" in text
    assert 'n0 [label="input[0, 9, 9]\\nJ11"' in text
    quoted = trace_dot(traced(book(sheet_of({"A1": "=B1"}, 'a"b\\'), sheet_of({})), "A1"))
    assert quoted.count('"') % 2 == 0


@pytest.mark.parametrize("name", ["conv-example", "stride2", "edges", "fastai"])
def test_the_picture_is_plain_xml_with_every_plane(name: str) -> None:
    of = opened(name)
    found = traced(of, "conv1[0, 4, 5]", depth=None)
    text = trace_svg(found)
    root = ET.fromstring(text)
    assert float(root.get("width")) < 1700
    assert len(text) < 700_000
    assert "<script" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    titles = {one.text for one in root.iter("{http://www.w3.org/2000/svg}title")}
    for tensor in of.lifted.tensors:
        for plane in (*tensor.planes, *(one for some in tensor.kernels for one in some)):
            assert any(title.endswith(f" {plane.range.name}") for title in titles)
    lines = list(root.iter("{http://www.w3.org/2000/svg}line"))
    assert len(lines) == len(found.edges)
    for line in lines:  # the heads are to the right of the dots, as the network goes
        assert float(line.get("x2")) > float(line.get("x1"))


def test_paths_draw_the_cells_of_a_region() -> None:
    cells = {(2, 3), (2, 4), (3, 3), (5, 9), (0, 12), (7, 1), (7, 2)}
    region = region_of(np.array([(*cell, *cell) for cell in cells]))
    path = path_of(region)
    row = column = 0
    drawn = set()
    for x, y, width, height in re.findall(r"m(-?\d+) ?(-?\d+)h(\d+)v(\d+)h-\d+z", path.lower()):
        row, column = row + int(y), column + int(x)
        drawn |= {(row + i, column + j) for i in range(int(height)) for j in range(int(width))}
    assert drawn == cells


def test_the_picture_of_any_sheet() -> None:
    sheet = sheet_of({"A1": '=B1&"<&>"', "B1": "=XFD1048576", "XFD1048576": 1.0}, "a<b&c")
    text = trace_svg(traced(book(sheet), "A1", depth=None))
    assert "a&lt;b&amp;c" in text
    ET.fromstring(text)
    ET.fromstring(trace_svg(traced(book(sheet_of({})), "C3")))
    ET.fromstring(trace_svg(traced(book(sheet_of({"A1": '="\x01"&B1', "B1": "\x02"})), "A1")))
