"""Clean workbooks are verified whole, and give the network back that they were written from."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.helpers.examples import examples
from tests.helpers.paths import WORKBOOKS
from tests.helpers.specs import RESIDUAL
from tests.helpers.strategies import networks, random_input, random_state
from tests.helpers.workbooks import sheet
from tests.mutations import Fault, Subject, killed, refreshed
from xlconv.analysis.reproduction import reproduce
from xlconv.layers import LAYERS, Dropout, Flatten
from xlconv.layers.base.place import Spelling
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.sheet_cells import workbook_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.calculation.calculate import calculate
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.verify import verify, verify_workbook


@pytest.mark.many
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_verified_whole_and_gives_its_network_back(name: str) -> None:
    report = verify(WORKBOOKS / f"{name}.xlsx")
    assert report.verdict == "verified"
    assert report.coverage == 1.0
    pinned = sum(layer.mask.size for layer in PRESETS[name].network().layers
                 if isinstance(layer, Dropout))  # fmt: skip
    assert report.pinned == pinned
    assert {one.code for one in report.findings} <= {"G401", "V105"}
    assert ("V105" in {one.code for one in report.findings}) == bool(pinned)
    original, found = PRESETS[name].network(), report.network
    assert found is not None
    assert found.shapes == original.shapes
    assert found.layers == original.layers


@pytest.mark.slow
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("array", [True, False])
def test_every_spelling_of_the_default_preset_lifts_back(array: bool, fuse: bool) -> None:
    preset = PRESETS["conv-example"]
    network = preset.network()
    layout = preset.layout(network, spelling=Spelling(array=array), fuse=fuse)
    report = verify_workbook(workbook_of(network, layout, network.activations(preset.sample())))
    assert report.coverage == 1.0
    assert not report.findings
    assert report.network is not None
    assert report.network.layers == network.layers


@pytest.mark.slow
def test_a_workbook_typed_in_small_letters_is_verified_as_any_other() -> None:
    book = read_xlsx(WORKBOOKS / "conv-example.xlsx")
    (own,) = book.sheets
    small = replace(
        own, texts=replace(own.texts, buffer=own.texts.buffer.lower(), wide=own.texts.wide.lower())
    )
    report = verify_workbook(replace(book, sheets=(small,)))
    assert (report.coverage, report.findings) == (1.0, [])
    assert report.network is not None
    assert report.network.layers == verify_workbook(book).network.layers
    assert small.formula(parse_a1("AH3")).startswith("max(0,sumproduct(a2:c4,")


def test_whole_columns_and_rows_are_calculated() -> None:
    book = sheet({"A1": 1, "A2": 2, "B1": 3, "D5": "=SUM(A:A)*B1", "D7": "=SUM($1:1)"})
    values = calculate(book).grids[0]
    assert values.numbers[-2:].tolist() == [9, 4]


LAYER_CASES = [
    (name, shape, options) for name, kind in LAYERS.items() for shape, options in kind.EXAMPLES
]


@pytest.mark.slow
@pytest.mark.parametrize("array", [True, False])
@pytest.mark.parametrize(("name", "shape", "options"), LAYER_CASES)
def test_every_example_of_a_layer_lifts_back(name, shape, options, array: bool) -> None:
    # A convolution before it makes its input activations, as in any network.
    if len(shape) == 3:
        first = {"type": "Conv2d", "out_channels": shape[0], "kernel_size": 2}
        before = [2, shape[1] + 1, shape[2] + 1]
    else:
        first, before = {"type": "Linear", "out_features": shape[0]}, [4]
    reads = {"reads": "conv1" if len(shape) == 3 else "fc1"} if 1 not in LAYERS[name].inputs else {}
    table = {"input": before, "layers": [first, {"type": name} | options | reads]}
    network = network_of(table)
    network = network.with_state(random_state(network, 3)).in_training(1)
    layout = strip(network, spelling=Spelling(array=array))
    report = verify_workbook(book_of(network, layout, random_input(network, 4)).workbook)
    assert {one.code for one in report.findings} <= {"V105", "G402"}
    assert report.coverage == 1.0
    assert report.network is not None
    found = [layer for layer in report.network.layers if not isinstance(layer, Flatten)]
    wanted = [layer for layer in network.layers if not isinstance(layer, Flatten)]
    assert found == wanted


@pytest.mark.parametrize("fuse", [True, False])
def test_layers_that_read_the_same_alike_are_told_apart_by_their_names(fuse: bool) -> None:
    conv = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}
    layers = [
        conv | {"name": "a"}, {"type": "ReLU"}, conv | {"name": "b", "reads": "input"},
        {"type": "ReLU"}, {"type": "Add", "reads": "relu1"}, {"type": "Flatten"},
        {"type": "Linear", "out_features": 3},
    ]  # fmt: skip
    network = network_of({"input": [1, 8, 8], "layers": layers})
    network = network.with_state(random_state(network, 3))
    book = book_of(network, strip(network, fuse=fuse), random_input(network, 4))
    report = verify_workbook(book.workbook)
    assert (report.network, report.coverage, report.findings) == (network, 1.0, [])


def test_windows_side_by_side_in_one_column_are_a_convolution() -> None:
    # Each window is read once, so that the kernel could be the input of a dense layer.
    conv = {"type": "Conv2d", "out_channels": 1, "kernel_size": [1, 2], "stride": 3}
    network = network_of({"input": [1, 4, 4], "layers": [conv]})
    network = network.with_state(random_state(network, 3))
    book = book_of(network, strip(network), random_input(network, 4))
    report = verify_workbook(book.workbook)
    assert (report.network, report.coverage, report.findings) == (network, 1.0, [])


@pytest.mark.many
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_a_border_of_formulas_tells_where_an_input_without_a_name_ends(
    mode: str, channels: int
) -> None:
    conv = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1}
    layers = [conv | {"padding_mode": mode}, {"type": "ReLU"}, conv]
    network = network_of({"input": [channels, 5, 6], "layers": layers})
    network = network.with_state(random_state(network, 3))
    book = book_of(network, strip(network), random_input(network, 4)).workbook
    report = verify_workbook(Workbook(book.sheets))
    assert (report.coverage, report.findings) == (1.0, [])
    assert report.network is not None
    assert report.network.layers == network.layers


@pytest.mark.slow
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("direct", [True, False])
def test_a_residual_block_lifts_back_and_a_wrong_skip_is_named(fuse: bool, direct: bool) -> None:
    layers = RESIDUAL["layers"]
    if direct:  # the skip is the tensor itself
        layers = [*layers[:4], {"type": "Add", "reads": "relu1"}, *layers[6:]]
    network = network_of({"input": [2, 5, 6], "layers": layers})
    network = network.with_state(random_state(network, 1))
    book = book_of(network, strip(network, fuse=fuse), random_input(network, 2)).workbook
    subject = Subject("residual", book)
    assert subject.report.coverage == 1.0
    assert not subject.report.findings
    assert subject.report.network == network
    made = reproduce(lift_workbook(book))
    assert made.is_whole
    assert not made.differences
    (add,) = [one for one in subject.tensors if subject.kind(one) == "Add"]
    cell = add.planes[1].cell(2, 3)
    text = book.sheets[0].formula(cell)
    wrong = re.sub(r"(\d+)(\)?)$", lambda m: f"{int(m[1]) + 1}{m[2]}", text)
    fault = Fault({cell: (Kind.FORMULA, 0.0, wrong)}, cell, ("S201",))
    found, report = killed(subject, fault)
    assert found, report.findings


def test_the_masks_of_a_dropout_are_pinned_and_what_they_let_through_is_checked() -> None:
    layers = [{"type": "Conv2d", "out_channels": 2, "kernel_size": 3}, {"type": "Dropout"}]
    network = network_of({"input": [1, 8, 8], "layers": [*layers, {"type": "ReLU"}]})
    network = network.with_state(random_state(network, 3)).in_training(1)
    values = network.activations(random_input(network, 4))
    book = workbook_of(network, strip(network), values)
    report = verify_workbook(book)
    assert report.pinned == 2 * 36
    assert report.coverage == 1.0
    assert {one.code for one in report.findings} == {"V105"}
    assert report.network == network
    # Other draws, stored with what follows from them, are as right.
    again = verify_workbook(refreshed(book))
    assert again.coverage == 1.0


DROPOUTS = {
    "x*m/(1-$J$20)": (True, "IF(RAND()<$J$20,0,1)"),
    "m*x/(1-0.5)": (True, "IF(RAND()<0.5,0,1)"),
    "x*m": (False, "IF(RAND()<$J$20,0,1)"),
    "IF(m<$J$20,0,x)": (False, "RAND()"),
    "IF(m>=0.5,x/(1-0.5),0)": (True, "RAND()"),
}


@pytest.mark.parametrize("spelling", DROPOUTS)
def test_a_dropout_is_one_however_its_masks_are_spelled(spelling: str) -> None:
    scaled, drawn = DROPOUTS[spelling]
    cells: dict[str, object] = {"J20": 0.5}
    for i in range(4):
        for j in range(4):
            letter = "ABCD"[j]
            cells[f"{letter}{i + 1}"] = (i + 1.0) * (j - 1.5)
            cells[f"{letter}{i + 11}"] = f"=MAX(0,{letter}{i + 1})"
            cells[f"{letter}{i + 21}"] = f"={drawn}"
            text = spelling.replace("x", f"{letter}{i + 11}").replace("m", f"{letter}{i + 21}")
            cells[f"{letter}{i + 31}"] = f"={text}"
    book = sheet(cells)
    keep = np.random.default_rng(5)
    for index in np.flatnonzero(book.sheets[0].is_formula):
        if "RAND" in book.sheets[0].texts[index]:
            drawn_ = keep.uniform()
            book.sheets[0].numbers[index] = drawn_ if drawn == "RAND()" else drawn_ > 0.5
    report = verify_workbook(refreshed(book))
    assert report.coverage == 1.0, report.findings
    assert report.pinned == 16
    layer = report.network.layers[-1]
    assert isinstance(layer, Dropout)
    assert (layer.scaled, layer.mask.shape, set(np.unique(layer.mask))) == (
        scaled, (1, 4, 4), {0.0, 1.0},
    )  # fmt: skip


@pytest.mark.parametrize(("name", "formulas"), [("relu", 2865), ("linear", 4025)])
def test_the_published_workbooks_are_verified_but_for_their_overhang(
    name: str, formulas: int, wild: Path
) -> None:
    report = verify(wild / f"conv-example.{name}.xlsx")
    assert (report.verdict, report.verified, report.formulas) == ("verified", formulas, formulas)
    told = {one.cell: one.message for one in report.findings}
    assert {one.code for one in report.findings} == {"G401"}
    assert set(told) == {"BM4:CK27", "BM33:CK56", "CM4:DK26", "CM33:DK55"}
    assert told["BM4:CK27"].startswith("conv2 is 24×25 because its windows reach past AH3:BG28")
    assert "CL4:CL27, which is blank" in told["CM4:DK26"]
    assert report.strict_verdict == "findings"


def test_a_crop_is_modelled_as_such(wild: Path) -> None:
    report = verify(wild / "conv-example.linear.xlsx")
    second = next(one for one in report.networks if one.sheet == 1).network
    assert second.shapes == ((1, 28, 28), (1, 26, 26), (1, 22, 22))
    padding = second.layers[1].padding  # type: ignore[attr-defined]
    assert (padding.top, padding.bottom, padding.left, padding.right) == (-1, -1, 0, -2)


@pytest.mark.slow
@given(networks(), st.integers(0, 2**31), st.booleans(), st.booleans())
@examples(40, suppress_health_check=[HealthCheck.filter_too_much])
def test_no_lowered_network_is_ever_called_wrong(network, seed, array, fuse) -> None:
    """Some drawn networks are too degenerate to lift; none may give an error.

    Planes of one or two rows leave too much open: what is a pattern and what is not.
    """
    assume(all(min(shape[1:]) >= 3 for shape in network.shapes if len(shape) == 3))
    layout = strip(network, spelling=Spelling(array=array), fuse=fuse)
    values = network.activations(random_input(network, seed))
    report = verify_workbook(workbook_of(network, layout, values))
    wrong = [one for one in report.findings if one.severity == "error"]
    assert not wrong, wrong[0]
