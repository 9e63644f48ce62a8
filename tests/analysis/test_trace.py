"""Precedents and dependents are exact as sets of cells."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.small_sheets import book, cells_of, names_of, sheet_of, told, traced
from xlconv.analysis.trace import Tracer
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.initialise import initialised
from xlconv.network.spec import network_of
from xlconv.report.trace.graph_formats import trace_json
from xlconv.report.trace.svg import trace_svg
from xlconv.spreadsheet.addresses import Cell, Range, a1_name, parse_a1
from xlconv.spreadsheet.formula import areas_of, scan
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.precedents.region import region_of
from xlconv.spreadsheet.workbook import Workbook

Cells = set[tuple[int, Cell]]

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


@pytest.mark.slow
@examples(120)
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


@pytest.mark.slow
@examples(20)
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


def test_a_cell_whose_block_lifting_took_apart_is_of_the_new_one() -> None:
    row = {"C4": "=SUM(B3,B3,D5:E6)", "D4": "=SUM(C3,C3,E5:F6)"}
    of = book(sheet_of({"B5": "=SUM(A4,A4,C6:D7)", **row}))
    assert names_of(traced(of, "D4")) == ["C3", "E5:F6"]
    assert names_of(traced(of, "E5", dependents=True)) == ["C4:D4"]


def test_blanks_and_constants_have_no_precedents() -> None:
    of = book(sheet_of({"A1": 1.0, "B1": "=A1"}))
    for cell in ("A1", "Z99"):
        found = traced(of, cell)
        assert len(found.nodes) == 1
        assert found.is_whole
        assert "no precedents" in told(found)


@pytest.mark.slow
def test_a_long_recurrence_ends_and_is_told_briefly() -> None:
    of = book(sheet_of({"A1": 1.0, **{f"A{k}": f"=A{k - 1}+1" for k in range(2, 400)}}))
    found = traced(of, "A399", depth=None)
    assert names_of(found) == ["A1:A398"]
    assert len(told(found).splitlines()) < 30
    assert len(json.loads(trace_json(found))["nodes"]) == 399
    assert not traced(of, "A399", depth=5).is_whole
    assert names_of(traced(of, "A399", depth=5)) == ["A394:A398"]


@pytest.mark.slow
def test_thousands_of_formulas_of_their_own_are_followed_together() -> None:
    rng = random.Random(0)
    cells = {f"B{k}": f"=A{rng.randint(1, 900)}*{rng.random():.4f}+SUM(A1:A{rng.randint(2, 9)})"
             for k in range(1, 900)}  # fmt: skip
    of = book(sheet_of(cells))
    found = traced(of, "A2", dependents=True, depth=None)
    expected = {parse_a1(place)[0] for place in cells}
    assert {row for row, _ in cells_of(found.cells())} == expected
    assert len(found.nodes) < 10
