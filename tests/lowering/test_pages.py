"""The pages that a sheet is printed on: whole planes on each, and every cell on one."""

from __future__ import annotations

import re
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import xlconv
from tests.helpers.command import good
from tests.helpers.open_xml import audit, broken_rules
from tests.helpers.oracles import needs, profile
from xlconv.generation.generate import Generated
from xlconv.lowering.formatting.pages import _bands, _rows_of, _Sheet
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.xlsx.formatting import PAPERS, PageSetup

FEW = ["conv-example", "residual", "rgb"]  # planes of others go on over many pages


def printed(name: str, folder: Path, paper: str = "a4") -> Generated:
    return xlconv.generate(folder / f"{name}.xlsx", preset=name, paper=paper, replace=True)


def pages(made: Generated) -> PageSetup:
    return made.book.formatting.pages


@pytest.mark.many
@pytest.mark.parametrize("name", [*FEW, "lenet5", "stride2", "fastai"])
def test_planes_with_their_kernels_are_whole_on_a_page(name: str, tmp_path: Path) -> None:
    made = printed(name, tmp_path)
    found = pages(made)
    assert found.percent is not None and 60 <= found.percent <= 150
    for one in made.networks:
        for place in one.layout.places:
            for plane in place.planes:
                assert held(plane.range, found), plane.range.name
            for groups in place.tables.values():
                assert all(held(area.range, found) for group in groups for area in group)


def held(area: Range, found: PageSetup) -> bool:
    """Whether a page holds it; on A4 there is no room for 84 weights below each other."""
    return area.size[0] >= 84 or any(page.holds(area) for page in found.areas)


@pytest.mark.many
@pytest.mark.parametrize("has_metrics", [False, True])
@pytest.mark.parametrize("name", [*FEW, "lenet5"])
def test_every_number_is_printed_once_and_no_page_is_white(
    name: str, has_metrics: bool, tmp_path: Path
) -> None:
    made = xlconv.generate(
        tmp_path / "made.xlsx", preset=name, paper="a4", stats=has_metrics, shapes=has_metrics
    )
    sheet = made.book.workbook.sheets[0]
    counts = np.zeros(len(sheet), np.int64)
    for page in pages(made).areas:
        rows = (sheet.rows >= page.top) & (sheet.rows <= page.bottom)
        inside = rows & (sheet.columns >= page.left) & (sheet.columns <= page.right)
        assert inside.sum() >= 9
        counts += inside
    is_title = sheet.rows == 0  # printed at the head of each page
    assert (counts[~is_title] == 1).all()


@pytest.mark.many
@pytest.mark.parametrize("paper", PAPERS)
def test_the_file_says_how_it_is_printed(paper: str, tmp_path: Path) -> None:
    made = printed("conv-example", tmp_path, paper)
    sheet = openpyxl.load_workbook(made.path).active
    assert int(sheet.page_setup.paperSize) == PAPERS[paper].number
    assert (sheet.page_setup.orientation == "landscape") == pages(made).landscape
    assert int(sheet.page_setup.scale) == pages(made).percent
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage
    areas = [area.partition("!")[2] for area in sheet.print_area.split(",")]
    assert areas == [area.absolute_name for area in pages(made).areas]
    assert sheet.print_title_rows == "$1:$1"


@pytest.mark.slow
def test_larger_paper_takes_fewer_pages_or_larger_numbers(tmp_path: Path) -> None:
    small, large = (pages(printed("conv-example", tmp_path, one)) for one in ("a4", "a3"))
    assert small.percent is not None and large.percent is not None
    assert large.percent > small.percent or len(large.areas) < len(small.areas)


def test_without_paper_all_is_on_one_page(tmp_path: Path) -> None:
    made = xlconv.generate(tmp_path / "one.xlsx", preset="edges")
    assert pages(made) == PageSetup()
    sheet = openpyxl.load_workbook(made.path).active
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


@pytest.mark.slow
def test_a_workbook_for_paper_is_read_back(tmp_path: Path) -> None:
    path = printed("conv-example", tmp_path).path
    assert ": verified, 2,823 of 2,823 formula cells verified" in good("verify", path)
    assert "(100 % of formulas and numbers)" in good("reproduce", path, "--check")


def boxes(*areas: tuple[int, int, int, int]) -> np.ndarray:
    return np.array(areas, np.int64).reshape(-1, 4)


def test_a_page_has_as_many_whole_units_as_there_is_room_for() -> None:
    units = boxes((1, 0, 4, 3), (2, 5, 5, 9), (8, 0, 11, 3), (14, 0, 17, 9))
    bands = list(_bands(units))
    assert bands == [(1, 5), (8, 11), (14, 17)]
    assert list(_rows_of(units, bands, 17)) == [(1, 17)]
    assert list(_rows_of(units, bands, 16)) == [(1, 11), (14, 17)]
    assert list(_rows_of(units, bands, 5)) == [(1, 5), (8, 11), (14, 17)]


def test_what_is_larger_than_a_page_is_torn_where_that_tears_the_fewest() -> None:
    units = boxes((1, 0, 20, 0), (1, 2, 8, 2), (9, 2, 20, 2))
    assert list(_rows_of(units, list(_bands(units)), 10)) == [(1, 8), (9, 18), (19, 20)]


def test_pages_begin_with_layers_and_are_as_few_as_they_can() -> None:
    units = boxes((1, 0, 5, 3), (1, 5, 5, 8), (1, 10, 5, 13))
    columns = tuple(float(k) for k in range(15))
    sheet = _Sheet(units, units, frozenset({0, 10}), columns, 1.0)
    wide, torn = sheet.pages(14, 10)
    assert ([area.name for area in wide], torn) == (["A2:N6"], 0)
    two, _ = sheet.pages(10, 10)
    assert [area.name for area in two] == ["A2:I6", "K2:N6"]  # not A to D, and the rest
    three, torn = sheet.pages(5, 10)
    assert (len(three), torn) == (3, 0)
    narrow, torn = sheet.pages(3, 10)
    assert (len(narrow), torn) == (6, 3)


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize("name", FEW)
def test_libreoffice_prints_these_pages(name: str, tmp_path: Path) -> None:
    made = printed(name, tmp_path)
    count = len(pages(made).areas)
    program, info = needs("soffice"), needs("pdfinfo")
    subprocess.run(
        [program, profile(tmp_path), "--headless", "--norestore", "--convert-to", "pdf",
         "--outdir", tmp_path, made.path],
        capture_output=True, check=True,
    )  # fmt: skip
    told = subprocess.run(
        [info, tmp_path / f"{name}.pdf"], capture_output=True, text=True, check=True
    )
    assert f"Pages:           {count}\n" in told.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["conv-example", "lenet5"])
def test_a_workbook_for_paper_is_one_that_excel_opens(name: str, tmp_path: Path) -> None:
    path = printed(name, tmp_path).path
    assert not audit(path)
    assert not broken_rules(path)
    with zipfile.ZipFile(path) as package:
        (areas,) = re.findall(
            '_xlnm.Print_Area"[^>]*>([^<]*)<', package.read("xl/workbook.xml").decode()
        )
    assert len(areas) <= 8192  # Excel's most of a formula, as a name holds one
