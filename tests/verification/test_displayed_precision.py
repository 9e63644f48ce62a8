"""A workbook that rounds every number to what its cell shows is not what its formulas say."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.helpers.paths import WORKBOOKS
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.verify import verify


def with_setting(setting: str, path: Path) -> Path:
    """Write a workbook with an attribute for how it calculates."""
    with zipfile.ZipFile(WORKBOOKS / "edges.xlsx") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/workbook.xml":
                assert b"<calcPr " in data
                data = data.replace(b"<calcPr ", f"<calcPr {setting} ".encode())
            new.writestr(name, data)
    return path


@pytest.mark.parametrize("setting", ['fullPrecision="0"', 'fullPrecision="false"'])
def test_nothing_is_proven_where_numbers_are_as_displayed(setting: str, tmp_path: Path) -> None:
    report = verify(with_setting(setting, tmp_path / "shown.xlsx"))
    assert (report.verdict, report.strict_verdict) == ("partly", "findings")
    (one,) = report.findings
    assert (one.code, one.severity) == ("V107", "warning")
    assert "as displayed" in one.message
    assert report.verified == 0 < report.connected


def test_full_precision_is_right(tmp_path: Path) -> None:
    path = with_setting('fullPrecision="1"', tmp_path / "full.xlsx")
    assert not read_xlsx(path).as_displayed
    assert (verify(path).verdict, verify(path).findings) == ("verified", [])
