"""What a prompt and a notebook show of every result."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from tests.helpers import small_sheets
from tests.helpers.paths import ROOT, WORKBOOKS
from tests.helpers.shipped import opened, shipped, shipped_subject
from tests.mutations import Fault, rebuilt
from tests.report.notebook.results import HOSTILE, Page, damaged, hostile, results_of
from xlconv.analysis.extraction import extract
from xlconv.analysis.reproduction import reproduce
from xlconv.analysis.trace import trace
from xlconv.generation.generate import generate
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.network.shown import Shown
from xlconv.presets import PRESETS
from xlconv.report.heatmap import Scale
from xlconv.report.notebook.markup import tag
from xlconv.report.notebook.pictures import drawn_within, pictures, png_uri
from xlconv.report.notebook.screen import HEIGHT, WIDTH, without_middle
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.verify import verify

ELEMENTS = {
    "div", "style", "p", "b", "table", "thead", "tbody", "tr", "th", "td", "span", "pre", "img",
    "figure", "figcaption", "details", "summary",
}  # fmt: skip
ATTRIBUTES = {"class", "title", "src", "alt", "width"}
MOST = 300_000  # letters of a page


def check_text(shown: Shown) -> str:
    text = repr(shown)
    lines = text.split("\n")
    assert len(lines) <= HEIGHT == 24
    assert max(map(len, lines)) <= WIDTH == 100
    assert all(line.isprintable() for line in lines)
    return text


def check_page(shown: Shown) -> Page:
    html = shown._repr_html_()
    assert len(html) <= MOST
    page = Page(html)
    for name, attributes in page.tags:
        assert name in ELEMENTS
        assert set(attributes) <= ATTRIBUTES
        assert attributes.get("src", "data:image/").startswith("data:image/")
    return page


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_every_result_is_a_screen_and_a_page(name: str) -> None:
    for shown in results_of(opened(name)).values():
        check_text(shown)
        check_page(shown)


@pytest.mark.slow
def test_a_large_network_is_a_screen_and_a_page_at_once() -> None:
    book = opened("lenet5")
    for shown in results_of(book, "conv2[0, 1, 1]").values():
        check_text(shown)
        check_page(shown)
    assert "conv2" in repr(book)


@pytest.mark.slow
def test_a_terminals_colours_and_width_do_not_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    found = results_of(opened("edges"), "conv1[1, 5, 7]")
    plain = {kind: repr(shown) for kind, shown in found.items()}
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    assert {kind: check_text(shown) for kind, shown in found.items()} == plain
    assert "[1m" not in check_page(found["trace"]).text


@pytest.mark.slow
def test_thousands_of_findings_are_a_screen_and_a_page() -> None:
    report = verify(damaged(1))
    (one, *_) = report.findings
    many = [replace(one, cell=f"A{k}", block=f"A{k}:B{k}", message=4 * one.message)
            for k in range(5000)]  # fmt: skip
    report = replace(report, findings=many)
    lines = check_text(report).split("\n")
    first = lines[0]
    assert first.startswith("damaged.xlsx: findings, ") and "5,000 errors" in first
    (end,) = [k for k, line in enumerate(lines) if line.startswith("… 5,000 findings in all")]
    assert lines[2].startswith(f"  error {one.code} ") and lines[end + 1].startswith(" name ")
    assert "5,000 findings in all" in check_page(report).text


def test_an_empty_workbook_and_one_without_a_network_are_shown() -> None:
    for cells in ({}, {"A1": 1.0}, {"A1": 1.0, "B1": "=A1+1", "C1": "=B1*A1"}):
        book = small_sheets.book(small_sheets.sheet_of(cells))
        for shown in results_of(book).values():
            check_text(shown)
            check_page(shown)


@pytest.mark.slow
def test_the_report_tells_verdict_causes_and_layers() -> None:
    report = verify(damaged(1))
    text, page = check_text(report), check_page(report)
    finding = report.findings[0]
    for told in (text, page.text):
        assert "findings" in told and finding.place in told
        assert "conv2" in told and "MaxPool2d 2×2" in told
    assert text.index("findings") < text.index(finding.place) < text.index(" conv2 ")
    assert finding.message in page.text
    kinds = [one["class"] for name, one in page.tags if name == "b" and "class" in one]
    assert kinds[:2] == ["badge bad", "badge bad"]
    fine = check_page(verify(opened("conv-example")))
    assert ("b", {"class": "badge good"}) in fine.tags
    assert "badge bad" not in {one.get("class") for _, one in fine.tags}


@pytest.mark.slow
def test_planes_are_shown_as_heat_maps() -> None:
    book = opened("conv-example")
    found = results_of(book, "conv2[1, 5, 7]")
    planes = sum(len(book.lifted.tensors[k].planes) for k in book.networks[0].tensors if k >= 0)
    for kind, name in (("inspection", "relu1"), ("workbook", "conv1")):
        drawn = [one for element, one in check_page(found[kind]).tags if element == "img"]
        assert len(drawn) == planes
        assert drawn[1]["alt"] == f"heat map of {name}[0]"
    kernels = [one for name, one in check_page(found["network"]).tags if name == "img"]
    assert len(kernels) == 2 + 4 + 1  # those of two convolutions, and one matrix
    assert kernels[4]["alt"] == "heat map of conv2.weight[1, 0]"
    (sheet,) = [one for name, one in check_page(found["trace"]).tags if name == "img"]
    assert sheet["src"].startswith("data:image/svg+xml;base64,")


def test_a_heat_map_is_a_picture_of_the_numbers() -> None:
    values = np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 0.25]])
    uri = png_uri(values, Scale.of(values))
    picture = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("L")
    light = np.asarray(picture, np.float64)
    assert light.shape == values.shape
    order = np.argsort(values, axis=None, kind="stable")
    assert (np.diff(light.ravel()[order]) >= 0).all()
    assert len(set(light.ravel().tolist())) == 4
    # A huge plane is averaged down: no page is as large as a workbook may make it.
    tall = np.linspace(0, 1, 5000)[:, None] * np.ones((1, 3))
    uri = png_uri(tall, Scale.of(tall))
    small = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
    assert small.size[0] == 3 and 64 < small.size[1] <= 96


def test_a_page_does_not_grow_with_the_workbook() -> None:
    noise = np.random.default_rng(0).normal(size=(40, 300, 300))
    drawn = drawn_within(pictures(f"conv{k}", noise) for k in range(30))
    assert sum(map(len, drawn)) <= MOST
    assert drawn[0].count("<img") == 16 and "not drawn" in drawn[-1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["matmul", "edges"])
def test_a_hostile_workbook_is_only_text(name: str) -> None:
    book = hostile(read_xlsx(shipped(name)))
    for kind, shown in results_of(book).items():
        check_text(shown)
        page = check_page(shown)
        assert "script" not in {name for name, _ in page.tags}
        # A reproduction says no name where all is the same again.
        assert kind == "reproduction" or "<script>alert(1)</script>" in page.text, kind
        assert "\x1b" not in page.text and "\u202e" not in page.text


def test_hostile_formulas_and_texts_are_only_text() -> None:
    cells = {"A1": 1.0, "B1": f'=A1&"{HOSTILE}"', "C1": HOSTILE, "D1": f'=NOSUCH("{HOSTILE}")'}
    book = small_sheets.book(small_sheets.sheet_of(cells, "<b>"))
    for cell in cells:
        for shown in results_of(book, cell).values():
            check_text(shown)
            check_page(shown)


def test_what_is_no_markup_is_escaped() -> None:
    assert (
        tag("p", "<b>", tag("b", "&"), title='"') == '<p title="&quot;">&lt;b&gt;<b>&amp;</b></p>'
    )


def test_a_trace_that_goes_on_says_how_to_follow_it_in_python() -> None:
    found = trace(opened("conv-example"), "J11", dependents=True)
    assert check_text(found).endswith("dependents go on; depth=None follows them to the end")


def test_of_long_texts_the_middle_is_left_out() -> None:
    lines = [str(k) for k in range(50)]
    assert without_middle(lines, 5) == ["0", "1", "  … 46 lines …", "48", "49"]
    assert without_middle(lines[:5], 5) == lines[:5]


def test_what_else_the_package_gives_is_a_few_words() -> None:
    book = opened("conv-example")
    (placed,) = layouts_of(book)
    given = {
        repr(PRESETS["edges"].book()): "Book(Workbook(1 sheet, 3,546 cells))",
        repr(book.workbook.sheets): "(Sheet('conv-example', 6,629 cells),)",
        repr(book.calculation): "Calculation(Workbook(1 sheet, 6,629 cells), 11 blocks)",
        repr(placed.layout): "Layout('conv-example', 9 places)",
        repr(reproduce(book)): "2,823 of 2,823 formulas, 3,734 of 3,734 numbers and 72 of 72 texts "
        "are at their addresses again (100\n    % of formulas and numbers)",
    }
    assert list(given) == list(given.values())


def test_what_was_generated_is_told_with_its_prediction_and_cells(tmp_path: Path) -> None:
    made = generate(tmp_path / "made.xlsx", preset="conv-example", seed=3)
    text, page = check_text(made), check_page(made)
    for told in (text, page.text):
        assert "2,823 formulas, each with its value" in " ".join(told.split())
        assert f"predicted class: {int(made.output.argmax())} (" in told
        assert made.warning.split("\n")[0][:60] in " ".join(told.split())
        assert "AH3:BG28" in told
    drawn = [one for name, one in page.tags if name == "img"]
    assert drawn[1]["alt"] == "heat map of relu1[0]"
    assert "network" not in text.split("\n")[0]  # and of networks beside each other, one table
    heads = generate(tmp_path / "heads.xlsx", preset="fastai")
    assert check_text(heads).count(" name ") == check_page(heads).text.count("multiplications")


def test_what_a_layer_cannot_explain_is_shown_before_the_network() -> None:
    found = replace(
        extract(opened("conv-example")), remarks=("conv-example!ZZ1: a text in x; taken as 0",)
    )
    assert check_text(found).split("\n")[1] == "  conv-example!ZZ1: a text in x; taken as 0"
    assert check_page(found).text.startswith("attention conv-example!ZZ1")
    stray = Fault({parse_a1("ZZ1"): (Kind.NUMBER, 1.25, "")}, (0, 0), ())
    odd = reproduce(lift_workbook(rebuilt(shipped_subject("edges"), stray)))
    assert "is now" in check_text(odd) and check_page(odd).text.startswith("differs ")


def test_the_verdict_is_a_property() -> None:
    report = verify(opened("conv-example"))
    assert (report.verdict, report.strict_verdict, report.coverage) == ("verified",) * 2 + (1.0,)


@pytest.mark.slow
def test_a_result_costs_no_drawing_until_it_is_shown() -> None:
    code = (
        "import sys, xlconv\n"
        f"report = xlconv.verify({str(WORKBOOKS / 'edges.xlsx')!r})\n"
        "before = set(sys.modules)\n"
        "text = repr(report)\n"
        "print(sorted(one for one in before if 'report.' in one or one == 'rich'))\n"
        "print(text)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    first, second, *_ = done.stdout.split("\n")
    assert first == "['xlconv.verification.report']" or not re.search(r"xlconv\.report|rich", first)
    assert Path(second.partition(":")[0]).name == "edges.xlsx"
