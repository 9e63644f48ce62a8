"""Packages whose parts are damaged, doubled or overlap are refused."""

import os
import re
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.helpers.packages import (
    BOOK,
    EVERY_PART,
    ROWS,
    SHEET,
    TEXTS,
    Parts,
    full,
    parts,
    patched,
    refused,
    save,
    several,
    sheet_xml,
    workbook_xml,
)
from tests.helpers.sheet_values import HELD, cells
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.spreadsheet.xlsx.read import read_xlsx


@pytest.mark.many
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


@pytest.mark.slow
def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    content: Parts = parts(ROWS, strings=TEXTS)
    content |= {f"x/{k}": b"" for k in range(10_000 - len(content))}
    path = save(tmp_path / "x.xlsx", content, zipfile.ZIP_STORED)
    assert cells(read_xlsx(path).sheets[0]) == HELD
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("one too many", b"")
    refused(path, "10,001 parts; expected at most 10,000")


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


@pytest.mark.slow
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
