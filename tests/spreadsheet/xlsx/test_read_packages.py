"""Every lawful package is read: its parts, sheets, names and properties."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.packages import (
    CUSTOM,
    MAIN,
    NAMES,
    OFFICE,
    RELATIONS,
    ROWS,
    SHEET,
    STRICT,
    STRICT_OFFICE,
    TEXTS,
    Parts,
    custom,
    parts,
    save,
    several,
    sheet_xml,
)
from tests.helpers.sheet_values import HELD, cells, number, read_cells
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.xlsx.read import read_xlsx


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
    "UTF-8 with a mark": declared("UTF-8", b"\xef\xbb\xbf"),
    "UTF-16": declared("UTF-16"),
    "Latin-1": declared("ISO-8859-1"),
    "parts in reverse": lambda old: dict(reversed(old.items())),
    "folders and strange parts": lambda old: {"xl/": b"", "a/b\\c ü.bin": b"\0\xff", **old},
    "lines and comments between": changed(
        lambda data: data.replace("><", ">\r\n <!-- <row> --> <?a b?><").replace("<t>\r\n", "<t>")
    ),
}


@pytest.mark.many
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


@pytest.mark.parametrize("attributes", ["", 'state="hidden"', 'state="veryHidden"'])
def test_every_sheet_is_read_in_the_order_of_the_workbook(tmp_path: Path, attributes: str) -> None:
    sheets = {name: f"<row><c><v>{k}</v></c></row>" for k, name in enumerate(["b", "ä 'x'", "a"])}
    found = read_xlsx(save(tmp_path / "x.xlsx", several(sheets, attributes=attributes))).sheets
    assert [sheet.name for sheet in found] == ["b", "ä 'x'", "a"]
    assert [cells(sheet) for sheet in found] == [{"A1": number(k)} for k in range(3)]


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
        ("'a,b'!$A$1", [("a,b", ONE)]),
        ("'a,''b'!$B$2:$C$4,S!$A$1", [("a,'b", TWO), ("S", ONE)]),
        ("S!$C$4:$B$2", [("S", TWO)]),
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


@pytest.mark.parametrize(
    ("refers", "moving"),
    [("S!$A$1", False), ("S!$B$2:$C$4", False), ("'a!b'!$B$2:$C$4", False), ("S!A1", True),
     ("S!$A1", True), ("S!A$1", True), ("S!$B$2:C4", True), ("'a$b'!B2:$C$4", True)],
)  # fmt: skip
def test_names_without_dollars_move_with_the_cell_that_uses_them(
    tmp_path: Path, refers: str, moving: bool
) -> None:
    names = f'<definedName name="n">{refers}</definedName>'
    book = read_xlsx(save(tmp_path / "x.xlsx", parts(names=names)))
    assert [name for name, _ in book.names] == ["n"]
    assert book.fixed_names == (() if moving else book.names)


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
