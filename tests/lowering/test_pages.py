"""The pages that a sheet is printed on: a layer or more on each, and no plane cut."""

from __future__ import annotations

import subprocess
from pathlib import Path

import openpyxl
import pytest

import xlconv
from tests.helpers.command import good
from tests.helpers.oracles import needs, profile
from xlconv.generation.generate import Generated
from xlconv.lowering.formatting.pages import _breaks, _stages
from xlconv.spreadsheet.xlsx.formatting import PAPERS, PageSetup

FEW = ["conv-example", "residual", "rgb"]  # planes of others go on over many pages


def printed(name: str, folder: Path, paper: str = "a4") -> Generated:
    return xlconv.generate(folder / f"{name}.xlsx", preset=name, paper=paper, replace=True)


def pages(made: Generated) -> PageSetup:
    return made.book.formatting.pages


@pytest.mark.many
@pytest.mark.parametrize("name", FEW)
def test_no_layer_is_cut(name: str, tmp_path: Path) -> None:
    made = printed(name, tmp_path)
    found = pages(made)
    assert found.percent is not None and 45 <= found.percent <= 100
    for stage in _stages(made.networks[0].layout):
        assert not [k for k in found.columns if stage.left < k <= stage.right]
        assert not [k for k in found.rows if stage.top < k <= stage.bottom]


@pytest.mark.many
@pytest.mark.parametrize("paper", PAPERS)
def test_the_file_says_how_it_is_printed(paper: str, tmp_path: Path) -> None:
    made = printed("conv-example", tmp_path, paper)
    sheet = openpyxl.load_workbook(made.path).active
    assert int(sheet.page_setup.paperSize) == PAPERS[paper].number
    assert (sheet.page_setup.orientation == "landscape") == pages(made).landscape
    assert int(sheet.page_setup.scale) == pages(made).percent
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage
    assert tuple(one.id for one in sheet.col_breaks.brk) == pages(made).columns
    assert sheet.print_title_rows == "$1:$1"


@pytest.mark.slow
def test_larger_paper_takes_fewer_pages_or_larger_numbers(tmp_path: Path) -> None:
    small, large = (pages(printed("conv-example", tmp_path, one)) for one in ("a4", "a3"))
    assert small.percent is not None and large.percent is not None
    assert large.percent > small.percent or len(large.columns) < len(small.columns)


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


def test_pages_break_where_they_cut_least_and_never_too_early() -> None:
    whole = [(0, 3), (5, 8), (10, 13)]
    assert _breaks(whole, {0, 5, 10}, [1.0] * 14, 9.0) == (5,)
    assert _breaks(whole, {0, 5, 10}, [1.0] * 14, 14.0) == ()
    assert _breaks([(0, 13)], {0}, [1.0] * 14, 5.0) == (5, 10)  # it has to be cut
    assert _breaks([(0, 0), (1, 13)], {0, 1}, [1.0] * 14, 13.0) == (13,)


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize("name", FEW)
def test_libreoffice_prints_these_pages(name: str, tmp_path: Path) -> None:
    made = printed(name, tmp_path)
    count = (len(pages(made).columns) + 1) * (len(pages(made).rows) + 1)
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
