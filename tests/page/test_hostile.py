"""Nothing that a workbook says runs in its page, or leaves it: 20 attacks, in real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.browser import browser, shown
from tests.helpers.shipped import shipped
from tests.page.hostile import ATTACKS, RUN, hostile
from xlconv.page.document import document_of
from xlconv.page.html import page_of
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.verify import verify

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.mark.parametrize("number", range(len(ATTACKS)))
def test_nothing_of_a_hostile_workbook_runs(number: int, chromium: Any, tmp_path: Path) -> None:
    attack = ATTACKS[number]
    book = hostile(read_xlsx(shipped("conv-example")), attack)
    document = document_of(book, verify(book))
    texts = [one for sheet in document["sheets"] for *_, some in sheet["runs"] for one in some]
    assert attack in texts
    assert document["tensors"][-1]["classes"][3] == f"{attack}3"
    with shown(chromium, page_of(document), tmp_path, "#FR4") as page:
        page.page.keyboard.press("ArrowDown")
        page.page.keyboard.press("]")
        box = page.page.locator("#stage").bounding_box()
        for k in range(1, 10):
            page.page.mouse.move(box["x"] + box["width"] * k / 10, box["y"] + box["height"] / 2)
        page.page.mouse.click(box["x"] + box["width"] * 0.97, box["y"] + box["height"] / 2)
        assert page.ask("() => window.hacked") is None
        assert page.ask("() => document.scripts.length") == 2
        assert page.ask("() => document.querySelectorAll('iframe,object,embed,base,a').length") == 0
        assert f"{attack}3" in page.ask("() => document.getElementById('prediction').textContent")
        assert page.complaints == []


def test_the_attacks_would_run_where_nothing_holds_them_back(chromium: Any, tmp_path: Path) -> None:
    html = f'<!doctype html><title>x</title><body><img src=x onerror="{RUN}"></body>'
    with shown(chromium, html, tmp_path) as page:
        page.page.wait_for_function("() => window.hacked === 1")


def test_the_policy_lets_no_other_script_in(chromium: Any, tmp_path: Path) -> None:
    document = document_of(hostile(read_xlsx(shipped("edges")), ATTACKS[0]))
    html = page_of(document).replace("</main>", f"<script>{RUN}</script></main>")
    with shown(chromium, html, tmp_path) as page:
        assert page.ask("() => window.hacked") is None
        assert any("Content Security Policy" in one for one in page.complaints)
