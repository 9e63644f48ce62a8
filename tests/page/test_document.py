"""The page without a browser: what its document says, and that nothing of it is more than text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

import xlconv
from tests.helpers.shipped import opened, shipped
from tests.page.hostile import ATTACKS, hostile
from xlconv.errors import ReadError
from xlconv.page import document as documents
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
    monkeypatch.setattr(documents, "MOST_CELLS", 3_000)
    with pytest.raises(ReadError, match=r"edges\.xlsx: 3,546 cells; a page shows at most 3,000$"):
        document_of(opened("edges"))
    monkeypatch.setattr(documents, "MOST_CELLS", 5_000)
    monkeypatch.setattr(documents, "_LARGEST_AREA", 1_000)
    with pytest.raises(ReadError, match="'edges' stand too far apart for a page"):
        document_of(opened("edges"))


def test_pages_are_as_small_as_they_should_be() -> None:
    assert len(page_of(document_of(opened("conv-example")))) < 600_000


@pytest.mark.slow
def test_the_page_of_a_large_workbook_is_no_larger_than_it_should_be() -> None:
    assert len(page_of(document_of(opened("lenet5")))) < 4_000_000


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
