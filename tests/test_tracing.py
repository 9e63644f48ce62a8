"""Precedents and dependents: exact as sets of cells, told by what the cells are."""

from __future__ import annotations

import io
import json
import random
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import oracles
from xlconv.analysis.trace import Trace, Tracer, trace
from xlconv.cli import main
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook, open_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.initialise import initialised
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.report.trace.graph_formats import trace_dot, trace_json
from xlconv.report.trace.svg import trace_svg
from xlconv.report.trace.svg_planes import path_of
from xlconv.report.trace.text import print_trace
from xlconv.spreadsheet.addresses import Cell, Range, a1_name, parse_a1
from xlconv.spreadsheet.formula import areas_of, scan
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.precedents.region import Region, region_of
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook

WORKBOOKS = Path(__file__).parents[1] / "workbooks"
Cells = set[tuple[int, Cell]]


def sheet_of(cells: dict[str, float | str], name: str = "Sheet1", *, array: bool = False) -> Sheet:
    """Return a sheet of numbers, of formulas (`=...`) and of texts, by their A1 names."""
    builder = SheetBuilder()
    for place, content in cells.items():
        row, column = parse_a1(place)
        if isinstance(content, float | int):
            builder.add(Kind.NUMBER, [row], [column], numbers=[content])
        elif content.startswith("="):
            kind = Kind.ARRAY_FORMULA if array else Kind.FORMULA
            builder.add(kind, [row], [column], texts=[content[1:]])
        else:
            builder.add(Kind.TEXT, [row], [column], texts=[content])
    return builder.finish(name)


def book(*sheets: Sheet, names: tuple = ()) -> LiftedWorkbook:
    return lift_workbook(Workbook(sheets, names))


def cells_of(region: Region) -> set[Cell]:
    return {
        (row, column)
        for area in region.ranges
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    }


def names_of(found: Trace, sheet: int | None = None) -> list[str]:
    return [area.name for area in found.cells(sheet).ranges]


def traced(
    of: LiftedWorkbook, cell: str, *, dependents: bool = False, depth: int | None = 1
) -> Trace:
    return trace(of, *of.find(cell), dependents=dependents, depth=depth)


# -- on small sheets, against sets -----------------------------------------------------------

REFERENCES = ("A1", "B2", "C3:D4", "$A$2:$B$3", "A$1:B3", "E5", "$C1", "D1:D6", "B:B", "2:3",
              "Other!A1", "Other!B2:C3")  # fmt: skip
COLUMNS = "ABCDEF"


@st.composite
def workbooks(draw: st.DrawFn) -> Workbook:
    """Two sheets of constants, and of formulas that were filled down and to the right."""
    sheets = []
    for name in ("Sheet1", "Other"):
        contents: dict[str, float | str] = {
            f"{draw(st.sampled_from(COLUMNS))}{draw(st.integers(1, 6))}": 1.0 for _ in range(4)
        }
        for _ in range(draw(st.integers(1, 4))):
            some = draw(st.lists(st.sampled_from(REFERENCES), min_size=1, max_size=3))
            formula = f"SUM({','.join(some)})"
            top, left = draw(st.integers(0, 4)), draw(st.integers(0, 4))
            for i in range(draw(st.integers(1, 6 - top))):
                for j in range(draw(st.integers(1, 6 - left))):
                    contents[a1_name((top + i, left + j))] = "=" + scan(formula).moved(i, j)
        sheets.append(sheet_of(contents, name))
    return Workbook(tuple(sheets))


def reads(workbook: Workbook) -> dict[tuple[int, Cell], Cells]:
    """Return what every formula cell refers to within the first rows and columns, one by one."""
    found = {}
    for number, sheet in enumerate(workbook.sheets):
        for index in np.flatnonzero(sheet.is_formula).tolist():
            text = sheet.texts[index]
            tree = parse(text)
            at: Cells = set()
            for area, reference in zip(areas_of(tree), _sheets(text), strict=True):
                target = 1 if reference else number
                at |= {
                    (target, (row, column))
                    for row in range(area.top, min(area.bottom, 30) + 1)
                    for column in range(area.left, min(area.right, 30) + 1)
                }
            found[number, (int(sheet.rows[index]), int(sheet.columns[index]))] = at
    return found


