"""Files that are no workbook are refused."""

import os
import zipfile
from pathlib import Path

import pytest

from tests.helpers.packages import (
    BOOK,
    ROWS,
    TEXTS,
    Parts,
    parts,
    refused,
    rels,
    save,
)
from tests.helpers.paths import WORKBOOKS
from xlconv.errors import ReadError
from xlconv.spreadsheet.xlsx.read import read_xlsx


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
        "an OpenDocument file; save it as .xlsx",
    ),
    "an .xlsb": (
        {"_rels/.rels": rels(("b", "officeDocument", "xl/workbook.bin")), "xl/workbook.bin": b"\0"},
        "binary workbook",
    ),
    "a .docx": (
        {
            "[Content_Types].xml": "<Types/>",
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
    "a workbook without a list of content types": (
        {name: data for name, data in parts(ROWS).items() if name != "[Content_Types].xml"},
        r"part \[Content_Types\].xml is missing from the package",
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


@pytest.mark.slow
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_files_cut_anywhere_are_refused(tmp_path: Path, method: int) -> None:
    path = save(tmp_path / "x.xlsx", parts(ROWS, strings=TEXTS), method)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        refused(path, "empty|not a zip|damaged or truncated")


def test_published_workbooks_cut_anywhere_are_refused(tmp_path: Path) -> None:
    whole, path = (WORKBOOKS / "edges.xlsx").read_bytes(), tmp_path / "x.xlsx"
    for length in range(8, len(whole), len(whole) // 100):
        path.write_bytes(whole[:length])
        refused(path, "damaged or truncated")
