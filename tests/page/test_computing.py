"""The page computes what the sheet does: in real Chromium, held against our evaluator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers import function_cases
from tests.helpers.browser import browser, shown
from tests.helpers.drawn_formulas import write as write_drawn
from tests.helpers.paths import WORKBOOKS
from tests.helpers.shipped import opened
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook, open_workbook
from xlconv.page.document import document_of
from xlconv.page.html import page_of
from xlconv.spreadsheet.calculation.calculate import Calculation, Status, calculate
from xlconv.spreadsheet.values import ERRORS
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAMES = sorted(path.stem for path in WORKBOOKS.glob("*.xlsx"))
WILD = ("conv-example.linear", "conv-example.relu")
EDITS, SEED = 20, 11

# Every value of a sheet, as the document spells values; places with why they are kept.
VALUES = """() => window.xlconv.calculation.grids.map((grid) => {
  const found = [];
  for (let row = 0; row < grid.rows; row++)
    for (let column = 0; column < grid.columns; column++) {
      const value = grid.get(row, column);
      if (value !== null) found.push([row, column, value.code ? [value.code] : value]);
    }
  return found;
})"""
KEPT = """() => window.xlconv.calculation.blocks.map((one) => one.reason).filter(Boolean)"""
EDIT = """(edits) => { for (const one of edits) window.xlconv.edit([one]); }"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


def held(given: Any) -> list[dict[tuple[int, int], Any]]:
    return [{(row, column): value for row, column, value in cells} for cells in given]


def disagreements(calculation: Calculation, given: Any) -> tuple[list[str], int]:
    """Return the cells in which a page has another value than the calculation, and their number."""
    wrong, count = [], 0
    for number, (sheet, cells) in enumerate(
        zip(calculation.workbook.sheets, held(given), strict=True)
    ):
        grid, statuses = calculation.grids[number], calculation.statuses[number]
        known = sheet.is_formula & ((statuses == Status.CALCULATED) | (statuses == Status.TAINTED))
        for k in np.flatnonzero(known).tolist():
            count += 1
            place = int(sheet.rows[k]), int(sheet.columns[k])
            expected = value_of(calculation, number, k)
            if not same(cells.get(place), expected):
                wrong.append(f"{sheet.texts[k]}: {cells.get(place)!r}; expected {expected!r}")
        assert grid.rows.size == len(sheet)
    return wrong, count


def value_of(calculation: Calculation, sheet: int, k: int) -> Any:
    grid = calculation.grids[sheet]
    number = float(grid.numbers[k])
    match int(grid.kinds[k]):
        case Kind.TEXT:
            return calculation.pool.texts[int(number)]
        case Kind.BOOLEAN:
            return bool(number)
        case Kind.ERROR:
            return [ERRORS[int(number)]]
    return number


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, float):
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        return is_number and abs(found - expected) <= 1e-9 * max(1.0, abs(expected))
    return type(found) is type(expected) and found == expected


def drawn_edits(book: LiftedWorkbook) -> list[dict[str, Any]]:
    """Return other numbers for pixels and weights: what is typed in, not computed."""
    generator = np.random.default_rng(SEED)
    places = [
        (one.sheet, *(int(at[k]) for at in plane.cells()))
        for some in book.entries for one in some if one.kind in ("input", "weight", "bias")
        for plane in one.planes
        for k in generator.permutation(plane.shape[0] * plane.shape[1])[:EDITS]
    ]  # fmt: skip
    typed = []
    for sheet, row, column in places:
        index = book.workbook.sheets[sheet].find((row, column))
        if index is not None and book.workbook.sheets[sheet].kinds[index] == Kind.NUMBER:
            typed.append((sheet, row, column))
    chosen = generator.choice(len(typed), min(EDITS, len(typed)), replace=False)
    values = generator.uniform(-1, 1, len(chosen)).round(4).tolist()
    return [
        dict(zip(("sheet", "row", "column"), typed[k], strict=True)) | {"value": value}
        for k, value in zip(chosen.tolist(), values, strict=True)
    ]


