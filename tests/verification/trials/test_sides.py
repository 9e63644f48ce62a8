"""Sides of an IF or MAX that no draw enters are told, and only those."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.helpers.sheet_cells import edited
from tests.mutations import refreshed
from tests.mutations.subjects import preset
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.verification.report import Report
from xlconv.verification.trials.sides import _Hinge
from xlconv.verification.verify import verify_workbook

PLANE = [(row, column) for row in range(2, 28) for column in range(33, 59)]


def verified(spelled: str) -> Report:
    """Verify the edges with one plane spelled otherwise; `{}` stands for its formulas."""
    book = preset("edges").workbook
    cells = {one: book.sheets[0].formula(one) for one in PLANE}
    assert all(text for text in cells.values())
    changes: dict[str, str | float | None] = {
        a1_name(one): spelled.replace("{}", str(text)) for one, text in cells.items()
    }
    return verify_workbook(refreshed(edited(book, changes)))


@pytest.mark.many
@pytest.mark.parametrize(
    ("spelled", "told"),
    [("IF(A2>10^6,0,{})", "no draw made A2>10^6 true"),
     ("IF(COUNT(A2:C4)<10,{},0)", "no draw made COUNT(A2:C4)<10 false"),
     ("{}*(A2<>10^6)", "no draw made A2<>10^6 false"), ("({}>0)*{}+({}<=0)*{}", ""),
     ("MEDIAN(-10^9,{},10^9)", "no draw entered 2 of the 3 sides of MEDIAN("),
     ("MIN({},10^9)", "no draw entered 1 of the 2 sides of MIN("),
     ("IFS(A2>10^6,0,TRUE,{})", "no draw entered 1 of the 2 sides of IFS("),
     ("IFS(A2>0,{},TRUE,{})", ""),
     ("CHOOSE(1+(A2>10^6),{},0)", "no draw entered 1 of the 2 sides of CHOOSE("),
     ("CHOOSE(1+(A2>0),{},{})", ""),
     ("IF(A2>0,{},{})", ""), ("MAX({},-{})*0+{}", ""), ("0*ABS(A2)+{}", ""), ("{}+0", "")],
)  # fmt: skip
def test_a_side_that_no_draw_entered_is_a_note(spelled: str, told: str) -> None:
    report = verified(spelled)
    notes = [one for one in report.findings if one.code == "S206"]
    assert report.verdict == "verified"
    assert [one.cell for one in notes] == (["AH3"] if told else [])
    assert all(one.message.startswith(told) and one.count == len(PLANE) for one in notes)


def test_what_is_wrong_on_the_sides_that_were_tried_is_told_by_what_it_gives() -> None:
    report = verified("IF(A2>100,{},{}+1)")
    assert report.verdict == "findings"
    assert "S206" not in {one.code for one in report.findings}


def notes(report: Report) -> dict[str, str]:
    assert report.verdict == "verified"
    return {one.cell: one.message for one in report.findings if one.code == "S206"}


@pytest.mark.many
@pytest.mark.parametrize("cell", ["AH3", "AK9"])
@pytest.mark.parametrize("bare", [True, False])
def test_a_side_of_one_cell_is_looked_at_wherever_it_stands(cell: str, bare: bool) -> None:
    book = preset("edges").workbook
    text = book.sheets[0].formula(parse_a1(cell))
    book = refreshed(edited(book, {cell: f"IF(A2>10^6,0,{text})"}))
    book = replace(book, names=(), properties=()) if bare else book
    assert notes(verify_workbook(book)) == {cell: "no draw made A2>10^6 true"}


def readout(spelled: str) -> Report:
    book = preset("conv-example").workbook
    text = book.sheets[0].formula(parse_a1("A31"))
    return verify_workbook(refreshed(edited(book, {"A31": spelled.replace("{}", str(text))})))


@pytest.mark.many
@pytest.mark.parametrize(
    ("spelled", "told"),
    [("IF(COUNT(FR4:FR13)<10,3,{})", "no draw made COUNT(FR4:FR13)<10 true"),
     ("IF(MAX(FR4:FR13)>9.9,3,{})", "draw"),  # a class may be the right one by chance
     ("IF(FR4>FR5,{},{})", "")],
)  # fmt: skip
def test_a_side_of_a_readout_is_entered_where_draws_tell(spelled: str, told: str) -> None:
    found = notes(readout(spelled))
    assert list(found) == (["A31"] if told else [])
    assert told in found.get("A31", "")


@pytest.mark.many
@pytest.mark.parametrize(
    ("spelled", "read"),
    [("IF(A2>10^6,3,{})", "A2 of input"), ("IF(A2>9.9,3,{})", "A2 of input"),
     ("IF(SUM($A$2:$AB$29)=0,3,{})", "A2:AB29 of input"), ("IF(AH3<-99,3,{})", "AH3 of relu1")],
)  # fmt: skip
def test_a_side_that_asks_for_what_its_layer_does_not_read_is_left_open(
    spelled: str, read: str
) -> None:
    """A guard asks for its own operands; this gives another class for some pictures."""
    report = readout(spelled)
    assert report.verdict == "partly"
    (one,) = [one for one in report.findings if one.code == "L601"]
    assert one.cell == "A31"
    assert f"asks for {read}, which its layer does not read" in one.message


def test_a_class_that_is_right_by_chance_proves_no_side() -> None:
    one = _Hinge(None, None, (), 2)  # type: ignore[arg-type]
    one.seen.update([0] * 50 + [1] * 2)
    assert one.rare == {1}
    one.is_whole = False
    assert one.rare == frozenset()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["conv-example", "batchnorm", "residual", "padding"])
def test_our_own_files_have_no_such_side(name: str) -> None:
    report = verify_workbook(preset(name).workbook)
    assert "S206" not in {one.code for one in report.findings}
