"""Verify on clean workbooks, on faults, and on what the reports say of them."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.mutations import KINDS, Fault, Subject, contents, faults, killed, rebuilt, refreshed
from tests.mutations.subjects import small_subjects
from tests.strategies import networks, random_input, random_state
from tests.test_layers import RESIDUAL
from xlconv.analysis.reproduction import reproduce
from xlconv.cli import main
from xlconv.layers import LAYERS, Dropout, Flatten, MaxPool2d
from xlconv.layers.base.place import Spelling
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.sheet_cells import workbook_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.network.summary import Line, joined, summary_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.blocks.group import group
from xlconv.spreadsheet.calculation.calculate import calculate
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.findings import CODES
from xlconv.verification.verify import Report, verify, verify_workbook

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "workbooks"


def sheet(cells: dict[str, object], arrays: tuple[str, ...] = ()) -> Workbook:
    """Return a workbook of one sheet from values and `=formulas`, caches filled in."""
    into = SheetBuilder()
    for name, value in cells.items():
        row, column = parse_a1(name)
        if isinstance(value, str) and value.startswith("="):
            kind = Kind.ARRAY_FORMULA if name in arrays else Kind.FORMULA
            into.add(kind, [row], [column], texts=[value[1:]])
        elif isinstance(value, str):
            into.add(Kind.TEXT, [row], [column], texts=[value])
        else:
            into.add(Kind.NUMBER, [row], [column], numbers=[value])
    return refreshed(Workbook((into.finish("s"),)))


# -- clean workbooks ---------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_verified_whole_and_gives_its_network_back(name: str) -> None:
    report = verify(SHIPPED / f"{name}.xlsx")
    assert report.verdict() == "verified"
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


def test_a_workbook_typed_in_small_letters_is_verified_as_any_other() -> None:
    book = read_xlsx(SHIPPED / "conv-example.xlsx")
    (own,) = book.sheets
    small = replace(own, texts=replace(own.texts, buffer=own.texts.buffer.lower()))
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


CONCAT = [
    {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1},
    {"type": "ReLU"},
    {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1},
    {"type": "Concat", "reads": ["relu1", "conv2", "input"]},  # of three rounds of lifting
    {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1},
]


@pytest.mark.parametrize("fuse", [True, False])
def test_a_concat_lifts_back_and_a_wrong_copy_is_found(fuse: bool) -> None:
    network = network_of({"input": [2, 5, 6], "layers": CONCAT})
    network = network.with_state(random_state(network, 1))
    book = book_of(network, strip(network, fuse=fuse), random_input(network, 2)).workbook
    subject = Subject.of("concat", book)
    assert (subject.report.coverage, subject.report.findings) == (1.0, [])
    assert subject.report.network == network
    made = reproduce(lift_workbook(book))
    assert made.is_whole
    assert not made.differences
    (concat,) = [one for one in subject.tensors if subject.kind(one) == "Concat"]
    cell = concat.planes[4].cell(2, 3)
    text = book.sheets[0].formula(cell)
    wrong = re.sub(r"(\d+)$", lambda m: f"{int(m[1]) + 1}", text)
    fault = Fault({cell: (Kind.FORMULA, 0.0, wrong)}, cell, ("S201",))
    found, report = killed(subject, fault)
    assert found, report.findings


def test_copies_without_names_are_no_concat() -> None:
    network = network_of({"input": [2, 5, 6], "layers": CONCAT[:4]})
    network = network.with_state(random_state(network, 1))
    book = book_of(network, strip(network), random_input(network, 2)).workbook
    report = verify_workbook(Workbook(book.sheets))
    kinds = {type(layer).__name__ for one in report.networks for layer in one.network.layers}
    assert "Identity" in kinds
    assert "Concat" not in kinds


@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("direct", [True, False])
def test_a_residual_block_lifts_back_and_a_wrong_skip_is_named(fuse: bool, direct: bool) -> None:
    layers = RESIDUAL["layers"]
    if direct:  # the skip is the tensor itself
        layers = [*layers[:4], {"type": "Add", "reads": "relu1"}, *layers[6:]]
    network = network_of({"input": [2, 5, 6], "layers": layers})
    network = network.with_state(random_state(network, 1))
    book = book_of(network, strip(network, fuse=fuse), random_input(network, 2)).workbook
    subject = Subject.of("residual", book)
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
    assert (report.verdict(), report.verified, report.formulas) == ("verified", formulas, formulas)
    told = {one.cell: one.message for one in report.findings}
    assert {one.code for one in report.findings} == {"G401"}
    assert set(told) == {"BM4:CK27", "BM33:CK56", "CM4:DK26", "CM33:DK55"}
    assert told["BM4:CK27"].startswith("conv2 is 24×25 because its windows reach past AH3:BG28")
    assert "CL4:CL27, which is blank" in told["CM4:DK26"]
    assert report.verdict(strict=True) == "findings"


def test_a_crop_is_modelled_as_such(wild: Path) -> None:
    report = verify(wild / "conv-example.linear.xlsx")
    second = next(one for one in report.networks if one.sheet == 1).network
    assert second.shapes == ((1, 28, 28), (1, 26, 26), (1, 22, 22))
    padding = second.layers[1].padding  # type: ignore[attr-defined]
    assert (padding.top, padding.bottom, padding.left, padding.right) == (-1, -1, 0, -2)


@given(networks(), st.integers(0, 2**31), st.booleans(), st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much])
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


@given(networks(), st.integers(0, 2**31), st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much])
def test_every_formula_of_a_lowered_network_is_in_one_block(network, seed, fuse) -> None:
    assume(all(min(shape[1:]) >= 3 for shape in network.shapes if len(shape) == 3))
    values = network.activations(random_input(network, seed))
    (cells,) = workbook_of(network, strip(network, fuse=fuse), values).sheets
    assume(cells.is_formula.any())
    regular = np.concatenate([one.cells[one.regular] for one in group(cells)])
    assert sorted(regular.tolist()) == np.flatnonzero(cells.is_formula).tolist()
    for one in group(cells):
        for i, j in zip(*np.nonzero(one.regular), strict=True):
            assert one.pattern.text(int(i), int(j)) == cells.texts[int(one.cells[i, j])]


# -- faults ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def subjects() -> list[Subject]:
    # Thousands, in larger workbooks too, are put in by hand: python -m tests.mutations
    names = ("conv-example", "matmul", "image-kernels", "residual", "multi-label")
    return [*(Subject.of(name, read_xlsx(SHIPPED / f"{name}.xlsx")) for name in names),
            *small_subjects()]  # fmt: skip


def test_faults_are_named_at_their_cell(subjects: list[Subject]) -> None:
    found = list(faults(subjects, 200, seed=7))
    assert {name for name, _, _ in found} == set(KINDS)
    missed = [
        (name, subject.name, a1_name(fault.cell))
        for name, subject, fault in found
        if not killed(subject, fault)[0]
    ]
    assert not missed


def test_the_clean_workbooks_that_faults_are_put_into_have_none(subjects: list[Subject]) -> None:
    for subject in subjects:
        assert subject.report.coverage == 1.0, subject.name
        wrong = [one for one in subject.report.findings if one.severity == "error"]
        assert not wrong, (subject.name, wrong)


def test_a_layer_that_disagrees_for_no_known_reason_is_no_pass(
    subjects: list[Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = MaxPool2d.forward
    monkeypatch.setattr(MaxPool2d, "forward", lambda self, x: forward(self, x) + 1e-6)
    report = verify_workbook(subjects[0].workbook)
    (one,) = [one for one in report.findings if one.severity == "error"]
    assert (one.code, one.place, one.count) == ("S201", "conv-example!CL4", 144)
    assert one.message.startswith("the formula gives 0; its layer gives 1e-06")
    assert report.verdict() == "findings"


def test_a_message_names_the_cell_and_what_it_should_be(subjects: list[Subject]) -> None:
    subject = subjects[0]
    cell = parse_a1("AP9")
    fault = Fault({cell: (Kind.NUMBER, 1.25, "")}, cell, ("S202",))
    _, report = killed(subject, fault)
    (one,) = [one for one in report.findings if one.severity == "error"]
    assert one.place == "conv-example!AP9"
    expected = "=MAX(0,SUMPRODUCT(I8:K10,$AD$11:$AF$13)+$AD$15)"
    assert one.message == f"the number 1.25; expected {expected}"
    assert report.knock_on > 0
    assert report.verdict() == "findings"


def test_a_fault_in_either_head_is_told_where_it_is() -> None:
    subject = Subject.of("multi-label", read_xlsx(SHIPPED / "multi-label.xlsx"))
    for name, expected in (("KM6", "=KL6/SUM($KL$4:$KL$13)"), ("KP8", "=1/(1+EXP(-KI8))")):
        cell = parse_a1(name)
        found, report = killed(subject, Fault({cell: (Kind.NUMBER, 0.5, "")}, cell, ("S202",)))
        assert found
        (one,) = [one for one in report.findings if one.severity == "error"]
        assert one.message == f"the number 0.5; expected {expected}"


def tables_of(report: Report) -> list[list[Line]]:
    return joined(
        (model.sheet, summary_of(model.network, model.planes(report.lifted)))
        for model in report.networks
    )


def test_heads_of_one_network_are_one_table_and_findings_go_from_left_to_right() -> None:
    from xlconv.report.text import finding_lines, verdict_line
    from xlconv.verification.results import Selection, result_of

    result = result_of(verify(SHIPPED / "multi-label.xlsx"), Selection())
    (table,) = tables_of(result.report)
    names = [line.name for line in table]
    assert names[:3] == ["input", "conv1", "relu1"]
    assert names[-3:] == ["fc1", "softmax", "sigmoid1"]
    assert len(names) == len(set(names))
    result = result_of(verify(SHIPPED / "dropout.xlsx"), Selection())
    assert click.unstyle(verdict_line(result)).endswith(
        "; 288 random or outside cells taken as stored"
    )
    places = [click.unstyle(line).split()[1] for line in finding_lines(result.findings)]
    assert places == ["dropout!CY4:", "dropout!CY33:"]


def test_networks_that_share_no_more_than_an_input_are_tables_of_their_own() -> None:
    cells: dict[str, object] = {f"A{k + 1}": k - 2.0 for k in range(5)}
    cells |= {f"C{k + 1}": f"=MAX(0,A{k + 1})" for k in range(5)}
    cells |= {f"E{k + 1}": f"=TANH(A{k + 1})" for k in range(5)}
    tables = tables_of(verify_workbook(sheet(cells)))
    kinds = [[line.type for line in table] for table in tables]
    assert kinds == [["Input", "ReLU"], ["Input", "Tanh"]]


def test_knock_on_cells_are_told_apart_from_the_stale_one(subjects: list[Subject]) -> None:
    subject = subjects[0]
    cell = parse_a1("AP9")
    wrong = Fault({}, cell, ("V101",), False, {cell: subject.cells[cell][1] + 1})
    report = verify_workbook(rebuilt(subject, wrong))
    assert [one.cell for one in report.findings if one.code == "V101"] == ["AP9"]
    pixel = parse_a1("M10")
    changed = Fault({pixel: (Kind.NUMBER, 9.0, "")}, pixel, (), False)
    report = verify_workbook(rebuilt(subject, changed))
    roots = {one.cell for one in report.findings if one.root}
    others = {one.cell for one in report.findings if not one.root}
    assert roots and others
    # What reads the pixel itself is at the root: conv1, not conv2 and what follows.
    assert all(parse_a1(name)[1] < parse_a1("BH1")[1] for name in roots)
    assert any(parse_a1(name)[1] > parse_a1("BH1")[1] for name in others)


def test_a_label_that_states_another_size_is_told(subjects: list[Subject]) -> None:
    subject = subjects[0]
    cell = parse_a1("AH2")
    for text, codes in (("27 x 27", ["G404"]), ("Conv1 (26x26)", []), ("a 3x3 kernel", [])):
        fault = Fault({cell: (Kind.TEXT, 0.0, text)}, cell, ())
        report = verify_workbook(rebuilt(subject, fault))
        assert [one.code for one in report.findings] == codes
        assert report.coverage == 1.0


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
    assert verify_workbook(cells).verdict() == "verified"
    report = verify_workbook(cells, model=network.state())
    assert {one.code for one in report.findings} == {"M501", "M502"}


# -- other people's sheets ----------------------------------------------------------------


def test_sums_of_a_plain_sheet_are_no_errors() -> None:
    cells: dict[str, object] = {f"A{k}": float(k) for k in range(1, 9)}
    cells |= {f"B{k}": f"=A{k}*2" for k in range(1, 9)} | {"B9": "=SUM(B1:B8)"}
    report = verify_workbook(sheet(cells))
    assert {one.code for one in report.findings} == {"L601"}
    assert report.verdict() == "unverified"


def test_unsupported_formulas_taint_what_reads_them_and_pass_nothing() -> None:
    report = verify_workbook(sheet({"A1": 1.0, "A2": "=LAMBDA(A1)", "A3": "=MAX(0,A2)"}))
    assert [one.code for one in report.findings if one.cell == "A2"] == ["V103"]
    assert report.verified == 0


def test_circles_and_random_numbers_are_told() -> None:
    report = verify_workbook(sheet({"A1": "=A2+1", "A2": "=A1+1", "B1": "=RAND()", "B2": "=B1*2"}))
    assert {one.code for one in report.findings if one.cell in ("A1", "A2")} == {"V104"}
    assert [one.code for one in report.findings if one.cell == "B1"] == ["V105"]
    assert report.pinned == 1


def test_a_recurrence_inside_a_block_is_calculated() -> None:
    cells: dict[str, object] = {"A1": 1.0} | {f"A{k}": f"=A{k - 1}+1" for k in range(2, 30)}
    found = calculate(sheet(cells))
    assert found.grids[0].numbers.tolist() == [float(k) for k in range(1, 30)]


def test_missing_caches_are_told_once() -> None:
    clean = read_xlsx(SHIPPED / "edges.xlsx")
    (one,) = clean.sheets
    bare = replace(one, cached=np.where(one.is_formula, np.uint8(0), one.cached))
    report = verify_workbook(replace(clean, sheets=(bare,)))
    assert [(f.code, f.count) for f in report.findings] == [("V102", 2704)]


# -- the command ---------------------------------------------------------------------------


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, ["verify", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A workbook with a constant in AP9, written by openpyxl, which keeps no caches."""
    import openpyxl

    book = openpyxl.load_workbook(SHIPPED / "conv-example.xlsx")
    book.active["AP9"] = 1.25
    path = tmp_path / "broken.xlsx"
    book.save(path)
    return path


