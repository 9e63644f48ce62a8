"""Reads what workbooks may hold, and refuses what they may not."""

import os
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel
from openpyxl.worksheet.formula import ArrayFormula

from tests.helpers.packages import (
    BOOK,
    BOOK_RELS,
    CUSTOM,
    MAIN,
    OFFICE,
    RELATIONS,
    SHEET,
    STRICT,
    STRICT_OFFICE,
    STRINGS,
    Parts,
    parts,
    refused,
    rels,
    save,
    sheet_xml,
    workbook_xml,
)
from tests.helpers.paths import WORKBOOKS
from xlconv.errors import ReadError
from xlconv.spreadsheet.addresses import Range, a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind, Sheet, Workbook
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.spreadsheet.xlsx.read import read_xlsx

EDGES = WORKBOOKS / "edges.xlsx"

MESSAGE = "the message quotes the file without bounds, or not on one line"

PLACE = "xml.parse takes the KeyError of a cell off the sheet for an unknown encoding"

BOUNDS = "cells without a name are not kept on the sheet"

DEPTH = "the depth of elements is not bounded"

TEXT = "the text of all cells together is not bounded"

METHOD = "compression methods other than stored and deflated are unpacked"

ROW = "only the first eight digits of a row number are checked"

LOOSE = "Python's int and float take more than XML Schema's"

SILENT = "what a sheet cannot hold is passed over in silence"

Value = tuple[str, object]


def cases(table: Iterable[str], bugs: dict[str, str]) -> list[object]:
    """The names of a table's cases, those that fail today with the reason."""
    assert set(bugs) <= set(table)
    return [pytest.param(case) if case in bugs else case for case in table]


def number(value: float) -> Value:
    return "number", float(value)


def text(value: str) -> Value:
    return "text", value


def boolean(value: bool) -> Value:
    return "boolean", value


def error(value: str) -> Value:
    return "error", value


NONE: Value = ("blank", None)


def formula(value: str, cached: Value = NONE) -> Value:
    return "=" + value, cached


def array(value: str, cached: Value = NONE) -> Value:
    return "{=" + value + "}", cached


def cells(sheet: Sheet) -> dict[str, Value]:
    """What a sheet holds, by the names of its cells, in the sheet's order."""
    found = {}
    assert len(set(zip(sheet.rows.tolist(), sheet.columns.tolist(), strict=True))) == len(sheet)
    for index, held in enumerate(sheet.texts):
        kind, cached = Kind(sheet.kinds[index]), Kind(sheet.cached[index])
        outer = sheet.results.get(index, "") if kind >= Kind.FORMULA else held
        value = {
            Kind.BLANK: NONE,
            Kind.NUMBER: number(sheet.numbers[index]),
            Kind.TEXT: text(outer),
            Kind.BOOLEAN: boolean(bool(sheet.numbers[index])),
            Kind.ERROR: error(outer),
        }[cached]
        if kind in (Kind.FORMULA, Kind.ARRAY_FORMULA):
            value = (array if kind == Kind.ARRAY_FORMULA else formula)(held, value)
        found[a1_name((int(sheet.rows[index]), int(sheet.columns[index])))] = value
    return found


def read_cells(tmp_path: Path, content: Parts) -> dict[str, Value]:
    return cells(read_xlsx(save(tmp_path / "x.xlsx", content)).sheets[0])


# What is read right.
SHARED = (
    "<si><t>plain</t></si>"
    '<si><t xml:space="preserve">  two \n lines </t></si>'
    "<si><r><t>rich </t></r><r><rPr><b/></rPr><t>runs</t></r></si>"
    '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si>'
    "<si/>"
    "<si><t/></si>"
    "<si><t>a&lt;b &amp; &#99;<![CDATA[<d>]]><!-- no -->e<?no thing?>f</t></si>"
    "<si><t>=1+1</t></si>"
)

READ: dict[str, tuple[str, dict[str, Value]]] = {
    "numbers": (
        '<row r="1"><c r="A1"><v>1.5</v></c><c r="B1" t="n"><v>-2E-3</v></c>'
        '<c r="C1" s="7"><v>0.1</v></c><c r="D1"><v>1e308</v></c></row>',
        {"A1": number(1.5), "B1": number(-0.002), "C1": number(0.1), "D1": number(1e308)},
    ),
    "numbers with space around them": (
        '<row r="1"><c r="A1"><v> 1\n</v></c></row>',
        {"A1": number(1)},
    ),
    "shared strings": (
        '<row r="1">'
        + "".join(f'<c r="{c}1" t="s"><v>{i}</v></c>' for i, c in enumerate("ABCDEFGH"))
        + "</row>",
        {
            "A1": text("plain"),
            "B1": text("  two \n lines "),
            "C1": text("rich runs"),
            "D1": text("東京"),
            "E1": text(""),
            "F1": text(""),
            "G1": text("a<b & c<d>ef"),
            "H1": text("=1+1"),
        },
    ),
    "inline strings": (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c>'
        '<c r="B1" t="inlineStr"><is><r><t xml:space="preserve">a </t></r><r><t>b</t></r>'
        '<rPh sb="0" eb="1"><t>no</t></rPh></is></c>'
        '<c r="C1" t="inlineStr"><is><t>=1+1</t></is></c>'
        '<c r="D1" t="inlineStr"><is/></c></row>',
        {"A1": text("x"), "B1": text("a b"), "C1": text("=1+1"), "D1": text("")},
    ),
    "booleans and errors": (
        '<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="b"><v>0</v></c>'
        '<c r="C1" t="e"><v>#N/A</v></c><c r="D1" t="e"><v>#DIV/0!</v></c></row>',
        {
            "A1": boolean(True),
            "B1": boolean(False),
            "C1": error("#N/A"),
            "D1": error("#DIV/0!"),
        },
    ),
    "numbers stored as texts": (
        '<row r="1"><c r="A1" t="str"><v>007</v></c>'
        '<c r="B1" t="inlineStr"><is><t>12</t></is></c></row>',
        {"A1": text("007"), "B1": text("12")},
    ),
    "dates as ISO texts": (
        '<row r="1"><c r="A1" t="d"><v>2024-01-02</v></c>'
        '<c r="B1" t="d"><f>A1+0.5</f><v>2024-01-02T12:00:00</v></c></row>',
        {"A1": number(45293), "B1": formula("A1+0.5", number(45293.5))},
    ),
    "blank cells": (
        '<row r="1"><c r="A1" s="3"/><c r="B1"><v/></c><c r="C1"><v></v></c>'
        '<c r="D1" t="s"/></row><row r="2"/>',
        {},
    ),
    "formulas with cached values of every kind": (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>A1*2</f></c>'
        '<c r="C1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>'
        '<c r="D1" t="b"><f>A1&gt;1</f><v>1</v></c>'
        '<c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="F1"><f ca="1">RAND()</f><v>0.25</v></c>'
        '<c r="G1" t="n"><f>A1</f><v>2</v></c></row>',
        {
            "A1": formula("1+1", number(2)),
            "B1": formula("A1*2"),
            "C1": formula('"a"&"b"', text("ab")),
            "D1": formula("A1>1", boolean(True)),
            "E1": formula("1/0", error("#DIV/0!")),
            "F1": formula("RAND()", number(0.25)),
            "G1": formula("A1", number(2)),
        },
    ),
    "formulas of programs that do not calculate": (
        '<row r="1"><c r="A1"><f>1+1</f><v/></c><c r="B1"><f>1+2</f><v></v></c></row>',
        {"A1": formula("1+1"), "B1": formula("1+2")},
    ),
    "comments and CDATA inside elements": (
        '<row r="1"><!-- <c r="Z9"/> --><c r="A1"><!-- x --><v>1<!-- 7 -->2</v></c>'
        '<c r="B1"><f>A1<![CDATA[<]]>2<?no thing?>+0</f><v><![CDATA[1]]></v></c></row>',
        {"A1": number(12), "B1": formula("A1<2+0", number(1))},
    ),
    "cells and rows without a name": (
        "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row/>"
        '<row><c><v>4</v></c><c r="E3"><v>5</v></c><c><v>6</v></c></row>'
        '<row r="9"><c><v>7</v></c></row><row><c><v>8</v></c></row>',
        {
            "A1": number(1),
            "C1": number(3),
            "A3": number(4),
            "E3": number(5),
            "F3": number(6),
            "A9": number(7),
            "A10": number(8),
        },
    ),
    "rows and cells out of order": (
        '<row r="3"><c r="B3"><v>1</v></c><c r="A3" t="str"><f>"x"</f><v>x</v></c></row>'
        '<row r="1"><c r="AA1"><f t="array" ref="AA1:AB1">A3:B3</f><v>2</v></c>'
        '<c r="B1" t="inlineStr"><is><t>t</t></is></c></row>',
        {
            "B1": text("t"),
            "AA1": array("A3:B3", number(2)),
            "A3": formula('"x"', text("x")),
            "B3": number(1),
        },
    ),
    "the corners of a sheet": (
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'
        '<row r="1048576"><c r="A1048576"><v>3</v></c><c r="XFD1048576"><v>4</v></c></row>',
        {"A1": number(1), "XFD1": number(2), "A1048576": number(3), "XFD1048576": number(4)},
    ),
    "array formulas": (
        '<row r="1"><c r="A1"><f t="array" ref="A1">SUM(C1:C2*D1:D2)</f><v>1</v></c>'
        '<c r="B1"><f t="array" ref="B1:B2">C1:C2</f><v>2</v></c></row>'
        '<row r="2"><c r="B2"><v>3</v></c></row>',
        {
            "A1": array("SUM(C1:C2*D1:D2)", number(1)),
            "B1": array("C1:C2", number(2)),
            "B2": number(3),
        },
    ),
    "shared formulas": (
        '<row r="1"><c r="B1"><f t="shared" ref="B1:C2" si="0">A1*$A1+A$1+$A$1</f><v>1</v></c>'
        '<c r="C1"><f t="shared" si="0"/><v>2</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"></f><v>3</v></c>'
        '<c r="C2" t="e"><f t="shared" si="0"/><v>#N/A</v></c></row>',
        {
            "B1": formula("A1*$A1+A$1+$A$1", number(1)),
            "C1": formula("B1*$A1+B$1+$A$1", number(2)),
            "B2": formula("A2*$A2+A$1+$A$1", number(3)),
            "C2": formula("B2*$A2+B$1+$A$1", error("#N/A")),
        },
    ),
    "shared formulas with names, texts and functions like cells": (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="3">'
        '"A1 ""B2"" "&amp;\'my A1\'\'s\'!B1&amp;S1!B1&amp;LOG10(B1)&amp;1E5&amp;RATE2024&amp;r_A1'
        "</f></c></row>"
        '<row r="2"><c r="A2"><f t="shared" si="3"/></c></row>',
        {
            "A1": formula('"A1 ""B2"" "&\'my A1\'\'s\'!B1&S1!B1&LOG10(B1)&1E5&RATE2024&r_A1'),
            "A2": formula('"A1 ""B2"" "&\'my A1\'\'s\'!B2&S1!B2&LOG10(B2)&1E5&RATE2024&r_A1'),
        },
    ),
    "two groups of shared formulas": (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">D1</f></c>'
        '<c r="B1"><f t="shared" ref="B1:B2" si="1">E1+1</f></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/></c><c r="B2"><f t="shared" si="1"/></c></row>',
        {"A1": formula("D1"), "B1": formula("E1+1"), "A2": formula("D2"), "B2": formula("E2+1")},
    ),
}


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


