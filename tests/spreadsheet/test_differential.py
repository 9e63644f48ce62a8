"""The evaluator against outside programs, over formulas drawn from a fixed seed.

One workbook holds them all, so that every program runs once. Where two outside programs
agree, ours must: numbers to 1e-9, errors by their code.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter
from openpyxl.formula.translate import Translator

from tests.helpers import oracles
from tests.helpers.drawn_formulas import SIGNATURES, write
from tests.helpers.function_cases import CASES
from tests.helpers.verdicts import Verdicts, ironcalc, own_outcome
from xlconv.spreadsheet.calculation.calculate import Status, calculate
from xlconv.spreadsheet.calculation.functions import FUNCTIONS
from xlconv.spreadsheet.values import ERROR, ERRORS
from xlconv.spreadsheet.xlsx.read import read_xlsx


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    folder = tmp_path_factory.mktemp("differential")
    path = folder / "drawn.xlsx"
    written = write(path)
    theirs = {
        "LibreOffice": oracles.libreoffice(path, folder),
        "Gnumeric": oracles.gnumeric(path, folder),
    }
    third = ironcalc(path, list(written.formulas))
    if third is not None:
        theirs["IronCalc"] = third
    with np.errstate(all="ignore"):
        calculation = calculate(read_xlsx(path))
    (sheet,), (grid,), (statuses,) = (
        calculation.workbook.sheets, calculation.grids, calculation.statuses,
    )  # fmt: skip
    found = Verdicts(written, {}, {}, {}, theirs)
    for cell in written.formulas:
        index = sheet.find(cell)
        assert index is not None
        found.statuses[cell] = Status(int(statuses[index]))
        found.reasons[cell] = calculation.reasons.get((0, index), "")
        if found.statuses[cell] == Status.CALCULATED:
            value, kind = float(grid.numbers[index]), int(grid.kinds[index])
            found.ours[cell] = own_outcome(value, kind, calculation.pool.texts)
    return found


# Differences that are known, by their reason: a defect of ours, or where Excel's own
# documentation and two outside programs part. Strict: a formula that agrees now must go.
DIFFERENCES = {
    "Excel: 0 to a negative power is a division by zero, by the operator as by POWER": [
        "0^-1",
        "0^-2",
        "(+(F8&A11<=C11)%^B4+A$3>$F$8)",
        "A$2-(A7=A$2)%^-(-2%<1)",
        "-(B5^+(B9/A$2))^F1-B10<+(F12*F1)%",
        "SUM(IF(A1:$B$2^$A11:B12,-2%,A$5:$B$6))",
        "(D4^B1)>2*F3",
        "$F$4+C5^-2%*$A12",
    ],
    "Excel: a text that spells a boolean is no number": [
        "A18+1",
        "--A18",
    ],
    "Excel: the root of a negative number is an error": [
        "(-8)^(1/3)",
    ],
    "Excel: a text written as an argument is an error if it spells no number": [
        'SUMSQ("x")',
    ],
    "Excel: booleans written as arguments count": [
        "_xlfn.VAR.P(B12,FALSE)",
        "_xlfn.VAR.P(A$6:B10,FALSE)",
    ],
    "Excel: booleans in arrays do not count": [
        "AVERAGE(-A1:B2>A2:$B$3,$B4,A9:B10)",
    ],
    "Excel: IF gives a reference, and texts in references do not count": [
        "SUM(IF(TRUE,C5,0))",
    ],
    "Excel: texts and booleans in arrays do not count": [
        'COUNT({1,"2",TRUE})',
    ],
    "Excel: INDEX gives a reference, and booleans in references do not count": [
        "SUM(INDEX(C1:C5,5))",
    ],
    "Excel: an argument left out counts as 0": [
        "AVERAGE(1,)",
    ],
    "Excel: n-d*INT(n/d), rounding errors included": [
        "MOD(0.3,0.1)",
    ],
    "Excel: pairs with a blank or a text are left out": [
        "SUMXMY2(E2:E4,F6:F$8)",
        "SUMXMY2(A6:A8,$E4:E6)",
        "SUMXMY2(G12:$G$12,G5:G5)",
    ],
    "Excel: ranges of different sizes are #N/A": [
        "SUMXMY2($F$11:F$11,F11:F12)",
        "SUMXMY2($A3:B4,$F9:F12)",
        "SUMXMY2(B5:$B$7,B1:$B4)",
        "SUMXMY2(A1:A3,A1:C1)",
        "SUMXMY2(A1:A3,B1:B2)",
    ],
}
KNOWN = {text: reason for reason, texts in DIFFERENCES.items() for text in texts}


def test_every_function_is_drawn() -> None:
    assert set(FUNCTIONS) <= set(SIGNATURES) | set(CASES)


@pytest.mark.office
def test_ours_agrees_where_two_others_do(verdicts: Verdicts) -> None:
    wrong = dict(verdicts.wrong())
    compared = sum(verdicts.expected(cell) is not None for cell in verdicts.ours)
    print(f"{len(verdicts.written.formulas)} formulas, {compared} compared")
    new = [line for cell, line in wrong.items() if verdicts.written.sources[cell] not in KNOWN]
    assert not new, f"{len(new)} differ:\n" + "\n".join(new)
    assert compared > 0.75 * len(verdicts.written.formulas)


@pytest.mark.office
@pytest.mark.parametrize("reason", DIFFERENCES)
def test_known_differences_are_still_there(verdicts: Verdicts, reason: str) -> None:
    if len(verdicts.theirs) < 3:
        pytest.skip("one of the programs is missing, so that others agree")
    wrong = {verdicts.written.sources[cell] for cell, _ in verdicts.wrong()}
    gone = [text for text in DIFFERENCES[reason] if text not in wrong]
    assert not gone, f"take out of the table: {gone}"


@pytest.mark.office
def test_few_formulas_are_unsupported(verdicts: Verdicts) -> None:
    reasons = Counter(
        verdicts.reasons[cell]
        for cell, status in verdicts.statuses.items()
        if status == Status.UNSUPPORTED
    )
    count = reasons.total()
    print(f"{count} of {len(verdicts.statuses)} unsupported")
    for reason, number in reasons.most_common():
        print(f"{number:5} {reason}")
    assert set(verdicts.statuses.values()) <= {Status.CALCULATED, Status.UNSUPPORTED}
    assert count < 0.15 * len(verdicts.statuses)


@pytest.mark.parametrize("text", ["AND(#NUM!,A1)", "OR(A1:A4,B$2)"])
def test_errors_of_one_size_and_values_of_another_meet(text: str, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "block.xlsx")
    sheet = book.add_worksheet()
    for column, values in enumerate(([1, 0, 1, 0, 1, 1, 0], [1, "#N/A", 2, 3])):
        for row, value in enumerate(values):
            sheet.write(row, column, f"={value}")
    for row in range(4):
        moved = Translator(f"={text}", "F1").translate_formula(row_delta=row, col_delta=0)
        sheet.write_formula(row, 5, moved)
    book.close()
    calculation = calculate(read_xlsx(tmp_path / "block.xlsx"))
    in_block = calculation.grids[0].columns == 5
    assert (calculation.grids[0].kinds[in_block] == ERROR).all()


# Numbers that a float64 does not hold are #NUM!, without a word from NumPy.
OVERFLOWS = (
    "SUM(1E308,1E308)", "SUMSQ(1E200)", "SUM(A1:A2)", "AVERAGE(A1:A2)", "VARP(A1:A2)",
    "SUMXMY2(A1:A2,B1:B2)", "SUMPRODUCT(A1:A2,A1:A2)", 'SUMIF(A1:A2,">0")', "A1*10", "A1^2",
    "SUM(MMULT(A1:A2,B2:C2))", "EXP(A1)",
)  # fmt: skip


def test_an_overflow_is_an_error_value_and_no_warning(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "large.xlsx")
    sheet = book.add_worksheet()
    for row in (0, 1):
        sheet.write_row(row, 0, [1e308, -1e308, 1e308])
    for row, text in enumerate(OVERFLOWS):
        sheet.write_formula(row, 5, f"={text}")
    book.close()
    calculation = calculate(read_xlsx(tmp_path / "large.xlsx"))
    formulas = calculation.workbook.sheets[0].is_formula
    assert (calculation.grids[0].kinds[formulas] == ERROR).all()
    assert {ERRORS[int(one)] for one in calculation.grids[0].numbers[formulas]} == {"#NUM!"}


@pytest.mark.office
def test_the_outside_programs_calculate(verdicts: Verdicts) -> None:
    cells = {verdicts.spelled(cell): cell for cell in verdicts.written.formulas}
    for name, values in verdicts.theirs.items():
        assert oracles.number(values[cells["=4.35*100"]]) == pytest.approx(435), name
        assert values[cells["=1/0"]] == "#DIV/0!", name