def _sheets(text: str) -> Iterator[bool]:
    return ("Other!" in part for part in text.removeprefix("SUM(").split(","))


def closed(start: Cells, steps: dict[tuple[int, Cell], Cells]) -> Cells:
    found: Cells = set()
    front = start
    while front:
        front = set().union(*(steps.get(one, set()) for one in front)) - found
        found |= front
    return found


@settings(max_examples=120)
@given(workbooks(), st.data())
def test_traces_are_what_the_formulas_say_cell_by_cell(workbook: Workbook, data: st.DataObject):
    read = reads(workbook)
    readers: dict[tuple[int, Cell], Cells] = {}
    for reader, some in read.items():
        for one in some:
            readers.setdefault(one, set()).add(reader)
    tracer = Tracer(lift_workbook(workbook))
    sheet = data.draw(st.integers(0, 1))
    cell = data.draw(st.tuples(st.integers(0, 6), st.integers(0, 6)))
    for dependents, steps in ((False, read), (True, readers)):
        for depth in (1, 2, None):
            found = tracer.trace(sheet, cell, dependents=dependents, depth=depth)
            expected = set(steps.get((sheet, cell), set()))
            if depth == 2:
                expected |= set().union(*(steps.get(one, set()) for one in expected))
            elif depth is None:
                expected = closed({(sheet, cell)}, steps)
            at = {
                (k, one)
                for k in (0, 1)
                for one in cells_of(found.cells(k).within(Range(0, 0, 30, 30)))
            }
            assert at == expected, (dependents, depth)
            assert found.is_whole or depth is not None


@settings(max_examples=20)
@given(workbooks())
def test_dependents_are_the_inverse_of_precedents(workbook: Workbook) -> None:
    tracer = Tracer(lift_workbook(workbook))
    places = [(k, (row, column)) for k in (0, 1) for row in range(7) for column in range(7)]
    pairs: dict[bool, set] = {False: set(), True: set()}
    for k, cell in places:
        for dependents, own in pairs.items():
            found = tracer.trace(k, cell, dependents=dependents)
            for other in (0, 1):
                for one in cells_of(found.cells(other).within(Range(0, 0, 6, 6))):
                    pair = ((k, cell), (other, one))
                    own.add(pair[::-1] if dependents else pair)
    assert pairs[False] == pairs[True]


# -- holes, cycles, and references of every kind ------------------------------------------------


def test_a_strided_receptive_field_keeps_its_holes() -> None:
    spec = {"input": [1, 9, 9], "seed": 0, "layers": [
        {"type": "Conv2d", "out_channels": 1, "kernel_size": 1, "stride": 2},
        {"type": "Conv2d", "out_channels": 1, "kernel_size": 3},
    ]}  # fmt: skip
    network = initialised(network_of(spec), seed=0)
    made = book_of(network, strip(network), np.ones((1, 9, 9)))
    of = lift_workbook(made.workbook)
    found = traced(of, "conv2[0, 1, 0]", depth=None)
    plane = of.lifted.tensors[0].planes[0]
    inside = cells_of(found.cells()) & cells_of(region_of(np.array([[0, 0, 8, 8]])))
    assert inside == {plane.cell(i, j) for i in (2, 4, 6) for j in (0, 2, 4)}
    assert "input[0] 9 cells within rows 2..6, columns 0..4" in {one.label for one in found.nodes}


