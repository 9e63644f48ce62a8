import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from xlconv.lowering import workbook_of
from xlconv.presets import PRESETS, sample_digit
from xlconv.sheet import Kind, Sheet

ROOT = Path(__file__).parents[1]


def sheet_of(name: str) -> Sheet:
    preset = PRESETS[name]
    network = preset.network()
    values = network.activations(preset.sample())
    return workbook_of(network, preset.layout(network), values).sheets[0]


def test_fastai_has_every_published_formula_at_its_address(wild: Path) -> None:
    published = openpyxl.load_workbook(wild / "conv-example.relu.xlsx").active
    expected = {}
    for row in published:
        for cell in row:
            value = cell.value
            if isinstance(value, ArrayFormula):
                expected[cell.row - 1, cell.column - 1] = (value.text[1:], True)
            elif cell.data_type == "f":
                expected[cell.row - 1, cell.column - 1] = (value[1:], False)
    sheet = sheet_of("fastai")
    cells = zip(sheet.rows.tolist(), sheet.columns.tolist(), strict=True)
    found = {
        cell: (text, bool(kind == Kind.ARRAY_FORMULA))
        for cell, kind, text in zip(cells, sheet.kinds, sheet.texts, strict=True)
        if kind >= Kind.FORMULA
    }
    assert len(expected) == 2865
    assert sum(array for _, array in found.values()) == 2552
    assert found == expected


def test_fastai_has_the_published_labels_and_none_of_the_numbers(wild: Path) -> None:
    published = openpyxl.load_workbook(wild / "conv-example.relu.xlsx").active
    sheet = sheet_of("fastai")
    short = {"Input", "Conv1", "Conv2", "Maxpool", "Dense weights", "Dense activation"}
    short |= {f"filter {a}/{b}" for a in (1, 2) for b in (1, 2)}
    for row in published:
        for cell in row:
            at = sheet.find((cell.row - 1, cell.column - 1))
            if cell.value in short:
                assert at is not None and sheet.texts[at] == cell.value
            elif isinstance(cell.value, str) and cell.data_type == "s":
                assert at is None or sheet.texts[at] != cell.value
    weights = ["BI11", "BJ12", "BK44", "DN4", "EL26", "EL55", "J7"]
    for name in weights:
        cell = published[name]
        at = sheet.find((cell.row - 1, cell.column - 1))
        assert at is not None
        assert sheet.numbers[at] != cell.value


def test_edges_are_stacked_as_torch_stacks_them() -> None:
    network = PRESETS["edges"].network()
    (weight,) = network.state().values()
    assert weight.shape == (4, 1, 3, 3)
    assert network.shapes[-1] == (4, 26, 26)
    top = np.zeros((1, 28, 28))
    top[0, 14:] = 1
    responses = network.forward(top).max(axis=(1, 2))
    assert responses.tolist() == [3, 0, 1, 1]


def test_stride2_goes_down_to_one_pixel() -> None:
    network = PRESETS["stride2"].network()
    convs = [shape for shape in network.shapes if len(shape) == 3]
    sizes = list(dict.fromkeys(shape[1] for shape in convs))
    assert sizes == [28, 14, 7, 4, 2, 1]
    assert list(dict.fromkeys(shape[0] for shape in convs)) == [1, 4, 8, 16, 32, 2]


def test_conv_example_reads_its_sample_digits() -> None:
    network = PRESETS["conv-example"].network()
    read = [int(network.forward(sample_digit(digit)).argmax()) for digit in range(10)]
    assert read == list(range(10))


def test_conv_example_reads_the_held_out_digits_as_the_readme_says() -> None:
    pytest.importorskip("sklearn")
    import sys

    sys.path.insert(0, str(ROOT / "workbooks"))
    import train as script

    _, x, _, y = script.split(*script.pictures())
    network = PRESETS["conv-example"].network()
    right = sum(
        int(network.forward(one).argmax()) == label for one, label in zip(x, y, strict=True)
    )
    stated = re.search(r"(\d+) of (\d+) digits", (ROOT / "README.md").read_text())
    assert stated is not None
    assert (right, len(y)) == (int(stated[1]), int(stated[2]))
    assert right / len(y) >= 0.92


@pytest.mark.parametrize("name", PRESETS)
def test_the_shipped_workbook_is_what_the_command_writes(name: str, tmp_path: Path) -> None:
    made = tmp_path / f"{name}.xlsx"
    PRESETS[name].book().write(made)
    shipped = ROOT / "workbooks" / f"{name}.xlsx"
    assert made.read_bytes() == shipped.read_bytes()
    assert (ROOT / "workbooks" / f"{name}.png").is_file()
    assert f"workbooks/{name}.png" in (ROOT / "README.md").read_text()
