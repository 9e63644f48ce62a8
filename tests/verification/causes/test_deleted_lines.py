"""Rows and columns deleted through everything are one cause, told where it is certain."""

from __future__ import annotations

import pytest

from tests.helpers.lines import with_lines, without_line
from tests.verification.causes.test_inserted_lines import bare, errors, with_number
from xlconv.presets import PRESETS
from xlconv.verification.verify import verify, verify_workbook


@pytest.mark.slow
@pytest.mark.parametrize(
    ("axis", "line", "words"),
    [
        (0, 7, "row 8 was deleted: 44 windows became 2×3, 784 cells hold an error value"),
        (0, 11, "row 12 was deleted: 44 windows became 2×3, 784 cells hold an error value"),
        (1, 24, "column Y was deleted: 84 windows became 3×2, 168 cells hold an error value"),
        (1, 42, "column AQ was deleted"),
    ],
)
@pytest.mark.parametrize("against", [False, True])
def test_a_line_deleted_through_everything_is_one_error(
    axis: int, line: int, words: str, against: bool
) -> None:
    clean = PRESETS["rgb"].book().workbook
    book = without_line(clean, axis, line)
    report = verify(book, against=clean if against else None)
    assert report.verdict == "findings"
    ((code, message),) = errors(report)
    assert code == "G406"
    assert message.split(":")[0] == words.split(":", maxsplit=1)[0]
    if axis == 1 and line == 24:
        assert "became 3×2" in message and "hold an error value" in message


@pytest.mark.slow
def test_one_of_several_lines_that_leave_the_same_is_not_told_from_the_others() -> None:
    clean = PRESETS["rgb"].book().workbook
    report = verify_workbook(without_line(clean, 1, 35))
    ((code, message),) = errors(report)
    assert code == "G406"
    assert message.startswith("1 of columns AI:AK was deleted: ")


@pytest.mark.slow
def test_another_fault_beside_it_keeps_all_findings() -> None:
    clean = PRESETS["rgb"].book().workbook
    report = verify_workbook(without_line(with_number(clean, "AP9", 1.25), 0, 6))
    assert report.verdict == "findings"
    assert "G406" not in {one.code for one in report.findings}


@pytest.mark.slow
def test_without_names_nothing_says_that_a_line_was_deleted() -> None:
    report = verify_workbook(bare(without_line(PRESETS["rgb"].book().workbook, 0, 7)))
    assert report.verdict == "findings"
    assert "G406" not in {one.code for one in report.findings}


@pytest.mark.parametrize("line", [18, 40])
def test_deleting_what_stands_between_planes_changes_nothing(line: int) -> None:
    clean = PRESETS["rgb"].book().workbook
    assert verify_workbook(without_line(with_lines(clean, 0, line), 0, line)).verdict == "verified"
