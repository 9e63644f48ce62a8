"""Ranges that are worked out: which they are, what they read, and in which order that comes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.small_sheets import sheet_of
from xlconv.spreadsheet.addresses import Range, a1_name, parse_a1
from xlconv.spreadsheet.calculation.calculate import Calculation, Status, calculate
from xlconv.spreadsheet.calculation.evaluate_block import evaluated
from xlconv.spreadsheet.calculation.formula_block import singles
from xlconv.spreadsheet.calculation.unsettled import CIRCULAR, MOST_ROUNDS, TOO_DEEP
from xlconv.spreadsheet.formula import render
from xlconv.spreadsheet.precedents.precedents import Readings
from xlconv.spreadsheet.precedents.region import region_of_range
from xlconv.spreadsheet.values import ERROR, Unsupported
from xlconv.spreadsheet.workbook import Workbook

# 10 x 10 numbers that tell where they stand, and a row of small ones.
NUMBERS: dict[str, float | str] = {
    a1_name((i, j)): float(100 * i + j) for i in range(10) for j in range(10)
} | {f"{letter}21": float(k) for letter, k in zip("ABC", (1, 2, 3), strict=True)}


def calculated(formulas: dict[str, str], *, array: bool = False) -> Calculation:
    if not array:
        return calculate(Workbook((sheet_of(NUMBERS | formulas),)))
    numbers, more = sheet_of(NUMBERS), sheet_of(formulas, "Sheet2", array=True)
    return calculate(Workbook((more, numbers)))


def value(calculation: Calculation, name: str) -> float:
    index = calculation.workbook.sheets[0].find(parse_a1(name))
    assert index is not None
    assert calculation.statuses[0][index] == Status.CALCULATED, calculation.reasons.get((0, index))
    return float(calculation.grids[0].numbers[index])


def filled(text: str, top: int = 29, left: int = 12, shape: tuple[int, int] = (4, 4)) -> dict:
    return {
        a1_name((top + i, left + j)): f"={text}" for i in range(shape[0]) for j in range(shape[1])
    }


def reads(calculation: Calculation, name: str) -> set[str]:
    row, column = parse_a1(name)
    (block,) = [
        one for one in calculation.blocks if one.lattice.index_of((row, column)) is not None
    ]
    return {area.name for _, area in block.reads}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("SUM(OFFSET($A$1,ROW()-30,COLUMN()-13,3,3))", "SUM(A1:C3)"),
        ("MAX(OFFSET($A$1,2*(ROW()-30),2*(COLUMN()-13),2,2))", "MAX(A1:B2)"),
        ("INDEX($A$1:$J$10,ROW()-29,COLUMN()-12)", "A1"),
        ("SUM(INDEX($A$1:$J$10,0,COLUMN()-12))", "SUM(A1:A10)"),
        ("SUM(INDEX($A$1:$J$10,ROW()-29,1):INDEX($A$1:$J$10,ROW()-28,2))", "SUM(A1:B2)"),
        ("_xlfn.LET(w,OFFSET($A$1,ROW()-30,0,2,2),SUM(w*w))", "SUM(A1:B2*A1:B2)"),
    ],
)
def test_ranges_that_move_with_the_cell_are_references(text: str, tree: str) -> None:
    calculation = calculated(filled(text))
    (block,) = calculation.blocks
    assert block.lattice.shape == (4, 4) and block.waits is None
    assert block.tree is not None and render(block.tree) == tree
    assert block.written is not None and "ROW()" in render(block.written) + "ROW()"


def test_what_they_read_is_exact() -> None:
    calculation = calculated(
        filled("SUM(OFFSET($A$1,ROW()-30,COLUMN()-13,3,3))")
        | {"A31": "=MAX(OFFSET($A$1,INT(ROW()/16),1,2,1))", "A33": "=OFFSET($C$3,0,$A$21)"}
        | {"A35": "=INDEX($A$1:$B$10,$C$21,1)", "A37": "=SUM(A1:INDEX($A$1:$A$10,B21))"}
    )
    assert reads(calculation, "M30") == {"A1:F6"}
    assert reads(calculation, "A31") == {"B2:B3"}
    assert reads(calculation, "A33") == {"A21", "D3"}
    assert reads(calculation, "A35") == {"C21", "A1:B10"}
    assert reads(calculation, "A37") == {"B21", "A1:A10"}
    assert value(calculation, "M30") == sum(NUMBERS[f"{c}{r}"] for c in "ABC" for r in (1, 2, 3))
    assert (value(calculation, "A31"), value(calculation, "A33")) == (201, 203)
    assert (value(calculation, "A35"), value(calculation, "A37")) == (200, 100)


def test_a_place_is_asked_for_without_reading() -> None:
    calculation = calculated({"A31": "=ROW(A31)+COLUMNS(A31:C31)", "B31": "=OFFSET(B31,-30,0)"})
    assert (value(calculation, "A31"), value(calculation, "B31")) == (34, 1)


def test_offsets_by_values_come_after_what_they_reach() -> None:
    calculation = calculated(
        {
            "A31": "=OFFSET($A$31,0,B31)+1", "B31": "=C31*1", "C31": "=C21",  # reads D31
            "D31": "=E31*2", "E31": "=A21+5", "F31": "=A31+1",
        }
    )  # fmt: skip
    assert [value(calculation, f"{c}31") for c in "ABCDEF"] == [13, 3, 3, 12, 6, 14]
    assert reads(calculation, "A31") == {"B31", "D31"}


def test_offsets_by_values_of_offsets_take_turns() -> None:
    formulas = {f"A{31 + k}": f"=OFFSET($A$1,A{30 + k}/100+1{'+0' * k},0)" for k in range(1, 5)}
    calculation = calculated(formulas | {"A31": "=100"})
    assert [value(calculation, f"A{31 + k}") for k in range(5)] == [100, 200, 300, 400, 500]


def test_a_recurrence_by_offset_is_calculated_cell_by_cell() -> None:
    formulas = {f"A{31 + k}": f"=OFFSET(A{31 + k},-$A$21,0)+1" for k in range(1, 6)}
    calculation = calculated(formulas | {"A31": "=5"})
    assert [value(calculation, f"A{31 + k}") for k in range(6)] == [5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    ("formulas", "reason"),
    [
        ({"A31": "=OFFSET($A$1,A32,0)", "A32": "=A31"}, CIRCULAR),
        ({f"A{31 + k}": f"=OFFSET($A$1,A{30 + k}/100+1,0)" for k in range(5)}, CIRCULAR),
        ({"A31": "=OFFSET($A$1,OFFSET($A$21,0,B21),0)"}, "an OFFSET by what another OFFSET gives"),
        ({"A31": "=SUM(OFFSET($A$5,0,0,-B21,1))"}, "OFFSET with a negative height or width"),
        ({"A31": "=SUM(OFFSET($A$1,NOSUCH(1),0))"}, "the function NOSUCH"),
        (
            {f"A{31 + k}": f"=OFFSET($A$1,A{30 + k}*0{'+1' * k},0)" for k in range(1, 20)}
            | {"A31": "=1"},
            TOO_DEEP,
        ),
    ],
)
def test_what_nobody_can_tell_has_its_reason(formulas: dict[str, str], reason: str) -> None:
    calculation = calculated(formulas)
    index = calculation.workbook.sheets[0].find(parse_a1(next(iter(formulas))))
    if reason == TOO_DEEP:
        index = calculation.workbook.sheets[0].find((30 + 19, 0))
        assert len(formulas) > MOST_ROUNDS
    assert index is not None
    assert calculation.statuses[0][index] == Status.UNSUPPORTED
    assert calculation.reasons.get((0, index)) == reason


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("SUM(OFFSET(Sheet1!$A$1,ROW(),0,3,3)*Sheet1!$A$1:$C$3)", False),
        ("SUM(OFFSET(Sheet1!$A$1,ROW()+Sheet1!A1,0,3,3)*2)", False),
        ("SUM(EXP(OFFSET(Sheet1!$A$1,0,COLUMN(),3,3)*0))", False),
        ("SUM(OFFSET(Sheet1!$A$1,MAX(ROW()),0,3,3)*2)", True),
        ("SUM(OFFSET(Sheet1!$A$1,ROW(A1),0,3,3)*2)", True),
        ("SUM(OFFSET(Sheet1!$A$1,ROW(),0,3,3))", True),
        ("OFFSET(Sheet1!$A$1,ROW(),0)*2", True),
        ("SUMPRODUCT(OFFSET(Sheet1!$A$1,ROW(),0,3,3)*2)", True),
    ],
)
def test_arrays_of_ranges_are_left_open(text: str, known: bool) -> None:
    calculation = calculated({"C5": f"={text}"}, array=True)
    wanted = Status.CALCULATED if known else Status.UNSUPPORTED
    assert calculation.statuses[0][0] == wanted
    assert known or "in an array formula" in calculation.reasons.get((0, 0))


def test_a_reached_cell_that_is_unknown_taints() -> None:
    calculation = calculated({"A31": "=OFFSET($A$31,0,$C$21)", "D31": "=NOSUCH(1)"})
    index = calculation.workbook.sheets[0].find((30, 0))
    assert calculation.statuses[0][index] == Status.TAINTED
    calculation = calculated({"A31": "=OFFSET($A$31,0,$B$21)", "D31": "=NOSUCH(1)"})
    assert calculation.statuses[0][index] == Status.CALCULATED


def test_tracing_follows_what_is_reached_cell_by_cell() -> None:
    calculation = calculated(
        {f"A{31 + k}": f"=SUM(OFFSET($A$1,A2{k + 1},1,2,1))" for k in range(3)}
        | {f"B{31 + k}": f"=MAX(OFFSET($A$1,MOD(ROW(),3),{k},1,2))" for k in range(3)}
        | {"A22": 4.0, "A23": 7.0}
    )
    readings = Readings(calculation)

    def precedents(name: str) -> list[str]:
        at = Range(*parse_a1(name), *parse_a1(name))
        return [one.name for one in readings.precedents(0, region_of_range(at))[0].ranges]

    assert precedents("A31") == ["B2:B3", "A21"]
    assert precedents("A32") == ["B5:B6", "A22"]
    assert precedents("B31") == ["A2:B2"]
    found = readings.dependents(0, region_of_range(Range(4, 1, 4, 1)))  # B5
    assert [one.name for one in found[0].ranges] == ["A32"]


def test_an_intersection_is_the_cell_in_the_own_row_or_column() -> None:
    calculation = calculated(
        {
            "C5": "=_xlfn.SINGLE(A1:A10)", "C7": "=@A1:A10+1", "C30": "=@A1:A10", "D30": "=@A2:J2",
            "E30": "=@A1:B2", "F30": "=SUM(@INDEX(A1:J10,3,0))", "G30": "=A5:J5*2",
            "H30": "=SINGLE({7,8})", "I30": "=ABS(A1:A40)",
        }
    )  # fmt: skip
    names = ("C5", "C7", "D30", "F30", "G30", "H30", "I30")
    assert [value(calculation, name) for name in names] == [400, 601, 103, 205, 812, 7, 0]
    for name in ("C30", "E30"):
        index = calculation.workbook.sheets[0].find(parse_a1(name))
        assert value(calculation, name) == 2 and calculation.grids[0].kinds[index] == ERROR


def test_names_of_a_formula_stand_for_what_they_are_given() -> None:
    calculation = calculated(
        {
            "A31": "=_xlfn.LET(_xlpm.x,B2,_xlpm.y,_xlpm.x*2,_xlpm.x+_xlpm.y)",
            "A32": "=LET(x,1,LET(x,2,x)+x)", "A33": "=LET(a,ROW(),a*a)",
        }
    )  # fmt: skip
    assert [value(calculation, f"A{k}") for k in (31, 32, 33)] == [303, 3, 33 * 33]
    grown = ",".join(f"n{k}_,n{k - 1}_+n{k - 1}_" for k in range(1, 30))
    calculation = calculated({"A31": f"=LET(n0_,1,{grown},n29_)"})
    assert calculation.blocks[0].reason == "LET with names that stand for too much"


def test_row_of_an_array_formula_is_of_all_its_cells() -> None:
    calculation = calculated({"A1": "=SUM(ROW(A2:A4)*1)"}, array=True)
    assert calculation.grids[0].numbers[0] == 9


# -- blocks are what their cells are ---------------------------------------------------------

OFFSETS = st.sampled_from(
    ["ROW()-30", "COLUMN()-13", "2*(ROW()-30)", "INT(ROW()/3)-9", "MOD(COLUMN(),3)", "1", "0",
     "$A21", "B$21-1", "$A$21", "ROW(A1)", "-1", "ROWS($A$1:A1)", "A21", ""]
)  # fmt: skip
SIZES = st.sampled_from(["", ",2,2", ",1,3", ",3,1", ",A$21,1", ",2"])
BASES = st.sampled_from(["$A$1", "A1", "$A1", "B$2", "$C$3:$D$4"])


@st.composite
def formulas(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        inner = f"OFFSET({draw(BASES)},{draw(OFFSETS)},{draw(OFFSETS)}{draw(SIZES)})"
    else:
        inner = f"INDEX($A$1:$J$10,{draw(OFFSETS)},{draw(OFFSETS)})"
    wrapped = draw(
        st.sampled_from(
            ["SUM(%s)", "%s", "MAX(0,%s)", "ROW(%s)", "COUNT(%s)", "SUM(A1:%s)", "IFERROR(%s,-1)",
             "SUMPRODUCT(%s,%s)", "INDEX(%s,1,1)", "MEDIAN(%s)", "ISBLANK(%s)"]
        )
    )  # fmt: skip
    return wrapped.replace("%s", inner)


@examples(150)
@given(formulas(), st.integers(1, 4), st.integers(1, 4))
def test_a_block_is_what_its_cells_are(text: str, n: int, m: int) -> None:
    from openpyxl.formula.translate import Translator

    own = {
        a1_name((29 + i, 12 + j)): Translator(f"={text}", "A1").translate_formula(
            row_delta=i, col_delta=j
        )
        for i in range(n)
        for j in range(m)
    }
    calculation = calculated(own)
    sheet, grid = calculation.workbook.sheets[0], calculation.grids[0]
    for block in calculation.blocks:
        try:
            whole = evaluated(block, calculation.grids, calculation.pool)
        except Unsupported:
            continue
        assert whole is not None
        for one, number, kind in zip(
            singles(block), whole[0][block.mask], whole[1][block.mask], strict=True
        ):
            alone = evaluated(one, calculation.grids, calculation.pool)
            assert alone is not None
            assert (alone[0][0, 0], alone[1][0, 0]) == (number, kind)
            # What one cell reads is among what the block reads.
            every = [area for _, area in block.reads]
            assert all(any(other.holds(area) for other in every) for _, area in one.reads)
    alone = {name: calculated({name: formula}) for name, formula in own.items()}
    for name, single in alone.items():
        k, index = sheet.find(parse_a1(name)), single.workbook.sheets[0].find(parse_a1(name))
        assert k is not None and index is not None
        assert calculation.statuses[0][k] == single.statuses[0][index]
        assert np.isclose(grid.numbers[k], single.grids[0].numbers[index])
        assert grid.kinds[k] == single.grids[0].kinds[index]
