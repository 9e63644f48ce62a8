"""Planes of a few cells, without names: one that is odd is named, or two are told as a tie."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.workbooks import sheet
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lifting.matching.islands.patterns import island_patterns
from xlconv.spreadsheet.formula import render
from xlconv.spreadsheet.formula.parse import parse
from xlconv.verification.verify import Report, verify_workbook

NUMBERS = np.round(np.random.default_rng(3).uniform(0.1, 2, 200), 2).tolist()


def filled(columns: str, rows: range, start: int = 0) -> dict[str, object]:
    places = [f"{c}{r}" for r in rows for c in columns]
    return dict(zip(places, NUMBERS[start:], strict=False))


# A 6x6 input, a 3x3 kernel, a 2x2 pool, two classes, softmax: as a first lesson has it.
LESSON: dict[str, object] = {
    **filled("ABCDEF", range(1, 7)),
    **filled("HIJ", range(1, 4), 50),
    **{f"{'LMNO'[j]}{i + 1}": f"=MAX(0,SUMPRODUCT({'ABCD'[j]}{i + 1}:{'CDEF'[j]}{i + 3},$H$1:$J$3))"
       for i in range(4) for j in range(4)},
    "Q1": "=MAX(L1:M2)", "R1": "=MAX(N1:O2)", "Q2": "=MAX(L3:M4)", "R2": "=MAX(N3:O4)",
    **filled("TU", range(1, 6), 80),
    "W1": "=SUMPRODUCT($Q$1:$R$2,T1:U2)", "W4": "=SUMPRODUCT($Q$1:$R$2,T4:U5)",
}  # fmt: skip
# A row: a kernel over a line, a pool of two columns, a ReLU.
ROW: dict[str, object] = {
    **filled("ABCDEFGHI", range(1, 2)),
    **filled("ABCDEFGHI", range(2, 3), 20),
    **filled("AB", range(5, 7), 40),
    **{f"{'ABCDEFGH'[j]}9": f"=SUMPRODUCT({'ABCDEFGH'[j]}1:{'BCDEFGHI'[j]}2,$A$5:$B$6)"
       for j in range(8)},
    **{f"{'ABCD'[j]}11": f"=MAX({'ACEG'[j]}9:{'BDFH'[j]}9)" for j in range(4)},
    **{f"{c}13": f"=1/(1+EXP(-{c}11))" for c in "ABCD"},
}  # fmt: skip


def told(report: Report) -> dict[str, tuple[str, str]]:
    errors = (one for one in report.findings if one.severity == "error" and one.root)
    return {one.cell: (one.code, one.expected) for one in errors}


ODD = {
    "another window": (LESSON, "R2", "=MAX(N2:O3)", "S201", "=MAX(N3:O4)"),
    "the first window": (LESSON, "Q1", "=MAX(L2:M3)", "S201", "=MAX(L1:M2)"),
    "a window too small": (LESSON, "Q2", "=MAX(L3:M3)", "S201", "=MAX(L3:M4)"),
    "another function": (LESSON, "R1", "=MIN(N1:O2)", "S201", "=MAX(N1:O2)"),
    "a number": (LESSON, "R2", 1.5, "S202", "=MAX(N3:O4)"),
    "nothing": (LESSON, "Q1", None, "S203", "=MAX(L1:M2)"),
    "a text": (LESSON, "Q2", "1.5", "T302", "=MAX(L3:M4)"),
    "twice": (LESSON, "R2", "=2*MAX(N3:O4)", "S201", "=MAX(N3:O4)"),
    "a row, another window": (ROW, "C11", "=MAX(F9:G9)", "S201", "=MAX(E9:F9)"),
    "a row, its first cell": (ROW, "A11", "=MAX(A9:C9)", "S201", "=MAX(A9:B9)"),
    "a row, another function": (ROW, "B13", "=1/(1+EXP(B11))", "S201", "=1/(1+EXP(-B11))"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_the_odd_cell_of_a_small_plane_is_named(name: str) -> None:
    cells, at, held, code, expected = ODD[name]
    assert told(verify_workbook(sheet(dict(cells)))) == {}
    changed = {cell: one for cell, one in (cells | {at: held}).items() if one is not None}
    assert told(verify_workbook(sheet(changed)))[at] == (code, expected)


@pytest.mark.slow
def test_clean_lessons_are_networks_without_a_finding() -> None:
    for cells in (LESSON, ROW):
        report = verify_workbook(sheet(dict(cells)))
        assert report.coverage == 1 and not report.lifted.strays and not report.lifted.ties
        assert len(report.networks) == 1


def two(one: str, other: str) -> dict[str, object]:
    """Two numbers, two formulas of them, and two units that read those."""
    return {
        **filled("AB", range(1, 2)), "D1": one, "E1": other, **filled("GH", range(1, 3), 9),
        "J1": "=SUMPRODUCT($D$1:$E$1,G1:H1)", "J2": "=SUMPRODUCT($D$1:$E$1,G2:H2)",
    }  # fmt: skip


def test_of_two_cells_the_one_wins_that_makes_a_layer() -> None:
    cells = two("=MAX(0,A1)", "=MAX(0.1,B1)")
    assert told(verify_workbook(sheet(cells))) == {"E1": ("S201", "=MAX(0,B1)")}


def test_of_two_cells_that_are_as_good_neither_is_called_wrong() -> None:
    cells = two("=MAX(0,A1)", "=1/(1+EXP(-B1))")
    book = lift_workbook(sheet(cells))
    assert not book.lifted.strays
    (tie,) = book.lifted.ties
    assert tie.area.name == "D1:E1"
    assert {one.expected for strays in tie.candidates for one in strays} == {
        "=MAX(0,B1)", "=1/(1+EXP(-A1))",
    }  # fmt: skip
    assert "D1 should be =1/(1+EXP(-A1)), or E1 should be" in tie.reason or (
        "E1 should be =MAX(0,B1), or D1 should be" in tie.reason
    )
    assert told(verify_workbook(sheet(cells))) == {}


# Formulas beside each other that are no plane: nothing of them is odd.
APART = {
    "a sum and its function": {"D1": "=SUMPRODUCT(A1:B2,A5:B6)", "E1": "=1/(1+EXP(-D1))"},
    "two heads": {"D1": "=SUMPRODUCT(A1:B2,A5:B6)", "E1": "=MAX(A1:B2)"},
    "three of a table": {"D1": "=MAX(A1:B2)", "E1": "=MIN(A1:B2)", "F1": "=AVERAGE(A1:B2)"},
    "exponentials beside their shares": {
        "D1": "=EXP(A1)", "D2": "=EXP(A2)", "E1": "=D1/SUM(D$1:D$2)", "E2": "=D2/SUM(D$1:D$2)",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", APART)
def test_formulas_that_are_no_plane_are_none(name: str) -> None:
    cells = filled("AB", range(1, 3)) | filled("AB", range(5, 7), 30) | APART[name]
    book = lift_workbook(sheet(cells))
    assert not book.lifted.strays and not book.lifted.ties


def test_patterns_are_those_that_copying_makes() -> None:
    texts = {(0, 0): "MAX(A1:B2)", (0, 1): "MAX(C1:D2)", (1, 0): "MAX(A3:B4)", (1, 1): "MAX(C4:D5)"}
    found = island_patterns((2, 2), {place: parse(text) for place, text in texts.items()})
    assert {render(one.tree, 1, 1) for one in found} >= {"MAX(C3:D4)"}
    assert all(len(one.regular) == 3 for one in found)
    tied = {(0, 0): "$A$1*B1", (0, 1): "$A$2*C1"}
    for one in island_patterns((1, 2), {place: parse(text) for place, text in tied.items()}):
        assert len(one.regular) == 1
