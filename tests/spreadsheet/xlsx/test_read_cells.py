"""Cells are read as the file has them: numbers, texts, dates, formulas and their values."""

import re
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel
from openpyxl.worksheet.formula import ArrayFormula

from tests.helpers.packages import (
    BOOK,
    parts,
    refused,
    save,
)
from tests.helpers.sheet_cases import READ, SHARED
from tests.helpers.sheet_values import cells, formula, number, read_cells, text
from xlconv.spreadsheet.xlsx.read import read_xlsx


@pytest.mark.parametrize("case", READ)
def test_cells_are_read_as_the_file_has_them(tmp_path: Path, case: str) -> None:
    rows, expected = READ[case]
    found = read_cells(tmp_path, parts(rows, strings=SHARED))
    assert found == expected
    assert list(found) == list(expected)


def seen_by_openpyxl(path: Path) -> tuple[dict[str, object], dict[str, object]]:
    """The formulas or values, and the values, of every cell that openpyxl finds."""
    found: list[dict[str, object]] = []
    for values in (False, True):
        sheet = openpyxl.load_workbook(path, data_only=values, rich_text=False).worksheets[0]
        found.append({c.coordinate: c.value for row in sheet.iter_rows() for c in row})
    return found[0], found[1]


# openpyxl makes dates of ISO texts, fills a sheet up to its corners and leaves empty texts out.
NOT_AS_OPENPYXL = {"dates as ISO texts", "the corners of a sheet"}


@pytest.mark.parametrize("case", sorted(set(READ) - NOT_AS_OPENPYXL))
def test_openpyxl_reads_the_same(tmp_path: Path, case: str) -> None:
    rows = re.sub(r' s="\d+"', "", READ[case][0])  # there is no part with styles
    path = save(tmp_path / "x.xlsx", parts(rows, strings=SHARED))
    ours = cells(read_xlsx(path).sheets[0])
    theirs, their_values = seen_by_openpyxl(path)
    assert {cell for cell, value in theirs.items() if value is not None} <= set(ours)
    for cell, (kind, value) in ours.items():
        other, cached = theirs[cell], their_values[cell]
        if kind[0] in "={":
            other = other.text if isinstance(other, ArrayFormula) else other
            assert other == kind.strip("{}")
            _, held = value
        else:
            held = value
        assert cached == held


@pytest.mark.parametrize("since_1904", [False, True])
@pytest.mark.parametrize(
    "written",
    ["1904-01-01", "1904-01-02", "1999-12-31T23:59:59.5", "2024-02-29T06:00:00", "9999-12-31"],
)
def test_a_date_is_its_serial_number(tmp_path: Path, written: str, since_1904: bool) -> None:
    content = parts(f'<row r="1"><c r="A1" t="d"><v>{written}</v></c></row>')
    flag = '<workbookPr date1904="1"/>' if since_1904 else "<workbookPr/>"
    content[BOOK] = str(content[BOOK]).replace("<sheets>", f"{flag}<sheets>")
    ((_, serial),) = read_cells(tmp_path, content).values()
    epoch = CALENDAR_MAC_1904 if since_1904 else CALENDAR_WINDOWS_1900
    assert serial == pytest.approx(to_excel(datetime.fromisoformat(written), epoch), abs=1e-9)


@pytest.mark.parametrize(
    ("written", "serial"),
    [
        ("1900-01-01", 1), ("1900-02-28", 59), ("1900-03-01", 61), ("06:00:00", 0.25),
        ("2024-01-02T00:00:00Z", 45293), (" 2024-01-02 ", 45293),
    ],
)  # fmt: skip
def test_the_1900_system_has_a_29_february_of_1900(
    tmp_path: Path, written: str, serial: float
) -> None:
    row = f'<row r="1"><c r="A1" t="d"><v>{written}</v></c></row>'
    assert read_cells(tmp_path, parts(row)) == {"A1": number(serial)}


@pytest.mark.parametrize("written", ["2024-13-01", "yesterday", "2024-01-02T25:00:00", "1-2", "7"])
def test_a_date_that_is_none_is_refused(tmp_path: Path, written: str) -> None:
    row = f'<row r="1"><c r="A1" t="d"><v>{written}</v></c></row>'
    refused(save(tmp_path / "x.xlsx", parts(row)), r"S!A1: '.*' is no ISO date")


def test_an_empty_text_is_a_cached_value(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="str"><f>""</f><v></v></c></row>'
    assert read_cells(tmp_path, parts(rows)) == {"A1": formula('""', text(""))}
