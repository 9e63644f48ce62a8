"""A formula spelled in another way gives the same, for any numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlconv.classroom.exercises.respelling import respelled
from xlconv.lowering.lower import lower
from xlconv.presets import LESSONS, PRESETS
from xlconv.spreadsheet.calculation.calculate import calculate
from xlconv.spreadsheet.formula import render
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook

FORMULAS = (
    "SUMPRODUCT(A1:C3,$E$1:$G$3)+$E$5",
    "MAX(0,SUMPRODUCT(A1:C3,$E$1:$G$3)+$E$5)",
    "SUM(A1:C3*E1:G3)",
    "MAX(A1:B2)", "MAX(A1,B2)", "MIN(A1:B2)", "AVERAGE(A1:B2)", "SUM(A1:C3)",
    "EXP(A1-MAX(A1:C3))", "EXP(A1)/SUM(E1:G3)",
    "IF(A1>0,A1,0.01*A1)", "A1*B2-C3/(1+E1^2)", "TANH(A1)",
    "MATCH(MAX(A1:A3),A1:A3,0)-1",
)  # fmt: skip
NUMBERS = st.lists(st.sampled_from([-2.5, -1.0, 0.0, 0.125, 1.0, 3.0]), min_size=19, max_size=19)


def value_of(formula: str, numbers: list[float], *, array: bool = False) -> float:
    """Return what a formula gives over A1:C3, E1:G3 and E5."""
    into = SheetBuilder()
    rows, columns = np.mgrid[0:3, 0:3]
    into.add(Kind.NUMBER, rows, columns, numbers=numbers[:9])
    into.add(Kind.NUMBER, rows, columns + 4, numbers=numbers[9:18])
    into.add(Kind.NUMBER, [4], [4], numbers=numbers[18])
    kind = Kind.ARRAY_FORMULA if array else Kind.FORMULA
    into.add(kind, [9], [9], texts=[formula])
    found = calculate(Workbook((into.finish("s"),)))
    return float(found.grids[0].numbers[-1])


@pytest.mark.many
@pytest.mark.parametrize("formula", FORMULAS)
@given(numbers=NUMBERS)
def test_it_gives_the_same(formula: str, numbers: list[float]) -> None:
    again = render(respelled(parse(formula)))
    array = formula.startswith("SUM(A1:C3*")
    assert np.isclose(value_of(formula, numbers, array=array), value_of(again, numbers), atol=1e-12)


@pytest.mark.parametrize("name", [*LESSONS, *PRESETS])
def test_no_sum_of_products_and_no_maximum_can_be_copied(name: str) -> None:
    preset = (PRESETS | LESSONS)[name]
    network = preset.network()
    for lowered in lower(network, preset.layout(network)):
        for one in lowered.blocks:
            before, after = render(one.block.tree), render(respelled(one.block.tree))
            told = any(f"{word}(" in before for word in ("SUMPRODUCT", "MAX", "AVERAGE", "IF"))
            assert not told or after != before
