"""Pages of students' workbooks: a wrong plane is shown where it should be, and marked whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers import marks
from tests.helpers.browser import browser, shown
from tests.helpers.paths import ROOT, WORKBOOKS
from tests.helpers.sheet_cells import edited
from tests.helpers.shipped import opened, shipped
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.page.document import document_of
from xlconv.page.html import page_of
from xlconv.page.intended import intended_tensors, unrecognised
from xlconv.page.tensors import tensors_json
from xlconv.page.view import view
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.calculation.calculate import calculate
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.facts import Scores
from xlconv.verification.intended.sources import intentions_of
from xlconv.verification.verify import verify

NAMES = sorted(path.stem for path in WORKBOOKS.glob("*.xlsx"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


def formulas(name: str, plane: int) -> dict[str, str]:
    """Return the formulas of a plane of the default workbook, by their cells."""
    book = opened("conv-example")
    (sheet,) = book.workbook.sheets
    rows, columns = book.addresses.named(name).planes[plane].cells()
    cells = list(zip(rows.tolist(), columns.tolist(), strict=True))
    return {a1_name(cell): sheet.texts[sheet.find(cell)] for cell in cells}


def student(changes: dict[str, str | float | None]) -> LiftedWorkbook:
    """Return the default workbook with other cells, recalculated and saved."""
    book = edited(read_xlsx(shipped("conv-example")), changes)
    (sheet,), (grid,) = book.sheets, calculate(book).grids
    numbers = np.where(sheet.is_formula, grid.numbers, sheet.numbers)
    return lift_workbook(replace(book, sheets=(replace(sheet, numbers=numbers),)), "student.xlsx")


def without_relu() -> LiftedWorkbook:
    whole = formulas("conv2", 1)
    return student({cell: one.removeprefix("MAX(0,")[:-1] for cell, one in whole.items()})


def pasted() -> LiftedWorkbook:
    cells = list(formulas("conv2", 1))[240:312]
    return student(dict.fromkeys(cells, 0.25))


@pytest.mark.many
@pytest.mark.parametrize("name", NAMES)
def test_tensors_are_intended_where_formulas_have_them(name: str) -> None:
    book = opened(name)
    assert unrecognised(book, None) == ()
    intentions = intentions_of(book, None, Scores(book))
    if not intentions:
        pytest.skip("says nothing of its networks")
    lifted, intended = tensors_json(book), intended_tensors(intentions)
    by_planes = {place_of(one): one for one in lifted}
    numbers = {one["id"]: by_planes[place_of(one)]["id"] for one in intended}
    assert len(set(numbers.values())) == len(intended)
    for one in intended:
        other = by_planes[place_of(one)]
        assert [numbers[source] for source in one["sources"]] == other["sources"]
        for key in ("names", "shape", "is_input", "parameters", "layers"):
            assert one[key] == other[key], key
        assert one["name"] in {each["name"] for each in other["names"]}
        assert parameters(one) == parameters(other)
        # Of a frame, a stride may leave a side unread.
        assert all(n >= m for n, m in zip(one["halo"], other["halo"], strict=True))
    if len(book.networks) == len(intentions):
        assert len(intended) == len(lifted)


def place_of(tensor: dict[str, Any]) -> str:
    return str((tensor["sheet"], tensor["planes"]))


def parameters(tensor: dict[str, Any]) -> set[tuple[int, ...]]:
    """Return the planes of what is learnt."""
    kinds = ("weight", "bias")
    entries = [one for one in tensor["entries"] if one["kind"] in kinds]
    return {tuple(plane) for one in entries for plane in one["planes"]}


@pytest.mark.slow
@pytest.mark.parametrize("made", [without_relu, pasted])
@pytest.mark.parametrize("against", [True, False])
def test_a_wrong_plane_is_drawn_where_it_should_be(made: Any, against: bool) -> None:
    book = made()
    assert [one["name"] for one in tensors_json(book)][-1] != "softmax"
    page = view(book, against=shipped("conv-example") if against else None)
    told = "the workbook it is held against" if against else "its own description"
    assert f'"intended":"{told}"' in page.html
    right = document_of(opened("conv-example"))["tensors"]
    wrong = document_of(book, intentions=unrecognised(book, None))["tensors"]
    assert [one["planes"] for one in wrong] == [one["planes"] for one in right]
    assert [one["names"] for one in wrong] == [one["names"] for one in right]


@pytest.mark.slow
def test_many_findings_come_with_their_area() -> None:
    book = without_relu()
    (found,) = [one for one in document_of(book, verify(book))["findings"] if one["root"]]
    plane = opened("conv-example").addresses.named("conv2").planes[1].range
    assert found["area"] == [plane.top, plane.left, plane.bottom, plane.right]
    assert found["count"] > 300
    book = student({"AP9": 1.25})
    found = next(o for o in document_of(book, verify(book))["findings"] if o["code"] == "S202")
    assert (found["cell"], found["area"]) == ([8, 41], None)


@pytest.mark.browser
@pytest.mark.slow
def test_a_teacher_sees_what_is_wrong_at_once(chromium: Any, tmp_path: Path) -> None:
    book = without_relu()
    html = view(book, against=shipped("conv-example")).html
    with shown(chromium, html, tmp_path) as page:
        said = " ".join(page.page.locator("#found").inner_text().split())
        assert "drawn where the workbook it is held against has them" in said
        assert "relu2 (ReLU) is missing (576 cells)" in said
        marks = page.ask("""() => window.xlconv.stage.marks.findings.flatMap((one) =>
          one.area.map(({ picture, entries }) => [picture.group.name, picture.first, entries]))""")
        assert marks == [["conv2", 576, [0, 23, 0, 23]]]
        page.page.mouse.move(*page.ask("() => window.xlconv.where('conv2[1, 9, 9]')"))
        assert "relu2 (ReLU) is missing" in page.page.locator("#unit").inner_text()
        page.page.mouse.move(*page.ask("() => window.xlconv.where('conv2[0, 9, 9]')"))
        assert "is missing" not in page.page.locator("#unit").inner_text()
        # Found before what one can play with, and still computing.
        titles = page.page.locator("h2:visible").all_inner_texts()
        assert [one.lower() for one in titles][:3] == ["output", "what verify found", "cell"]
        page.page.get_by_role("button", name="Sample 3").click()
        assert page.page.locator("#prediction .said b").inner_text() == "3"
        assert page.complaints == []


@pytest.mark.browser
@pytest.mark.slow
def test_a_workbook_without_its_network_is_drawn_all_the_same(
    chromium: Any, tmp_path: Path
) -> None:
    book = student(dict.fromkeys(formulas("conv1", 0), 0.25))
    report = verify(book)
    html = page_of(document_of(book, report, intentions=unrecognised(book, None)))
    with shown(chromium, html, tmp_path, "#conv2[1,5,7]") as page:
        assert page.page.locator("#unit h3").inner_text() == "conv2[1, 5, 7]"
        assert page.page.locator("#unit table").count() == 6
        assert page.complaints == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_no_serious_fault_in_what_is_told(
    look: str, chromium: Any, tmp_path: Path
) -> None:
    axe = ROOT / "xlconv/page/sources/node_modules/axe-core/axe.min.js"
    if not axe.exists():
        marks.missing("axe-core (npm ci in xlconv/page/sources)")
    html = view(without_relu(), against=shipped("conv-example")).html
    with shown(chromium, html, tmp_path, "#conv2[1,5,7]", color_scheme=look) as page:
        page.ask(axe.read_text("utf-8") + "; 0")
        found = page.ask("() => axe.run().then((one) => one.violations)")
        bad = [(one["id"], one["nodes"][0]["html"]) for one in found
               if one["impact"] in ("serious", "critical")]  # fmt: skip
        assert bad == []
