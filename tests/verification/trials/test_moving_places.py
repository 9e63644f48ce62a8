"""Cells that choose by values what they read: tried on drawn values, or left open."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.helpers.small_network import small
from tests.helpers.strategies import random_input
from tests.mutations import Fault, Subject, rebuilt
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.verification.verify import Report, verify_workbook

# The ReLU in AA5 reads S5, which is above 0; the input is in B4:H9.
CELL, READ = "AA5", "S5"


@pytest.fixture(scope="module")
def subject() -> Subject:
    network = small()
    book = book_of(network, strip(network, fuse=False), random_input(network, 5))
    (sheet,) = book.workbook.sheets
    assert sheet.formula(parse_a1(CELL)) == f"MAX(0,{READ})"
    assert sheet.numbers[sheet.find(parse_a1(CELL))] > 0
    return Subject("small", book.workbook)


def changed(subject: Subject, cells: dict[str, str]) -> Workbook:
    held = {parse_a1(cell): (Kind.FORMULA, 0.0, text) for cell, text in cells.items()}
    return rebuilt(subject, Fault(held, (0, 0), ()))


def accused(report: Report) -> list[str]:
    return [one.cell for one in report.findings if one.severity == "error" and one.root]


@pytest.mark.slow
def test_an_offset_by_values_that_always_leads_to_the_right_cell_is_right(subject: Subject) -> None:
    report = verify_workbook(changed(subject, {CELL: f"MAX(0,OFFSET({READ},0*INT(B4),0))"}))
    assert report.verdict == "verified"


WRONG = {
    "another row where a pixel is large": {CELL: f"MAX(0,OFFSET({READ},IF(B4>0.9999999,1,0),0))"},
    "another row by an activation": {CELL: f"MAX(0,OFFSET({READ},IF(S6>5,1,0),0))"},
    # What is read where the sum is below 0 is 0 for pixels from 0 to 1.
    "a measure that is zero today": {
        "A60": READ, "A61": 'COUNTIF(B4:H9,">1.5")', CELL: f"OFFSET(A60,IF({READ}>0,0,1),0)",
    },
    "and what is computed from it": {
        "A60": READ, "A61": 'COUNTIF(B4:H9,">1.5")', "A62": "A61*A61",
        CELL: f"OFFSET(A60,IF({READ}>0,0,2),0)",
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("fault", WRONG)
def test_what_is_wrong_for_other_inputs_only_is_found(subject: Subject, fault: str) -> None:
    cells = WRONG[fault]
    book = changed(subject, cells)
    (sheet,) = book.sheets
    right, at = subject.workbook.sheets[0], parse_a1(CELL)
    assert sheet.numbers[sheet.find(at)] == pytest.approx(right.numbers[right.find(at)])
    assert CELL in accused(verify_workbook(book))


@pytest.mark.slow
@pytest.mark.parametrize("held", ["NOSUCH(B4)", "MIN(0,RAND())*0"])
def test_what_cannot_be_followed_is_not_verified(subject: Subject, held: str) -> None:
    cells = {"A60": READ, "A61": held, CELL: f"OFFSET(A60,IF({READ}>0,0,1),0)"}
    assert verify_workbook(changed(subject, cells)).verdict != "verified"


def test_nor_is_it_without_names(subject: Subject) -> None:
    cells = {CELL: f"MAX(0,OFFSET({READ},IF(B4>9,1,0),0))"}
    book = replace(changed(subject, cells), names=(), properties=())
    assert CELL in accused(verify_workbook(book))
