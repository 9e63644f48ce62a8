"""Planes of a few cells, vectors of two, no names: what is odd is named, or told as a tie."""

from __future__ import annotations

from functools import cache

import pytest

from tests.helpers.oracles import needs
from tests.mutations import Fault, Subject, faults, killed, rebuilt
from tests.mutations.drawn_values import is_other_function
from tests.mutations.subject import Content
from tests.mutations.tiny import tiny_subjects
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.verify import Report, verify_workbook

FAULTS, NAMED = 300, 0.99


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> list[Subject]:
    needs("soffice")
    return tiny_subjects(tmp_path_factory.mktemp("tiny"))


@pytest.mark.office
@pytest.mark.slow
def test_clean_ones_are_verified_as_libreoffice_saves_them(saved: list[Subject]) -> None:
    for subject in saved:
        assert subject.report.verdict == "verified", subject.name
        assert not [one for one in subject.report.findings if one.severity == "error"]


@pytest.mark.office
@pytest.mark.slow
def test_no_fault_passes_and_nearly_all_are_named(saved: list[Subject]) -> None:
    passed, missed = [], []
    for name, subject, fault in faults(saved, FAULTS, seed=7, counts=is_other_function):
        named, report = killed(subject, fault)
        where = name, subject.name, a1_name(fault.cell)
        missed += [] if named else [where]
        passed += [where] if report.verdict == "verified" else []
    assert passed == []
    assert len(missed) <= (1 - NAMED) * FAULTS, missed


@cache
def tiny() -> dict[str, Subject]:
    return {one.name: one for one in tiny_subjects()}


def told(name: str, where: str, held: str | float | None) -> Report:
    content: Content | None = None
    if held is not None:
        text = isinstance(held, str)
        content = (Kind.FORMULA, 0.0, held) if text else (Kind.NUMBER, float(held), "")  # type: ignore[arg-type]
    cell = parse_a1(where)
    return verify_workbook(rebuilt(tiny()[name], Fault({cell: content}, cell, ())))


ODD = {
    "a maximum of other cells": (
        "skip of one cell", "T8", "MAX(Q4:R5)", "S201", "=MAX(Q3:R4)"),
    "a mean that is a sum": ("means", "Q10", "SUM(L10:O13)", "S201", "=AVERAGE(L10:O13)"),
    "a bias that is a weight": (
        "a row", "AE4", "SUMPRODUCT(Y7:AA7,$U$3:$W$3)+Y7", "S201",
        "=SUMPRODUCT(Y7:AA7,$U$3:$W$3)+AD4"),
    "a pool of one cell, a number": ("pools of one cell", "AA6", 0.5, "S202", "=MAX(Q3:R4)"),
    "one of four that are interleaved": (
        "transposed", "G3", None, "S203", "=MAX(0,A2*$D$3+$D$6)"),
    "an interleaved one": (
        "transposed apart", "I4", "ROUND(B2*$D$4+$D$6,2)", "S201", "=B2*$D$4+$D$6"),
    "a border": ("reflected", "B7", 0.0, "S202", "=B5"),
    "a corner of a border": ("reflected", "A2", 3.0, "S202", "=C4"),
    "a frame, a formula after it": ("padded", "E3", "MAX(O3:P4)", "S201", "0, as beside it"),
    "a frame, a number": (
        "skip", "B7", 0.25, "G403", "0, as in the rest of the frame of B3:E6"),
    "corners that changed places": (
        "lesson", "AC3", "AB3/SUM($AB$3:$AA$4)", "S201", "=AB3/SUM($AB$3:$AB$4)"),
    "an exponential of others": (
        "lesson", "AB3", "EXP(Z3-MAX($Y$3:$Y$4))", "S201", "=EXP(Y3-MAX($Y$3:$Y$4))"),
    "a mask that is another formula": (
        "dropped", "N4", "J4*M4/(1-$M$6)", "S201", "=IF(RAND()<$M$6,0,1)"),
    "an entry of a vector, twice": ("means", "S4", "2*Q10", "S201", "=Q10"),
    "a unit that reads itself": (
        "sigmoids", "Y4", "TANH(SUMPRODUCT(U3:U4,$R$3:$R$4)+X4)+SUM(Y4:Y4)", "S201",
        "=TANH(SUMPRODUCT(U3:U4,$R$3:$R$4)+X4)"),
    "a unit of another function": (
        "sigmoids", "Y4", "SINH(SUMPRODUCT(U3:U4,$R$3:$R$4)+X4)", "S201",
        "=TANH(SUMPRODUCT(U3:U4,$R$3:$R$4)+X4)"),
    "a unit without a bias, which nobody else reads": (
        "sigmoids", "Y3", "TANH(SUMPRODUCT(T3:T4,$R$3:$R$4))", "S201",
        "=TANH(SUMPRODUCT(T3:T4,$R$3:$R$4)+X3)"),
}  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("name", ODD)
def test_the_odd_cell_is_named_with_what_it_should_hold(name: str) -> None:
    subject, where, held, code, expected = ODD[name]
    report = told(subject, where, held)
    errors = [one for one in report.findings if one.severity == "error" and one.root]
    assert [(one.code, one.cell, one.expected) for one in errors] == [(code, where, expected)]


