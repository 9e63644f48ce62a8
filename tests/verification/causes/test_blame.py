"""A cell that is wrong because of another says which, first."""

from __future__ import annotations

import pytest

from tests.helpers.lines import with_lines
from tests.helpers.workbooks import changed
from xlconv.analysis.explanation import explain_cell
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.presets import PRESETS
from xlconv.spreadsheet.workbook import Kind, Workbook

PASTED = {"AP9": (Kind.NUMBER, 1.25, "")}


@pytest.fixture(scope="module")
def pasted() -> Workbook:
    return changed("conv-example", PASTED)


def remarks(book: Workbook, cell: str) -> tuple[str, ...]:
    return explain_cell(lift_workbook(book, "my net.xlsx"), cell).remarks


@pytest.mark.parametrize("cell", ["BV5", "CP4", "FN4", "FR4", "A31"])
def test_a_cell_after_a_wrong_one_names_it_and_the_command(pasted: Workbook, cell: str) -> None:
    found = remarks(pasted, cell)
    if cell in ("FN4", "FR4"):
        assert found[0].startswith("follows from conv-example!AP9: error S202 the number 1.25;")
        assert found[0].endswith("explain that first: xlconv explain 'my net.xlsx' AP9")
    assert not any("S202" in one for one in found[1:])


def test_the_wrong_cell_itself_is_accused_and_follows_from_none(pasted: Workbook) -> None:
    assert remarks(pasted, "AP9")[0].startswith("error S202 the number 1.25;")
    assert not any("follows from" in one for one in remarks(pasted, "AP9"))


@pytest.mark.parametrize("cell", ["AH3", "BM4", "A2", "AD11"])
def test_a_right_cell_follows_from_none(pasted: Workbook, cell: str) -> None:
    assert not any("follows from" in one for one in remarks(pasted, cell))


@pytest.mark.slow
def test_what_comes_after_an_inserted_row_names_the_row() -> None:
    book = with_lines(PRESETS["rgb"].book().workbook, 0, 9)
    assert remarks(book, "AM9")[0].startswith(
        "follows from rgb!A10: error G405 row 10 was inserted:"
    )
    assert remarks(book, "B10")[0].startswith("error G405 row 10 was inserted:")
