"""Formulas that no layer spells are worked out part by part."""

import re
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from tests.helpers.command import squeezed
from tests.helpers.explaining import find, text_of
from tests.helpers.function_cases import write
from xlconv.analysis.explanation import explain_cell
from xlconv.analysis.formula_steps import step_of
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.spreadsheet.calculation.formula_block import single
from xlconv.spreadsheet.xlsx.read import read_xlsx

ODD = {
    "E1": "=IF(A1>0,A1,0)/SUM(A1:C3)-3%",
    "E2": "=SUMPRODUCT(A1:C3,'my data'!A1:C3)^2*2+A10",
    "E3": "=A1/A10+1",
    "E4": "=NOSUCH(A1,0,0)+A2",
    "E5": "=RAND()*A1",
    "E6": "=E7+1",
    "E7": "=E6+1",
    "E8": '="a"&A5',
    "E9": "=MAX(A1,B2,-C3)",
    "E10": "=A1",
    "E11": "=NoSuchName+1",
    "E12": "=SUM(A1:B5)",
    "E13": "=SUMPRODUCT(A1:C3*A1:C3*A1:C3)",
    "E14": "=SUMPRODUCT((A1:C3>3)*A1:C3)",
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("odd") / "odd.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, other = book.add_worksheet("odd"), book.add_worksheet("my data")
        for i in range(3):
            for j in range(3):
                sheet.write(i, j, i * 3 + j + 0.5)
                other.write(i, j, (i - j) / 3)
        sheet.write("A5", "text")
        for cell, formula in ODD.items():
            sheet.write_formula(cell, formula, value=0.25)
    return path


A = np.arange(9).reshape(3, 3) + 0.5
B = (np.arange(3)[:, None] - np.arange(3)) / 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("E1", 0.5 / A.sum() - 0.03), ("E2", (A * B).sum() ** 2 * 2), ("E3", "#DIV/0!"),
        ("E8", "atext"), ("E9", 4.5), ("E10", 0.5), ("E12", A[:, :2].sum()),
        ("E13", (A**3).sum()), ("E14", A[A > 3].sum()),
    ],
)  # fmt: skip
def test_formulas_of_no_layer_are_worked_out(odd: Path, cell: str, value: object) -> None:
    found = explain_cell(odd, cell)
    assert found.role == "" and found.formula == ODD[cell]
    assert found.step.value == (pytest.approx(value) if isinstance(value, float) else value)
    assert found.answers.network is None
    assert "a formula in no layer" in text_of(odd, cell)


@pytest.mark.slow
def test_a_tree_has_every_part_with_its_value(odd: Path) -> None:
    shown = squeezed(text_of(odd, "E1"))
    for line in ("IF(A1>0,A1,0) = 0.500", "A1>0 = TRUE", "SUM(A1:C3) = 40.500", "3% = 0.030"):
        assert re.search(rf"^[│ ]*[├└]── {re.escape(line)}$", shown, re.M), line
    assert "0.500 / 40.500 = 0.012\n" in shown
    assert "0.500 (A1) > 0 = TRUE\n" in shown


@pytest.mark.slow
def test_every_part_has_the_value_of_its_own_formula(odd: Path) -> None:
    (power,) = find(explain_cell(odd, "E2").step, "^")
    assert power.value == pytest.approx((A * B).sum() ** 2)
    (sums,) = find(power, "SUMPRODUCT")
    assert np.allclose(sums.products, A * B)
    assert sums.operands[1].sheet == "my data"
    assert sums.text == "SUMPRODUCT(A1:C3,'my data'!A1:C3)"


@pytest.mark.slow
def test_inside_sumproduct_ranges_are_worked_out_entry_by_entry(odd: Path) -> None:
    (compared,) = find(explain_cell(odd, "E14").step, ">")
    assert np.array_equal(compared.values, A > 3)
    assert "FALSE FALSE FALSE" in squeezed(text_of(odd, "E14"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "remark"),
    [
        ("E4", "not evaluated: the function NOSUCH"),
        ("E5", "a random or outside value: the stored one is taken as an input"),
        ("E6", "not evaluated: it depends on itself"),
        ("E11", "not evaluated: the name or reference NoSuchName"),
    ],
)
def test_what_is_not_evaluated_says_why_and_where(odd: Path, cell: str, remark: str) -> None:
    found = explain_cell(odd, cell)
    assert remark in found.remarks
    assert found.answers.formula is None
    shown = text_of(odd, cell)
    assert remark in shown and "stored 0.25" in shown
    assert "✓" not in shown and "✗" not in shown


@pytest.mark.slow
def test_the_steps_of_every_function_are_worked_out(tmp_path: Path) -> None:
    written = write(tmp_path / "cases.xlsx")
    book = lift_workbook(read_xlsx(tmp_path / "cases.xlsx"))
    for (row, column), text in written.formulas.items():
        block = book.unit_at(0, (row, column))
        assert block is not None, text
        place = block.lattice.index_of((row, column))
        assert place is not None
        step = step_of(book, single(block, *place))
        assert step is not None and not step.reason, text