def test_circles_come_to_an_end() -> None:
    of = book(sheet_of({"A1": "=B1", "B1": "=A1+C1", "C1": 1.0, "D1": "=D1+1"}))
    assert names_of(traced(of, "A1", depth=None)) == ["A1:C1"]
    assert names_of(traced(of, "A1", dependents=True, depth=None)) == ["A1:B1"]
    assert names_of(traced(of, "D1", depth=None)) == ["D1"]
    assert "as above" in told(traced(of, "A1", depth=None))
    cycle = {f"A{k + 1}": f"=A{(k + 7) % 30 + 1}" for k in range(30)}
    assert names_of(traced(book(sheet_of(cycle)), "A5", depth=None)) == ["A1:A30"]


def test_whole_columns_and_rows() -> None:
    block = {f"D{k}": f"=SUM(A:B)+C{k}" for k in range(1, 20)}
    of = book(sheet_of({**block, "F3": "=SUM(2:2)", "A2": 5.0}))
    assert names_of(traced(of, "D5")) == ["A1:B1048576", "C5"]
    assert names_of(traced(of, "A700", dependents=True)) == ["D1:D19"]
    assert names_of(traced(of, "C7", dependents=True)) == ["D7"]
    assert names_of(traced(of, "XFD2", dependents=True)) == ["F3"]
    assert names_of(traced(of, "F3", depth=None)) == ["A1:B1048576", "C2:XFD2"]
    assert len(trace_svg(traced(of, "D5"))) < 20_000


def test_names_array_formulas_other_sheets_and_reversed_corners() -> None:
    first = sheet_of({"A1": "=SUM(Rates)*Other!B2", "B1": "=SUM($E6:D5)", "C1": 2.0})
    names = (("rates", (("Other", Range(0, 0, 2, 0)),)),)
    of = book(first, sheet_of({"B2": 3.0}, "Other"), names=names)
    found = traced(of, "A1")
    assert (names_of(found, 0), names_of(found, 1)) == ([], ["A1:A3", "B2"])
    assert names_of(traced(of, "Other!A2", dependents=True), 0) == ["A1"]
    assert names_of(traced(of, "B1")) == ["D5:E6"]
    sheet = sheet_of({"D1": "=A1:A3*B1", "D2": 1.0, "D3": 1.0}, array=True)
    sheet.arrays[sheet.find((0, 3))] = Range(0, 3, 2, 3)
    of = book(sheet)
    assert names_of(traced(of, "D3")) == ["A1:B1", "A2:A3"]
    assert names_of(traced(of, "B1", dependents=True)) == ["D1:D3"]


def test_formulas_outside_the_language_are_followed_all_the_same() -> None:
    odd = {f"C{k}": f"=SUM((A{k},B{k}:B{k + 1}))+FROBNICATE($A$1)" for k in range(2, 12)}
    of = book(sheet_of({**odd, "E1": "=[Book2.xlsx]Sheet1!A1+nothing+A4", "E2": "=A1 +*"}))
    assert names_of(traced(of, "C4")) == ["A1", "A4:B4", "B5"]
    assert names_of(traced(of, "B5", dependents=True)) == ["C4:C5"]
    found = traced(of, "E1")
    assert names_of(found) == ["A4"]
    assert found.not_followed == ["[Book2.xlsx]Sheet1!A1", "nothing"]
    assert "not followed: [Book2.xlsx]Sheet1!A1, nothing" in told(found)
    assert traced(of, "C4").not_followed == []


def test_a_block_whose_first_place_is_blank_and_would_read_off_the_sheet() -> None:
    row = {"A5": "=SUM(A1,C3:D4)", "B5": "=SUM(B1,D3:E4)", "C5": "=SUM(C1,E3:F4)"}
    of = book(sheet_of({"B4": "=SUM(A1,C3:D4)", **row}))
    assert names_of(traced(of, "A1", dependents=True)) == ["B4", "A5"]
    assert names_of(traced(of, "C5")) == ["C1", "E3:F4"]


