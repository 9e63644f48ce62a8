"""Totals glued to a plane, with their own in the corner: no line of it, nor a blind spot."""

import pytest

from tests.helpers.desk import WINDOW, area, image_desk, name
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.verification.findings import Severity
from xlconv.verification.verify import Report, verify_workbook

CONV = "SUMPRODUCT({},$J$1:$L$3)"


def plane() -> dict[str, str]:
    """A convolution in A11:E14 of the image in A1:G6."""
    return {name(10 + i, j): WINDOW["sumproduct"](i, j) for i in range(4) for j in range(5)}


def totals(function: str = "SUM") -> dict[str, str]:
    """Totals of its rows in F11:F14, of its columns in A15:E15, of all in F15."""
    of_rows = {name(10 + i, 5): f"{function}({area(10 + i, 0, 1, 5)})" for i in range(4)}
    return of_rows | {name(14, j): f"{function}({area(10, j, 4, 1)})" for j in range(6)}


def checked(cells: dict[str, str]) -> Report:
    desk = image_desk()
    for where in sorted(cells, key=parse_a1):
        desk.fill(where, (1, 1), lambda i, j, where=where: cells[where])
    return verify_workbook(desk.workbook())


def errors(report: Report) -> list[str]:
    return [f"{one.code} {one.cell}" for one in report.findings if one.severity is Severity.ERROR]


@pytest.mark.parametrize("function", ["SUM", "MAX", "AVERAGE"])
def test_totals_with_one_in_the_corner_are_no_line_of_the_plane(function: str) -> None:
    report = checked(plane() | totals(function))
    assert not report.findings
    assert report.coverage == 1.0


def test_the_corner_may_add_up_the_totals_of_the_columns() -> None:
    report = checked(plane() | totals() | {"F15": "SUM(A15:E15)"})
    assert not report.findings
    assert report.coverage == 1.0


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("B12", CONV.format("B2:D4") + "*2"),
        ("E12", "SUMPRODUCT(E2:G4,$J$1:$L$2)"),
        ("C14", CONV.format("C3:E5")),
        ("E12", "SUM(A12:D12)"),
        ("C15", "SUM(C11:C13)"),
    ],
)
def test_a_wrong_cell_is_named_though_totals_stand_beside_it(where: str, text: str) -> None:
    assert errors(checked(plane() | totals() | {where: text})) == [f"S201 {where}"]


def column(text: str) -> dict[str, str]:
    return {f"F{row}": text.format(r=row, a=row - 10, b=row - 8) for row in range(11, 15)}


OTHER_COLUMNS = {
    "without a column": column("SUM(A{r}:D{r})"),
    "a column twice": column(CONV.format("E{a}:G{b}")),
    "the row below": column("SUM(A12:E12)"),
    "one of them short": {"F12": "SUM(A12:D12)"},
}


@pytest.mark.parametrize("cells", OTHER_COLUMNS.values(), ids=OTHER_COLUMNS)
def test_a_column_that_is_no_total_of_the_plane_is_a_wrong_line_of_it(cells) -> None:
    assert "S201 F12" in errors(checked(plane() | totals() | cells))


READERS = {
    "pool": {name(16 + i, j): f"MAX({area(10 + 2 * i, 2 * j, 2, 2)})"
             for i in range(2) for j in range(3)},
    "ReLU": {name(16 + i, j): f"MAX(0,{name(10 + i, j)})" for i in range(4) for j in range(6)},
    "convolution": {name(16 + i, j): f"SUMPRODUCT({area(10 + i, j, 2, 2)},$J$1:$K$2)"
                    for i in range(3) for j in range(5)},
    "all of it": {"A17": "SUM(A11:F14)"},
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_column_of_totals_that_a_layer_reads_with_the_plane_is_wrong(reader) -> None:
    of_rows = {where: text for where, text in totals().items() if where[1:] != "15"}
    found = errors(checked(plane() | of_rows | reader))
    assert {f"S201 F{row}" for row in range(11, 15)} <= set(found)
