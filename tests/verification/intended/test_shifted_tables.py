"""A kernel that all formulas read a row too low: no layer that was moved, where nothing was."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.mutations import Fault, Subject, rebuilt
from tests.mutations.subject import Content
from tests.mutations.subjects import preset
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.spreadsheet.addresses import Cell, parse_a1
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.verification.facts import Scores
from xlconv.verification.intended.sources import Wanted, wanted_of
from xlconv.verification.report import Report
from xlconv.verification.verify import verify_workbook

KERNEL, LOWER = "$AD$11:$AF$13", "$AD$12:$AF$14"


def with_cells(book: Workbook, cells: dict[Cell, Content | None]) -> Workbook:
    return rebuilt(Subject("", book), Fault(cells, (0, 0), ()))


def number(value: float) -> Content:
    return Kind.NUMBER, value, ""


def row_of_numbers(cells: str) -> dict[Cell, Content | None]:
    return {parse_a1(one): number(0.5 + k) for k, one in enumerate(cells.split())}


def teachers() -> Workbook:
    """The default workbook with three numbers below a kernel, which nobody reads."""
    return with_cells(preset("conv-example").workbook, row_of_numbers("AD14 AE14 AF14"))


def reading_lower(book: Workbook) -> Workbook:
    (sheet,) = book.sheets
    changed: dict[Cell, Content | None] = {
        (int(sheet.rows[k]), int(sheet.columns[k])): (
            Kind(sheet.kinds[k]), 0.0, sheet.texts[k].replace(KERNEL, LOWER)
        )
        for k in range(len(sheet)) if KERNEL in sheet.texts[k]
    }  # fmt: skip
    assert len(changed) == 676
    return with_cells(book, changed)


def wanted(book: Workbook) -> Wanted:
    teacher = lift_workbook(book)
    return wanted_of(teacher, Scores(teacher))


def held(student: Workbook, teacher: Workbook) -> Report:
    return verify_workbook(student, wanted=wanted(teacher))


def nameless(book: Workbook) -> Workbook:
    return replace(book, names=(), properties=())


@pytest.mark.many
@pytest.mark.parametrize("bare", [True, False])
def test_a_kernel_that_all_formulas_read_a_row_too_low_is_another_layer(bare: bool) -> None:
    student = reading_lower(teachers())
    report = held(nameless(student) if bare else student, teachers())
    (one,) = [one for one in report.findings if one.severity == "error"]
    assert (one.code, one.cell, one.count) == ("D702", "AH3", 676)
    assert "its window AD12:AF14 is 1 row down of where it should be" in one.message
    assert held(nameless(teachers()), teachers()).verdict == "verified"


def moved(book: Workbook, gone: str) -> Workbook:
    """The kernel a row lower, as by hand: with its numbers, and formulas that read it there."""
    (sheet,) = book.sheets
    cells: dict[Cell, Content | None] = {}
    for row in (12, 11, 10):
        for column in (29, 30, 31):
            index = sheet.find((row, column))
            assert index is not None
            cells[row + 1, column] = number(float(sheet.numbers[index]))
    cells |= dict.fromkeys(map(parse_a1, gone.split()), None)
    return reading_lower(with_cells(book, cells))


@pytest.mark.many
@pytest.mark.parametrize("gone", ["AD11 AE11 AF11", "AE11", ""])
def test_a_kernel_that_was_moved_a_row_down_is_right(gone: str) -> None:
    book = preset("conv-example").workbook
    assert held(nameless(moved(book, gone)), book).verdict == "verified"
    assert held(nameless(moved(teachers(), gone)), teachers()).verdict == "verified"


def test_what_stands_beside_is_told_in_order() -> None:
    beside = wanted(teachers()).beside
    numbers = {cell: number for _, cell, number in beside}
    assert [numbers[parse_a1(cell)] for cell in ("AD14", "AE14", "AF14")] == [0.5, 1.5, 2.5]
    assert parse_a1("AD15") not in numbers  # the bias: it is known
    assert list(beside) == sorted(beside)
