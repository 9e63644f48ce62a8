"""What is changed in the page gives what LibreOffice makes of the same changes in the workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.browser import browser, shown
from tests.helpers.oracles import edit, libreoffice, number, poison
from tests.helpers.shipped import opened, shipped
from tests.page.test_computing import EDIT, VALUES, drawn_edits, held, without_stored
from xlconv.page.document import document_of
from xlconv.page.html import page_of
from xlconv.spreadsheet.addresses import a1_name

pytestmark = [pytest.mark.browser, pytest.mark.office, pytest.mark.slow]

# One of each kind: convolutions and a head, array formulas, strides, tied weights, frames, colour.
NAMES = ("conv-example", "fastai", "stride2", "matmul", "padding", "rgb", "batchnorm")
NOISE = 1e-12  # sums that cancel to nothing


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.mark.parametrize("name", NAMES)
def test_an_edit_gives_what_libreoffice_gives(name: str, chromium: Any, tmp_path: Path) -> None:
    book = opened(name)
    (sheet,) = book.workbook.sheets
    edits = drawn_edits(book)
    changes = {a1_name((one["row"], one["column"])): repr(one["value"]) for one in edits}
    assert edit(shipped(name), tmp_path / "edited.xlsx", changes) == len(edits) > 10
    assert poison(tmp_path / "edited.xlsx", tmp_path / "poisoned.xlsx") > 50
    expected = libreoffice(tmp_path / "poisoned.xlsx", tmp_path)
    document = without_stored(document_of(book), book.calculation)
    with shown(chromium, page_of(document), tmp_path) as page:
        before = held(page.ask(VALUES))[0]
        page.ask(EDIT, edits)
        found = held(page.ask(VALUES))[0]
    compared = changed = 0
    cells = zip(sheet.rows.tolist(), sheet.columns.tolist(), sheet.is_formula, strict=True)
    for row, column, is_formula in cells:
        value = found.get((row, column))
        if not is_formula or isinstance(value, str):
            continue
        wanted = pytest.approx(number(expected[row, column]), rel=1e-9, abs=NOISE)
        assert value == wanted, a1_name((row, column))
        compared += 1
        changed += value != before.get((row, column))
    print(f"{name}: {compared} cells, {changed} of them changed")
    assert compared >= 0.98 * sheet.is_formula.sum()
    assert changed >= 20
