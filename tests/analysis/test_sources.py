"""What takes a workbook takes a path, an open one or a read one; what takes a cell, its names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import xlconv
from tests.helpers.shipped import shipped
from xlconv.errors import CellError, ReadError
from xlconv.verification.verify import verify_lifted

EDGES = shipped("edges")
QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "verify": lambda one: (xlconv.verify(one).verdict, xlconv.verify(one).verified),
    "against": lambda one: xlconv.verify(EDGES, against=one).verdict,
    "inspect": lambda one: xlconv.inspect_workbook(one).networks[0].parameters,
    "explain": lambda one: xlconv.explain_cell(one, "conv1[1, 5, 7]").formula,
    "trace": lambda one: [node.label for node in xlconv.trace(one, "AO37").nodes],
    "diff": lambda one: (len(xlconv.diff(one, EDGES)), len(xlconv.diff(EDGES, one))),
    "extract": lambda one: xlconv.extract(one).network.fingerprint(),
    "reproduce": lambda one: xlconv.reproduce(one).same_formulas,
    "layouts": lambda one: [each.layout for each in xlconv.layouts_of(one)],
    "open": lambda one: xlconv.open_workbook(one).lifted.tensors[1].shape,
}


@pytest.mark.many
@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_path_and_an_open_workbook_are_answered_alike(asked: str) -> None:
    answer = QUESTIONS[asked]
    sources = (str(EDGES), xlconv.open_workbook(EDGES), xlconv.read_xlsx(EDGES))
    for source in sources:
        assert answer(source) == answer(EDGES)
    with pytest.raises(ReadError, match=r"nothing\.xlsx"):
        answer(Path("nothing.xlsx"))


def test_an_open_workbook_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    book = xlconv.open_workbook(EDGES)

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("xlconv.lifting.lifted_workbook.read_xlsx", refuse)
    assert xlconv.open_workbook(book) is book
    for asked in QUESTIONS.keys() - {"against", "diff"}:
        QUESTIONS[asked](book)


@pytest.mark.parametrize(
    "place", ["AO37", "edges!AO37", "conv1[1, 5, 7]", "edges!conv1[1,5,7]", (0, (36, 40))]
)
def test_a_cell_is_called_by_its_address_its_sheet_or_its_index(place: Any) -> None:
    book = xlconv.open_workbook(EDGES)
    assert book.find(place) == (0, (36, 40))
    assert xlconv.explain_cell(book, place).name == "edges!AO37"
    assert xlconv.trace(book, place, dependents=True).cell == (36, 40)


def test_what_is_no_cell_is_told_by_both() -> None:
    for ask in (xlconv.explain_cell, xlconv.trace):
        with pytest.raises(CellError, match="conv9"):
            ask(EDGES, "conv9[0, 0, 0]")


def test_the_report_of_a_path_is_that_of_the_open_workbook() -> None:
    one, other = xlconv.verify(EDGES), verify_lifted(xlconv.open_workbook(EDGES))
    assert one.path == other.path == str(EDGES)
    assert one.findings == other.findings
