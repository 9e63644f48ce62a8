"""What a workbook is held against: another workbook, a description, or what it says itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.helpers.command import run
from tests.helpers.paths import WORKBOOKS
from tests.helpers.sheet_cells import edited
from tests.helpers.small_sheets import sheet_of
from tests.mutations import refreshed
from tests.mutations.subjects import preset, small
from xlconv.errors import XlconvError
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.network.spec import network_of, read_spec, spec_of
from xlconv.runs.verify_many import verify_many
from xlconv.spreadsheet.addresses import Range, a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.verification import facts
from xlconv.verification.findings import Severity
from xlconv.verification.intended.intention import Origin
from xlconv.verification.report import Report
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.trials.trial import trials_of
from xlconv.verification.trials.tried import Trials
from xlconv.verification.verify import verify, verify_workbook, wanted_network

NAMELESS: dict[str, object] = {"names": (), "properties": ()}


def held(book: Workbook, teacher: Workbook) -> Report:
    return verify_workbook(book, wanted=wanted_network(lift_workbook(teacher)))


def errors(report: Report) -> list[tuple[str, str]]:
    return [(one.code, one.cell) for one in report.findings if one.severity is Severity.ERROR]


def averaged(book: Workbook) -> Workbook:
    """Return the default workbook with averages in both pools."""
    (sheet,) = book.sheets
    changes: dict[str, str | float | None] = {
        a1_name((int(sheet.rows[k]), int(sheet.columns[k]))): one.replace("MAX(", "AVERAGE(")
        for k, one in enumerate(sheet.texts)
        if re.match(r"MAX\([A-Z]+[0-9]+:[A-Z]+[0-9]+\)$", one)
    }
    assert len(changes) == 288
    return edited(book, changes)


def test_a_nameless_workbook_is_right_as_its_teachers() -> None:
    book = preset("conv-example").workbook
    report = held(replace(book, **NAMELESS), book)
    assert (report.verdict, report.coverage) == ("verified", 1.0)
    assert report.against == Origin.AGAINST.value


def test_what_is_right_where_the_teacher_has_it_is_tried_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teacher = preset("rgb").workbook
    wanted = wanted_network(lift_workbook(teacher))
    book = lift_workbook(replace(teacher, names=(), properties=()))
    tried: list[int] = []

    def counted(*given: object) -> Trials:
        tried.append(1)
        return trials_of(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(facts, "trials_of", counted)
    found = facts.facts_of(book, Tolerance(), wanted=wanted)
    assert found.trials.stages and not any(one.wrong for one in found.trials.stages)
    assert len(tried) == 1


@pytest.mark.slow
def test_a_nameless_workbook_with_another_pool_is_not_its_teachers() -> None:
    book = preset("conv-example").workbook
    other = averaged(book)
    assert verify_workbook(replace(other, **NAMELESS)).verdict in ("verified", "findings")
    assert ("D702", "CL4") in errors(held(replace(other, **NAMELESS), book))
    assert ("D702", "CL4") in errors(verify_workbook(other))


def test_the_teachers_word_is_above_the_files_own() -> None:
    teacher, student = preset("conv-example").workbook, preset("edges").workbook
    report = held(student, teacher)
    assert {code for code, _ in errors(report)} & {"D701", "D702"}
    assert report.against == Origin.AGAINST.value


@pytest.mark.slow
@pytest.mark.parametrize("name", ["norm", "padding"])
def test_a_description_alone_finds_its_network_among_formulas(name: str) -> None:
    book = small(name).workbook
    network = verify_workbook(book).network
    assert network is not None
    bare = network_of(spec_of(network))
    report = verify_workbook(replace(book, **NAMELESS), wanted=wanted_network(None, bare))
    assert (report.verdict, report.against) == ("verified", Origin.SPEC.value)


def test_a_description_of_another_network_is_not_what_the_formulas_spell() -> None:
    wanted = network_of({"input": [1, 28, 28], "layers": [
        {"type": "Conv2d", "out_channels": 2, "kernel_size": 5}]})  # fmt: skip
    book = replace(preset("edges").workbook, **NAMELESS)
    report = verify_workbook(book, wanted=wanted_network(None, wanted))
    (one,) = [one for one in report.findings if one.severity is Severity.ERROR]
    assert one.code == "D701"
    assert "and missing: the workbook spells no such network" in one.message


@pytest.mark.slow
def test_the_command_takes_a_teacher_and_a_description(tmp_path: Path) -> None:
    file = WORKBOOKS / "conv-example.xlsx"
    good = run("verify", file, "--against", file)
    assert good.exit_code == 0
    assert "held against conv-example.xlsx" in good.output
    spec = tmp_path / "net.toml"
    spec.write_text('input = [1, 28, 28]\n[[layers]]\ntype = "ReLU"\n')
    bad = run("verify", file, "--spec", spec)
    assert bad.exit_code == 1
    assert "error D701" in bad.output
    assert "next: xlconv explain" in bad.output
    both = run("verify", file, "--against", file, "--spec", spec)
    assert both.exit_code == 2 and "expected one of them" in both.output
    network = read_spec(spec).network
    with pytest.raises(XlconvError, match="against and spec: expected one of them"):
        verify(file, against=file, spec=network)
    with pytest.raises(XlconvError, match="against and spec: expected one of them"):
        list(verify_many([file], against=file, spec=network))
    missing = run("verify", file, "--against", tmp_path / "nobody.xlsx")
    assert missing.exit_code == 2


@pytest.mark.slow
def test_a_network_that_was_changed_on_purpose_is_verified_as_what_it_is() -> None:
    other = averaged(preset("conv-example").workbook)
    assert ("D702", "CL4") in errors(verify_workbook(other))
    report = verify_workbook(other, wanted=wanted_network(None, described=False))
    assert not {code for code, _ in errors(report)} - {"V101"}
    assert report.network is not None
    assert type(report.network.layers[4]).__name__ == "AvgPool2d"


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["none", "all but the input's"])
def test_a_description_is_held_where_its_names_are_gone(kept: str) -> None:
    def without_names(book: Workbook) -> Workbook:
        gone = book.names if kept == "none" else ()
        gone = gone or tuple(one for one in book.names if one[0] == "input_0")
        return replace(book, names=tuple(one for one in book.names if one not in gone))

    right = without_names(preset("conv-example").workbook)
    assert verify_workbook(right).verdict == "verified"
    wrong = without_names(averaged(preset("conv-example").workbook))
    assert {code for code, _ in errors(verify_workbook(wrong))} & {"D701", "D702"}


@pytest.mark.slow
def test_a_layer_that_is_half_blank_and_half_values_is_told_as_such() -> None:
    book = preset("stride2").workbook
    name = next(name for name, _ in book.names if name == "softmax_0")
    ((_, area),) = dict(book.names)[name]
    cells = [a1_name((area.top + k, area.left)) for k in (0, 1)]
    report = verify_workbook(edited(book, {cells[0]: None, cells[1]: 0.5}))
    assert ("D704", cells[0]) in errors(report)


def on_two_sheets(book: Workbook, changes: dict[str, str | float | None]) -> Workbook:
    """Return the edges with the picture on a sheet of its own, and other formulas in some cells."""
    (sheet,) = book.sheets
    named = dict(book.names)
    ((_, area),) = named["input_0"]
    held: dict[str, float | str] = {}
    moved: dict[str, str | float | None] = {}
    for k, (row, column) in enumerate(
        zip(sheet.rows.tolist(), sheet.columns.tolist(), strict=True)
    ):
        if area.holds(Range(row, column, row, column)):
            held[a1_name((row, column))] = float(sheet.numbers[k])
            moved[a1_name((row, column))] = None
        elif sheet.kinds[k] >= Kind.FORMULA:
            windows = re.sub(r"\(([A-Z]+\d+:[A-Z]+\d+),", r"(data!\1,", sheet.texts[k])
            moved[a1_name((row, column))] = windows
    (rest,) = edited(book, moved | changes).sheets
    names = tuple({**named, "input_0": (("data", area),)}.items())
    return refreshed(replace(book, sheets=(rest, sheet_of(held, "data")), names=names))


@pytest.mark.slow
def test_a_described_network_may_have_its_input_on_another_sheet() -> None:
    book = preset("edges").workbook
    report = verify_workbook(on_two_sheets(book, {}))
    assert (report.verdict, report.coverage) == ("verified", 1.0)
    odd = book.sheets[0].formula(parse_a1("AI4")).replace("B3:D5", "data!C3:E5")
    wrong = verify_workbook(on_two_sheets(book, {"AI4": odd}))
    assert ("S201", "AI4") in errors(wrong)


@pytest.mark.slow
def test_the_right_formula_over_wrong_cells_is_not_said_to_be_another() -> None:
    book = preset("conv-example").workbook
    sheet = book.sheets[0]
    # The logits one row further down, as a library inserts a row that moves no reference.
    logits = {f"FN{row}": sheet.formula(parse_a1(f"FN{row}")) for row in range(4, 14)}
    below = {f"FN{row}": logits.get(f"FN{row - 1}") for row in range(4, 14)}
    report = verify_workbook(refreshed(edited(book, below | {"FN4": None})))
    for one in report.findings:
        held, _, wanted = one.message.partition("; expected ")
        assert not wanted or not held.endswith(wanted), one.message