def test_blanks_and_constants_have_no_precedents() -> None:
    of = book(sheet_of({"A1": 1.0, "B1": "=A1"}))
    for cell in ("A1", "Z99"):
        found = traced(of, cell)
        assert len(found.nodes) == 1
        assert found.is_whole
        assert "no precedents" in told(found)


def test_a_long_recurrence_ends_and_is_told_briefly() -> None:
    of = book(sheet_of({"A1": 1.0, **{f"A{k}": f"=A{k - 1}+1" for k in range(2, 400)}}))
    found = traced(of, "A399", depth=None)
    assert names_of(found) == ["A1:A398"]
    assert len(told(found).splitlines()) < 30
    assert len(json.loads(trace_json(found))["nodes"]) == 399
    assert not traced(of, "A399", depth=5).is_whole
    assert names_of(traced(of, "A399", depth=5)) == ["A394:A398"]


def test_thousands_of_formulas_of_their_own_are_followed_together() -> None:
    rng = random.Random(0)
    cells = {f"B{k}": f"=A{rng.randint(1, 900)}*{rng.random():.4f}+SUM(A1:A{rng.randint(2, 9)})"
             for k in range(1, 900)}  # fmt: skip
    of = book(sheet_of(cells))
    found = traced(of, "A2", dependents=True, depth=None)
    expected = {parse_a1(place)[0] for place in cells}
    assert {row for row, _ in cells_of(found.cells())} == expected
    assert len(found.nodes) < 10


# -- told ----------------------------------------------------------------------------------


def told(found: Trace) -> str:
    page = io.StringIO()
    print_trace(found, page)
    return page.getvalue()


@pytest.fixture(scope="module")
def example() -> LiftedWorkbook:
    return open_workbook(WORKBOOKS / "conv-example.xlsx")


def test_the_tree_names_windows_kernels_and_biases(example: LiftedWorkbook) -> None:
    text = told(traced(example, "conv2[1, 5, 7]", depth=None))
    first, *lines = text.splitlines()
    assert first.startswith("conv-example!BT38  conv2[1, 5, 7]  =MAX(0,SUMPRODUCT(AO8:AQ10,")
    assert first.endswith("→ 2.68889")
    assert lines[0] == "├── conv1[0] 3×3 at rows 5..7, columns 7..9  AO8:AQ10"
    assert lines[1] == "│   ├── input[0] 5×5 at rows 5..9, columns 7..11  H7:L11"
    assert lines[-1] == "└── conv2.bias[1] = -0.1288  BI47"


def test_planes_of_a_tensor_are_folded_where_they_are_many() -> None:
    of = open_workbook(WORKBOOKS / "stride2.xlsx")
    lines = told(traced(of, "softmax[0]", depth=None)).splitlines()
    assert len(lines) < 60
    assert any("conv4[0] … conv4[31] 2×2 each, 128 cells" in line for line in lines)
    assert any("zeros above input[0], 29 cells  A2:AC2" in line for line in lines)


def test_what_lies_beyond_a_plane_is_named_so() -> None:
    found = traced(open_workbook(WORKBOOKS / "fastai.xlsx"), "conv2[1, 5, 24]")
    assert "blanks right of conv1[0], 3 cells" in {one.label for one in found.nodes}


def test_blanks_between_the_entries_of_a_plane_belong_to_it() -> None:
    found = traced(open_workbook(WORKBOOKS / "fastai.xlsx"), "fc1[0]")
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
    assert content["value"] == pytest.approx(2.68889, abs=1e-5)
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
    of = open_workbook(WORKBOOKS / f"{name}.xlsx")
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


# -- the command -----------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["trace", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_writes_every_format(tmp_path: Path) -> None:
    path = WORKBOOKS / "conv-example.xlsx"
    for name, start in (("json", "{"), ("dot", "digraph"), ("svg", "<svg"), ("text", "conv-ex")):
        target = tmp_path / f"trace.{name}"
        asked = (path, "BT38", "--all", "--format", name)
        code, output = run(*asked)
        assert (code, output.startswith(start)) == (0, True)
        assert run(*asked, "--output", target) == (0, "")
        assert target.read_text(encoding="utf-8") == output
        assert run(*asked, "--output", target)[0] == 2
        assert run(*asked, "--output", target, "--force")[0] == 0


