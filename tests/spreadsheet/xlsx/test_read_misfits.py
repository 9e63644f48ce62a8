"""Workbooks whose parts do not fit together are refused."""

import zipfile
from pathlib import Path

import pytest

from tests.helpers.packages import (
    BOOK,
    BOOK_RELS,
    MAIN,
    ROWS,
    SHEET,
    TEXTS,
    Parts,
    parts,
    refused,
    rels,
    save,
    sheet_xml,
    workbook_xml,
)

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
    "two sheets of one name": (
        {
            BOOK: workbook_xml({"S": "s1", "s": "s2"}),
            BOOK_RELS: rels(
                ("s1", "worksheet", "worksheets/sheet1.xml"), ("s2", "worksheet", "t.xml")
            ),
            "xl/t.xml": sheet_xml(""),
        },
        "sheet 's' stands twice; expected names that differ",
    ),
    "no relations of the workbook": ({BOOK_RELS: "<a/>"}, "has no part"),
}


@pytest.mark.parametrize("case", BAD_BOOKS)
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
