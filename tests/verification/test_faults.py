"""Faults are named at their cell, with what should be there."""

import re

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers.paths import WORKBOOKS
from tests.helpers.shipped import shipped_subject
from tests.helpers.workbooks import sheet
from tests.mutations import KINDS, Fault, Subject, faults, killed, rebuilt, refreshed
from tests.mutations.subject import cells_of_range
from xlconv.layers import MaxPool2d
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.calculation.calculate import calculate
from xlconv.spreadsheet.workbook import Kind, TextColumn
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.report import Report
from xlconv.verification.verify import verify_workbook

PARTS = 4  # to be run side by side


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_faults_are_named_at_their_cell(subjects: list[Subject], part: int) -> None:
    found = list(faults(subjects, 170, seed=7))
    assert {name for name, _, _ in found} == set(KINDS)
    missed = []
    for name, subject, fault in found[part::PARTS]:
        if reads_the_same_numbers(subject, fault):
            continue  # a title more in a mean is no fault
        named, report = killed(subject, fault)
        if not named and not is_left_open(fault, report):
            missed.append((name, subject.name, a1_name(fault.cell)))
    assert not missed


def is_left_open(fault: Fault, report: Report) -> bool:
    """Whether verify says of the cell that it is not evaluated, and does not pass the file."""
    name = a1_name(fault.cell)
    told = any(one.code == "V103" and one.cell == name for one in report.findings)
    return told and report.verdict == "partly"


def reads_the_same_numbers(subject: Subject, fault: Fault) -> bool:
    """Whether a mean or a maximum is one of other cells, and of the same numbers."""

    def numbers(match: re.Match[str]) -> str:
        kinds = {
            cell: subject.cells.get(cell, (Kind.BLANK,))[0] for cell in cells_of_range(match[2])
        }
        read = (cell for cell, kind in kinds.items() if kind not in (Kind.BLANK, Kind.TEXT))
        return f"{match[1]}{sorted(read)}"

    held = [one.get(fault.cell) for one in (subject.cells, fault.changes)]
    texts = [one[2].replace("$", "") if one else "" for one in held]
    was, now = (re.sub(r"(AVERAGE|MAX)\(([A-Z]+\d+:[A-Z]+\d+)\)", numbers, one) for one in texts)
    return was == now and texts[0] != texts[1]


@pytest.mark.slow
def test_the_clean_workbooks_that_faults_are_put_into_have_none(subjects: list[Subject]) -> None:
    for subject in subjects:
        assert subject.report.coverage == 1.0, subject.name
        wrong = [one for one in subject.report.findings if one.severity == "error"]
        assert not wrong, (subject.name, wrong)


