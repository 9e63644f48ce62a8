"""The oracles of what Excel would open, themselves tried on files broken on purpose."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from tests.helpers.open_xml import audit, broken_rules
from tests.helpers.shipped import shipped

SHEET, STYLES, BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
CELL = r'(<c r="A2" s="\d+")'

# What is broken: the part, a pattern, and what takes its place.
SEEN = {
    "a conditional format of no kind": (SHEET, 'type="colorScale"', 'type="colourScale"'),
    "a text that is not in the table": (SHEET, r't="s"><v>\d+', 't="s"><v>99999'),
    "a cell of no kind": (SHEET, CELL, r'\1 t="z"'),
    "parts of a sheet out of order": (
        SHEET, r"(?s)(<cols>.*?</cols>)(.*</sheetData>)", r"\2\1",
    ),
    "a column that is no number": (SHEET, r'<col min="1"', '<col min="one"'),
    "a validation of no kind": (SHEET, 'type="list"', 'type="menu"'),
    "a formula of no kind": (SHEET, "<f>", '<f t="matrix">'),
    "an element that is none": (SHEET, "</sheetData>", "</sheetData><sheetDato/>"),
    "a colour that is none": (STYLES, r'rgb="FF\w{6}"', 'rgb="red"'),
    "a border that is none": (STYLES, r'style="(thin|dotted|hair)"', 'style="thinn"'),
    "a pane of no state": (SHEET, 'state="frozen"', 'state="stuck"'),
    "a sheet without its part": (BOOK, 'r:id="rId1"', 'r:id="rId99"'),
}  # fmt: skip

# The same for what openxml-audit does not find (0.8.0): our own rules have to.
UNSEEN = {
    "a style out of range": (SHEET, r'(<c r="A2" s=")\d+', r"\g<1>9999"),
    "a look of a rule out of range": (SHEET, r'dxfId="\d+"', 'dxfId="999"'),
    "a colour scale with an end too few": (SHEET, r'<cfvo type="num"[^>]*/>', ""),
    "a font out of range": (STYLES, r'(<xf numFmtId="\d+" fontId=")[1-9]\d*', r"\g<1>999"),
    "a number format that is not there": (STYLES, r'(<xf numFmtId=")1\d\d', r"\g<1>999"),
    "a row before its time": (SHEET, '<row r="3"', '<row r="1"'),
    "a cell twice": (SHEET, '<c r="B2"', '<c r="A2"'),
    "a cell off the sheet": (SHEET, '<c r="A2"', '<c r="ZZZZ2"'),
    "a number that is none": (SHEET, CELL + "><v>[^<]*", r"\1><v>abc"),
    "a function without its prefix": (SHEET, "<f>[^<]*</f>", "<f>CONCAT(A1)</f>"),
    "a function that is none": (SHEET, "<f>[^<]*</f>", "<f>NOSUCH(A1)</f>"),
    "a bracket too many": (SHEET, "<f>[^<]*</f>", "<f>SUM((A1)</f>"),
    "an array formula of no cells": (SHEET, "<f>", '<f t="array">'),
    "no XML": (SHEET, "</sheetData>", "</sheetDat>"),
    "a name twice": (BOOK, "(<definedName .*?</definedName>)", r"\1\1"),
    "a name that is none": (BOOK, r'<definedName name="\w+"', '<definedName name="A 1"'),
    "a sheet's name that is too long": (BOOK, r'<sheet name="[^"]*"', f'<sheet name="{"x" * 32}"'),
    "a sheet's name that is none": (BOOK, r'<sheet name="[^"]*"', '<sheet name="a/b"'),
    "a comment of no author": ("xl/comments1.xml", 'authorId="0"', 'authorId="7"'),
    "a title that is too long": (SHEET, r'promptTitle="[^"]*"', f'promptTitle="{"x" * 33}"'),
}  # fmt: skip


def broken(folder: Path, part: str, pattern: str, put: str) -> Path:
    """A copy of a small preset with the first of a pattern replaced."""
    path = folder / "broken.xlsx"
    with zipfile.ZipFile(shipped("image-kernels")) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == part:
                text, count = re.subn(pattern, put, text, count=1)
                assert count == 1, pattern
            new.writestr(name, text)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("kind", SEEN)
def test_the_audit_sees_what_is_broken(kind: str, tmp_path: Path) -> None:
    assert audit(broken(tmp_path, *SEEN[kind]))


@pytest.mark.many
@pytest.mark.parametrize("kind", UNSEEN)
def test_the_rules_see_what_the_audit_does_not(kind: str, tmp_path: Path) -> None:
    assert len(broken_rules(broken(tmp_path, *UNSEEN[kind]))) >= 1


@pytest.mark.slow
def test_what_the_audit_does_not_see_is_still_so(tmp_path: Path) -> None:
    # Once it finds more, what it finds need not be among our own rules.
    found = [kind for kind, change in UNSEEN.items() if audit(broken(tmp_path, *change))]
    assert found == []


def test_a_sound_workbook_breaks_no_rule() -> None:
    assert broken_rules(shipped("image-kernels")) == []
