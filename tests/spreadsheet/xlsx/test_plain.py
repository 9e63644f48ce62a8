"""Parts read in bulk are what the streaming reader says that they are, or are handed to it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.gears import FewParts, damaged, drawn_part, read_by, said, streamed
from tests.helpers.paths import WORKBOOKS
from xlconv.errors import ReadError
from xlconv.spreadsheet.xlsx import cells
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.spreadsheet.xlsx.read import read_xlsx

_HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_TAIL = b"</sheetData></worksheet>"


def rows_of(rows: str) -> bytes:
    return _HEAD + rows.encode() + _TAIL


@pytest.mark.slow
@given(st.integers(0, 2**63), st.sampled_from([1 << 20, 50, 3]))
@examples(2_000)
def test_what_is_drawn_is_read_alike(seed: int, piece: int) -> None:
    rng = random.Random(seed)
    part = damaged(drawn_part(rng), rng)
    in_bulk = read_by(part, piece, in_bulk=True)
    assert in_bulk is None or in_bulk == streamed(part, piece)


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assert that a workbook's parts are plain, and read alike by both gears."""
    with monkeypatch.context() as patch:
        patch.delattr(cells, "_streamed")
        ours = [said(sheet) for sheet in read_xlsx(path).sheets]
    with monkeypatch.context() as patch:
        patch.setattr(cells, "_plain", lambda *_: None)
        assert ours == [said(sheet) for sheet in read_xlsx(path).sheets]


