"""Odd cells where patterns are small, short or no formulas: each is named, and only it."""

import pytest
from msgspec.structs import replace

from tests.helpers.workbooks import sheet
from tests.mutations import Fault, Subject, killed, rebuilt
from tests.mutations.subject import Content
from tests.mutations.subjects import preset, small
from xlconv.spreadsheet.addresses import Cell, a1_name, parse_a1
from xlconv.spreadsheet.blocks.grouping.group import group
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.verification.findings import Severity
from xlconv.verification.verify import Report, verify_workbook


def errors(report: Report) -> list[str]:
    return [f"{one.code} {one.cell}" for one in report.findings if one.severity is Severity.ERROR]


def anonymous(name: str) -> Subject:
    """Return a small network without names and description, as others' files are."""
    return Subject(name, replace(small(name).workbook, names=(), properties=()))


def told(subject: Subject, where: str, content: Content | None) -> list[str]:
    cell = parse_a1(where)
    return errors(killed(subject, Fault({cell: content}, cell, ()))[1])


def formula(text: str) -> Content:
    return Kind.FORMULA, 0.0, text


def odd_cells(book: Workbook) -> list[str]:
    groups = [one for one in group(book.sheets[0]) if not one.regular.all()]
    return [
        a1_name(one.lattice.cell(i, j))
        for one in groups for i in range(one.lattice.shape[0]) for j in range(one.lattice.shape[1])
        if not one.regular[i, j]
    ]  # fmt: skip


# -- patterns of few cells -----------------------------------------------------------------


@pytest.mark.many
@pytest.mark.parametrize("row", [0, 1, 2])
@pytest.mark.parametrize("column", [0, 1, 2])
@pytest.mark.parametrize("text", ["-1", "INDEX(BS3:BS38,MATCH($AH$11,$BQ$3:$BQ$39,0))"])
def test_one_odd_cell_of_nine_is_named_wherever_it_stands(row, column, text) -> None:
    subject = preset("image-kernels")
    where = a1_name((12 + row, 33 + column))
    assert subject.text(parse_a1(where)).startswith("INDEX(")
    number = text == "-1"
    content = (Kind.NUMBER, -1.0, "") if number else formula(text)
    assert told(subject, where, content) == [f"{'S202' if number else 'S201'} {where}"]


def column(first: str, rest: str, last: str) -> Workbook:
    """Return a column B2:B7 over six numbers, its ends given, `#` for the row."""
    cells: dict[str, object] = {f"A{i}": float(i) for i in range(1, 9)} | {"D1": 2.0}
    texts = {2: first, 7: last}
    cells |= {f"B{i}": "=" + texts.get(i, rest).replace("#", str(i)) for i in range(2, 8)}
    return sheet(cells)


@pytest.mark.parametrize("odd", ["ROUND(A#*$D$1,2)", "A#", "A#*$D$1+1", "SQRT(A#)*$D$1"])
def test_a_cell_at_the_end_of_a_vector_is_odd_if_it_reads_what_the_others_would(odd: str) -> None:
    rest = "A#*$D$1" if "D" in odd else "EXP(A#)"
    assert odd_cells(column(odd, rest, rest)) == ["B2"]
    assert odd_cells(column(rest, rest, odd)) == ["B7"]
    assert odd_cells(column(rest, rest, rest)) == []


@pytest.mark.parametrize(
    ("first", "rest"),
    [("A#", "B1+A#"), ("A#*$D$1", "B1*$D$1+A#"), ("$D$1", "A#*$D$1"), ("SUM(A3:A7)", "A#*$D$1")],
)
def test_the_first_cell_of_a_running_total_or_another_formula_is_not_odd(first, rest) -> None:
    cells: dict[str, object] = {f"A{i}": float(i) for i in range(1, 9)} | {"D1": 2.0}
    cells |= {"B2": "=" + first.replace("#", "2")}
    cells |= {
        f"B{i}": "=" + rest.replace("B1", f"B{i - 1}").replace("#", str(i)) for i in range(3, 8)
    }
    assert odd_cells(sheet(cells)) == []


