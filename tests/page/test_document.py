"""The page without a browser: what its document says, and that nothing of it is more than text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

import xlconv
from tests.helpers.paths import ROOT, WORKBOOKS
from tests.helpers.sheet_cells import edited
from tests.helpers.shipped import opened, shipped
from tests.page.hostile import ATTACKS, hostile
from xlconv.errors import InputError, ReadError
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.page import part as parts
from xlconv.page.document import document_of
from xlconv.page.html import page_of
from xlconv.spreadsheet.formula.listed import listed
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.xlsx.read import read_xlsx

DOCUMENT = re.compile(r'<script type="application/json" id="document">(.*?)</script>', re.S)
SCRIPT = re.compile(r"<script>(.*?)</script>", re.S)
STYLE = re.compile(r"<style>(.*?)</style>", re.S)


def test_the_document_has_every_cell_once_with_its_stored_value() -> None:
    book = opened("edges")
    (sheet,), (part,) = book.workbook.sheets, document_of(book)["sheets"]
    cells = {
        (row, column + k): value
        for row, column, values in part["runs"]
        for k, value in enumerate(values)
    }
    assert len(cells) == sum(len(values) for *_, values in part["runs"]) == len(sheet)
    for k in range(len(sheet)):
        value = cells[int(sheet.rows[k]), int(sheet.columns[k])]
        assert value == (sheet.texts[k] if isinstance(value, str) else sheet.numbers[k])


def test_the_document_tells_tensors_by_all_their_names() -> None:
    document = document_of(opened("conv-example"), xlconv.verify(opened("conv-example")))
    tensors = document["tensors"]
    names = [[one["name"] for one in tensor["names"]] for tensor in tensors]
    assert names == [
        ["input"], ["conv1", "relu1"], ["conv2", "relu2"], ["pool1"], ["fc1"], ["softmax"],
    ]  # fmt: skip
    assert [one["sources"] for one in tensors] == [[], [0], [1], [2], [3], [4]]
    assert [one["parameters"] for one in tensors] == [0, 20, 38, 0, 2890, 0]
    assert (tensors[-1]["probabilities"], tensors[-1]["classes"][7]) == ("one", "7")
    assert document["summary"]["verdict"] == "verified"
    assert [one["title"] for one in document["samples"]] == list("0123456789")
    assert sorted(k for knot in document["order"] for k in knot) == list(
        range(len(document["blocks"]))
    )


def test_findings_are_told_with_their_cells() -> None:
    book = opened("fastai")
    document = document_of(book, xlconv.verify(book))
    codes = [(one["code"], one["cell"]) for one in document["findings"]]
    assert codes
    assert all(one is None or len(one) == 2 for _, one in codes)
    assert {code for code, _ in codes} == {one.code for one in xlconv.verify(book).findings}


def test_a_kernel_that_is_chosen_comes_with_its_choices() -> None:
    (choice,) = document_of(opened("image-kernels"))["choices"]
    assert {"blur", "sharpen", "custom"} <= set(choice["names"])


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("A1+2%", ["o", "+", ["r", None, [0, 0, 0, 0], [0, 0, 0, 0]], ["%", ["n", 2.0]]]),
        ("SUM($B$2:C3,)", ["f", "SUM", ["a", None, [1, 0, 0, 1], [1, 0, 0, 1], [2, 0, 0, 0],
                                        [2, 0, 0, 0]], ["m"]]),
        ('-"a<b"', ["s", "-", ["t", "a<b"]]),
        ("IF(TRUE,#N/A,{1,2})", ["f", "IF", ["b", True], ["e", "#N/A"],
                                 ["c", [[["n", 1.0], ["n", 2.0]]]]]),
    ],
)  # fmt: skip
def test_formulas_are_lists(formula: str, expected: list[object]) -> None:
    assert listed(parse(formula)) == expected


@pytest.mark.many
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_workbook_says_is_text_in_its_page(attack: str) -> None:
    page = page_of(document_of(hostile(read_xlsx(shipped("edges")), attack)))
    found = DOCUMENT.search(page)
    assert found is not None
    assert "<" not in found[1]
    document = json.loads(found[1])
    assert document["sheets"][0]["name"] == f"{attack}0"
    head = page[: found.start()]
    assert head.lower().count("<script") == head.lower().count("<img") == 0
    assert head.count("<h1>") == head.count("</style>") == head.count("</title>") == 1
    assert page.count("<script") - page.count("<script>", page.index("const")) <= 2


def test_only_our_own_script_and_style_are_allowed() -> None:
    page = page_of(document_of(opened("edges")))
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    for part, name in ((SCRIPT, "script-src"), (STYLE, "style-src")):
        content = part.search(page)
        assert content is not None
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page.partition("<script")[0])


def test_a_page_that_would_be_too_large_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "MOST_CELLS", 3_000)
    words = "3,546 cells; a page shows at most 3,000, or the layers that --layers names"
    with pytest.raises(ReadError, match=rf"edges\.xlsx: {words}$"):
        document_of(opened("edges"))
    monkeypatch.setattr(parts, "MOST_CELLS", 5_000)
    monkeypatch.setattr(parts, "LARGEST_AREA", 1_000)
    with pytest.raises(ReadError, match="'edges' stand too far apart for a page"):
        document_of(opened("edges"))


def cells_of(document: dict[str, Any]) -> set[tuple[int, int]]:
    return {
        (row, column + k)
        for row, column, values in document["sheets"][0]["runs"]
        for k in range(len(values))
    }


def test_of_many_layers_some_are_shown_with_what_they_depend_on() -> None:
    book = opened("conv-example")
    document = document_of(book, xlconv.verify(book), ["relu1", "pool1"])
    assert [one["name"] for one in document["tensors"]] == ["conv1", "pool1"]
    # Through conv2, which is not shown but computed.
    assert [one["sources"] for one in document["tensors"]] == [[], [1]]
    assert not any(one["is_input"] for one in document["tensors"])
    assert document["samples"] == []
    whole = cells_of(document_of(book))
    shown = cells_of(document)
    assert shown < whole
    for name in ("input", "conv1", "conv1.weight", "conv2", "conv2.bias", "pool1"):
        named = book.addresses.named(name)
        for plane in named.planes:
            assert set(zip(*map(list, plane.cells()), strict=True)) <= shown, name
    for name in ("fc1.weight", "softmax"):
        (plane, *_) = book.addresses.named(name).planes
        assert plane.origin not in shown
    assert not any("kept" in one for one in document["blocks"])
    assert sorted(k for knot in document["order"] for k in knot) == list(
        range(len(document["blocks"]))
    )
    assert "3 of 8 layers" in page_of(document)


def test_where_that_is_too_much_what_they_read_stays_as_it_is_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = opened("conv-example")
    monkeypatch.setattr(parts, "MOST_CELLS", 4_000)
    document = document_of(book, layers=["fc1", "softmax"])
    shown = cells_of(document)
    # With what it takes to compute softmax: its largest logit, and so on.
    assert 2890 + 288 + 10 + 10 <= len(shown) < 3_300
    still = [one for one in document["blocks"] if "kept" in one]
    pool = {plane.origin for plane in book.addresses.named("pool1").planes}
    assert {tuple(one["origin"]) for one in still} == pool
    assert all(one["tree"] is None for one in still)
    assert all(one["tree"] for one in document["blocks"] if one not in still)
    monkeypatch.setattr(parts, "MOST_CELLS", 3_000)
    words = "fc1: 3,188 cells with those that they read; a page shows at most 3,000"
    with pytest.raises(ReadError, match=rf"conv-example\.xlsx: {words}$"):
        document_of(book, layers=["fc1"])


def test_a_layer_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(
        InputError, match=r"e\.xlsx: no layer 'conv9'; expected some of input, conv1,"
    ):
        document_of(opened("conv-example"), layers=["conv1", "conv9"])


@pytest.mark.slow
def test_findings_elsewhere_keep_their_address() -> None:
    book = lift_workbook(edited(read_xlsx(shipped("conv-example")), {"AP9": 1.25}), "one.xlsx")
    report = xlconv.verify(book)
    (found,) = [one for one in document_of(book, report)["findings"] if one["code"] == "S202"]
    (other,) = [
        one for one in document_of(book, report, ["input"])["findings"] if one["code"] == "S202"
    ]
    assert found["cell"] == [8, 41]
    assert other["cell"] is None
    assert other["message"] == f"AP9: {found['message']}"


def test_the_colours_are_those_of_the_sheet() -> None:
    colours = document_of(opened("edges"))["colours"]
    styles = zipfile.ZipFile(shipped("conv-example")).read("xl/styles.xml").decode()
    sheet = zipfile.ZipFile(shipped("conv-example")).read("xl/worksheets/sheet1.xml").decode()
    for title, high in (colours["input"], colours["stages"][0]):
        assert title.strip("#") in styles
        assert high.strip("#") in sheet
    for sign in ("negative", "positive"):
        assert colours[sign].strip("#") in sheet
    sheet = zipfile.ZipFile(shipped("matmul")).read("xl/styles.xml").decode()
    assert all(one.strip("#") in sheet for one in colours["shared"][:4])
    sheet = zipfile.ZipFile(shipped("rgb")).read("xl/worksheets/sheet1.xml").decode()
    assert all(one.strip("#") in sheet for one in colours["channels"])


def test_no_colour_of_the_sheet_is_said_again_in_the_sources() -> None:
    colours = document_of(opened("edges"))["colours"]
    listed = json.dumps(colours)
    files = [
        one
        for one in (ROOT / "xlconv/page/sources").rglob("*.ts")
        if "node_modules" not in one.parts
    ]
    for colour in re.findall(r"#[0-9A-F]{6}", listed):
        assert not [one for one in files if colour.lower() in one.read_text("utf-8").lower()]


def test_tied_weights_are_told_by_their_number() -> None:
    ties = document_of(opened("matmul"))["ties"]
    assert [one["number"] for one in ties] == [[3, 5], [3, 6], [4, 5], [4, 6]]
    assert [len(one["cells"]) for one in ties] == [9, 9, 9, 9]
    assert [3, 14] in ties[0]["cells"]


def test_pages_are_as_small_as_they_should_be() -> None:
    assert len(page_of(document_of(opened("conv-example")))) < 600_000


@pytest.mark.slow
def test_the_page_of_a_large_workbook_is_no_larger_than_it_should_be() -> None:
    assert len(page_of(document_of(opened("lenet5")))) < 4_000_000


@pytest.mark.slow
def test_the_pages_beside_the_workbooks_are_as_written() -> None:
    pages = sorted(WORKBOOKS.glob("*.html"))
    assert [one.stem for one in pages] == ["conv-example", "edges", "matmul", "rgb"]
    for page in pages:
        made = xlconv.view(page.with_suffix(".xlsx")).html
        assert page.read_text("utf-8") == made, "python workbooks/regenerate.py --pages"
        assert f"({page.name})" in (WORKBOOKS / "README.md").read_text("utf-8")


def test_a_notebook_shows_the_page_in_a_frame_of_its_own(tmp_path: Path) -> None:
    page = xlconv.view(opened("edges"))
    frame = page._repr_html_()
    assert frame.startswith('<iframe sandbox="allow-scripts" srcdoc="&lt;!DOCTYPE html&gt;')
    assert frame.count("<") == 2
    assert len(repr(page)) < 40
    page.write(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text("utf-8") == page.html


def test_a_network_is_drawn_without_a_file() -> None:
    network = opened("edges").networks[0].network
    document = json.loads(DOCUMENT.search(xlconv.view(network).html)[1])  # type: ignore[index]
    assert [one["name"] for one in document["tensors"]] == ["input", "conv1"]
    assert document["summary"]["verdict"] == "verified"
