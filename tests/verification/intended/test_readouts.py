"""What stands beside the outputs, held against a workbook whose cells have no names."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.helpers.sheet_cells import edited
from tests.mutations import refreshed
from tests.mutations.subjects import preset
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.facts import Scores
from xlconv.verification.intended.sources import Wanted, wanted_of
from xlconv.verification.verify import verify_workbook

TEACHER = "MATCH(MAX(FR4:FR13),FR4:FR13,0)"


def bare(text: str | float) -> Workbook:
    """The first workbook without names, with another prediction."""
    book = replace(preset("conv-example").workbook, names=(), properties=())
    (sheet,) = book.sheets
    assert sheet.formula((30, 0))
    return refreshed(edited(book, {"A31": text}))


@pytest.fixture(scope="module")
def wanted() -> Wanted:
    teacher = lift_workbook(bare(TEACHER))
    found = wanted_of(teacher, Scores(teacher))
    assert [one.text for one in found.readouts] == [TEACHER]
    return replace(found, source="teacher.xlsx")


OTHERS = {
    "the smallest": "MATCH(MIN(FR4:FR13),FR4:FR13,0)",
    "the second": "MATCH(LARGE(FR4:FR13,2),FR4:FR13,0)",
    "of some": "MATCH(MAX(FR4:FR12),FR4:FR13,0)",
    "from 0 on": "MATCH(MAX(FR4:FR13),FR4:FR13,0)-1",
    "nothing where it is unsure": "IF(MAX(FR4:FR13)<0.5,0,MATCH(MAX(FR4:FR13),FR4:FR13,0))",
}
SAME = {
    "the same": TEACHER,
    "with dollars": "MATCH(MAX($FR$4:$FR$13),$FR$4:$FR$13,0)",
    "the first largest": "MATCH(LARGE(FR4:FR13,1),FR4:FR13,0)",
    "by a sum": "1+MATCH(MAX(FR4:FR13),FR4:FR13,0)-1",
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_prediction_than_the_teachers_is_an_error(wanted: Wanted, what: str) -> None:
    report = verify_workbook(bare(OTHERS[what]), wanted=wanted)
    errors = [one for one in report.findings if one.severity == "error"]
    assert [(one.code, one.cell) for one in errors] == [("S201", "A31")]
    assert f"expected ={TEACHER}" in errors[0].message


def test_a_number_in_its_place_is_an_error(wanted: Wanted) -> None:
    report = verify_workbook(bare(3.0), wanted=wanted)
    errors = [one for one in report.findings if one.severity == "error"]
    assert [(one.code, one.cell) for one in errors] == [("S202", "A31")]


@pytest.mark.parametrize("what", SAME)
def test_the_same_prediction_passes_however_it_is_spelled(wanted: Wanted, what: str) -> None:
    report = verify_workbook(bare(SAME[what]), wanted=wanted)
    assert [one for one in report.findings if one.severity == "error"] == []
    assert report.verdict == "verified"
