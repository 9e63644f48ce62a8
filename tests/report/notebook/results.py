"""Every kind of result, of the workbooks that notebooks will show."""

from __future__ import annotations

import json
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np
from msgspec.structs import replace

from tests.helpers.shipped import opened, shipped_subject
from tests.mutations import Fault, rebuilt
from xlconv.analysis.diff import diff
from xlconv.analysis.explanation import explain_cell
from xlconv.analysis.extraction import extract
from xlconv.analysis.inspection import inspect_workbook
from xlconv.analysis.reproduction import reproduce
from xlconv.analysis.trace import trace
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.network.shown import Shown
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.verification.verify import verify

# A sheet's name, as a stranger may choose it: markup, quotes, lines, letters that turn text.
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\n\x1b[31m\u202e]]>"


def results_of(book: LiftedWorkbook, cell: str = "") -> dict[str, Shown]:
    """Return one result of each kind."""
    report = verify(book)
    place = book.find(cell) if cell else _some_formula(book)
    network = {} if report.network is None else {"network": report.network}
    return {
        "report": report, **network, "workbook": book, "inspection": inspect_workbook(book),
        "explanation": explain_cell(book, place), "trace": trace(book, place, depth=None),
        "dependents": trace(book, place, depth=None, dependents=True),
        "diff": diff(book, opened("edges")), "layouts": layouts_of(book),
        **_of_the_network(book),
    }  # fmt: skip


def _of_the_network(book: LiftedWorkbook) -> dict[str, Shown]:
    """Return what there is only of a workbook with a network."""
    if not book.networks:
        return {}
    return {
        "extraction": extract(book), "reproduction": reproduce(book),
        "layout": layouts_of(book)[0],
    }  # fmt: skip


def _some_formula(book: LiftedWorkbook) -> tuple[int, tuple[int, int]]:
    for number, sheet in enumerate(book.workbook.sheets):
        for index in np.flatnonzero(sheet.is_formula)[:1].tolist():
            return number, (int(sheet.rows[index]), int(sheet.columns[index]))
    return 0, (0, 0)


@cache
def damaged(count: int) -> LiftedWorkbook:
    """Return conv-example with a number over every other formula, up to `count` of them."""
    subject = shipped_subject("conv-example")
    cells = [cell for cell in subject.cells if subject.is_formula(cell)][: 2 * count : 2]
    fault = Fault(dict.fromkeys(cells, (Kind.NUMBER, 0.5, "")), cells[0], ())
    return lift_workbook(rebuilt(subject, fault), "damaged.xlsx")


def hostile(book: Workbook) -> LiftedWorkbook:
    """Return a workbook whose path, sheets and networks have hostile names."""
    sheets = tuple(
        replace(sheet, name=f"{HOSTILE}{number}") for number, sheet in enumerate(book.sheets)
    )
    old = {sheet.name: f"{HOSTILE}{number}" for number, sheet in enumerate(book.sheets)}
    names = tuple(
        (name, tuple((old.get(home, home), area) for home, area in ranges))
        for name, ranges in book.names
    )
    properties = tuple((key, _misnamed(text)) for key, text in book.properties)
    made = replace(book, sheets=sheets, names=names, properties=properties)
    return lift_workbook(made, HOSTILE)


def _misnamed(text: str) -> str:
    """Return a description of a network with another name; another text as it is."""
    if not text.startswith("{"):
        return text
    return json.dumps(json.loads(text) | {"name": HOSTILE})


class Page(HTMLParser):
    """The elements of a page, what they hold, and whether all of them are closed."""

    VOID = frozenset({"img", "br", "meta"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
