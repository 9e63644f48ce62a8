"""Formulas where numbers of a network stand count at their value; what is verified follows them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.helpers.desk import IMAGE, KERNEL, Desk, area, name
from tests.helpers.workbooks import sheet
from xlconv.spreadsheet.addresses import column_name
from xlconv.verification.findings import Severity
from xlconv.verification.verify import Report, verify_workbook

Cells = dict[str, object]
GENERATOR = np.random.default_rng(11)


def numbers(row: int, column: int, n: int, m: int, *, dark: bool = False) -> Cells:
    """Typed numbers, n x m from a row and a column on, both from 1; a third of them 0."""
    drawn = np.round(GENERATOR.uniform(0.1, 1, (n, m)), 2)
    if dark:
        drawn *= GENERATOR.uniform(size=(n, m)) > 1 / 3
    return {
        f"{column_name(column - 1 + j)}{row + i}": float(drawn[i, j])
        for i, j in np.ndindex(n, m)
    }  # fmt: skip


def windows(row: int, column: int, n: int, source: int, text: str) -> Cells:
    """A formula in n x n cells: `{0}` is its window of 3x3 from row `source` and column A on."""
    return {
        f"{column_name(column - 1 + j)}{row + i}":
        "=" + text.format(f"{column_name(j)}{source + i}:{column_name(j + 2)}{source + i + 2}")
        for i, j in np.ndindex(n, n)
    }  # fmt: skip


def picture(**cells: object) -> Cells:
    """A kernel, and ReLU, over a picture of 7x7 in A2:G8, with some other cells."""
    conv = windows(2, 13, 5, 2, "MAX(0,SUMPRODUCT({0},$I$2:$K$4))")
    return numbers(2, 1, 7, 7, dark=True) | numbers(2, 9, 3, 3) | conv | cells


def units(**cells: object) -> Cells:
    """Three units of three numbers, product by product: weights in C2:E4."""
    unit = {f"G{r}": f"=C{r}*$A$2+D{r}*$A$3+E{r}*$A$4" for r in (2, 3, 4)}
    return numbers(2, 1, 3, 1) | numbers(2, 3, 3, 3) | unit | cells


def errors(report: Report) -> list[str]:
    return [one.code for one in report.findings if one.severity == Severity.ERROR]


GIVEN = {
    "a switch": picture(D4="=IF(K10=1,1,0)", K10=1.0),
    "two divisions": picture(C4="=128/255", C5="=64/255"),
    "a pixel at the edge": picture(A2="=K10/255", K10=77.0),
    "a sum of others": picture(D4="=SUM(I12:I14)", I12=0.1, I13=0.2, I14=0.3),
    "through another formula": picture(D4="=K10/255", K10="=K11+1", K11=77.0),
    "a reference": picture(D4="=K10", K10=0.5),
    "a weight of a kernel": picture(J3="=1/9"),
    "a whole kernel": picture(**{f"{c}{r}": "=1/9" for c in "IJK" for r in (2, 3, 4)}),
    "a weight of a unit": units(D3="=1/3"),
    "a weight that is looked up": units(D3="=INDEX(I2:I4,2)", I2=0.1, I3=0.2, I4=0.3),
    "an input": units(A3="=1/7"),
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_formula_among_numbers_counts_at_its_value(name: str) -> None:
    report = verify_workbook(sheet(GIVEN[name]))
    assert report.verdict == "verified" and not report.findings
    assert report.network is not None


def test_a_drawn_pixel_is_told() -> None:
    report = verify_workbook(sheet(picture(D4="=RAND()")))
    assert report.verdict == "verified"
    assert [one.code for one in report.findings] == ["V105"]


WRONG = {
    "a cell of the layer": picture(D4="=1/3", O4="=MAX(0,SUMPRODUCT(C4:E6,$I$3:$K$5))"),
    "a pasted cell of the layer": picture(D4="=1/3", O4=0.5),
    "a unit": units(D3="=1/3", G4="=C4*$A$2+D4*$A$3+E4*$A$3"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_cell_behind_such_a_formula_is_found(name: str) -> None:
    assert errors(verify_workbook(sheet(WRONG[name])))


OPEN = {
    "a pixel that reads the picture": picture(D4="=C4*2"),
    "most pixels": picture(
        **{f"{c}{r}": f"={c}{r + 20}+{c}{r + 21}" for c in "ABCDEFG" for r in range(2, 7)}
    ) | numbers(22, 1, 6, 7),
    "a line of pixels": picture(**{f"{c}2": f"={c}30+{c}31" for c in "ABCDEFG"})
    | numbers(30, 1, 2, 7),
    "a pixel that another layer computes": picture(D4="=A30") | units(A30="=Z2") | {
        "Y2": 0.5, "Z2": "=MAX(0,Y2)", "Z3": "=MAX(0,Y3)", "Y3": 0.25,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN)
def test_what_reads_the_network_or_is_most_of_a_plane_is_no_number_of_it(name: str) -> None:
    report = verify_workbook(sheet(OPEN[name]))
    assert report.verdict != "verified"


def shown_lower(text: Callable[[int, int], str]) -> Desk:
    """A picture of another sheet, shown from the second row on, below a number."""
    desk = Desk()
    desk.put("B1", np.full((1, 1), 3.0))
    desk.fill("A2", (6, 7), text)
    desk.put("J1", KERNEL)
    desk.fill("N1", (4, 5), lambda i, j: f"SUMPRODUCT({area(i + 1, j, 3, 3)},$J$1:$L$3)")
    desk.put("source!A1", IMAGE)
    return desk


def test_a_picture_of_another_sheet_may_be_shown_elsewhere() -> None:
    report = verify_workbook(shown_lower(lambda i, j: f"source!{name(i, j)}").workbook())
    assert report.verdict == "verified" and not report.findings


def test_a_wrong_cell_of_a_picture_that_is_shown_elsewhere_is_found() -> None:
    desk = shown_lower(lambda i, j: f"source!{name(i, j + ((i, j) == (2, 3)))}")
    assert errors(verify_workbook(desk.workbook()))


def framed(frame: str, **cells: object) -> Cells:
    """A kernel over a map in N3:R7 that another makes, in a frame of formulas."""
    conv = windows(3, 14, 5, 2, "SUMPRODUCT({0},$I$2:$K$4)")
    around = {
        f"{c}{r}": frame for c in "MNOPQRS" for r in range(2, 9) if c in "MS" or r in (2, 8)
    }  # fmt: skip
    second = {
        f"{'UVWXY'[j]}{i + 3}":
        f"=SUMPRODUCT({'MNOPQ'[j]}{i + 2}:{'OPQRS'[j]}{i + 4},$I$6:$K$8)"
        for i, j in np.ndindex(5, 5)
    }  # fmt: skip
    given = numbers(2, 1, 7, 7) | numbers(2, 9, 3, 3) | numbers(6, 9, 3, 3)
    return given | conv | around | second | cells


def test_a_frame_of_formulas_that_are_zero_is_a_frame_of_zeros() -> None:
    report = verify_workbook(sheet(framed("=0")))
    assert report.verdict == "verified" and not report.findings


NO_FRAMES = {
    "zeros today": framed("=IF($A$20>0,1,0)", A20=-1.0),
    "ones": framed("=1"),
    "one that is not": framed("=0", P2="=IF($A$20>0,1,0)", A20=-1.0),
    "one of another number": framed("=0", P2="=1"),
}


@pytest.mark.parametrize("name", NO_FRAMES)
def test_a_frame_of_other_formulas_is_none(name: str) -> None:
    assert verify_workbook(sheet(NO_FRAMES[name])).verdict != "verified"


def behind(text: str, **cells: object) -> Cells:
    """A kernel, and ReLU, over a picture that formulas make in A12:G18: `{0}` is a pixel."""
    made = {
        f"{c}{r + 10}": "=" + text.format(f"{c}{r}", x="ABCDEFG".index(c) + 1, y=r - 1)
        for c in "ABCDEFG" for r in range(2, 9)
    }  # fmt: skip
    conv = windows(2, 13, 5, 12, "MAX(0,SUMPRODUCT({0},$I$2:$K$4))")
    return numbers(2, 1, 7, 7) | numbers(2, 9, 3, 3) | {"I7": 0.5, "I8": 1.0} | made | conv | cells


MADE = {
    "rescaled": "{0}/255",
    "binarised": "IF({0}>$I$7,1,0)",
    "looked up": "INDEX($A$2:$G$8,{y}*$I$8,{x})",
    "by an offset": "OFFSET($A$2,{y}-$I$8,{x}-1)",
    "chosen": "CHOOSE($I$7+0.5,{0},0)",
    "a layer that nobody knows": "{0}*{0}-$I$7*{0}",
}


@pytest.mark.parametrize("name", MADE)
def test_a_network_behind_a_picture_that_formulas_make_is_verified(name: str) -> None:
    report = verify_workbook(sheet(behind(MADE[name])))
    assert report.verdict == "partly" and not errors(report)
    assert {one.code for one in report.findings} == {"L601"}
    assert report.coverage == 25 / 74 and report.network is not None


@pytest.mark.parametrize("name", MADE)
def test_a_wrong_cell_behind_a_picture_that_formulas_make_is_found(name: str) -> None:
    for wrong in ("=MAX(0,SUMPRODUCT(C14:E16,$I$3:$K$5))", 0.5):
        assert errors(verify_workbook(sheet(behind(MADE[name], O4=wrong))))


@pytest.mark.parametrize("wrong", ["=C4/250", "=C3/255", "=SUM(A2:G8)", "=I3"])
def test_an_odd_cell_of_a_picture_that_formulas_make_is_not_verified(wrong: str) -> None:
    report = verify_workbook(sheet(behind("{0}/255", C14=wrong)))
    assert report.verdict in ("partly", "findings") and report.coverage <= 25 / 74


def test_what_nobody_knows_makes_no_weights_of_an_input() -> None:
    hidden = {f"G{r}": f"=C{r}*$A$2^2+D{r}*$A$3" for r in (2, 3, 4)}
    cells = numbers(2, 1, 3, 1) | numbers(2, 3, 3, 2) | hidden | numbers(2, 9, 3, 1)
    report = verify_workbook(sheet(cells | {"K2": "=SUMPRODUCT(G2:G4,I2:I4)"}))
    assert report.verdict == "partly" and report.coverage == 1 / 4