@pytest.mark.parametrize("path", sorted(WORKBOOKS.glob("*.xlsx")), ids=lambda path: path.stem)
def test_what_we_write_is_plain(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both(path, monkeypatch)


def test_published_workbooks_are_plain(wild: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in sorted(wild.glob("*.xlsx")):
        both(path, monkeypatch)


@pytest.mark.parametrize("rows", [
    '<row r="1"><c r="A1"><f aca="false">B1</f><v>1</v></c><c r="B1" s="2" t="n"/></row>',
    '<row r="1"><c r="A1" t="str"><f>"a"&amp;"&lt;"</f><v>a&lt;</v></c></row>',
    '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1</f><v>1</v></c></row>'
    '<row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c></row>',
    '<row r="1"><c r="A1"><f t="array" ref="A1:B1">C1:D1</f><v>1</v></c></row>',
    '<row r="1"><c r="A1" t="s"><v>1</v></c><c r="XFD1"><f>A1</f><v /></c></row>',
    '<row r="1048576" spans="1:2"><c r="AA1048576" t="inlineStr"><is><t>é</t></is></c></row>',
    '<row r="3" ht="2"/><row r="4"><c r="B4" t="e"><v>#N/A</v></c></row>',
])  # fmt: skip
def test_what_programs_write_is_read_in_bulk(rows: str) -> None:
    found = read_by(rows_of(rows), 1 << 20, in_bulk=True)
    assert found is not None
    assert not isinstance(found, str)
    assert found == streamed(rows_of(rows), 1 << 20)


@pytest.mark.parametrize("rows", [
    '<row r="1"><!-- --><c r="A1"><v>1</v></c></row>',
    '<row r="1"> <c r="A1"><v>1</v></c></row>',
    '<row r="1"><c r="A1"><v>1&#48;</v></c></row>',
    '<row r="1"><c r="a1"><v>1</v></c></row>',
    '<row r="1"><c><v>1</v></c></row>',
    '<row><c r="A1"><v>1</v></c></row>',
    '<row r="1"><c r="A2"><v>1</v></c></row>',
    '<row r="1"><c r="A1" q:s="1"><v>1</v></c></row>',
    '<row r="1"><c r="A1"><f>\ufffe</f></c></row>',
    '<row r="1"><c r="A1"><f>a]]></f></c></row>',
    '<row r="1"><c r="A1"><v>1</v><f>A2</f></c></row>',
    '<row r="1"><c r="A1"><v>1e999</v></c></row>',
    '<row r="1"><c r="A1"><v>1_0</v></c></row>',
    '<row r="1"><c r="A1"><v>nan</v></c></row>',
    '<row r="1"><c r="A1"><v>1e</v></c></row>',
    '<row r="1"><c r="A1" s="1" s="2"><v>1</v></c></row>',
    '<row r="1"><c r="A1" s="é"><v>1</v></c></row>',
    '<row r="1"><c r="A1" r="B1"><v>1</v></c></row>',
    '<row r="1"><c r="A1" s="1"x t="n"><v>1</v></c></row>',
    '<row r="1"><c r="A1" xml:a="1" xml:a="2"><v>1</v></c></row>',
    '<row r="1"><c r="A1"><f>1+\r\n2</f></c></row>',
    '<row r="1"><c r="A1"><f>1\x01</f></c></row>',
    '<row r="1"><c r="A1"><v a="1" a="2">1</v></c></row>',
    '<row r="1"><c r="A1"><vm/></c></row>',
    '<row r="1"><c r="A1"><fx>1</fx></c></row>',
    '<rew r="1"></rew>',
    '<row r="1"><c r="A1" t="inlineStr"><iz><t>a</t></iz></c></row>',
    '<row r="1"><c r="A1" t="inlineStr"><is a="1" a="2"><t>a</t></is></c></row>',
    '<row r="1"><c r="A1" t="inlineStr"><is><t a="1" a="2">a</t></is></c></row>',
    '<row r="1"><c r="A1"><f t="array" ref="C9" ref="A1">1</f></c></row>',
])  # fmt: skip
def test_the_rest_is_handed_to_the_streaming_reader(rows: str) -> None:
    assert read_by(rows_of(rows), 1 << 20, in_bulk=True) is None


@pytest.mark.parametrize("head", [
    _HEAD.replace(b"<sheetData>", b"<!-- <sheetData> --><sheetData>"),
    b"<?xml version='1.0' encoding='ISO-8859-1'?>" + _HEAD,
    b"<?xml version='1.0'?><?pi <sheetData>?>" + _HEAD,
    _HEAD.replace(b"<sheetData>", b"<x:sheetData>"),
    _HEAD.replace(b"worksheet", b"dialogsheet"),
])  # fmt: skip
def test_what_stands_before_the_rows_is_not_trusted(head: bytes) -> None:
    part = head + '<row r="1"><c r="A1"><f>"é"</f></c></row>'.encode() + _TAIL
    assert read_by(part, 1 << 20, in_bulk=True) is None


def test_cells_in_a_comment_are_none() -> None:
    rows = b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    head = _HEAD.removesuffix(b"<sheetData>")
    for begin, end in ((b"<!-- ", b" -->"), (b"<?pi ", b"?>")):
        part = head + begin + rows + end + rows + b"</worksheet>"
        assert read_by(part, 1 << 20, in_bulk=True) is None
        assert streamed(part, 1 << 20) == streamed(head + rows + b"</worksheet>", 1 << 20)


ROW = '<row r="{0}"><c r="A{0}"><v>1</v></c><c r="B{0}"><v>{0}</v></c></row>'


@pytest.mark.parametrize("piece", [1 << 18, 1 << 12])
@pytest.mark.parametrize(("count", "earlier"), [(60_000, 5_000), (12_000, 0)])
def test_too_many_cells_are_told_before_all_are_read(
    count: int, earlier: int, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = rows_of("".join(ROW.format(k) for k in range(1, count)))
    package = FewParts(part, piece, Budget(cells=19_999))
    for reader in ("_plain", "_streamed") if earlier else ("_streamed",):
        monkeypatch.delattr(cells, reader)
    with pytest.raises(ReadError, match=r"more than the [0-9,]+ cells allowed"):
        cells.read_cells(package, "p", "S", [], earlier)  # type: ignore[arg-type]


def test_values_in_comments_and_empty_ones_are_no_cells() -> None:
    for rows in ("<!--" + "<v>1</v>" * 3_000 + "-->", "<row/>" * 9 + "<c><v></v></c>" * 3_000):
        package = FewParts(rows_of(rows), 1 << 12, Budget(cells=2_000))
        assert len(cells.read_cells(package, "p", "S", [], 0)) == 0  # type: ignore[arg-type]


def test_a_million_spellings_are_not_kept() -> None:
    from xlconv.spreadsheet.xlsx.plain.attributes import Attributes

    attributes = Attributes(b"")
    for k in range(25_000):
        assert attributes.of(b' ref="A%d"' % k) == {"ref": f"A{k}"}
    assert len(attributes._known) <= 10_000
