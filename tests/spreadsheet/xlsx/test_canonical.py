"""What openpyxl writes, spelled as Excel spells it: the same for every reader."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from xlconv.spreadsheet.xlsx.canonical import canonical


def written(path: Path) -> dict[str, bytes]:
    """The parts of a workbook with texts, a comment and a font, as openpyxl writes it."""
    book = openpyxl.Workbook()
    for name, value in {"A1": "a & b", "B1": "a & b", "A2": " spaced ", "B2": 3}.items():
        book.active[name] = value
    book.active["A4"] = CellRichText("plain ", TextBlock(InlineFont(b=True), "bold"))
    book.active["A1"].font = Font(name="Arial", b=True, i=True, color="FFFF0000", sz=7)
    book.active["A1"].comment = Comment("note", "me")
    book.create_sheet("other")["A1"] = "a & b"
    book.save(path)
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_every_text_is_in_the_table_once_and_reads_as_before(tmp_path: Path) -> None:
    parts = canonical(written(tmp_path / "a.xlsx"))
    table = parts["xl/sharedStrings.xml"].decode()
    assert table.count("a &amp; b") == 1
    assert parts["xl/worksheets/sheet1.xml"].count(b"inlineStr") == 1  # the rich text
    path = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    before, after = (openpyxl.load_workbook(tmp_path / f"{name}.xlsx", rich_text=True)
                     for name in "ab")  # fmt: skip
    for sheet in before:
        for row in sheet:
            for cell in row:
                other = after[sheet.title][cell.coordinate]
                assert (cell.value, repr(cell.font), cell.comment and cell.comment.text) == (
                    other.value, repr(other.font), other.comment and other.comment.text,
                )  # fmt: skip


def test_fonts_have_their_parts_in_order_and_places_are_relative(tmp_path: Path) -> None:
    parts = canonical(written(tmp_path / "a.xlsx"))
    font = parts["xl/styles.xml"].decode().partition('val="Arial"')[0].rpartition("<font>")[2]
    at = [font.index(f"<{name} ") for name in ("b", "i", "sz", "color", "name")]
    assert at == sorted(at)
    for name in ("xl/_rels/workbook.xml.rels", "xl/worksheets/_rels/sheet1.xml.rels"):
        assert b'Target="/' not in parts[name]


def test_what_is_canonical_stays_as_it_is(tmp_path: Path) -> None:
    once = canonical(written(tmp_path / "a.xlsx"))
    assert canonical(once) == once
