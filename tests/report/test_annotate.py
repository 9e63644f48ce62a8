"""Marked copies: every finding is seen, and nothing else is changed."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import PatternFill

from tests.helpers.command import run
from tests.helpers.paths import WORKBOOKS
from xlconv.report.annotate import annotate
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.findings import Finding
from xlconv.verification.verify import verify

SHIPPED = WORKBOOKS
RED = "FFF87171"


def edited(source: Path, target: Path, *changes: tuple[str, str]) -> Path:
    """Copy a workbook with the XML of its first sheet changed, by patterns."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                text = data.decode()
                for pattern, value in changes:
                    text, count = re.subn(pattern, value, text, flags=re.DOTALL)
                    assert count == 1, pattern
                data = text.encode()
            new.writestr(entry, data)
    return target


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The shipped workbook with a number over AP9, a stale BN9, and all other values as stored."""
    return edited(
        SHIPPED / "conv-example.xlsx", tmp_path / "broken.xlsx",
        (r'(<c r="AP9"[^>]*>)<f>[^<]*</f><v>[^<]*</v>', r"\1<v>1.25</v>"),
        (r'(<c r="BN9"[^>]*><f>[^<]*</f>)<v>[^<]*</v>', r"\1<v>7.5</v>"),
    )  # fmt: skip


def everything(path: Path) -> list[list[object]]:
    """Return all that is read of every sheet."""
    return [
        [one.name, one.rows.tolist(), one.columns.tolist(), one.kinds.tolist(),
         one.cached.tolist(), one.numbers.tolist(), list(one.texts), one.results, one.arrays]
        for one in read_xlsx(path).sheets
    ]  # fmt: skip


@pytest.mark.slow
def test_findings_are_marked_in_a_copy(broken: Path, tmp_path: Path) -> None:
    out = tmp_path / "marked.xlsx"
    assert run("verify", broken, "--annotate", out).exit_code == 1
    cell = openpyxl.load_workbook(out).active["AP9"]
    assert "S202 constant-in-block: the number 1.25" in cell.comment.text
    assert cell.fill.fgColor.rgb == RED
    assert openpyxl.load_workbook(out).active["AQ9"].value.startswith("=MAX(0,")
    assert run("verify", broken, "--annotate", out).exit_code == 2
    assert run("verify", broken, broken, "--annotate", out, "--force").exit_code == 2


@pytest.mark.slow
def test_a_copy_has_the_stored_values_and_the_same_findings(broken: Path, tmp_path: Path) -> None:
    out = tmp_path / "marked.xlsx"
    run("verify", broken, "--annotate", out)
    assert everything(out) == everything(broken)
    findings = verify(out).findings
    assert findings == verify(broken).findings
    assert {"S202", "V101"} <= {one.code for one in findings}


_CELLS = """<sheetData>
<row r="1"><c r="A1"><v>0.18993960973294088</v></c>
<c r="B1"><f>A1/3</f><v>0.66666666666666663</v></c>
<c r="C1"><f>A1*1E-300</f><v>1e-300</v></c><c r="D1"><f>A1</f></c>
<c r="E1" t="s"><v>0</v></c></row>
<row r="2"><c r="A2" t="str"><f>"a ""q"" &lt;b&gt; &amp; "&amp;"c"</f>
<v>stale &lt;&amp;&gt; "x" é&#13;z</v></c>
<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C2" t="b"><f>A1&gt;1</f><v>1</v></c>
<c r="D2" t="b"><f>AND(A1&lt;1,A1&lt;&gt;3)</f><v>0</v></c>
<c r="E2" t="str"><f>""</f><v></v></c></row>
<row r="3"><c r="A3"><f t="shared" ref="A3:C3" si="0">A1+1</f><v>3</v></c>
<c r="B3"><f t="shared" si="0"/><v>9</v></c><c r="C3"><f t="shared" si="0"/><v>1</v></c></row>
<row r="4"><c r="A4"><f t="array" ref="A4">SUM(A1:C1*(A1:C1&gt;0))</f><v>2.5</v></c>
<c r="C4"><f t="array" ref="C4:D5">A1:B2*1</f><v>2</v></c><c r="D4"><v>0.5</v></c></row>
<row r="5"><c r="C5" t="e"><v>#VALUE!</v></c><c r="D5" t="e"><v>#DIV/0!</v></c></row>
</sheetData>"""


def test_values_of_every_kind_come_back(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 'text with "quotes" & <marks>'
    book.create_sheet("b & c")["A1"] = "=1+1"
    book.save(tmp_path / "plain.xlsx")
    cells = _CELLS.replace('t="s"><v>0</v>', 't="inlineStr"><is><t>a &amp; b</t></is>')
    source = edited(
        tmp_path / "plain.xlsx", tmp_path / "x.xlsx",
        ("<sheetData>.*</sheetData>", cells.replace("\\", r"\\")),
    )  # fmt: skip
    workbook = read_xlsx(source)
    name = workbook.sheets[0].name
    found = [Finding("V101", name, "B1", "stale"), Finding("S203", "b & c", "C7", "blank")]
    assert annotate(source, tmp_path / "out.xlsx", found, workbook) == []
    assert everything(tmp_path / "out.xlsx") == everything(source)
    (first, second) = openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True).worksheets
    assert first["A2"].value == 'stale <&> "x" é\rz'
    assert [first[one].value for one in ("B2", "C2", "B3", "D1")] == ["#DIV/0!", True, 9, None]
    assert second["C7"].fill.fgColor.rgb == RED
    assert second["A1"].value is None  # as the file had it


def formats_of(path: Path) -> ConditionalFormattingList:
    return openpyxl.load_workbook(path).active.conditional_formatting


def painted(formats: ConditionalFormattingList, cell: str) -> list[str]:
    """Return the kinds of the conditional formats of a cell."""
    return [rule.type for one in formats if cell in one.sqref for rule in one.rules]


@pytest.mark.slow
def test_a_marked_cell_is_taken_out_of_colour_scales_and_only_it(
    broken: Path, tmp_path: Path
) -> None:
    out = tmp_path / "marked.xlsx"
    run("verify", broken, "--annotate", out)
    before, after = formats_of(broken), formats_of(out)
    assert "colorScale" in painted(before, "AP9")
    for cell in ("AP9", "BN9"):
        assert "colorScale" not in painted(after, cell)
        assert "expression" in painted(after, cell)  # the probe's borders
    for cell in ("AO9", "AQ9", "AP8", "AP10", "AH3", "BG28", "BM9", "AH32"):
        assert painted(after, cell) == painted(before, cell)


def test_formulas_of_rules_move_with_the_first_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    fill = PatternFill("solid", bgColor="FF00FF00")
    sheet.conditional_formatting.add("B2:C3", FormulaRule(formula=["$F2>B2"], fill=fill))
    sheet.conditional_formatting.add("B2", ColorScaleRule("min", None, "FFFFFFFF", "max"))
    book.save(tmp_path / "x.xlsx")
    found = [Finding("S203", sheet.title, name, "blank") for name in ("B2", "C2")]
    annotate(tmp_path / "x.xlsx", tmp_path / "y.xlsx", found, read_xlsx(tmp_path / "x.xlsx"))
    (one,) = openpyxl.load_workbook(tmp_path / "y.xlsx").active.conditional_formatting
    assert str(one.sqref) == "B3:C3"
    assert one.rules[0].formula == ["$F3>B3"]


def test_where_very_many_cells_are_marked_the_scale_is_left_out_and_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.merge_cells("A1:B1")
    scale = ColorScaleRule("min", None, "FFFFFFFF", "max", None, "FF000000")
    sheet.conditional_formatting.add("A2:A500", scale)
    book.save(tmp_path / "x.xlsx")
    found = [Finding("S203", sheet.title, f"A{row}", "blank") for row in range(2, 400)]
    found.append(Finding("S203", sheet.title, "B1", "in a merged cell"))
    read = read_xlsx(tmp_path / "x.xlsx")
    (line,) = annotate(tmp_path / "x.xlsx", tmp_path / "y.xlsx", found, read)
    assert line == "Sheet!A2:A500: 398 findings; its colours by value are left out of the copy"
    marked = openpyxl.load_workbook(tmp_path / "y.xlsx").active
    assert not list(marked.conditional_formatting)
    assert marked["A1"].comment.text.endswith("in a merged cell")