TIES = {
    "of two units one has no function": (
        "sigmoids", "Y4", "SUMPRODUCT(U3:U4,$R$3:$R$4)+X4", {"Y3", "Y4"}),
    "of two exponentials one is not moved": ("perceptrons", "S3", "EXP(P3)", {"S3", "S4"}),
    "the second of two units is missing": ("sigmoids", "Y4", None, {"Y4"}),
    "the first of two units is a number": ("padded averages", "AC4", 0.5, {"AC4"}),
    "two units with one bias": (
        "sigmoids", "R3", "1/(1+EXP(-(SUMPRODUCT(F3:I6,$A$2:$D$5)+Q4)))", {"R3"}),
    "a mean of less": ("means", "Q10", "AVERAGE(L10:O12)", {"Q3", "Q10"}),
}  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("name", TIES)
def test_where_nothing_says_which_is_odd_both_are_told(name: str) -> None:
    subject, where, held, cells = TIES[name]
    report = told(subject, where, held)
    assert report.verdict == "partly"
    (one,) = [one for one in report.findings if one.code == "S205"]
    assert {cell for cell in cells if f"{cell} should be =" in one.message} == cells


@pytest.mark.slow
def test_a_bias_that_a_layer_computes_is_none() -> None:
    report = told("perceptrons apart", "R3", "SUMPRODUCT(M3:M4,$K$3:$K$4)+$K$3")
    assert report.verdict != "verified"


def test_copies_that_a_convolution_reads_together_are_one_tensor() -> None:
    report = tiny()["joined"].report
    assert report.verdict == "verified"
    kinds = [type(layer).__name__ for layer in report.networks[0].network.layers]
    assert kinds == ["Conv2d", "Conv2d", "Concat", "Conv2d"]


@pytest.mark.many
@pytest.mark.parametrize(
    ("name", "one", "other"),
    [("one kernel", "J3", "K3"), ("one kernel", "J3", "J4"), ("one kernel", "K3", "K4"),
     ("kernels of one cell", "K3", "K4"), ("kernels of one cell", "K3", "L3"),
     ("kernels of one cell", "L3", "L4")],
)  # fmt: skip
def test_two_cells_that_changed_places_are_no_samples(name: str, one: str, other: str) -> None:
    subject = next(each for each in tiny_subjects() if each.name == name)
    first, last = parse_a1(one), parse_a1(other)
    swapped = {
        first: subject.formula(first, subject.text(last)),
        last: subject.formula(last, subject.text(first)),
    }
    report = verify_workbook(rebuilt(subject, Fault(swapped, first, ())))
    assert {("S201", one), ("S201", other)} <= {(each.code, each.cell) for each in report.findings}
