"""How verification is built: one tolerance, one reading of the description, checks by need."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.helpers.paths import WORKBOOKS
from tests.mutations import Fault, Subject, rebuilt
from xlconv.analysis.explanation import explained
from xlconv.lifting.lifted_workbook import lift_workbook, open_workbook
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.formula.equivalence import RESAVED, RETYPED
from xlconv.spreadsheet.values import ERROR
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.check import Check, CheckResult, in_order, run_checks
from xlconv.verification.collector import MOST_LISTED, listed
from xlconv.verification.facts import Facts, facts_of
from xlconv.verification.findings import Finding
from xlconv.verification.report import report_of
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.verify import CHECKS, verify

# -- one tolerance -----------------------------------------------------------------------


def off_by(far: float) -> dict[str, np.ndarray]:
    state = PRESETS["conv-example"].network().state()
    return {key: value + far for key, value in state.items()}


@pytest.mark.slow
def test_the_comparison_with_a_model_is_as_close_as_the_caller_says() -> None:
    book = WORKBOOKS / "conv-example.xlsx"
    loose = verify(book, rtol=1e-2, atol=1e-2, model=off_by(1e-7))
    assert [one.code for one in loose.findings] == []
    assert {one.code for one in verify(book, model=off_by(1e-7)).findings} == {"M501", "M502"}


def test_weights_that_were_rounded_to_fifteen_digits_are_the_models() -> None:
    state = PRESETS["conv-example"].network().state()
    rounded = {key: value * (1 + 1e-15) for key, value in state.items()}
    assert verify(WORKBOOKS / "conv-example.xlsx", model=rounded).findings == []


numbers = st.floats(allow_nan=False, width=64)


@given(numbers, numbers)
def test_closeness_does_not_depend_on_the_order(a: float, b: float) -> None:
    tolerance = Tolerance(1e-3, 1e-6)
    assert tolerance.close(a, b) == tolerance.close(b, a)
    assert tolerance.close(a, a)


@pytest.mark.parametrize(
    ("a", "b", "close"),
    [
        (1.0, 1.0 + 9e-10, True),
        (1.0, 1.0 + 2e-9, False),
        (0.0, 9e-13, True),
        (0.0, 2e-12, False),
        (np.inf, np.inf, True),
        (np.inf, 1e300, False),
        (np.inf, -np.inf, False),
        (np.nan, np.nan, False),
    ],
)
def test_what_is_close(a: float, b: float, close: bool) -> None:
    assert bool(Tolerance().close(a, b)) is close


# -- one reading of the description ------------------------------------------------------


def test_the_description_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    read = json.loads
    monkeypatch.setattr(json, "loads", lambda text: parsed.append(text) or read(text))
    assert verify(WORKBOOKS / "conv-example.xlsx").verdict == "verified"
    assert len(parsed) == 1


@pytest.mark.slow
def test_further_networks_are_described_each_by_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    read = json.loads
    monkeypatch.setattr(json, "loads", lambda text: parsed.append(text) or read(text))
    verify(WORKBOOKS / "padding.xlsx")
    assert len(parsed) == 6


# -- checks by need ----------------------------------------------------------------------

# A number for a formula, no cell at all, a text for a number, another formula.
NUMBER, FORMULA = (Kind.NUMBER, 1.25, ""), (Kind.FORMULA, 1.0, "A1+1")
BROKEN = {
    "conv-example": {"AP9": NUMBER, "AP10": None, "AE12": (Kind.TEXT, 0.0, "x"), "FR4": FORMULA},
    "padding": {"V7": NUMBER, "C22": NUMBER, "AO8": None},
    "residual": {"AP9": FORMULA, "BB12": NUMBER, "AA9": None},
}


def facts_of_broken(name: str) -> Facts:
    name, _, undescribed = name.partition(" ")
    book = read_xlsx(WORKBOOKS / f"{name}.xlsx")
    subject = Subject(name, replace(book, properties=(), names=()) if undescribed else book)
    changes = {parse_a1(cell): content for cell, content in BROKEN[name].items()}
    book = lift_workbook(rebuilt(subject, Fault(changes, (0, 0), ())))
    model = PRESETS[name].network().state() if name == "conv-example" else None
    return facts_of(book, Tolerance(), model)


def arrays_within(value: object, known: dict[int, object]) -> Iterator[np.ndarray]:
    """Yield every array that can be reached from a value."""
    if id(value) in known or isinstance(value, str | bytes | int | float | type | Enum):
        return
    known[id(value)] = value
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from arrays_within(one, known)
    elif isinstance(value, Iterable):
        for one in list(value):
            yield from arrays_within(one, known)
    else:
        names = [*getattr(value, "__slots__", ()), *getattr(value, "__dict__", ())]
        for name in names:
            yield from arrays_within(getattr(value, name, None), known)


@pytest.mark.many
@pytest.mark.parametrize("name", [*BROKEN, *(f"{name} undescribed" for name in BROKEN)])
def test_the_order_in_which_checks_are_given_changes_nothing(name: str) -> None:
    facts = facts_of_broken(name)
    results = run_checks(facts, CHECKS)
    report = report_of(facts, results.values())
    assert report.findings
    for seed in range(6):
        shuffled = random.Random(seed).sample(CHECKS, len(CHECKS))
        again = run_checks(facts, shuffled)
        assert report_of(facts, (again[one.name] for one in CHECKS)) == report


@pytest.mark.many
@pytest.mark.parametrize("name", [*BROKEN, *(f"{name} undescribed" for name in BROKEN)])
def test_no_check_changes_what_it_is_given(name: str) -> None:
    facts = facts_of_broken(name)
    arrays = list(arrays_within(facts, {}))
    before = [one.copy() for one in arrays]
    for one in arrays:
        one.flags.writeable = False
    declared = repr(facts.intentions), repr(facts.metrics), repr(facts.lifted)
    run_checks(facts, CHECKS)
    assert len(arrays) > 50
    for one, was in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(one, was)
    assert (repr(facts.intentions), repr(facts.metrics), repr(facts.lifted)) == declared


@pytest.mark.slow
def test_facts_and_results_are_frozen() -> None:
    facts = facts_of_broken("conv-example")
    with pytest.raises(AttributeError):
        facts.answers = ()  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        facts.answers[0].network[0] = 1.0
    result = run_checks(facts, CHECKS)["layers"]
    assert result.reported and result.wrong
    with pytest.raises(ValueError, match="read-only"):
        result.wrong[0][0] = True
    with pytest.raises(TypeError):
        result.wrong[0] = np.zeros(1, np.bool_)  # type: ignore[index]


def named(name: str, *needs: str) -> Check:
    return Check(name, lambda facts, earlier: CheckResult(), needs)


def test_checks_run_after_those_that_they_need_and_else_as_they_are_given() -> None:
    some = [named("a", "c"), named("b"), named("c", "d"), named("d")]
    assert [one.name for one in in_order(some)] == ["b", "d", "c", "a"]


@pytest.mark.parametrize("some", [[named("a", "b"), named("b", "a")], [named("a", "nowhere")]])
def test_needs_that_cannot_be_met_are_an_error(some: list[Check]) -> None:
    with pytest.raises(ValueError, match="a"):
        list(in_order(some))


@pytest.mark.slow
def test_a_check_sees_only_what_it_needs() -> None:
    given: dict[str, CheckResult] = {}

    def keep(facts: Facts, earlier: CheckResult) -> CheckResult:
        given["earlier"] = earlier
        return CheckResult()

    facts = facts_of_broken("conv-example")
    run_checks(facts, [*CHECKS, Check("blind", keep)])
    assert given["earlier"] == CheckResult()
    results = run_checks(facts, [*CHECKS, Check("sees", keep, needs=("layers",))])
    assert given["earlier"].reported == results["layers"].reported != frozenset()


@pytest.mark.slow
def test_of_very_many_findings_the_first_are_listed_and_the_others_counted() -> None:
    facts = facts_of_broken("conv-example")
    every = (Finding("G404", "s", f"A{k}", f"{k}", root=k == 12_000) for k in range(12_345))
    *first, last = listed(facts, every).findings
    assert [one.message for one in first] == [f"{k}" for k in range(MOST_LISTED)]
    assert (last.count, last.root, last.cell) == (12_345 - MOST_LISTED, True, "A12344")
    assert last.message == "and 2,345 more, which are not listed"


# -- three answers -----------------------------------------------------------------------


def test_an_explanation_has_the_answers_that_verification_compares() -> None:
    book = open_workbook(WORKBOOKS / "conv-example.xlsx")
    facts = facts_of(book, Tolerance())
    for text in ("conv1[0,3,4]", "conv2[0,1,2]", "AP9", "softmax[2]"):
        sheet, cell = book.find(text)
        index = book.workbook.sheets[sheet].find(cell)
        answers = explained(book, sheet, cell).answers
        assert answers is not None and index is not None
        assert answers.network == facts.answers[sheet].network[index]
        assert answers.formula == book.calculation.grids[sheet].numbers[index]
        assert facts.answers[sheet].proven[index]


def test_a_stored_error_that_no_formula_gives_is_stale_in_both() -> None:
    book = read_xlsx(WORKBOOKS / "conv-example.xlsx")
    sheet, cell = book.sheets[0], parse_a1("AP9")
    index = sheet.find(cell)
    assert index is not None
    cached = sheet.cached.copy()
    cached[index] = ERROR
    odd = replace(sheet, cached=cached, results={**sheet.results, index: "#BUSY!"})
    lifted = lift_workbook(replace(book, sheets=(odd, *book.sheets[1:])))
    assert facts_of(lifted, Tolerance()).answers[0].stale[index]
    found = explained(lifted, 0, cell)
    assert found.answers is not None and found.answers.stored == "#BUSY!"
    assert any(one.startswith("stale") for one in found.remarks)


# -- equality of formulas ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected", "retyped", "resaved"),
    [
        ("SUM(A1:B2)", "SUM(A1:B2)", True, True),
        (" SUM( A1:B2 )", "SUM(A1:B2)", True, True),
        ("SUM($A$1:B2)", "SUM(A1:B2)", True, False),
        ("sum(a1:b2)*A1", "SUM(A1:B2)*A1", True, True),
        ("_xlfn.STDEV.S(A1:B2)", "STDEV(A1:B2)", False, True),
        ("SUM(A1:B3)", "SUM(A1:B2)", False, False),
        ("SUM(A1:B2", "SUM(A1:B2)", False, False),
    ],
)
def test_which_texts_spell_the_same_formula(
    text: str, expected: str, retyped: bool, resaved: bool
) -> None:
    assert RETYPED.holds(text, expected) is retyped
    assert RESAVED.holds(text, expected) is resaved


def test_a_bare_reference_is_known_without_parsing() -> None:
    assert RETYPED.refers("$b$2", "B2") and not RETYPED.refers("B2+0", "B2")
    assert not RESAVED.refers("$B$2", "B2")
