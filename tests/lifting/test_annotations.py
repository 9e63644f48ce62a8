"""Cells that tell of a network are told by what they tell."""

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from tests.helpers.command import good, run, squeezed
from xlconv.analysis.explanation import explained
from xlconv.analysis.trace import trace
from xlconv.lifting.lifted_workbook import LiftedWorkbook, open_workbook
from xlconv.spreadsheet.addresses import parse_a1


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("books")
    found = {name: folder / f"{name}.xlsx" for name in ("conv-example", "matmul", "padding")}
    for name, path in found.items():
        good("generate", path, "--preset", name, "--stats", "--shapes")
    return found


TOLD = [
    ("conv-example", "A56", "the mean of relu1"),
    ("conv-example", "B56", "the standard deviation of relu1"),
    ("conv-example", "G65", "the size of the output of conv1"),
    ("matmul", "AJ4", "compares fc1 and flatten"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("book", "cell", "what"), TOLD)
def test_a_cell_that_tells_is_explained_and_traced_as_that(
    books: dict[str, Path], book: str, cell: str, what: str
) -> None:
    path = str(books[book])
    assert good("explain", path, cell).splitlines()[0] == f"{book}!{cell}: {what}"
    assert good("trace", path, cell).startswith(f"{book}!{cell}  {what}  =")


@pytest.mark.slow
def test_padding_rules_are_told_by_their_network(books: dict[str, Path]) -> None:
    seen = open_workbook(books["padding"])
    whats = {one.what for one in seen.annotations.values()}
    assert {"the padding of reflect", "the stride of stride2", "the dilation of dilation2"} <= whats


def formulas_without_a_name(seen: LiftedWorkbook) -> list[str]:
    (sheet,) = seen.workbook.sheets
    cells = zip(sheet.rows.tolist(), sheet.columns.tolist(), strict=True)
    return [
        sheet.texts[k]
        for k, cell in enumerate(cells)
        if sheet.is_formula[k] and seen.role(0, cell) is None and seen.annotation(0, cell) is None
    ]


@pytest.mark.slow
@pytest.mark.parametrize("book", ["conv-example", "matmul", "padding"])
def test_every_formula_is_something(books: dict[str, Path], book: str) -> None:
    seen = open_workbook(books[book])
    assert formulas_without_a_name(seen) == []
    sheet = seen.workbook.sheets[0]
    assert all(one.fits(sheet.formula(cell)) for (_, cell), one in seen.annotations.items())


@pytest.mark.slow
def test_what_tells_of_a_unit_is_named_among_its_readers(books: dict[str, Path]) -> None:
    seen = open_workbook(books["conv-example"])
    place = seen.find("relu1[0,0,0]")
    readers = {one.name: one.ranges for one in explained(seen, *place).dependents}
    assert readers["the statistics of relu1"] == ("A56:C56",)
    labels = {one.label for one in trace(seen, place, dependents=True).nodes}
    assert "the standard deviation of relu1" in labels


def changed(path: Path, target: Path, **cells: str) -> Path:
    book = openpyxl.load_workbook(path)
    for cell, content in cells.items():
        book.worksheets[0][cell] = content
    book.save(target)
    return target


@pytest.mark.slow
def test_another_formula_in_such_a_cell_is_a_remark(books: dict[str, Path], tmp_path: Path) -> None:
    odd = changed(books["conv-example"], tmp_path / "odd.xlsx", A56="=AVERAGE(AH3:BG28)")
    wanted = openpyxl.load_workbook(books["conv-example"]).worksheets[0]["A56"].value
    seen = open_workbook(odd)
    found = explained(seen, 0, parse_a1("A56"))
    assert f"expected {wanted}, the mean of relu1" in found.remarks
    right = explained(seen, 0, parse_a1("A55"))
    assert not [one for one in right.remarks if one.startswith("expected")]
    assert "the mean of relu1" in run("verify", odd).output


@pytest.mark.slow
def test_a_difference_in_such_a_cell_says_what_it_tells(
    books: dict[str, Path], tmp_path: Path
) -> None:
    odd = changed(books["conv-example"], tmp_path / "odd.xlsx", A56="=AVERAGE(AH3:BG28)", Z99="x")
    text = squeezed(run("diff", books["conv-example"], odd).output)
    assert "1 metric changed, such as A56 (the mean of relu1): =AVERAGE(AH3:BG28,AH32:" in text
    assert "1 text of no layer changed, such as Z99: nothing → x" in text


def test_the_two_axes_of_a_size_are_told_apart(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((1, 5, 7)))
    (tmp_path / "net.toml").write_text(
        'input = [1, 5, 7]\n[[layers]]\ntype = "Conv2d"\nout_channels = 1\nkernel_size = 3\n'
    )
    path = tmp_path / "net.xlsx"
    good("generate", path, "--spec", tmp_path / "net.toml", "--seed", "1", "--shapes",
        "--input", str(tmp_path / "x.npy"))  # fmt: skip
    whats = {one.what for one in open_workbook(path).annotations.values()}
    assert "the size of the output of conv1 along the rows" in whats
    assert "the size of the output of conv1 along the columns" in whats