def test_a_shared_formula_in_small_letters_moves(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="B1"><f t="shared" ref="B1:B2" si="0">sum(a1:$a$1)+rate</f></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/></c></row>'
    )
    assert read_cells(tmp_path, parts(rows)) == {
        "B1": formula("sum(a1:$a$1)+rate"),
        "B2": formula("sum(A2:$A$1)+rate"),
    }


def test_a_master_may_come_after_its_children(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="shared" si="0"/><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" ref="A1:A3" si="0">B2+$C$9</f><v>2</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v>3</v></c></row>'
    )
    assert read_cells(tmp_path, parts(rows)) == {
        "A1": formula("B1+$C$9", number(1)),
        "A2": formula("B2+$C$9", number(2)),
        "A3": formula("B3+$C$9", number(3)),
    }


SHARED_ONCE = (
    '<row r="1"><c r="A1"><f t="shared" ref="A1:B2" si="0">{}</f></c></row>'
    '<row r="2"><c r="B2"><f t="shared" si="0"/></c></row>'
)


@pytest.mark.parametrize(
    ("master", "child"),
    [
        ("SUM(C:C)", "SUM(D:D)"),
        ("SUM($C:C)", "SUM($C:D)"),
        ("SUM(S!C:D)", "SUM(S!D:E)"),
        ("SUM(3:3)", "SUM(4:4)"),
        ("SUM($3:4)", "SUM($3:5)"),
    ],
)
def test_whole_columns_and_rows_of_shared_formulas_move(
    tmp_path: Path, master: str, child: str
) -> None:
    found = read_cells(tmp_path, parts(SHARED_ONCE.format(master)))
    assert found == {"A1": formula(master), "B2": formula(child)}


@pytest.mark.parametrize(
    "fixed", ["SUM($C:$D)", "SUM($3:$4)", "1+2", '"A:A 3:3"', "SUM('A:A'!$C:$C)"]
)
def test_fixed_parts_of_shared_formulas_stay(tmp_path: Path, fixed: str) -> None:
    found = read_cells(tmp_path, parts(SHARED_ONCE.format(fixed)))
    assert found == {"A1": formula(fixed), "B2": formula(fixed)}


@pytest.mark.parametrize(
    "name",
    cases(
        ["ÜB1", "größeA1", "Été1", "A1é", "Tabelle1[A1]"],
        {"Tabelle1[A1]": "formula.scan takes the column of a table for a cell"},
    ),
)
def test_names_that_end_like_a_cell_do_not_move(tmp_path: Path, name: str) -> None:
    found = read_cells(tmp_path, parts(SHARED_ONCE.format(f"{name}+C1")))
    assert found["B2"] == formula(f"{name}+D2")


def test_children_follow_the_master_before_them(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">C1</f></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/></c></row>'
        '<row r="3"><c r="A3"><f t="shared" ref="A3:A4" si="0">D3*2</f></c></row>'
        '<row r="4"><c r="A4"><f t="shared" si="0"/></c></row>'
    )
    found = read_cells(tmp_path, parts(rows))
    assert list(found.values()) == [formula(one) for one in ("C1", "C2", "D3*2", "D4*2")]