def edited(workbook: Workbook, edits: list[dict[str, Any]]) -> Workbook:
    numbers = [sheet.numbers.copy() for sheet in workbook.sheets]
    for one in edits:
        index = workbook.sheets[one["sheet"]].find((one["row"], one["column"]))
        numbers[one["sheet"]][index] = one["value"]
    sheets = tuple(
        replace(sheet, numbers=some) for sheet, some in zip(workbook.sheets, numbers, strict=True)
    )
    return replace(workbook, sheets=sheets)


def without_stored(document: dict[str, Any], calculation: Calculation) -> dict[str, Any]:
    """Return a document in which nothing is stored of what is to be calculated."""
    sheets = []
    for part, sheet, status in zip(
        document["sheets"], calculation.workbook.sheets, calculation.statuses, strict=True
    ):
        known = sheet.is_formula & (status == Status.CALCULATED)
        cells = set(zip(sheet.rows[known].tolist(), sheet.columns[known].tolist(), strict=True))
        runs = [
            [row, column, [None if (row, column + k) in cells else one
                           for k, one in enumerate(values)]]
            for row, column, values in part["runs"]
        ]  # fmt: skip
        assert cells
        sheets.append(part | {"runs": runs})
    return document | {"sheets": sheets}


def check_page(chromium: Any, book: LiftedWorkbook, folder: Path) -> None:
    edits = drawn_edits(book)
    assert len(edits) == EDITS
    document = without_stored(document_of(book), book.calculation)
    with shown(chromium, page_of(document), folder) as page:
        assert page.ask(KEPT) == []
        wrong, count = disagreements(book.calculation, page.ask(VALUES))
        assert not wrong
        assert count > 50
        page.ask(EDIT, edits)
        expected = calculate(edited(book.workbook, edits))
        wrong, again = disagreements(expected, page.ask(VALUES))
        assert not wrong
        assert again == count
        assert page.complaints == []
    print(f"{book.path}: {count} cells, twice")


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_of_a_preset_is_computed_on_load_and_after_edits(
    name: str, chromium: Any, tmp_path: Path
) -> None:
    check_page(chromium, opened(name), tmp_path)


@pytest.mark.parametrize("name", WILD)
def test_so_is_every_cell_of_the_published_workbooks(
    name: str, chromium: Any, tmp_path: Path, wild: Path
) -> None:
    check_page(chromium, open_workbook(wild / f"{name}.xlsx"), tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_edited_in_one_stroke_is_as_if_edited_one_by_one(
    name: str, chromium: Any, tmp_path: Path
) -> None:
    book = opened(name)
    edits = drawn_edits(book)
    with shown(chromium, page_of(document_of(book)), tmp_path) as page:
        page.ask("(edits) => window.xlconv.edit(edits)", edits)
        expected = calculate(edited(book.workbook, edits))
        assert not disagreements(expected, page.ask(VALUES))[0]


# -- functions: the cases that LibreOffice, Gnumeric and IronCalc judge -----------------------


def bare_document(workbook: Workbook) -> tuple[dict[str, Any], Calculation]:
    calculation = calculate(workbook)
    document = document_of(lift_workbook(workbook, "functions.xlsx"))
    return document | {"tensors": [], "choices": [], "samples": []}, calculation


@pytest.mark.parametrize("write", [function_cases.write, write_drawn])
def test_every_function_gives_what_the_evaluator_gives(
    write: Any, chromium: Any, tmp_path: Path
) -> None:
    write(tmp_path / "cases.xlsx")
    document, calculation = bare_document(read_xlsx(tmp_path / "cases.xlsx"))
    document = without_stored(document, calculation)
    with shown(chromium, page_of(document), tmp_path) as page:
        wrong, count = disagreements(calculation, page.ask(VALUES))
        assert count > 800
        assert wrong == []