@pytest.mark.slow
def test_a_layer_that_disagrees_for_no_known_reason_is_no_pass(
    subjects: list[Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = MaxPool2d.forward
    monkeypatch.setattr(MaxPool2d, "forward", lambda self, x: forward(self, x) + 1e-6)
    report = verify_workbook(subjects[0].workbook)
    (one,) = [one for one in report.findings if one.severity == "error"]
    assert (one.code, one.place, one.count) == ("D702", "conv-example!CL4", 288)
    assert one.message.startswith("pool1 is declared MaxPool2d 2×2; the cells compute something")
    bare = replace(subjects[0].workbook, names=(), properties=())
    (one,) = [one for one in verify_workbook(bare).findings if one.severity == "error"]
    assert (one.code, one.place, one.count) == ("S201", "conv-example!CL4", 144)
    assert one.message.startswith("the formula gives 0; its layer gives 1e-06")
    assert report.verdict == "findings"


@pytest.mark.slow
def test_a_message_names_the_cell_and_what_it_should_be(subjects: list[Subject]) -> None:
    subject = subjects[0]
    cell = parse_a1("AP9")
    fault = Fault({cell: (Kind.NUMBER, 1.25, "")}, cell, ("S202",))
    _, report = killed(subject, fault)
    (one,) = [one for one in report.findings if one.severity == "error"]
    assert one.place == "conv-example!AP9"
    expected = "=MAX(0,SUMPRODUCT(I8:K10,$AD$11:$AF$13)+$AD$15)"
    assert one.message == f"the number 1.25; expected {expected} (conv1 and relu1)"
    assert report.knock_on > 0
    assert report.verdict == "findings"


@pytest.mark.slow
def test_a_fault_in_either_head_is_told_where_it_is() -> None:
    subject = shipped_subject("multi-label")
    for name, expected in (("KM6", "=KL6/SUM($KL$4:$KL$13)"), ("KP8", "=1/(1+EXP(-KI8))")):
        cell = parse_a1(name)
        found, report = killed(subject, Fault({cell: (Kind.NUMBER, 0.5, "")}, cell, ("S202",)))
        assert found
        (one,) = [one for one in report.findings if one.severity == "error"]
        assert one.message.startswith(f"the number 0.5; expected {expected} (")


@pytest.mark.slow
def test_knock_on_cells_are_told_apart_from_the_stale_one(subjects: list[Subject]) -> None:
    subject = subjects[0]
    cell = parse_a1("AP9")
    wrong = Fault({}, cell, ("V101",), False, {cell: subject.cells[cell][1] + 1})
    report = verify_workbook(rebuilt(subject, wrong))
    assert [one.cell for one in report.findings if one.code == "V101"] == ["AP9"]
    pixel = parse_a1("M10")
    changed = Fault({pixel: (Kind.NUMBER, 9.0, "")}, pixel, (), False)
    report = verify_workbook(rebuilt(subject, changed))
    roots = {one.cell for one in report.findings if one.root}
    others = {one.cell for one in report.findings if not one.root}
    assert roots and others
    # What reads the pixel itself is at the root: conv1, not conv2 and what follows.
    assert all(parse_a1(name)[1] < parse_a1("BH1")[1] for name in roots)
    assert any(parse_a1(name)[1] > parse_a1("BH1")[1] for name in others)


@pytest.mark.slow
def test_a_label_that_states_another_size_is_told(subjects: list[Subject]) -> None:
    subject = subjects[0]
    cell = parse_a1("AH2")
    for text, codes in (
        ("27 x 27", ["G404"]),
        ("Conv1 (26x26)", []),
        ("a 3x3 kernel", []),
        ("Conv2D 3x3", []),
    ):
        fault = Fault({cell: (Kind.TEXT, 0.0, text)}, cell, ())
        report = verify_workbook(rebuilt(subject, fault))
        assert [one.code for one in report.findings] == codes
        assert report.coverage == 1.0


def test_sums_of_a_plain_sheet_are_no_errors() -> None:
    cells: dict[str, object] = {f"A{k}": float(k) for k in range(1, 9)}
    cells |= {f"B{k}": f"=A{k}*2" for k in range(1, 9)} | {"B9": "=SUM(B1:B8)"}
    report = verify_workbook(sheet(cells))
    assert not report.findings
    assert (report.verdict, report.formulas, report.outside) == ("unverified", 9, 9)


def test_unsupported_formulas_taint_what_reads_them_and_pass_nothing() -> None:
    report = verify_workbook(sheet({"A1": 1.0, "A2": "=LAMBDA(A1)", "A3": "=MAX(0,A2)"}))
    assert [one.code for one in report.findings if one.cell == "A2"] == ["V103"]
    assert report.verified == 0


def test_circles_and_random_numbers_are_told() -> None:
    report = verify_workbook(sheet({"A1": "=A2+1", "A2": "=A1+1", "B1": "=RAND()", "B2": "=B1*2"}))
    assert {one.code for one in report.findings if one.cell in ("A1", "A2")} == {"V104"}
    assert [one.code for one in report.findings if one.cell == "B1"] == ["V105"]
    assert report.pinned == 1


def test_a_recurrence_inside_a_block_is_calculated() -> None:
    cells: dict[str, object] = {"A1": 1.0} | {f"A{k}": f"=A{k - 1}+1" for k in range(2, 30)}
    found = calculate(sheet(cells))
    assert found.grids[0].numbers.tolist() == [float(k) for k in range(1, 30)]


def test_missing_caches_are_told_once() -> None:
    clean = read_xlsx(WORKBOOKS / "edges.xlsx")
    (one,) = clean.sheets
    bare = replace(one, cached=np.where(one.is_formula, np.uint8(0), one.cached))
    report = verify_workbook(replace(clean, sheets=(bare,)))
    assert [(f.code, f.count) for f in report.findings] == [("V102", 2704)]


@pytest.mark.parametrize("plane", [0, 1])
def test_windows_of_another_size_and_the_errors_that_they_give_are_one_cause(plane: int) -> None:
    kernel = ("$AD$11:$AF$13", "$AD$40:$AF$42")[plane]
    book = read_xlsx(WORKBOOKS / "conv-example.xlsx")
    (one,) = book.sheets
    texts = [text.replace(kernel, kernel.replace("$AF", "$AE")) for text in one.texts]
    ends = np.cumsum([len(text) for text in texts])
    other = replace(
        one, texts=TextColumn("".join(texts), ends - [len(text) for text in texts], ends)
    )
    report = verify_workbook(refreshed(replace(book, sheets=(other,), names=(), properties=())))
    codes = [finding.code for finding in report.findings if finding.root]
    assert codes.count("G403") == 1
    assert "V106" not in codes
    assert report.verdict == "findings"
