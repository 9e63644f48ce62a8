"""Workbooks beside the weights of their model."""

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.command import run
from tests.helpers.paths import WORKBOOKS
from tests.mutations import Fault, Subject, rebuilt
from xlconv.lowering.sheet_cells import workbook_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.verify import verify, verify_workbook


@pytest.mark.slow
def test_a_plane_with_the_kernel_of_another_is_only_seen_beside_the_model(
    subjects: list[Subject],
) -> None:
    preset = PRESETS["edges"]
    network = preset.network()
    state = {"conv1.weight": network.layers[0].weight.copy()}  # type: ignore[attr-defined]
    state["conv1.weight"][1] = state["conv1.weight"][0]
    layout = preset.layout(network)
    other = network.with_state(state)
    cells = workbook_of(other, layout, other.activations(preset.sample()))
    assert verify_workbook(cells).verdict == "verified"
    report = verify_workbook(cells, model=network.state())
    assert {one.code for one in report.findings} == {"M501", "M502"}


@pytest.mark.slow
def test_the_weights_of_a_preset_are_those_of_its_model(tmp_path: Path) -> None:
    for name, preset in PRESETS.items():
        np.savez(tmp_path / "model.npz", **preset.network().state())
        result = run("verify", WORKBOOKS / f"{name}.xlsx", "--model", tmp_path / "model.npz")
        assert result.exit_code == 0, result.output


def test_other_weights_are_named_at_their_cell_and_the_output_differs() -> None:
    state = {key: value.copy() for key, value in PRESETS["conv-example"].network().state().items()}
    state["conv2.weight"][1, 0, 2, 1] += 0.5
    state["fc1.bias"][3] += 0.5
    report = verify(WORKBOOKS / "conv-example.xlsx", model=state)
    assert [one.cell for one in report.findings if one.code == "M501"] == ["BJ41", "FM7"]
    (output,) = [one for one in report.findings if one.code == "M502"]
    assert output.cell == "FR4"
    unnamed = {f"{k}": value for k, value in enumerate(state.values())}
    again = verify(WORKBOOKS / "conv-example.xlsx", model=unnamed)
    assert [one.cell for one in again.findings] == [one.cell for one in report.findings]


def test_another_structure_is_told() -> None:
    other = PRESETS["edges"].network().state()
    report = verify(WORKBOOKS / "conv-example.xlsx", model=other)
    (one,) = report.findings
    assert one.code == "M503" and "the model has conv1.weight 4×1×3×3" in one.message


@pytest.mark.slow
def test_edited_weights_of_our_own_files_are_a_warning(subjects: list[Subject]) -> None:
    subject = subjects[0]
    cell = parse_a1("AD11")
    report = verify_workbook(rebuilt(subject, Fault({cell: (Kind.NUMBER, 2.0, "")}, cell, ())))
    (one,) = report.findings
    assert (one.code, one.severity) == ("M501", "warning")
    assert report.coverage == 1.0


def test_weights_that_are_not_the_teachers_are_a_note() -> None:
    network = PRESETS["edges"].network()
    state = {key: value.copy() for key, value in network.state().items()}
    first = next(iter(state))
    state[first][0, 0, 1, 2] += 0.25
    state[first][1, 0, 0, 0] += 0.5
    preset = PRESETS["edges"]
    other = network.with_state(state)
    cells = workbook_of(other, preset.layout(other), other.activations(preset.sample()))
    report = verify(cells, against=WORKBOOKS / "edges.xlsx")
    (note,) = [one for one in report.findings if one.code == "M501"]
    assert report.verdict == "verified" and note.severity == "info"
    assert f"2 weights of {first} differ" in note.message and note.count == 2
    assert not verify(WORKBOOKS / "edges.xlsx", against=WORKBOOKS / "edges.xlsx").findings