@pytest.mark.slow
def test_what_is_read_cell_by_cell_is_one_block() -> None:
    subject = anonymous("drop-vector")
    for where in ("BT3", "BT6", "BT10"):
        assert told(subject, where, formula("IF(RAND()<0.5,0,1)")) == [f"S201 {where}"]


# -- frames and borders --------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("padding", (Kind.NUMBER, 0.25, ""), "G403"),
        ("padding", (Kind.TEXT, 0.0, "0"), "T302"),
        ("padding", None, "T301"),
        ("max-pool", (Kind.NUMBER, 0.0, ""), "G403"),
        ("max-pool", None, "T301"),
    ],
)
def test_an_odd_cell_in_a_frame_is_named_and_not_the_windows(name, content, code: str) -> None:
    for subject in (small(name), anonymous(name)):
        (frame,) = {one.cells for t in subject.tensors[-1:] for one in t.overhangs
                    if one.side == "top" and one.plane == t.overhangs[0].plane}  # fmt: skip
        where = a1_name((frame.top, frame.left + 2))
        assert told(subject, where, content) == [f"{code} {where}"]


def test_a_formula_in_a_frame_is_no_zero_though_it_give_one_today() -> None:
    subject = anonymous("padding")
    # Ten times nothing: the frame's value is as before.
    assert told(subject, "S3", formula("10*A1")) == ["S201 S3"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_an_odd_cell_of_a_border_is_named(mode: str) -> None:
    subject = anonymous(f"{mode}-1")
    text = subject.text(parse_a1("AA10"))
    for content, code in (
        (formula("T9"), "S201"),  # a corner of the plane beside it
        (formula(f"{text}*0.9"), "S201"),
        ((Kind.NUMBER, subject.cells[parse_a1("AA10")][1], ""), "S202"),
        (None, "S203"),
    ):
        assert told(subject, "AA10", content) == [f"{code} AA10"]


# -- vectors -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("text", ["2*C7", "C8", "B7"])
def test_a_wrong_entry_of_a_flattened_picture_is_named(text: str) -> None:
    subject = preset("matmul")
    assert told(subject, "AF18", formula(text)) == ["S201 AF18"]
    assert told(subject, "AF18", (Kind.NUMBER, 1.0, "")) == ["S202 AF18"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "old", "new"),
    [
        ("exp", "$BT$7", "$BT$6"),  # the maximum of all but the last
        ("exp", "$BT$3:$BT$7", "$BT$3:$BT#"),  # of those so far
        ("", "", ""),
    ],
)
def test_a_softmax_reads_its_own_entry_and_all_of_its_input(role, old, new) -> None:
    subject = anonymous("column")
    (softmax,) = [t for t in subject.tensors if subject.kind(t) == "Softmax"]
    assert subject.report.coverage == 1.0
    plane = softmax.helpers[role][1] if role else softmax.planes[0]
    changes: dict[Cell, Content | None] = {}
    for k in range(plane.shape[0]):
        cell = plane.cell(k, 0)
        other = plane.cell(plane.shape[0] - 1 - k, 0)  # the shares upside down
        text = subject.text(cell).replace(old, new.replace("#", str(cell[0] + 1)))
        changes[cell] = subject.formula(cell, text if role else subject.text(other))
    assert changes[plane.cell(0, 0)] != subject.cells[plane.cell(0, 0)]
    report = verify_workbook(rebuilt(subject, Fault(changes, (0, 0), ())))
    kinds = {type(one).__name__ for t in report.lifted.tensors for one in t.layers}
    assert "Softmax" not in kinds
    assert report.coverage < 1


@pytest.mark.slow
def test_a_text_instead_of_a_bias_or_a_share_counts_as_nothing_and_is_named() -> None:
    for name, where in (("training", "U10"), ("padding", "K10")):
        subject = small(name)
        assert told(subject, where, (Kind.TEXT, 0.0, "0.25")) == [f"T302 {where}"]


@pytest.mark.slow
def test_a_truth_value_instead_of_a_number_is_named() -> None:
    """One program counts it as 0, another as 1."""
    for name, where in (("training", "U10"), ("padding", "K10")):
        subject = small(name)
        assert told(subject, where, (Kind.BOOLEAN, 0.0, "")) == [f"T302 {where}"]