def test_exit_codes_are_the_contract(broken: Path, tmp_path: Path) -> None:
    good = SHIPPED / "conv-example.xlsx"
    assert run(good).exit_code == 0
    assert run(broken).exit_code == 1
    assert run(SHIPPED / "fastai.xlsx", "--strict").exit_code == 1
    assert run(SHIPPED / "fastai.xlsx", "--strict", "--ignore", "G401").exit_code == 0
    (tmp_path / "x.xlsx").write_text("no")
    assert run(tmp_path / "x.xlsx").exit_code == 2
    assert run(good, tmp_path / "x.xlsx").exit_code == 2
    assert run(good, "--select", "Q1").exit_code == 2
    plain = tmp_path / "plain.xlsx"
    book_of_nothing(plain)
    assert run(plain).exit_code == 5


def book_of_nothing(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.active["B1"] = "=A1*2"
    book.save(path)


def test_text_has_a_verdict_layers_and_findings(broken: Path) -> None:
    output = run(broken, SHIPPED / "edges.xlsx").output
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert f"{SHIPPED / 'edges.xlsx'}: verified, 2,704 of 2,704 formula cells verified" in lines
    assert "relu1 ReLU 2×26×26 AH3:BG28, AH32:BG57" in lines
    assert any(line.startswith("S202 conv-example!AP9: the number 1.25;") for line in lines)
    assert len(run(broken, "-q").output.splitlines()) == 1


def test_json_is_the_contract(broken: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.xlsx").write_text("no")
    out = tmp_path / "report.json"
    run(broken, tmp_path / "bad.xlsx", "--format", "json", "--output", out)
    table = json.loads(out.read_text(), parse_constant=pytest.fail)
    assert table["version"] == 1
    first, bad = table["files"]
    assert (first["verdict"], bad["verdict"]) == ("findings", "unreadable")
    assert first["formulas"] == 2822
    assert [one["name"] for one in first["layers"]][:3] == ["input", "conv1", "relu1"]
    (one,) = [one for one in first["findings"] if one["code"] == "S202"]
    assert (one["sheet"], one["cell"], one["root"]) == ("conv-example", "AP9", True)
    assert one["expected"].startswith("=MAX(0,SUMPRODUCT(I8:K10,")
    assert table["summary"] == {
        "files": 2, "verified": 0, "findings": 1, "unverified": 0, "unreadable": 1,
    }  # fmt: skip


def test_other_formats_say_the_same(broken: Path) -> None:
    github = run(broken, "--format", "github").output
    assert "::error file=" in github and "AP9: the number 1.25" in github
    suite = ET.fromstring(run(broken, "--format", "junit").output)
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    sarif = json.loads(run(broken, "--format", "sarif").output)
    results = sarif["runs"][0]["results"]
    assert "S202" in {one["ruleId"] for one in results}
    assert {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]} == set(CODES)


def test_rules_explain_themselves() -> None:
    for code, rule in CODES.items():
        output = CliRunner().invoke(main, ["rule", code.lower()]).output
        assert rule.name in output and rule.example.split(":")[0] in output
    assert len(CliRunner().invoke(main, ["rule"]).output.splitlines()) == len(CODES)
    assert CliRunner().invoke(main, ["rule", "X1"]).exit_code == 2


def test_written_files_read_back_cell_for_cell(tmp_path: Path) -> None:
    preset = PRESETS["conv-example"]
    network = preset.network()
    made = book_of(network, preset.layout(network), preset.sample())
    made.write(tmp_path / "x.xlsx")
    again = read_xlsx(tmp_path / "x.xlsx")
    assert contents(again.sheets[0]) == contents(made.workbook.sheets[0])
    assert set(again.names) == set(made.workbook.names)
    assert again.properties == made.workbook.properties


def test_findings_are_a_table(broken: Path) -> None:
    frame = verify(broken).to_frame()
    (row,) = frame[frame.code == "S202"].to_dict("records")
    assert (row["cell"], row["severity"]) == ("AP9", "error")


# -- against a model -------------------------------------------------------------------------


def test_the_weights_of_a_preset_are_those_of_its_model(tmp_path: Path) -> None:
    for name, preset in PRESETS.items():
        np.savez(tmp_path / "model.npz", **preset.network().state())
        result = run(SHIPPED / f"{name}.xlsx", "--model", tmp_path / "model.npz")
        assert result.exit_code == 0, result.output


def test_other_weights_are_named_at_their_cell_and_the_output_differs() -> None:
    state = {key: value.copy() for key, value in PRESETS["conv-example"].network().state().items()}
    state["conv2.weight"][1, 0, 2, 1] += 0.5
    state["fc1.bias"][3] += 0.5
    report = verify(SHIPPED / "conv-example.xlsx", model=state)
    assert [one.cell for one in report.findings if one.code == "M501"] == ["BJ41", "FM7"]
    (output,) = [one for one in report.findings if one.code == "M502"]
    assert output.cell == "FR4"
    unnamed = {f"{k}": value for k, value in enumerate(state.values())}
    again = verify(SHIPPED / "conv-example.xlsx", model=unnamed)
    assert [one.cell for one in again.findings] == [one.cell for one in report.findings]


def test_another_structure_is_told() -> None:
    other = PRESETS["edges"].network().state()
    report = verify(SHIPPED / "conv-example.xlsx", model=other)
    (one,) = report.findings
    assert one.code == "M503" and "the model has conv1.weight (4, 1, 3, 3)" in one.message


def test_edited_weights_of_our_own_files_are_a_warning(subjects: list[Subject]) -> None:
    subject = subjects[0]
    cell = parse_a1("AD11")
    report = verify_workbook(rebuilt(subject, Fault({cell: (Kind.NUMBER, 2.0, "")}, cell, ())))
    (one,) = report.findings
    assert (one.code, one.severity) == ("M501", "warning")
    assert report.coverage == 1.0
