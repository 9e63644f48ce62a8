"""Where a wrong formula gives the right number as well, the number is not counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest

from tests.classroom.exercises.test_exercise import (
    counters,
    ready_made,
    wanted_papers,
    with_cells,
)
from xlconv.classroom.exercises.exercise import Wanted
from xlconv.classroom.exercises.lookalikes import lookalikes
from xlconv.classroom.exercises.sheets.papers import Papers
from xlconv.spreadsheet.addresses import Cell, parse_a1
from xlconv.spreadsheet.formula import render
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.workbook import Workbook

RELU, POOL = "✓ all 1352 right", "✓ all 288 right"


@cache
def both() -> tuple[Papers, Workbook]:
    papers = wanted_papers(Wanted(blank=("relu1", "pool1")))
    return papers, papers.solved()


def said_of(change: Callable[[str], str], task: int, first: int = 0) -> list[str]:
    """Return the counters after the formulas of a task were changed, from a cell on."""
    papers, solved = both()
    cells = papers.tasks[task].places[first:]
    wrong: dict[Cell, str | float] = {cell: change(str(papers.sheet.formula(cell)))
                                      for cell in cells}  # fmt: skip
    return counters(with_cells(solved, "conv-example", wrong))


@pytest.mark.many
@pytest.mark.parametrize("name", ["AVERAGE", "MIN", "SUM"])
def test_another_function_of_zeros_is_not_their_maximum(name: str) -> None:
    relu, pool = said_of(lambda text: text.replace("MAX", name), 1)
    assert relu == RELU
    assert int(pool.split()[0]) == 0


@pytest.mark.many
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.removeprefix("MAX(0,")[:-1],
        lambda text: re.sub(r"\+\$[A-Z]+\$\d+\)$", ")", text),
        lambda text: text.replace("MAX", "MIN"),
        lambda text: re.sub(r"\$AD(\$\d+:\$)AF", r"$AE\1AG", text),
    ],
    ids=["no-relu", "no-bias", "min", "kernel"],
)
def test_a_wrong_convolution_is_counted_nowhere(change: Callable[[str], str]) -> None:
    relu, pool = said_of(change, 0)
    assert int(relu.split()[0]) <= 13  # of 1,352: what no known mistake looks like
    assert pool == POOL  # it reads what is wrong, and is right


@pytest.mark.slow
def test_one_slip_takes_only_its_own_cell() -> None:
    papers, solved = both()
    for cell in papers.tasks[1].places[:144:36]:
        said = counters(with_cells(solved, "conv-example", {cell: 99.0}))
        assert said == [RELU, "287 of 288 right"]


def test_one_slip_among_few_is_one_slip() -> None:
    papers = ready_made("first-convolution")
    _, relu, _ = papers.tasks
    begun: dict[Cell, str | float] = {
        cell: str(papers.sheet.formula(cell))
        for cell in (*papers.tasks[0].places, *relu.places[:8])
    }
    begun[parse_a1("T3")] = "MIN(0,O3)"
    assert (
        counters(with_cells(papers.handed_out(), "first-convolution", begun))[1] == "7 of 16 right"
    )
    begun |= {cell: str(begun[cell]).replace("MAX", "MIN") for cell in relu.places[:8]}
    said = counters(with_cells(papers.handed_out(), "first-convolution", begun))[1]
    assert said == "0 of 16 right"


@pytest.mark.slow
def test_what_is_right_counts_from_the_first_cell_on() -> None:
    papers, _ = both()
    book = papers.handed_out()
    filled: dict[Cell, str | float] = {}
    for number, cell in enumerate(papers.tasks[0].places[:60:10], 1):
        filled[cell] = str(papers.sheet.formula(cell))
        assert counters(with_cells(book, "conv-example", filled))[0] == f"{number} of 1352 right"


def test_a_changed_input_is_no_doubt() -> None:
    _, solved = both()
    dark: dict[Cell, str | float] = {
        (row, column): 0.0 for row in range(1, 29) for column in range(28)
    }
    assert counters(with_cells(solved, "conv-example", dark)) == [RELU, POOL]


def test_what_one_may_write_instead() -> None:
    found = [render(one) for one in lookalikes(parse("MAX(0,SUMPRODUCT(B2:C3,$H$3:$I$4)+$H$7)"))]
    assert "SUMPRODUCT(B2:C3,$H$3:$I$4)+$H$7" in found
    assert "MAX(0,SUMPRODUCT(B2:C3,$H$3:$I$4))" in found
    assert "MIN(0,SUMPRODUCT(B2:C3,$H$3:$I$4)+$H$7)" in found
    pools = [render(one) for one in lookalikes(parse("MAX(B2:C3)"))]
    assert {"AVERAGE(B2:C3)", "MIN(B2:C3)", "SUM(B2:C3)"} <= set(pools)
