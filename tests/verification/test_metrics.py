"""Faults in the statistics and output sizes beside the layers."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.helpers.metric_books import book_of_all, measured_book, metric_book, shared_sheet
from tests.helpers.reports import codes
from tests.helpers.sheet_cells import edited, named
from tests.mutations import Fault, rebuilt, refreshed
from tests.mutations.subjects import small
from xlconv.analysis.explanation import explain_cell
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.verification.findings import Severity
from xlconv.verification.verify import verify_workbook


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "name", "entry", "change", "code"),
    [
        ("multi-label", "sigmoid1_statistics", 0, 0.5, "S202"),
        ("multi-label", "sigmoid1_statistics", 1, "STDEVP(A1:A9)", "S201"),
        ("matmul", "flatten_2_statistics", 0, "AVERAGE(AL4:AL12)", "S201"),
        ("matmul", "fc1_statistics", 2, None, "S203"),
        ("one name", "conv1_3_size", 3, 3.0, "G404"),
        ("one name", "relu1_2_statistics", 0, 0.25, "S202"),
        ("padding", "same_statistics", 0, "AVERAGE(N9:P11)", "S201"),
    ],
)
def test_a_fault_in_a_measure_of_another_network_is_named(case, name, entry, change, code) -> None:
    book = book_of_all(*shared_sheet(case))
    cell = named(book, name)[entry]
    report = verify_workbook(edited(book.workbook, {cell: change}))
    assert (code, cell) in codes(report)
    assert report.strict_verdict == "findings"


@pytest.mark.many
@pytest.mark.parametrize(
    ("name", "entry", "change", "code"),
    [
        ("relu1_statistics", 0, 0.5, "S202"),
        ("relu1_statistics", 1, None, "S203"),
        ("relu2_statistics", 1, "STDEVP(BM4:CJ27,BM33:CJ56)", "S201"),
        ("relu2_statistics", 0, "AVERAGE(BM4:CJ27)", "S201"),
        ("relu2_statistics", 0, "AVERAGE(BM4:CJ27,BM34:CJ57)", "S201"),
        ("pool1_statistics", 2, 'COUNTIF(CL4:CW15,"<="&0.050000001)/COUNT(CL4:CW15)', "S201"),
        ("conv2_size", 6, 24.0, "S202"),
        ("conv2_size", 6, None, "S203"),
        ("conv2_size", 6, "26-3+1", "S201"),
        ("conv2_size", 0, 26.0, "S202"),
        ("conv2_size", 3, 5.0, "G404"),
        ("conv1_size", 0, 27.0, "G404"),
        ("conv1_size", 4, None, "G404"),
    ],
)
def test_a_fault_in_a_measure_is_named(name, entry, change, code) -> None:
    book = measured_book()
    cell = named(book, name)[entry]
    report = verify_workbook(edited(book.workbook, {cell: change}))
    assert (code, cell) in codes(report)
    # The network is what it was: every other formula of it is still verified.
    others = {one.cell for one in report.findings if one.root} - {cell}
    assert not {one for one in others if parse_a1(one)[0] < parse_a1(cell)[0] - 20}
    assert report.strict_verdict == "findings"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["_xlfn.STDEV.S(AH3:BG28,AH32:BG57)", "STDEV(AH3:BG28, AH32:BG57)"]
)
def test_other_spellings_of_a_measure_are_no_fault(text: str) -> None:
    book = measured_book()
    cell = named(book, "relu1_statistics")[1]
    report = verify_workbook(edited(book.workbook, {cell: text}))
    assert (report.findings, report.coverage) == ([], 1.0)


def test_a_stale_mean_is_named() -> None:
    book = measured_book()
    (sheet,) = book.workbook.sheets
    cell = named(book, "relu1_statistics")[0]
    numbers = sheet.numbers.copy()
    numbers[sheet.find(parse_a1(cell))] += 0.01
    stale = replace(book.workbook, sheets=(replace(sheet, numbers=numbers),))
    assert ("V101", cell) in codes(verify_workbook(stale))


@pytest.mark.slow
def test_a_broken_cell_of_the_network_is_not_blamed_on_the_statistics() -> None:
    book = measured_book()
    report = verify_workbook(edited(book.workbook, {"AP9": 1.25}))
    assert ("S202", "AP9") in codes(report)
    named_ = {cell for name in ("relu1", "pool1") for cell in named(book, f"{name}_statistics")}
    # They read it, so that their stored values are old; their formulas are right.
    assert {code for code, cell in codes(report) if cell in named_} == {"V101"}


def test_a_name_of_a_measure_that_belongs_to_no_layer_is_told() -> None:
    book = measured_book()
    names = tuple(
        (name.replace("relu1_statistics", "other_statistics"), ranges)
        for name, ranges in book.workbook.names
    )
    report = verify_workbook(replace(book.workbook, names=names))
    cells = {cell for code, cell in codes(report) if code == "L601"}
    assert len(cells) == 3
    assert report.coverage == 1.0  # they measure a plane, whatever they are called


@pytest.mark.slow
def test_a_plane_mean_in_other_words_leaves_the_measures_their_tensors() -> None:
    subject, cell = small("plane-mean", measured=True), parse_a1("AO8")
    spelled = subject.formula(cell, subject.text(cell).replace("AG3:", "AG2:"))  # a label more
    report = verify_workbook(rebuilt(subject, Fault({cell: spelled}, cell, ())))
    assert [one.code for one in report.findings if one.severity == "error"] == []
    assert report.verified == report.connected


@pytest.mark.slow
def test_the_statistics_of_a_plane_with_a_wrong_cell_are_none_themselves() -> None:
    book = metric_book("conv-example").workbook
    report = verify_workbook(refreshed(edited(book, {"AP9": 1.25})))
    assert [(one.code, one.cell) for one in report.findings] == [("S202", "AP9")]


@pytest.mark.slow
@pytest.mark.parametrize(("entry", "typed"), [(1, 1.0), (3, 5.0)])
def test_a_wrong_number_of_a_size_is_one_cause_with_what_follows(entry: int, typed: float) -> None:
    book = measured_book()
    cell = named(book, "conv1_size")[entry]
    report = verify_workbook(refreshed(edited(book.workbook, {cell: typed})))
    (one,) = [one for one in report.findings if one.root]
    assert (one.code, one.cell, one.severity) == ("G404", cell, Severity.ERROR)
    assert one.message.endswith("; the sizes that follow from it are others")
    assert report.verdict == "findings"
    assert report.knock_on > 0


def test_what_depends_on_a_cell_names_the_statistics_of_a_tensor_once() -> None:
    book = measured_book()
    statistics = named(book, "relu1_statistics")
    found = explain_cell(lift_workbook(book.workbook), "AP9")
    assert [(one.name, one.cells) for one in found.dependents] == [
        ("conv2", 18), ("the statistics of relu1", 3),
    ]  # fmt: skip
    assert found.dependents[1].ranges == (f"{statistics[0]}:{statistics[-1]}",)
    names = [one.name for one in found.all_dependents] or [
        one.name for one in explain_cell(lift_workbook(book.workbook), "B9").all_dependents
    ]
    assert len(names) == len(set(names))
    assert not any("mean" in name for name in names)
