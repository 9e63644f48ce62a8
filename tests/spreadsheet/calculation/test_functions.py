"""Every function and reference by hand, against outside programs and the documentation.

One workbook holds all cases, so that every program runs once, after poisoned caches.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.helpers import oracles
from tests.helpers.function_cases import BLOCKS, CASES, DOCUMENTED, write
from tests.helpers.verdicts import Verdicts, ironcalc, own_outcome
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.calculation.calculate import Calculation, Status, calculate
from xlconv.spreadsheet.calculation.evaluate_block import evaluated
from xlconv.spreadsheet.calculation.formula_block import singles
from xlconv.spreadsheet.calculation.functions import FUNCTIONS
from xlconv.spreadsheet.values import Unsupported
from xlconv.spreadsheet.xlsx.read import read_xlsx


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("functions")


@pytest.fixture(scope="module")
def verdicts(folder: Path) -> Verdicts:
    """What we say, and nobody else yet."""
    written = write(folder / "cases.xlsx")
    assert oracles.poison(folder / "cases.xlsx", folder / "poisoned.xlsx") > len(written.formulas)
    calculation = calculate(read_xlsx(folder / "poisoned.xlsx"))
    (sheet,), (grid,) = calculation.workbook.sheets, calculation.grids
    found = Verdicts(written, {}, {}, {}, {})
    for cell in written.formulas:
        index = sheet.find(cell)
        assert index is not None
        found.statuses[cell] = Status(int(calculation.statuses[0][index]))
        found.reasons[cell] = calculation.reasons.get((0, index), "")
        value, kind = float(grid.numbers[index]), int(grid.kinds[index])
        found.ours[cell] = own_outcome(value, kind, calculation.pool.texts)
    return found


@pytest.fixture(scope="module")
def judged(verdicts: Verdicts, folder: Path) -> Verdicts:
    """What we and the outside programs say."""
    path = folder / "poisoned.xlsx"
    verdicts.theirs["LibreOffice"] = oracles.libreoffice(path, folder)
    verdicts.theirs["Gnumeric"] = oracles.gnumeric(path, folder)
    third = ironcalc(path, list(verdicts.written.formulas))
    if third is not None:
        verdicts.theirs["IronCalc"] = third
    return verdicts


def test_every_function_has_cases() -> None:
    drawn_besides = {"AVERAGE", "COUNT", "COUNTA", "COUNTBLANK", "MAX", "MIN", "SUM", "PI"}
    same = {"STDEV", "STDEVP", "VAR", "VARP", "VAR.P"}  # spelled so among the cases of others
    assert set(FUNCTIONS) - drawn_besides - same <= set(CASES)
    assert all(CASES.values())


def test_everything_is_calculated(verdicts: Verdicts) -> None:
    missing = {
        f"{verdicts.written.formulas[cell]}: {verdicts.reasons[cell] or status.name}"
        for cell, status in verdicts.statuses.items()
        if status != Status.CALCULATED
    }
    assert not missing


def test_documented_values(verdicts: Verdicts) -> None:
    cells = {text: cell for cell, text in verdicts.written.formulas.items()}
    for text, value in DOCUMENTED.items():
        kind, own = verdicts.ours[cells[text]]
        assert (kind == "error") == isinstance(value, str), text
        assert own == (pytest.approx(value, rel=1e-9) if kind == "number" else value), text


@pytest.mark.office
def test_ours_agrees_where_two_others_do(judged: Verdicts) -> None:
    formulas = judged.written.formulas
    wrong = [line for cell, line in judged.wrong() if formulas[cell] not in DOCUMENTED]
    assert not wrong, "\n".join(wrong)
    undecided = [
        cell for cell in formulas
        if judged.expected(cell) is None and formulas[cell] not in DOCUMENTED
    ]  # fmt: skip
    # Blocks see data of every kind, on which programs part.
    alone = [formulas[cell] for cell in undecided if judged.written.sources[cell] not in BLOCKS]
    assert not alone
    assert len(undecided) < 0.02 * len(formulas)


@pytest.mark.office
def test_a_block_is_undecided_in_few_cells_only(judged: Verdicts) -> None:
    for text in BLOCKS:
        cells = [cell for cell, source in judged.written.sources.items() if source == text]
        decided = [judged.expected(cell) is not None for cell in cells]
        assert len(cells) == 8 and sum(decided) >= 4, text


def same(calculation: Calculation) -> int:
    """Compare every block with its cells, evaluated one by one; return how many cells there are."""
    count = 0
    for block in calculation.blocks:
        try:
            whole = evaluated(block, calculation.grids, calculation.pool)
        except Unsupported:  # its cells may do by themselves
            continue
        if whole is None or block.spills:
            continue
        for one, number, kind in zip(
            singles(block), whole[0][block.mask], whole[1][block.mask], strict=True
        ):
            alone = evaluated(one, calculation.grids, calculation.pool)
            assert alone is not None
            place = f"{a1_name(one.lattice.origin)} in {block.lattice.range.name}"
            assert int(alone[1][0, 0]) == kind, place
            assert math.isclose(alone[0][0, 0], number, rel_tol=1e-12, abs_tol=1e-15), place
            count += 1
    return count


@pytest.mark.slow
def test_blocks_of_cases_are_what_their_cells_are(verdicts: Verdicts, folder: Path) -> None:
    with np.errstate(all="ignore"):
        assert same(calculate(read_xlsx(folder / "poisoned.xlsx"))) > 700
