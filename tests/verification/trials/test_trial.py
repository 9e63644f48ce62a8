"""Stages tried on drawn numbers: each is judged by itself, however it is spelled."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers.sheet_cells import edited
from tests.mutations import Fault, Subject, rebuilt
from tests.mutations.subjects import preset, small
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.verification.facts import Facts, facts_of
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.trials import trial
from xlconv.verification.trials.drawn_grids import targets_for
from xlconv.verification.trials.trial import drawn_for
from xlconv.verification.trials.tried import TriedStage


def tried(workbook: Workbook) -> dict[str, TriedStage]:
    facts = facts_of(lift_workbook(workbook), Tolerance())
    return {one.intention.name_of(one.stage): one for one in facts.trials.stages}


def respelled(name: str, layer: str, respell) -> dict[str, TriedStage]:
    """Return the stages of a workbook with every formula of a layer written in another way."""
    book = preset(name).workbook
    (sheet,) = book.sheets
    (plane, *others) = tried(book)[layer].outputs
    changes: dict[str, str | float | None] = {}
    for one in (plane, *others):
        for index in one.cells.tolist():
            cell = a1_name((int(sheet.rows[index]), int(sheet.columns[index])))
            changes[cell] = respell(sheet.texts[index])
    return tried(edited(book, changes))


SAME = {
    "an IF for MAX": lambda text: f"IF({text[6:-1]}>0,{text[6:-1]},0)",
    "half the sum with its size": lambda text: f"({text[6:-1]}+ABS({text[6:-1]}))/2",
    "times one where it is positive": lambda text: f"({text[6:-1]})*({text[6:-1]}>0)",
    "twice the half": lambda text: f"2*({text}/2)",
}
OTHER = {
    "no ReLU": lambda text: text[6:-1],
    "another slope": lambda text: f"IF({text[6:-1]}>0,{text[6:-1]},0.001*({text[6:-1]}))",
    "a little more": lambda text: f"{text}+0.000001",
    "at most six": lambda text: f"MIN(6,{text})",
    "ABS": lambda text: f"ABS({text[6:-1]})",
}


@pytest.mark.slow
@pytest.mark.parametrize("how", SAME)
def test_another_spelling_of_a_layer_is_right(how: str) -> None:
    assert all(one.is_right for one in respelled("conv-example", "conv1", SAME[how]).values())


@pytest.mark.slow
@pytest.mark.parametrize("how", OTHER)
def test_another_function_is_wrong_in_its_own_layer_alone(how: str) -> None:
    stages = respelled("conv-example", "conv1", OTHER[how])
    assert [name for name, one in stages.items() if not one.is_right] == ["conv1"]


@pytest.mark.slow
def test_a_readout_that_leaves_the_last_class_out_is_wrong() -> None:
    text = "MATCH(MAX($FR$4:$FR$12),$FR$4:$FR$12,0)-1"
    stages = tried(edited(preset("conv-example").workbook, {"A31": text}))
    (readout,) = [one for one in stages["softmax"].planes if one.role == "prediction"]
    assert readout.differs.all()
    assert stages["softmax"].wrong == 0


@pytest.mark.slow
def test_one_cell_that_leaves_out_one_of_four_is_wrong() -> None:
    book = preset("conv-example").workbook
    stages = tried(edited(book, {"CN6": "MAX(BQ8:BR8,BQ9)"}))
    assert stages["pool1"].wrong == 1
    assert tried(edited(book, {"CN6": "MAX(BQ8:BR8,BQ9,BR9)"}))["pool1"].wrong == 0


@pytest.mark.many
@pytest.mark.parametrize("name", [name for name in PRESETS if name != "lenet5"])
def test_every_stage_of_a_preset_is_right(name: str) -> None:
    stages = tried(preset(name).workbook)
    assert stages and all(one.is_right for one in stages.values())


def test_trying_changes_nothing_that_was_calculated() -> None:
    book = lift_workbook(small("norm").workbook)
    before = [grid.numbers.copy() for grid in book.calculation.grids]
    facts = facts_of(book, Tolerance())
    assert isinstance(facts, Facts) and facts.trials.draws
    for grid, was in zip(book.calculation.grids, before, strict=True):
        np.testing.assert_array_equal(grid.numbers, was)


def test_cells_that_are_known_to_be_wrong_are_not_tried_again() -> None:
    facts = facts_of(lift_workbook(preset("rgb").workbook), Tolerance())
    drawn = drawn_for(facts.intentions, 0, 0)
    (stage,) = facts.trials.stages
    assert targets_for(facts.calculation, [stage], drawn).blocks
    planes = (replace(one, differs=np.ones_like(one.differs)) for one in stage.planes)
    wrong = replace(stage, planes=tuple(planes))
    assert not targets_for(facts.calculation, [wrong], drawn).blocks


@pytest.mark.slow
def test_a_layer_most_of_whose_cells_are_wrong_is_not_tried_on_more_draws(monkeypatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(trial, "rare_draws", lambda stages: told.append(len(stages)) or 0)
    book = preset("rgb").workbook
    (sheet,) = book.sheets
    (stage,) = tried(book).values()
    first = stage.outputs[0].cells.tolist()
    cells = {k: a1_name((int(sheet.rows[k]), int(sheet.columns[k]))) for k in first}
    respelled = {
        cell: f"IF({sheet.texts[k][6:-1]}>0,{sheet.texts[k]},0)" for k, cell in cells.items()
    }
    tried(edited(book, dict(list(respelled.items())[:3])))
    assert told
    told.clear()
    every = [k for one in stage.outputs for k in one.cells.tolist()]
    names = [a1_name((int(sheet.rows[k]), int(sheet.columns[k]))) for k in every]
    wrong: dict[str, str | float | None] = dict.fromkeys(names, 1.0)
    wrong |= dict(list(respelled.items())[:3])
    tried(edited(book, wrong))
    assert not told


def test_cells_that_agree_by_chance_on_a_few_draws_are_counted_too() -> None:
    """The maximum of a window that is moved by one column is often the same."""
    found = respelled("conv-example", "pool1", lambda text: columns_right(text, 1))["pool1"]
    assert (found.wrong, found.size) == (288, 288)
    found = respelled("conv-example", "pool1", without_its_last_cell)["pool1"]
    assert (found.wrong, found.size) == (288, 288)


def columns_right(text: str, count: int) -> str:
    ends = text.removeprefix("MAX(").removesuffix(")").split(":")
    (top, left), (bottom, right) = map(parse_a1, ends)
    return f"MAX({a1_name((top, left + count))}:{a1_name((bottom, right + count))})"


def without_its_last_cell(text: str) -> str:
    first, last = text.removeprefix("MAX(").removesuffix(")").split(":")
    (top, left), (bottom, right) = parse_a1(first), parse_a1(last)
    return f"MAX({first},{a1_name((top, right))},{a1_name((bottom, left))})"


SECOND = [
    {"type": "AdaptiveAvgPool2d", "output_size": 1}, {"type": "Tanh"}, {"type": "Sigmoid"},
    {"type": "Tanh"}, {"type": "Add", "reads": "tanh1"}, {"type": "Tanh"},
]  # fmt: skip


@pytest.mark.parametrize("by_hand", [False, True])
def test_blocks_that_read_each_other_are_tried(by_hand: bool) -> None:
    """Every second layer is the same, at even distances: one block, which what is between reads."""
    network = network_of({"input": [1, 2, 2], "layers": SECOND})
    book = book_of(network, strip(network, fuse=False), np.ones((1, 2, 2))).workbook
    assert [text for text in book.sheets[0].texts if "TANH" in text] == [
        "TANH(D3)", "TANH(H3)", "TANH(L3)"
    ]  # fmt: skip
    if by_hand:  # by a cell that is no tensor's
        texts = {"H3": "1/(1+EXP(-E3))", "E3": "F3"}
        cells = {parse_a1(name): (Kind.FORMULA, 0.0, text) for name, text in texts.items()}
        book = rebuilt(Subject("", book), Fault(cells, (2, 7), ()))
    assert all(one.is_right for one in tried(book).values())
    book = edited(book, {"H3": "1/(1+EXP(-D3))"})
    assert [name for name, one in tried(book).items() if not one.is_right] == ["sigmoid1"]
