"""`xlconv view`: a page beside the workbook, with the manners of the other commands."""

from __future__ import annotations

import shutil
import webbrowser
from pathlib import Path

import pytest

import xlconv
from tests.helpers.command import good, refused, run
from tests.helpers.shipped import shipped
from xlconv.page import part


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(shipped("edges"), tmp_path / "edges.xlsx")
    monkeypatch.chdir(tmp_path)


def test_the_page_is_named_after_the_workbook() -> None:
    assert good("view", "edges.xlsx").startswith("edges.html: ")
    page = Path("edges.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>edges.xlsx</title>" in page


def test_a_page_is_not_replaced_unless_asked() -> None:
    Path("there.html").write_text("mine")
    said = refused("view", "edges.xlsx", "-o", "there.html")
    assert said == "there.html: exists; to replace it, expected --force"
    assert Path("there.html").read_text() == "mine"
    good("view", "edges.xlsx", "-o", "there.html", "--force")
    assert Path("there.html").stat().st_size > 50_000


def test_what_is_no_workbook_is_told_in_one_line() -> None:
    Path("no.xlsx").write_text("nothing")
    assert refused("view", "no.xlsx").startswith("no.xlsx: ")
    assert refused("view", "missing.xlsx").startswith("missing.xlsx: ")
    assert refused("view", "edges.xlsx", "-o", "page.xlsx").endswith(
        "expected a name that ends in .html"
    )
    assert "--max-cells" in refused("view", "edges.xlsx", "--max-cells", "10")
    assert not list(Path().glob("*.html"))


def test_the_page_is_opened_where_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: not opened.append(url))
    good("view", "edges.xlsx", "--open")
    assert opened == [Path("edges.html").resolve().as_uri()]


def test_where_there_is_no_browser_the_page_is_there_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    result = run("view", "edges.xlsx", "--open")
    assert result.exit_code == 2
    assert result.output.endswith("error: edges.html: no browser to open it in\n")
    assert Path("edges.html").exists()


def test_a_workbook_is_held_against_another() -> None:
    good("view", "edges.xlsx", "--against", str(shipped("edges")))
    assert '"against":' in Path("edges.html").read_text("utf-8")


def test_a_model_is_drawn_as_it_is_generated() -> None:
    xlconv.save_network(xlconv.PRESETS["edges"].network(), "model.npz")
    assert good("view", "model.npz").startswith("model.html: ")
    page = Path("model.html").read_text("utf-8")
    assert '"verdict":"verified"' in page
    assert '"shape":[4,26,26]' in page


def test_some_layers_are_shown_where_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    good("view", "edges.xlsx", "--layers", "input, conv1", "-o", "some.html")
    assert Path("some.html").exists()
    said = refused("view", "edges.xlsx", "--layers", "conv1,fc7", "-o", "none.html")
    assert said == "edges.xlsx: no layer 'fc7'; expected some of input, conv1"
    monkeypatch.setattr(part, "MOST_CELLS", 3_000)
    said = refused("view", "edges.xlsx", "-o", "none.html")
    assert said.endswith("a page shows at most 3,000, or the layers that --layers names")
    good("view", "edges.xlsx", "--layers", "input", "-o", "input.html")
    assert not Path("none.html").exists()