def test_an_empty_text_is_a_cached_value(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="str"><f>""</f><v></v></c></row>'
    assert read_cells(tmp_path, parts(rows)) == {"A1": formula('""', text(""))}


@pytest.mark.parametrize(("ref", "area"), [("A1:B2", Range(0, 0, 1, 1)), ("A1", None), ("", None)])
def test_array_formulas_keep_their_ranges(tmp_path: Path, ref: str, area: Range | None) -> None:
    rows = f'<row r="1"><c r="A1"><f t="array" ref="{ref}">C1:D2</f><v>1</v></c></row>'
    sheet = read_xlsx(save(tmp_path / "x.xlsx", parts(rows))).sheets[0]
    assert sheet.arrays == ({0: area} if area else {})
    assert sheet.kinds.tolist() == [Kind.ARRAY_FORMULA]


def test_the_further_cells_of_an_array_formula_are_computed(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:B2">C1:D2</f><v>1</v></c>'
        '<c r="B1" t="str"><v>x</v></c><c r="C1"><v>5</v></c></row>'
        '<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2"><v>4</v></c></row>'
    )
    sheet = read_xlsx(save(tmp_path / "x.xlsx", parts(rows))).sheets[0]
    spilled = Kind.SPILLED
    assert sheet.kinds.tolist() == [Kind.ARRAY_FORMULA, spilled, Kind.NUMBER, spilled, spilled]
    assert sheet.results == {1: "x", 3: "#N/A"}
    assert sheet.is_formula.tolist() == [True, True, False, True, True]
    assert sheet.formula((0, 1)) is None


def test_array_formulas_over_very_many_cells_are_refused(tmp_path: Path) -> None:
    row = "".join(f'<c r="{a1_name((0, k))}"><v>1</v></c>' for k in range(3, 600))
    arrays = "".join(
        f'<row r="{k}"><c r="A{k}"><f t="array" ref="A{k}:XFD1048576">1</f></c></row>'
        for k in range(2, 300)
    )
    path = save(tmp_path / "x.xlsx", parts(f'<row r="1">{row}</row>{arrays}'))
    refused(path, "array formulas over [0-9,]+ cells; expected at most 2,000,000")


def test_the_ranges_of_array_formulas_follow_cells_out_of_order(tmp_path: Path) -> None:
    rows = (
        '<row r="5"><c r="C5"><f t="array" ref="C5:D6">A1:B2</f><v>1</v></c></row>'
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f t="array" ref="A2:A3">B1:B2</f><v>1</v></c></row>'
    )
    sheet = read_xlsx(save(tmp_path / "x.xlsx", parts(rows))).sheets[0]
    assert sheet.arrays == {1: Range(1, 0, 2, 0), 2: Range(4, 2, 5, 3)}


# The same small workbook, packed in every lawful way.
ROWS = (
    '<row r="1"><c r="A1"><v>1.5</v></c><c r="B1" t="s"><v>1</v></c>'
    '<c r="C1"><f t="shared" ref="C1:D1" si="0">A1*2</f><v>3</v></c>'
    '<c r="D1"><f t="shared" si="0"/><v>0</v></c>'
    '<c r="E1" t="inlineStr"><is><t>in</t></is></c></row>'
)

TEXTS = "<si><t>no</t></si><si><t>yes</t></si>"

NAMES = '<definedName name="here">S!$A$1:$B$2</definedName>'

HELD = {
    "A1": number(1.5),
    "B1": text("yes"),
    "C1": formula("A1*2", number(3)),
    "D1": formula("B1*2", number(0)),
    "E1": text("in"),
}


def prefixed(data: str) -> str:
    data = data.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
    data = data.replace(f'xmlns="{RELATIONS}"', f'xmlns:x="{RELATIONS}"')
    return re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", data)


def strict(data: str) -> str:
    return data.replace(MAIN, STRICT).replace(OFFICE, STRICT_OFFICE)


def changed(change: Callable[[str], str]) -> Callable[[Parts], Parts]:
    return lambda old: {name: change(str(data)) for name, data in old.items()}


def renamed(change: Callable[[str], str]) -> Callable[[Parts], Parts]:
    return lambda old: {change(name): data for name, data in old.items()}


def declared(encoding: str, mark: bytes = b"") -> Callable[[Parts], Parts]:
    def encoded(data: str) -> bytes:
        data = re.sub(r"^<\?xml.*?\?>\s*", "", data)
        return mark + f'<?xml version="1.0" encoding="{encoding}"?>{data}'.encode(encoding)

    return lambda old: {name: encoded(str(data)) for name, data in old.items()}


def without_types(old: Parts) -> Parts:
    return {name: data for name, data in old.items() if name != "[Content_Types].xml"}


PACKED: dict[str, Callable[[Parts], Parts]] = {
    "as usual": dict,
    "prefixed namespaces": changed(prefixed),
    "strict namespaces": changed(strict),
    "strict and prefixed": changed(lambda data: strict(prefixed(data))),
    "backslashes in part names": renamed(lambda name: name.replace("/", "\\")),
    "upper case part names": renamed(str.upper),
    "lower case part names": renamed(str.lower),
    "part names from the root": renamed(lambda name: "/" + name),
    "absolute targets": changed(
        lambda data: data.replace('Target="', 'Target="/xl/').replace("/xl/xl/", "/xl/")
    ),
    "dots in targets": changed(lambda data: data.replace('Target="w', 'Target="./../xl/./w')),
    "targets in another case": changed(lambda data: data.replace("sheet1.xml", "Sheet1.XML")),
    "no list of content types": without_types,
    "UTF-8 with a mark": declared("UTF-8", b"\xef\xbb\xbf"),
    "UTF-16": declared("UTF-16"),
    "Latin-1": declared("ISO-8859-1"),
    "parts in reverse": lambda old: dict(reversed(old.items())),
    "folders and strange parts": lambda old: {"xl/": b"", "a/b\\c ü.bin": b"\0\xff", **old},
    "lines and comments between": changed(
        lambda data: data.replace("><", ">\r\n <!-- <row> --> <?a b?><").replace("<t>\r\n", "<t>")
    ),
}


@pytest.mark.parametrize("case", PACKED)
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm"])
def test_every_lawful_package_is_read(tmp_path: Path, case: str, method: int, suffix: str) -> None:
    content = PACKED[case](parts(ROWS, strings=TEXTS, names=NAMES))
    found = read_xlsx(save(tmp_path / f"x{suffix}", content, method))
    assert [sheet.name for sheet in found.sheets] == ["S"]
    assert cells(found.sheets[0]) == HELD
    assert found.names == (("here", (("S", Range(0, 0, 1, 1)),)),)


def test_a_package_may_have_bytes_before_and_after_it(tmp_path: Path) -> None:
    path = save(tmp_path / "x.xlsx", parts(ROWS, strings=TEXTS))
    path.write_bytes(b"PK" + b"\0" * 98 + path.read_bytes() + b"\0" * 40)
    assert cells(read_xlsx(path).sheets[0]) == HELD


AROUND = {
    "an absurd dimension": ('<dimension ref="A1:XFD1048576"/>', ""),
    "a dimension that is none": ('<dimension ref="ZZZZ99999999:0"/>', ""),
    "a merge of the whole sheet": ("", '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    "cells outside the data": ('<c r="A1"><v>7</v></c>', '<row r="2"><c r="A2"><v>7</v></c></row>'),
    "formulas of formats": (
        "",
        '<conditionalFormatting sqref="A1"><cfRule><formula>A1&gt;0</formula></cfRule>'
        '</conditionalFormatting><extLst><ext><xm:f xmlns:xm="urn:x">A1</xm:f></ext></extLst>',
    ),
    "elements of other namespaces": (
        '<c xmlns="urn:x" r="A1"><v>7</v></c>',
        '<row xmlns="urn:x"/>',
    ),
}


@pytest.mark.parametrize("case", AROUND)
def test_what_stands_around_the_cells_is_ignored(tmp_path: Path, case: str) -> None:
    content = parts(strings=TEXTS)
    content[SHEET] = sheet_xml(ROWS, *AROUND[case])
    assert read_cells(tmp_path, content) == HELD


def several(
    sheets: dict[str, str], kinds: dict[str, str] | None = None, attributes: str = ""
) -> Parts:
    """A workbook with a sheet for each name; `kinds` gives the types of sheets with no cells."""
    content = parts()
    del content[SHEET]
    keys = {name: f"s{number}" for number, name in enumerate(sheets)}
    content[BOOK] = workbook_xml(keys).replace(" sheetId", f" {attributes} sheetId")
    found = []
    for name, rows in sheets.items():
        content[f"xl/{keys[name]}.xml"] = sheet_xml(rows)
        found.append((keys[name], (kinds or {}).get(name, "worksheet"), f"{keys[name]}.xml"))
    content[BOOK_RELS] = rels(*reversed(found))
    return content


@pytest.mark.parametrize("attributes", ["", 'state="hidden"', 'state="veryHidden"'])
def test_every_sheet_is_read_in_the_order_of_the_workbook(tmp_path: Path, attributes: str) -> None:
    sheets = {name: f"<row><c><v>{k}</v></c></row>" for k, name in enumerate(["b", "ä 'x'", "a"])}
    found = read_xlsx(save(tmp_path / "x.xlsx", several(sheets, attributes=attributes))).sheets
    assert [sheet.name for sheet in found] == ["b", "ä 'x'", "a"]
    assert [cells(sheet) for sheet in found] == [{"A1": number(k)} for k in range(3)]


def test_shared_formulas_of_two_sheets_do_not_mix(tmp_path: Path) -> None:
    rows = '<row><c><f t="shared" si="0">{}</f></c><c><f t="shared" si="0"/></c></row>'
    path = save(tmp_path / "x.xlsx", several({"a": rows.format("C1"), "b": rows.format("D1")}))
    found = [cells(sheet)["B1"] for sheet in read_xlsx(path).sheets]
    assert found == [formula("D1"), formula("E1")]


def test_charts_are_passed_over(tmp_path: Path) -> None:
    content = several({"a": "", "chart": "", "b": ""}, {"chart": "chartsheet"})
    found = read_xlsx(save(tmp_path / "x.xlsx", content)).sheets
    assert [sheet.name for sheet in found] == ["a", "b"]


ONE, TWO = Range(0, 0, 0, 0), Range(1, 1, 3, 2)


@pytest.mark.parametrize(
    ("refers", "areas"),
    [
        ("S!$A$1", [("S", ONE)]),
        ("S!$B$2:$C$4", [("S", TWO)]),
        ("S!$A$1,T!$B$2:$C$4", [("S", ONE), ("T", TWO)]),
        ("'a sheet'!$A$1", [("a sheet", ONE)]),
        ("'it''s'!$A$1,S!$B$2:$C$4", [("it's", ONE), ("S", TWO)]),
        ("'a!b'!$A$1", [("a!b", ONE)]),
        ("<![CDATA[S!]]>$A<!-- -->$1", [("S", ONE)]),
        pytest.param("'a,b'!$A$1", [("a,b", ONE)]),
        pytest.param(
            "'a,''b'!$B$2:$C$4,S!$A$1",
            [("a,'b", TWO), ("S", ONE)],
        ),
        pytest.param("S!$C$4:$B$2", [("S", TWO)]),
        ("S!#REF!", None),
        ("#REF!", None),
        ("1", None),
        ('"S!$A$1"', None),
        ("OFFSET(S!$A$1,1,1)", None),
        ("$A$1", None),
        ("", None),
    ],
)
def test_defined_names_are_ranges_or_left_out(
    tmp_path: Path, refers: str, areas: list[tuple[str, Range]] | None
) -> None:
    names = f'<definedName name="n" comment="c">{refers}</definedName>'
    found = read_xlsx(save(tmp_path / "x.xlsx", parts(names=names))).names
    assert found == (() if areas is None else (("n", tuple(areas)),))


def custom(*properties: tuple[str, str]) -> str:
    rows = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name="{name}">'
        f"<vt:lpwstr>{value}</vt:lpwstr></property>"
        for pid, (name, value) in enumerate(properties, 2)
    )
    return (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"'
        ' xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        f"{rows}</Properties>"
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([], []),
        ([("a", "1")], [("a", "1")]),
        ([("a", " x<!-- -->&lt;<![CDATA[&]]> ")], [("a", " x<& ")]),
        ([("a", "1"), ("a.2", "2"), ("a.3", "3"), ("b", "4")], [("a", "123"), ("b", "4")]),
        ([("a.2", "1"), ("b.c", "2")], [("a.2", "1"), ("b.c", "2")]),
        ([("a", "")], [("a", "")]),
    ],
)
def test_custom_properties_are_joined(
    tmp_path: Path, written: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    content = parts() | {CUSTOM: custom(*written)}
    assert read_xlsx(save(tmp_path / "x.xlsx", content)).properties == tuple(expected)


# What is refused: files that are no workbook.
def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.xlsx")
    (tmp_path / "zero.xlsx").symlink_to("/dev/zero")
    (tmp_path / "loop.xlsx").symlink_to("loop.xlsx")
    refused(tmp_path, "a folder")
    refused(tmp_path / "fifo.xlsx", "not an ordinary file")
    refused(tmp_path / "zero.xlsx", "not an ordinary file")
    refused(tmp_path / "loop.xlsx", "symbolic links")
    refused(tmp_path / "missing.xlsx", "No such file")
    refused(tmp_path / "missing" / "x.xlsx", "No such file")
    refused(tmp_path / ("x" * 5000), "name too long")


def test_a_file_that_cannot_be_read_is_refused() -> None:
    path = Path("/proc/self/mem")  # its first page gives an input/output error
    if not path.exists():
        pytest.skip("no such file here")
    refused(path)


def test_a_path_with_a_zero_byte_is_refused() -> None:
    with pytest.raises(ReadError):
        read_xlsx("a\0b.xlsx")


NO_WORKBOOK = {
    "empty": (b"", "empty"),
    "one byte": (b"P", "not a zip"),
    "a text": (b"a;b\n1;2\n", "not a zip"),
    "an html page": (b"<html><body><table></table></body></html>", "not a zip"),
    "an old .xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2048, "old .xls or an encrypted"),
    "only a mark": (b"PK", "damaged or truncated"),
    "zeros behind a mark": (b"PK\3\4" + b"\0" * 5000, "damaged or truncated"),
    "an empty zip": (b"PK\5\6" + b"\0" * 18, "without relationships"),
    "an empty zip of many disks": (b"PK\5\6" + b"\1" * 16 + b"\0\0", "damaged or truncated"),
}


@pytest.mark.parametrize("case", NO_WORKBOOK)
def test_files_that_are_no_package_are_refused(tmp_path: Path, case: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(NO_WORKBOOK[case][0])
    refused(path, NO_WORKBOOK[case][1])


OTHER_PACKAGES: dict[str, tuple[Parts, str]] = {
    "an .ods": (
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"},
        "without relationships",
    ),
    "an .xlsb": (
        {"_rels/.rels": rels(("b", "officeDocument", "xl/workbook.bin")), "xl/workbook.bin": b"\0"},
        "binary workbook",
    ),
    "a .docx": (
        {
            "_rels/.rels": rels(("b", "officeDocument", "word/document.xml")),
            "word/document.xml": '<w:document xmlns:w="urn:w"/>',
            "word/_rels/document.xml.rels": rels(),
        },
        "no worksheet",
    ),
    "relationships without a workbook": ({"_rels/.rels": rels()}, "without a workbook"),
    "a workbook that is missing": (
        {"_rels/.rels": rels(("b", "officeDocument", BOOK))},
        "missing from the package",
    ),
    "a workbook elsewhere": (
        {
            **parts(ROWS),
            "_rels/.rels": rels(("b", "officeDocument", BOOK), mode=' TargetMode="External"'),
        },
        "missing from the package",
    ),
}


@pytest.mark.parametrize("case", OTHER_PACKAGES)
def test_other_packages_are_refused(tmp_path: Path, case: str) -> None:
    content, message = OTHER_PACKAGES[case]
    refused(save(tmp_path / "x.xlsx", content), message)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_files_cut_anywhere_are_refused(tmp_path: Path, method: int) -> None:
    path = save(tmp_path / "x.xlsx", parts(ROWS, strings=TEXTS), method)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        refused(path, "empty|not a zip|damaged or truncated")


def test_published_workbooks_cut_anywhere_are_refused(tmp_path: Path) -> None:
    whole, path = EDGES.read_bytes(), tmp_path / "x.xlsx"
    for length in range(8, len(whole), len(whole) // 100):
        path.write_bytes(whole[:length])
        refused(path, "damaged or truncated")


# What is refused: packages that are damaged or made to explode.
def central(data: bytes, name: str) -> int:
    """The place of a part's entry in the list at the end of a package."""
    at = data.rindex(name.encode()) - 46
    assert data[at : at + 4] == b"PK\1\2"
    return at


def patched(path: Path, name: str, *changes: tuple[int, str, int]) -> Path:
    """Overwrite fields of a part's entry: (offset, struct format, value)."""
    data = bytearray(path.read_bytes())
    at = central(bytes(data), name)
    for offset, form, value in changes:
        struct.pack_into("<" + form, data, at + offset, value)
    path.write_bytes(data)
    return path


EVERY_PART = [SHEET, STRINGS, BOOK, BOOK_RELS, "_rels/.rels", CUSTOM]


def full() -> Parts:
    return parts(ROWS, strings=TEXTS, names=NAMES) | {CUSTOM: custom(("a", "1"))}


@pytest.mark.parametrize("part", EVERY_PART)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param((16, "L", 0xDEADBEEF), id="checksum"),
        pytest.param((8, "H", 1), id="encrypted"),
        pytest.param((8, "H", 0x20), id="patched data"),
        pytest.param((8, "H", 0x40), id="strong encryption"),
        pytest.param((8, "H", 0x800), id="names said to be UTF-8"),
        pytest.param((10, "H", 9), id="deflate64"),
        pytest.param((10, "H", 12), id="bzip2"),
        pytest.param((10, "H", 14), id="lzma"),
        pytest.param((10, "H", 93), id="zstandard"),
        pytest.param((10, "H", 99), id="AES"),
        pytest.param((10, "H", 0), id="stored"),
        pytest.param((20, "L", 3), id="too few compressed bytes"),
        pytest.param((24, "L", 3), id="too few bytes"),
        pytest.param((24, "L", 0), id="no bytes"),
        pytest.param((42, "L", 5), id="offset into a header"),
        pytest.param((42, "L", 0xFFFFFFF0), id="offset past the end"),
    ],
)
def test_damaged_entries_are_refused(
    tmp_path: Path, part: str, change: tuple[int, str, int]
) -> None:
    path = patched(save(tmp_path / "x.xlsx", full()), part, change)
    if change == (8, "H", 0x800):
        assert cells(read_xlsx(path).sheets[0]) == HELD  # ASCII is UTF-8
    else:
        refused(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_that_workbooks_do_not_have_is_refused(tmp_path: Path, method: int) -> None:
    refused(save(tmp_path / "x.xlsx", parts(ROWS, strings=TEXTS), method))


def test_damaged_lzma_data_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "x.xlsx", parts(ROWS, strings=TEXTS), zipfile.ZIP_LZMA)
    data = bytearray(path.read_bytes())
    at = data.index(b"_rels/.rels") + len(b"_rels/.rels")
    data[at + 4 : at + 30] = b"\xff" * 26
    path.write_bytes(data)
    refused(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twin", [SHEET, SHEET.upper(), "/" + SHEET, SHEET.replace("/", "\\")])
def test_parts_that_stand_twice_are_refused(tmp_path: Path, twin: str) -> None:
    path = save(tmp_path / "x.xlsx", parts(ROWS, strings=TEXTS))
    with zipfile.ZipFile(path, "a") as package:
        package.writestr(twin, sheet_xml("<row><c><v>7</v></c></row>"))
    refused(path, "twice")


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    content: Parts = parts(ROWS, strings=TEXTS)
    content |= {f"x/{k}": b"" for k in range(10_000 - len(content))}
    path = save(tmp_path / "x.xlsx", content, zipfile.ZIP_STORED)
    assert cells(read_xlsx(path).sheets[0]) == HELD
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("one too many", b"")
    refused(path, "10,001 parts; expected at most 10,000")


def inflated(part: str, size: int) -> Parts:
    """A workbook with one part that is well-formed and as large as told, all spaces."""
    content = full()
    head, mark, tail = str(content[part]).rpartition("</")
    content[part] = head + " " * size + mark + tail
    return content


def blown(path: Path, method: int) -> Path:
    """A workbook with 300 MB of spaces for its shared strings."""
    content = parts(strings="")
    del content[STRINGS]
    save(path, content)
    with zipfile.ZipFile(path, "a", method) as package, package.open(STRINGS, "w") as part:
        for _ in range(300):
            part.write(b" " * 1_000_000)
    return path


@pytest.mark.parametrize("part", EVERY_PART)
def test_parts_that_unpack_to_far_more_are_refused(tmp_path: Path, part: str) -> None:
    path = save(tmp_path / "x.xlsx", inflated(part, 8 << 20))
    refused(path, "unpacks to over 200 times its size")
    refused(path, "larger than the 1 MiB allowed", Budget(part_mib=1, ratio=10_000))
    refused(path, "allowed", Budget(total_mib=1, ratio=10_000))
    assert cells(read_xlsx(path, Budget(ratio=10_000)).sheets[0]) == HELD


@pytest.mark.parametrize("part", EVERY_PART)
def test_parts_that_unpack_to_less_than_they_say_are_bounded_too(tmp_path: Path, part: str) -> None:
    path = patched(save(tmp_path / "x.xlsx", inflated(part, 8 << 20)), part, (24, "L", 1 << 31))
    refused(path, "unpacks to over 200 times its size")


@pytest.mark.parametrize("part", EVERY_PART)
def test_compressed_sizes_beyond_the_file_are_refused(tmp_path: Path, part: str) -> None:
    path = save(tmp_path / "x.xlsx", inflated(part, 8 << 20))
    refused(patched(path, part, (20, "L", 0xFFFFFFF0)), "unpacks to over 200 times|is damaged")


def test_parts_cannot_lie_about_their_compressed_size(tmp_path: Path) -> None:
    path = blown(tmp_path / "x.xlsx", zipfile.ZIP_DEFLATED)
    patched(path, STRINGS, (20, "L", 0xFFFFFFF0))
    refused(path, "unpacks to over 20 times its size", Budget(ratio=20))


def test_files_and_sheets_larger_than_allowed_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    save(path, parts(ROWS, strings=TEXTS) | {"noise": os.urandom(2 << 20)}, zipfile.ZIP_STORED)
    refused(path, "larger than the 1 MiB allowed", Budget(file_mib=1))
    refused(path, "more than the 4 cells allowed", Budget(cells=4))
    assert cells(read_xlsx(path, Budget(cells=5)).sheets[0]) == HELD


def test_the_cells_of_all_sheets_are_counted_together(tmp_path: Path) -> None:
    rows = "<row>" + "<c><v>1</v></c>" * 10 + "</row>"
    path = save(tmp_path / "x.xlsx", several({"a": rows, "b": rows}))
    assert len(read_xlsx(path, Budget(cells=20)).sheets) == 2
    refused(path, "more than the 19 cells allowed", Budget(cells=19))


def overlapping(count: int, data: bytes) -> bytes:
    """A package whose sheets share one run of compressed bytes.

    The extra field of each part's header holds the headers of the parts that follow.
    """
    names = [f"xl/s{k:04}.xml" for k in range(count)]
    content = several({f"S{k}": "" for k in range(count)})
    body = bytearray()
    listing = bytearray()

    def fields(raw: bytes, packed: bytes) -> bytes:
        return struct.pack("<5H3L", 20, 0, 8, 0, 33, zlib.crc32(raw), len(packed), len(raw))

    def listed(name: str, common: bytes, offset: int) -> bytes:
        tail = struct.pack("<HHHHHLL", len(name), 0, 0, 0, 0, 0, offset)
        return b"PK\1\2" + struct.pack("<H", 20) + common + tail + name.encode()

    def deflated(raw: bytes) -> bytes:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(raw) + packer.flush()

    for name, one in content.items():
        if not name.startswith("xl/s"):
            raw = re.sub(r'"s(\d+)\.xml"', lambda m: f'"s{int(m[1]):04}.xml"', str(one)).encode()
            packed = deflated(raw)
            listing += listed(name, fields(raw, packed), len(body))
            body += b"PK\3\4" + fields(raw, packed) + struct.pack("<HH", len(name), 0)
            body += name.encode() + packed
    packed = deflated(data)
    step = 30 + len(names[0])
    for k, name in enumerate(names):
        listing += listed(name, fields(data, packed), len(body))
        rest = (count - 1 - k) * step
        body += b"PK\3\4" + fields(data, packed) + struct.pack("<HH", len(name), rest)
        body += name.encode()
    body += packed
    total = len(content)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, total, total, len(listing), len(body), 0)
    return bytes(body + listing + end)


def test_parts_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    noise = zlib.compress(os.urandom(3000), 0).hex()
    path = tmp_path / "x.xlsx"
    path.write_bytes(overlapping(400, sheet_xml(f"<!-- {noise} -->" + " " * 1_000_000).encode()))
    assert path.stat().st_size < 100_000  # unpacks to 400 MB
    refused(path, "", Budget(total_mib=500))


@pytest.mark.parametrize("count", [2, 3000])
def test_sheets_that_share_a_part_are_refused(tmp_path: Path, count: int) -> None:
    content = parts(" " * 10_000)
    content[BOOK] = workbook_xml({f"S{k}": "s1" for k in range(count)})
    refused(save(tmp_path / "x.xlsx", content))


# What is refused: XML that is damaged or made to explode.
LAUGHS = "".join(f'<!ENTITY l{k + 1} "{f"&l{k};" * 10}">' for k in range(9))

DOCTYPES = {
    "alone": "<!DOCTYPE worksheet>",
    "of a file": '<!DOCTYPE worksheet SYSTEM "file:///etc/passwd">',
    "of an address": '<!DOCTYPE worksheet PUBLIC "-//X" "http://127.0.0.1:9/x.dtd">',
    "internal entity": '<!DOCTYPE worksheet [<!ENTITY l9 "x">]>',
    "external entity": '<!DOCTYPE worksheet [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
    "parameter entity": '<!DOCTYPE worksheet [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "billion laughs": f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{LAUGHS}]>',
    "attribute defaults": '<!DOCTYPE worksheet [<!ATTLIST c r CDATA "A1">]>',
    "unparsed entity": '<!DOCTYPE a [<!NOTATION n SYSTEM "x"><!ENTITY l9 SYSTEM "x" NDATA n>]>',
}


@pytest.mark.parametrize("part", EVERY_PART)
@pytest.mark.parametrize("case", DOCTYPES)
def test_document_types_are_refused(tmp_path: Path, part: str, case: str) -> None:
    content = full()
    body = re.sub(r"^<\?xml.*?\?>\s*", "", str(content[part]))
    content[part] = DOCTYPES[case] + body.replace("</", "&l9;</", 1)
    refused(save(tmp_path / "x.xlsx", content), "has a document type")


BAD_XML: dict[str, str | bytes] = {
    "nothing": "",
    "spaces": "  \n",
    "a text": "text",
    "zeros": b"\0" * 1000,
    "an open element": "<a>",
    "a wrong end": "<a></b>",
    "two roots": "<a/><a/>",
    "an undefined entity": "<a>&nbsp;</a>",
    "a forbidden character": "<a>&#0;</a>",
    "a control character": "<a>\x01</a>",
    "a lone surrogate": "<a>&#xD800;</a>",
    "an unbound prefix": "<a:b/>",
    "an attribute twice": '<a b="1" b="2"/>',
    "an unclosed comment": "<a><!-- </a>",
    "invalid UTF-8": b"<a>\xff\xfe\xfd</a>",
    "overlong UTF-8": b"<a>\xc0\x80</a>",
    "Latin-1 said to be UTF-8": "<a>é</a>".encode("latin-1"),
    "an unknown encoding": '<?xml version="1.0" encoding="nope"?><a/>',
    "an encoding of several bytes": '<?xml version="1.0" encoding="Shift_JIS"?><a/>',
    "an encoding that is no text": '<?xml version="1.0" encoding="rot13"?><a/>',
    "an encoding with a long name": f'<?xml version="1.0" encoding="{"x" * 100_000}"?><a/>',
    "half a UTF-16 letter": '<?xml version="1.0"?><a/>'.encode("utf-16")[:-1],
    "UTF-32": '<?xml version="1.0" encoding="UTF-32"?><a/>'.encode("utf-32"),
    "XML 1.1": '<?xml version="1.1"?><a>&#1;</a>',
}


@pytest.mark.parametrize("part", EVERY_PART)
@pytest.mark.parametrize("case", cases(BAD_XML, {"an encoding with a long name": MESSAGE}))
def test_bad_xml_is_refused(tmp_path: Path, part: str, case: str) -> None:
    refused(save(tmp_path / "x.xlsx", full() | {part: BAD_XML[case]}))


@pytest.mark.parametrize(
    "encoding",
    cases(
        ["unicode_escape", "raw_unicode_escape", "utf-7", "punycode"],
        dict.fromkeys(["unicode_escape", "raw_unicode_escape"], "every codec of Python is tried"),
    ),
)
def test_strange_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    content = parts() | {SHEET: f'<?xml version="1.0" encoding="{encoding}"?>{sheet_xml("")}'}
    refused(save(tmp_path / "x.xlsx", content))


@pytest.mark.parametrize("tag", ["a", "row", "c", "sheetData", "is"])
def test_deep_nesting_is_refused(tmp_path: Path, tag: str) -> None:
    content = parts(f"<{tag}>" * 100_000 + f"</{tag}>" * 100_000)
    refused(save(tmp_path / "x.xlsx", content), "", Budget(ratio=10_000))


NO_SHEETS = {
    "another root": f'<chartsheet xmlns="{MAIN}"/>',
    "another namespace": '<worksheet xmlns="urn:x"/>',
    "no namespace": "<worksheet/>",
    "data twice": sheet_xml("", after="<sheetData/>"),
    "data in data": sheet_xml("<sheetData/>"),
}


@pytest.mark.parametrize("case", cases(NO_SHEETS, {"data in data": SILENT}))
def test_parts_that_are_no_sheet_are_refused(tmp_path: Path, case: str) -> None:
    refused(save(tmp_path / "x.xlsx", parts() | {SHEET: NO_SHEETS[case]}))


# What is refused: workbooks whose parts do not fit together.
BAD_BOOKS: dict[str, tuple[Parts, str]] = {
    "no sheets": ({BOOK: workbook_xml({})}, "no worksheet"),
    "only a chart": ({BOOK_RELS: rels(("s1", "chartsheet", "c.xml"))}, "no worksheet"),
    "a sheet without a relation": ({BOOK: workbook_xml({"S": "no"})}, "'S' has no part"),
    "a sheet without a key": ({BOOK: workbook_xml({"S": ""})}, "'S' has no part"),
    "a sheet without its part": (
        {BOOK_RELS: rels(("s1", "worksheet", "worksheets/sheet2.xml"))},
        "part xl/worksheets/sheet2.xml is missing",
    ),
    "one sheet of two without its part": (
        {BOOK: workbook_xml({"S": "s1", "T": "s2"})},
        "'T' has no part",
    ),
    "a sheet elsewhere": (
        {
            BOOK_RELS: rels(
                ("s1", "worksheet", "https://127.0.0.1:9/x.xml"), mode=' TargetMode="External"'
            )
        },
        "'S' lies outside the package",
    ),
    "a sheet above the package": (
        {BOOK_RELS: rels(("s1", "worksheet", "../../../../../../etc/passwd"))},
        "missing from the package",
    ),
    "a sheet at a file's address": (
        {BOOK_RELS: rels(("s1", "worksheet", "file:///etc/passwd"))},
        "missing from the package",
    ),
    "a sheet without a target": ({BOOK_RELS: rels(("s1", "worksheet", ""))}, "missing"),
    "a sheet that is a workbook": (
        {BOOK_RELS: rels(("s1", "worksheet", "workbook.xml"))},
        "no worksheet",
    ),
    "strings without their part": (
        {
            BOOK_RELS: rels(
                ("s1", "worksheet", "worksheets/sheet1.xml"), ("t", "sharedStrings", "no.xml")
            )
        },
        "part xl/no.xml is missing",
    ),
    "strings elsewhere": (
        {
            BOOK_RELS: rels(
                ("s1", "worksheet", "worksheets/sheet1.xml"), ("t", "sharedStrings", "x")
            ).replace('"x"/>', '"http://127.0.0.1:9/" TargetMode="External"/>')
        },
        "shared strings lie outside",
    ),
    "line ends in a target": ({BOOK_RELS: rels(("s1", "worksheet", "a&#10;b.xml"))}, "missing"),
    "line ends in a sheet's name": (
        {
            BOOK: workbook_xml({"S&#10;T": "s1"}),
            SHEET: sheet_xml('<row><c t="s"><v>9</v></c></row>'),
        },
        "is missing",
    ),
    "a long target": ({BOOK_RELS: rels(("s1", "worksheet", "x" * 100_000))}, "missing"),
    "a long sheet name": ({BOOK: workbook_xml({"S" * 100_000: "no"})}, "no part"),
    "a long attribute": ({BOOK: workbook_xml({"S": "x" * 100_000})}, "no part"),
    "a macro sheet": (
        {
            BOOK: workbook_xml({"S": "s1", "M": "m1"}),
            BOOK_RELS: rels(
                ("s1", "worksheet", "worksheets/sheet1.xml"),
                (
                    "m1",
                    "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
                    "m.xml",
                ),
            ),
            "xl/m.xml": f'<macrosheet xmlns="{MAIN}"/>',
        },
        "",
    ),
    "no relations of the workbook": ({BOOK_RELS: "<a/>"}, "has no part"),
}

BAD_BOOK_BUGS = {
    "line ends in a target": MESSAGE,
    "line ends in a sheet's name": MESSAGE,
    "a long target": MESSAGE,
    "a long sheet name": MESSAGE,
    "a macro sheet": "sheets of an unknown kind are dropped",
}


@pytest.mark.parametrize("case", cases(BAD_BOOKS, BAD_BOOK_BUGS))
def test_workbooks_that_do_not_fit_together_are_refused(tmp_path: Path, case: str) -> None:
    changes, message = BAD_BOOKS[case]
    refused(save(tmp_path / "x.xlsx", parts() | changes), message)


def test_missing_relations_are_refused(tmp_path: Path) -> None:
    content = parts(ROWS, strings=TEXTS)
    del content[BOOK_RELS]
    refused(save(tmp_path / "x.xlsx", content), "workbook.xml.rels is missing")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31mb", "a" * 10_000])
def test_strange_part_names_do_not_reach_the_message(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / "x.xlsx", parts() | {name: b"1"})
    with zipfile.ZipFile(path, "a") as package:
        package.writestr(name, b"2")
    refused(path, "twice")


# What is refused: cells that cannot be.
def one(name: str, held: str = "<v>1</v>", attributes: str = "") -> str:
    return f'<row r="1"><c r="{name}" {attributes}>{held}</c></row>'


BAD_CELLS: dict[str, tuple[str, str]] = {
    "a column too far": (one("XFE1"), "XFE1.* off the sheet"),
    "a column far too far": (one("AAAA1"), "AAAA1.* off the sheet"),
    "a row too far": (one("A1048577"), "A1048577.* off the sheet"),
    "row 0 of a cell": (one("A0"), "A0.* off the sheet"),
    "no row": (one("A"), "off the sheet"),
    "no column": (one("1"), "off the sheet"),
    "no name": (one(""), "off the sheet"),
    "a range": (one("A1:B2"), "off the sheet"),
    "digits of another script": (one("A١"), "off the sheet"),
    "a long name": (one("A" * 100_000), "off the sheet"),
    "row 0": ('<row r="0"><c><v>1</v></c></row>', "off the sheet"),
    "row -1": ('<row r="-1"><c><v>1</v></c></row>', "off the sheet"),
    "row x": ('<row r="x"/>', "off the sheet"),
    "an empty row number": ('<row r=""/>', "off the sheet"),
    "row 1048577": ('<row r="1048577"/>', "off the sheet"),
    "a row beyond counting": (f'<row r="{"9" * 30}"/>', "off the sheet"),
    "a row with zeros before it": (
        f'<row r="00000001{"9" * 20}"><c><v>1</v></c></row>',
        "off the sheet",
    ),
    "a row of many digits": (f'<row r="00000001{"0" * 5000}"/>', "off the sheet"),
    "a row after the last": (
        '<row r="1048576"/><row><c><v>1</v></c></row>',
        "off the sheet",
    ),
    "a cell after the last": (
        '<row r="1"><c r="XFD1"/><c><v>1</v></c></row>',
        "off the sheet",
    ),
    "a cell outside a row": ("<c><v>1</v></c>", ""),
    "a cell twice": ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>1</v></c></row>', "twice"),
    "a cell twice, named once": (
        '<row r="1"><c r="B1"><v>1</v></c></row><row r="1"><c/><c><v>1</v></c></row>',
        "S!B1 stands twice",
    ),
    "a cell in a cell": ('<row r="1"><c r="A1"><v>1</v><c r="B1"><v>2</v></c></c></row>', ""),
    "two values": (one("A1", "<v>1</v><v>2</v>"), ""),
    "two formulas": (one("A1", "<f>1</f><f>2</f>"), ""),
    "NaN": (one("A1", "<v>NaN</v>"), "S!A1: 'NaN' is not a number"),
    "INF": (one("A1", "<v>INF</v>"), "not a number"),
    "-infinity": (one("A1", "<v>-infinity</v>"), "not a number"),
    "1e999": (one("A1", "<v>1e999</v>"), "not a number"),
    "a text for a number": (one("A1", "<v>one</v>"), "not a number"),
    "hexadecimal": (one("A1", "<v>0x10</v>"), "not a number"),
    "a number with an underscore": (one("A1", "<v>1_000</v>"), "not a number"),
    "a number of another script": (one("A1", "<v>١٢</v>"), "not a number"),
    "a long number": (one("A1", f"<v>{'1' * 100_000}x</v>"), "not a number"),
    "NaN of a formula": (one("A1", "<f>1</f><v>NaN</v>"), "not a number"),
    "1e999 of a formula": (one("A1", "<f>1</f><v>1e999</v>", 't="n"'), "not a number"),
    "a string past the last": (one("A1", "<v>8</v>", 't="s"'), "S!A1: shared string '8'"),
    "a negative string": (one("A1", "<v>-1</v>", 't="s"'), "shared string '-1'"),
    "half a string": (one("A1", "<v>0.5</v>", 't="s"'), "shared string '0.5'"),
    "a string by its text": (one("A1", "<v>plain</v>", 't="s"'), "shared string"),
    "a string beyond counting": (one("A1", f"<v>{'9' * 100_000}</v>", 't="s"'), "shared string"),
    "a string with an underscore": (one("A1", "<v>0_1</v>", 't="s"'), "shared string"),
    "a shared formula without master": (
        one("A1", '<f t="shared" si="7"/>'),
        "S!A1: its shared formula 7 is missing",
    ),
    "a shared formula without number": (one("A1", '<f t="shared"/>'), "S!A1: its shared formula"),
    "a shared formula with a long number": (
        one("A1", f'<f t="shared" si="{"x" * 100_000}"/>'),
        "its shared formula",
    ),
    "an array formula off the sheet": (
        one("A1", '<f t="array" ref="A1:XFE1">1</f>'),
        "XFE1.* off the sheet",
    ),
    "an array formula of a text": (one("A1", '<f t="array" ref="x:y">1</f>'), "off the sheet"),
    "an array formula upside down": (one("A1", '<f t="array" ref="B2:A1">1</f>'), ""),
    "an array formula elsewhere": (one("A1", '<f t="array" ref="C3:D4">1</f>'), ""),
    "a truth that is neither": (one("A1", "<v>2</v>", 't="b"'), ""),
    "an unknown type": (one("A1", "<v>1</v>", 't="x"'), ""),
}

BAD_CELL_BUGS = {
    "a column too far": PLACE,
    "a column far too far": PLACE,
    "a row too far": PLACE,
    "row 0 of a cell": PLACE,
    "no row": PLACE,
    "no column": PLACE,
    "no name": PLACE,
    "a range": PLACE,
    "digits of another script": PLACE,
    "a long name": PLACE,
    "row 0": PLACE,
    "row -1": PLACE,
    "row x": PLACE,
    "an empty row number": PLACE,
    "row 1048577": PLACE,
    "a row beyond counting": PLACE,
    "an array formula off the sheet": PLACE,
    "an array formula of a text": PLACE,
    "a row with zeros before it": ROW,
    "a row of many digits": ROW,
    "a row after the last": BOUNDS,
    "a cell after the last": BOUNDS,
    "a cell outside a row": BOUNDS,
    "two values": SILENT,
    "two formulas": SILENT,
    "a number with an underscore": LOOSE,
    "a number of another script": LOOSE,
    "a string with an underscore": LOOSE,
    "a long number": MESSAGE,
    "a string beyond counting": MESSAGE,
    "a shared formula with a long number": MESSAGE,
    "an array formula upside down": SILENT,
    "an array formula elsewhere": SILENT,
    "a truth that is neither": SILENT,
    "an unknown type": SILENT,
}


@pytest.mark.parametrize("case", cases(BAD_CELLS, BAD_CELL_BUGS))
def test_cells_that_cannot_be_are_refused(tmp_path: Path, case: str) -> None:
    rows, message = BAD_CELLS[case]
    refused(save(tmp_path / "x.xlsx", parts(rows, strings=SHARED)), message, Budget(ratio=10_000))


@pytest.mark.parametrize("count", [16_385, 40_000])
def test_rows_of_nameless_cells_end_with_the_sheet(tmp_path: Path, count: int) -> None:
    content = parts("<row>" + "<c><v>1</v></c>" * count + "</row>")
    refused(save(tmp_path / "x.xlsx", content), "off the sheet", Budget(ratio=10_000))


# What is refused before it costs much: measured in a process of its own.
MEASURED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from xlconv.errors import ReadError
from xlconv.spreadsheet.xlsx.read import read_xlsx
try:
    read_xlsx(sys.argv[1])
    print("read")
except ReadError as error:
    print(error)
with open("/proc/self/status") as status:
    print(*(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def refused_cheaply(path: Path) -> None:
    """Expect a refusal by a bound, not by the end of memory, within 500 MB."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak of memory is not told here")
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    message, peak = done.stdout.splitlines()
    assert message.startswith(f"{path}: ")
    assert "more than there is" not in message
    assert int(peak) < 500_000


def padded(data: str) -> bytes:
    """Random letters in a comment at the end: the part unpacks to under 200 times its size."""
    head, mark, tail = data.rpartition("</")
    return f"{head}<!--{os.urandom(len(data) // 300).hex()}-->{mark}{tail}".encode()


def test_a_long_text_in_many_cells_is_refused_cheaply(tmp_path: Path) -> None:
    content = parts(
        "<row>" + '<c t="s"><v>0</v></c>' * 10_000 + "</row>",
        strings=f"<si><t>{'x' * 1_000_000}</t></si>",
    )
    refused_cheaply(save(tmp_path / "x.xlsx", content))


def test_a_long_shared_formula_in_many_cells_is_refused_cheaply(tmp_path: Path) -> None:
    rows = f'<row><c><f t="shared" ref="A1:XFD1" si="0">B1&amp;"{"x" * 500_000}"</f></c>'
    rows += '<c><f t="shared" si="0"/></c>' * 2_000 + "</row>"
    refused_cheaply(save(tmp_path / "x.xlsx", parts(rows)))


def test_bombs_of_other_compressions_are_refused_cheaply(tmp_path: Path) -> None:
    path = blown(tmp_path / "x.xlsx", zipfile.ZIP_BZIP2)
    refused_cheaply(path)


def test_a_list_of_a_million_parts_is_refused_cheaply(tmp_path: Path) -> None:
    count = 1_600_000
    entry = b"PK\1\2" + struct.pack("<6H3L5H2L", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, *[0] * 6) + b"x"
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 7, 7, len(entry) * count, 0, 0)
    path = tmp_path / "x.xlsx"
    path.write_bytes(entry * count + end)
    refused_cheaply(path)


def test_millions_of_open_elements_are_refused_cheaply(tmp_path: Path) -> None:
    content = parts() | {SHEET: padded(sheet_xml("<a>" * 5_000_000))}
    refused_cheaply(save(tmp_path / "x.xlsx", content))


# What a file may be by chance: bytes and texts changed at random.
FRAGMENTS = (
    [f.encode() for f in ("<c>", "</c>", "<v>", "<f>", "<row>", "</row>", "<is>", "<t>", "<rPh>")]
    + [f' {f}="'.encode() for f in ("r", "t", "si", "ref", "Id", "Target", "xmlns", "name", "r:id")]
    + [b"shared", b"array", b"inlineStr", b"str", b"A0", b"XFE1", b"0000000000", b"999999999999999"]
    + [b"&#10;", b"&lt;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?", b"<!DOCTYPE a>", b"$A$1:B2"]
    + [b"'", b'"', b",", b"!", b"\0", b"\xff", b"\xc3", b"1e999", b"nan", b"-1", b"../../", b"\\"]
    + [b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"\xff\xff\xff\xff", b"\0\0\0\0"]
    + [b'encoding="utf-7"', b'encoding="nope"', b'<?xml version="1.0" encoding="UTF-16"?>']
)

Edit = tuple[str, float, int, bytes]

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "delete", "insert", "duplicate", "overwrite"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 60),
        st.sampled_from(FRAGMENTS) | st.binary(min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, edits: list[Edit]) -> bytes:
    out = bytearray(data)
    for kind, place, length, payload in edits:
        at = int(place * len(out))
        if kind == "flip" and out:
            out[at] ^= 1 << length % 8
        elif kind == "delete":
            del out[at : at + length]
        elif kind == "insert":
            out[at:at] = payload
        elif kind == "duplicate":
            out[at:at] = out[at : at + length]
        elif kind == "overwrite":
            out[at : at + len(payload)] = payload
    return bytes(out)


def read_or_refused(path: Path) -> Workbook | None:
    try:
        found = read_xlsx(path)
    except ReadError as error:
        assert str(error).startswith(f"{path}: ")
        assert len(str(error).splitlines()) == 1
        return None
    for sheet in found.sheets:
        assert all(parse_a1(name) is not None for name in cells(sheet))
    return found


def sources() -> dict[str, Parts]:
    """Workbooks to change: a published one, and one with something of everything."""
    with zipfile.ZipFile(EDGES) as package:
        edges: Parts = {name: package.read(name) for name in package.namelist()}
    everything = several({f"S{k}": rows for k, (rows, _) in enumerate(READ.values())})
    strings = parts(strings=SHARED)
    tail = re.search(r'<Relationship Id="st".*', str(strings[BOOK_RELS]))
    assert tail is not None
    everything[BOOK_RELS] = str(everything[BOOK_RELS]).replace("</Relationships>", tail[0])
    everything |= {STRINGS: strings[STRINGS], CUSTOM: custom(("a", "1"), ("a.2", "2"))}
    return {"edges": edges, "everything": everything}


SOURCES = sources()

READABLE = [
    (source, part)
    for source, content in SOURCES.items()
    for part in content
    if part in EVERY_PART or part.startswith("xl/s")
]

FUZZED = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])


def test_the_workbooks_to_change_are_read(tmp_path: Path) -> None:
    for name, content in SOURCES.items():
        assert read_or_refused(save(tmp_path / f"{name}.xlsx", content))


@FUZZED
@given(st.sampled_from(sorted(SOURCES)), EDITS)
def test_changed_packages_are_read_or_refused(tmp_path_factory, source: str, edits: list) -> None:
    path = save(tmp_path_factory.mktemp("raw") / "x.xlsx", SOURCES[source])
    path.write_bytes(mutated(path.read_bytes(), edits))
    read_or_refused(path)


@FUZZED
@given(st.sampled_from(READABLE), EDITS)
def test_changed_parts_are_read_or_refused(
    tmp_path_factory, place: tuple[str, str], edits: list
) -> None:
    source, part = place
    data = SOURCES[source][part]
    data = data.encode() if isinstance(data, str) else data
    content = SOURCES[source] | {part: mutated(data, edits)}
    read_or_refused(save(tmp_path_factory.mktemp("xml") / "x.xlsx", content, zipfile.ZIP_STORED))