def test_depths_and_directions(tmp_path: Path) -> None:
    path = WORKBOOKS / "conv-example.xlsx"
    assert "input[0]" not in run(path, "BT38")[1]
    assert "--all" in run(path, "BT38")[1]
    assert "input[0]" in run(path, "BT38", "--depth", "2")[1]
    assert "pool1[1, 2, 3]" in run(path, "conv2[1,5,7]", "--dependents")[1]
    assert "conv1[0]" in run(path, "conv2[1,5,7]", "--precedents")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("conv-example.xlsx", "conv9[0]"), "no layer 'conv9'"),
        (("conv-example.xlsx", "conv2[0,0,99]"), "expected an index within"),
        (("conv-example.xlsx", "Nope!A1"), "no sheet 'Nope'"),
        (("conv-example.xlsx", "A0"), "is no cell"),
        (("conv-example.xlsx", "A1", "--depth", "2", "--all"), "expected one of them"),
        (("conv-example.xlsx", "A1", "--depth", "0"), "--depth"),
        (("missing.xlsx", "A1"), "missing.xlsx"),
        (("regenerate.py", "A1"), "regenerate.py"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(arguments: tuple[str, ...], words: str) -> None:
    code, output = run(WORKBOOKS / arguments[0], *arguments[1:])
    assert code == 2
    assert words in output
    assert "Traceback" not in output


# -- LibreOffice's tracer ----------------------------------------------------------------------

SAMPLES = 24


def sampled(of: LiftedWorkbook) -> dict[str, tuple[int, Cell, bool]]:
    """Return cells of every tensor, parameter and kind, by the names to ask for them."""
    rng = random.Random(1)
    found = {}
    for number, sheet in enumerate(of.workbook.sheets):
        for kinds in (sheet.is_formula, ~sheet.is_formula):
            indices = np.flatnonzero(kinds).tolist()
            for index in rng.sample(indices, min(SAMPLES, len(indices))):
                cell = int(sheet.rows[index]), int(sheet.columns[index])
                found[f"{number}!{a1_name(cell)}"] = (number, cell, False)
                found[f"{number}!{a1_name(cell)}/d"] = (number, cell, True)
    return found


def compare(path: Path, folder: Path) -> int:
    """Return how many cells LibreOffice and we both found; they must be the same."""
    of = open_workbook(path)
    asked = sampled(of)
    python = oracles.needs_uno()
    script = Path(__file__).with_name("uno_trace.py")
    done = subprocess.run(
        [python, script, oracles.profile(folder), path.resolve(), *asked],
        check=True, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    answers = json.loads(done.stdout)
    tracer = Tracer(of)
    count = 0
    for name, (sheet, cell, dependents) in asked.items():
        for key, depth in (("direct", 1), ("all", None)):
            found = tracer.trace(sheet, cell, dependents=dependents, depth=depth).cells(sheet)
            own = region_of(np.array([[*cell, *cell]]))  # LibreOffice always counts the cell
            theirs = region_of(np.array(answers[name][key], np.int64).reshape(-1, 4))
            assert theirs - own == found - own, (name, key)
            count += len(found)
    return count


@pytest.mark.parametrize("name", PRESETS)
def test_libreoffice_traces_the_same_cells_in_presets(name: str, tmp_path: Path) -> None:
    assert compare(WORKBOOKS / f"{name}.xlsx", tmp_path) > 400  # of the smallest sheet, 456


@pytest.mark.parametrize("name", ["conv-example.relu", "conv-example.linear"])
def test_libreoffice_traces_the_same_cells_in_published_files(
    name: str, wild: Path, tmp_path: Path
) -> None:
    assert compare(wild / f"{name}.xlsx", tmp_path) > 1000
