"""Lines that are put in and taken out again leave a workbook as it was."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.helpers.lines import with_lines
from tests.helpers.workbooks import sheet
from xlconv.presets import PRESETS
from xlconv.spreadsheet.lines import Lines, without_lines
from xlconv.spreadsheet.workbook import Workbook


def contents(book: Workbook) -> list[tuple[object, ...]]:
    return [
        (one.name, *cell)
        for one in book.sheets
        for cell in zip(one.rows.tolist(), one.columns.tolist(), one.texts, strict=True)
    ]


@pytest.mark.many
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(("first", "count"), [(0, 1), (9, 1), (14, 2), (30, 1), (44, 7)])
def test_taking_out_is_putting_in_turned_round(axis: int, first: int, count: int) -> None:
    book = PRESETS["rgb"].book().workbook
    other = with_lines(book, axis, first, count)
    assert contents(other) != contents(book) or first > 40
    back = without_lines(other, [Lines(0, axis, first, count)])
    assert back is not None
    assert contents(back) == contents(book)
    assert back.names == book.names


def test_lines_that_hold_something_or_that_a_reference_begins_in_stay() -> None:
    book = sheet({"A1": 1.0, "A3": 2.0, "B1": "=SUM(A2:A3)"})
    assert without_lines(book, [Lines(0, 0, 2)]) is None
    assert without_lines(book, [Lines(0, 0, 1)]) is None
    found = without_lines(sheet({"A1": 1.0, "A3": 2.0, "B1": "=SUM(A1:$A$3)"}), [Lines(0, 0, 1)])
    assert found is not None
    assert found.sheets[0].formula((0, 1)) == "SUM(A1:$A$2)"


def test_references_to_another_sheet_follow_the_lines_of_that_sheet() -> None:
    (one,) = sheet({"A1": 1.0, "A3": 2.0, "B1": "='the other'!A3+A3+s!$A3"}).sheets
    (other,) = sheet({"A1": 1.0, "A3": 2.0}).sheets
    book = Workbook((one, replace(other, name="the other")))
    found = without_lines(book, [Lines(1, 0, 1)])
    assert found is not None
    assert found.sheets[0].formula((0, 1)) == "'the other'!A2+A3+s!$A3"
    found = without_lines(book, [Lines(0, 0, 1)])
    assert found is not None
    assert found.sheets[0].formula((0, 1)) == "'the other'!A3+A2+s!$A2"
