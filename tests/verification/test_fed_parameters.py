"""A parameter may be a formula, but none that follows from the picture."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.mutations import Fault, Subject, rebuilt, refreshed
from tests.mutations.subjects import preset
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.verification.facts import Scores
from xlconv.verification.intended.sources import Wanted, wanted_of
from xlconv.verification.report import Report
from xlconv.verification.verify import verify_workbook


def with_formulas(book: Workbook, formulas: dict[str, str]) -> Workbook:
    cells = {parse_a1(one): (Kind.FORMULA, 0.0, text) for one, text in formulas.items()}
    return refreshed(rebuilt(Subject("", book), Fault(cells, (0, 0), ())))


def nameless(book: Workbook) -> Workbook:
    return replace(book, names=(), properties=())


def wanted(book: Workbook) -> Wanted:
    teacher = lift_workbook(book)
    return wanted_of(teacher, Scores(teacher))


def fed(report: Report) -> list[str]:
    return [f"{one.cell}: {one.message}" for one in report.findings if one.code == "D706"]


@pytest.mark.many
@pytest.mark.parametrize(
    ("cells", "told"),
    [({"AE12": "A2"}, "AE12: =A2 follows from A2, a cell of input; "
                      "expected a number of conv1.weight"),
     ({"AD15": "AVERAGE(A2:AB29)/100"}, "AD15: =AVERAGE(A2:AB29)/100 follows from A2, "),
     ({"AD15": "IF(A70>5,1,0.5)", "A70": "B3*2"}, "AD15: =IF(A70>5,1,0.5) follows from B3, "),
     ({"BJ10": "AH3"}, "BJ10: =AH3 follows from AH3, a cell of relu1; "),
     ({"AD11": "B2", "AE11": "C2", "AF11": "D2"}, "AD11: =B2 and so on in 3 cells follows ")],
)  # fmt: skip
def test_a_parameter_that_follows_from_the_picture_is_an_error(
    cells: dict[str, str], told: str
) -> None:
    book = preset("conv-example").workbook
    wrong = with_formulas(book, cells)
    for report in (verify_workbook(wrong), verify_workbook(nameless(wrong), wanted=wanted(book))):
        assert report.verdict == "findings"
        (one,) = fed(report)
        assert one.startswith(told)
    assert verify_workbook(nameless(wrong)).verdict != "verified"


@pytest.mark.many
@pytest.mark.parametrize(
    "text",
    ["1/9", "AD11*2", "A70", "1/COUNT(A2:C4)", "1/ROWS(A2:A10)", "CHOOSE(A70,1,-1)",
     "INDEX(AD11:AF11,1,2)"],
)  # fmt: skip
def test_a_parameter_of_numbers_of_its_own_is_right(text: str) -> None:
    book = with_formulas(preset("conv-example").workbook, {"AE12": text, "A70": "1+1"})
    report = verify_workbook(nameless(book), wanted=wanted(preset("conv-example").workbook))
    assert (report.verdict, fed(report)) == ("verified", [])


def live_statistics() -> Workbook:
    """Batch normalisation by the mean and the variance of the picture's own planes."""
    planes = {"BI14": "AVERAGE(AH3:BG28)", "BI43": "AVERAGE(AH32:BG57)",
              "BI16": "VARP(AH3:BG28)", "BI45": "VARP(AH32:BG57)"}  # fmt: skip
    return nameless(with_formulas(preset("batchnorm").workbook, planes))


@pytest.mark.slow
def test_statistics_of_the_picture_are_right_where_nobody_says_otherwise() -> None:
    book = live_statistics()
    assert verify_workbook(book).verdict == "verified"
    assert fed(verify_workbook(book, wanted=wanted(book))) == []
    assert len(fed(verify_workbook(book, wanted=wanted(preset("batchnorm").workbook)))) == 4
