"""Rows and columns inserted through everything are one cause, told where it is certain."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers.lines import with_lines
from tests.helpers.workbooks import sheet
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook
from xlconv.verification.findings import Severity
from xlconv.verification.report import Report
from xlconv.verification.verify import verify, verify_workbook


def bare(book: Workbook) -> Workbook:
    """Return a workbook without names and description."""
    return replace(book, names=(), properties=())


def errors(report: Report) -> list[tuple[str, str]]:
    every = [one for one in report.findings if one.root and one.severity is Severity.ERROR]
    return [(one.code, one.message) for one in every]


def with_number(book: Workbook, name: str, number: float) -> Workbook:
    """Return a workbook of one sheet with a number pasted over a formula."""
    (one,) = book.sheets
    index = one.find(parse_a1(name))
    kinds, cached, numbers = one.kinds.copy(), one.cached.copy(), one.numbers.copy()
    kinds[index] = cached[index] = Kind.NUMBER
    numbers[index] = number
    return replace(book, sheets=(replace(one, kinds=kinds, cached=cached, numbers=numbers),))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("axis", "line", "words"),
    [
        (0, 9, "row 10 was inserted: 30 windows became 4×3"),
        (0, 4, "row 5 was inserted: 30 windows became 4×3"),
        (1, 5, "column F was inserted: 28 windows became 3×4"),
        (1, 35, "column AJ was inserted: 6 windows became 3×4"),
    ],
)
@pytest.mark.parametrize("against", [False, True])
def test_a_line_through_everything_is_one_error(
    axis: int, line: int, words: str, against: bool
) -> None:
    clean = PRESETS["rgb"].book().workbook
    book = with_lines(clean, axis, line)
    report = verify(bare(book), against=clean) if against else verify_workbook(book)
    assert report.verdict == "findings"
    assert errors(report) == [("G405", words)]
    assert [one for one in report.findings if one.root and one.code == "G404"] == []
    assert report.knock_on == report.connected - report.verified > 0


@pytest.mark.slow
def test_several_lines_in_one_place_and_in_several_are_told() -> None:
    clean = PRESETS["rgb"].book().workbook
    two = verify_workbook(with_lines(clean, 0, 9, 2))
    assert errors(two) == [("G405", "rows 10:11 were inserted: 30 windows became 5×3")]
    apart = verify_workbook(with_lines(with_lines(clean, 0, 26), 0, 9))
    assert [message.partition(":")[0] for _, message in errors(apart)] == [
        "row 10 was inserted", "row 28 was inserted",
    ]  # fmt: skip


@pytest.mark.slow
def test_another_fault_beside_it_keeps_all_findings() -> None:
    clean = PRESETS["rgb"].book().workbook
    report = verify_workbook(with_lines(with_number(clean, "AP9", 1.25), 0, 6))
    assert report.verdict == "findings"
    assert "G405" not in {one.code for one in report.findings}


@pytest.mark.parametrize("line", [0, 18, 37, 60])
def test_lines_between_and_around_planes_change_nothing(line: int) -> None:
    clean = PRESETS["rgb"].book().workbook
    assert verify_workbook(with_lines(clean, 0, line)).verdict == "verified"


@pytest.mark.slow
def test_a_line_through_a_plane_that_no_window_goes_over_changes_nothing() -> None:
    clean = PRESETS["rgb"].book().workbook
    book = with_lines(clean, 1, 44)
    report = verify_workbook(book)
    assert report.verdict == "verified"
    assert report.verified == report.connected == 784
    wrong = verify_workbook(with_lines(with_number(clean, "AP9", 1.25), 1, 44))
    assert wrong.verdict == "findings"


def test_a_stale_value_beside_such_a_line_is_still_an_error() -> None:
    book = with_lines(PRESETS["rgb"].book().workbook, 1, 44)
    (one,) = book.sheets
    index = one.find(parse_a1("AM4"))
    cached, numbers = one.cached.copy(), one.numbers.copy()
    cached[index], numbers[index] = Kind.NUMBER, 77.0
    stale = replace(book, sheets=(replace(one, cached=cached, numbers=numbers),))
    report = verify_workbook(stale)
    assert report.verdict == "findings"
    assert "V101" in {one.code for one in report.findings}


def test_a_formula_that_counts_lines_makes_them_a_cause() -> None:
    book = with_lines(PRESETS["rgb"].book().workbook, 1, 44)
    (one,) = book.sheets
    into = SheetBuilder()
    for name, text in (("CA1", "AM4*COLUMN(AM4)"),):
        row, column = parse_a1(name)
        into.add(Kind.FORMULA, [row], [column], texts=[text])
    for index in range(len(one)):
        kind = Kind(int(one.kinds[index]))
        texts = [one.texts[index]] if kind != Kind.NUMBER else []
        into.add(kind, [one.rows[index]], [one.columns[index]],
                 numbers=[one.numbers[index]], texts=texts)  # fmt: skip
    counted = replace(book, sheets=(into.finish(one.name),))
    assert verify_workbook(counted).verdict != "verified"


def test_blank_lines_of_a_sheet_without_a_network_are_no_cause() -> None:
    cells: dict[str, object] = {"A1": 1.0, "A3": 2.0, "B1": "=SUM(A1:A3)", "B2": 3.0}
    report = verify_workbook(sheet(cells))
    assert "G405" not in {one.code for one in report.findings}
    assert np.isclose(report.coverage, 0)


def test_a_stale_value_is_not_blamed_on_a_blank_line() -> None:
    # The list of kernels of this one goes on over a blank row.
    clean = PRESETS["image-kernels"].book().workbook
    (one,) = clean.sheets
    numbers = one.numbers.copy()
    numbers[one.find(parse_a1("AH13"))] += 1
    report = verify_workbook(replace(clean, sheets=(replace(one, numbers=numbers),)))
    assert [code for code, _ in errors(report)] == ["V101"]
