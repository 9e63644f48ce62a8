"""ConvTranspose2d: torch's numbers, planes of interleaved blocks, and what is none."""

from __future__ import annotations

import re
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.helpers.examples import examples
from tests.helpers.strategies import has_phases, random_input, random_state, transposed_options
from tests.helpers.torch import nn, torch
from tests.mutations import contents, refreshed
from xlconv.analysis.explanation import explain_cell
from xlconv.analysis.reproduction import reproduce
from xlconv.analysis.trace import trace
from xlconv.errors import XlconvError
from xlconv.layers import Conv2d, ConvTranspose2d, Layer, convtranspose2d
from xlconv.lifting.lifted_workbook import lift_workbook, open_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.spreadsheet.addresses import Cell, a1_name, parse_a1
from xlconv.spreadsheet.blocks.grouping.group import group
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook
from xlconv.verification.verify import Report, verify, verify_workbook

UP = {"type": "ConvTranspose2d", "out_channels": 2, "kernel_size": 4, "stride": 2, "padding": 1}
AFTER = st.sampled_from(
    [[], [{"type": "ReLU"}], [{"type": "BatchNorm2d"}], [{"type": "Flatten"}],
     [{"type": "Conv2d", "out_channels": 2, "kernel_size": 2, "padding": 1}]]
)  # fmt: skip


def drawn(shape: list[int], *layers: dict[str, Any], seed: int = 1) -> Network:
    network = network_of({"input": shape, "layers": list(layers)})
    return network.with_state(random_state(network, seed))


def workbook_of(network: Network, *, fuse: bool = True) -> Workbook:
    return book_of(network, strip(network, fuse=fuse), random_input(network, 2)).workbook


@pytest.mark.torch
@given(transposed_options(), st.tuples(*[st.integers(1, 6)] * 3), st.integers(0, 2**31))
@examples(200)
def test_it_is_torchs(options: dict[str, Any], shape: tuple[int, ...], seed: int) -> None:
    try:
        network = drawn(list(shape), options, seed=seed)
    except XlconvError:
        assume(False)
    layer, x = network.layers[0], random_input(network, seed)
    assert isinstance(layer, ConvTranspose2d)
    bias = None if layer.bias is None else torch.tensor(layer.bias)
    theirs = nn.functional.conv_transpose2d(
        torch.tensor(x)[None], torch.tensor(layer.weight), bias,
        layer.stride, layer.padding, layer.output_padding,
    )[0].numpy()  # fmt: skip
    np.testing.assert_allclose(network.forward(x), theirs, rtol=1e-10, atol=1e-10)
    assert network.shapes[-1] == theirs.shape


@pytest.mark.slow
@given(
    transposed_options(), st.tuples(st.integers(1, 3), st.integers(2, 6), st.integers(2, 6)),
    AFTER, st.booleans(), st.integers(0, 2**31),
)  # fmt: skip
@examples(60)
def test_it_comes_back_from_its_formulas_alone(
    options: dict[str, Any], shape: tuple[int, ...], more: list, fuse: bool, seed: int
) -> None:
    try:
        network = drawn(list(shape), options, *more, seed=seed)
    except XlconvError:
        assume(False)
    assume(has_phases(network))
    report = verify_workbook(replace(workbook_of(network, fuse=fuse), properties=()))
    assert report.findings == []
    assert report.coverage == 1.0
    assert report.network is not None
    assert report.network.layers == network.layers


def test_every_phase_is_one_block_of_plain_products() -> None:
    network = drawn([1, 3, 3], {**UP, "out_channels": 1})
    (sheet,) = workbook_of(network).sheets
    found = sorted((one.lattice.range.name, one.lattice.step) for one in group(sheet))
    assert found == [
        ("L3:P7", (2, 2)), ("L4:P8", (2, 2)), ("M3:Q7", (2, 2)), ("M4:Q8", (2, 2)),
    ]  # fmt: skip
    assert sheet.formula(parse_a1("L3")) == "A2*$J$6+B2*$H$6+A3*$J$4+B3*$H$4+$G$8"
    text = "".join(sheet.texts[k] for k in np.flatnonzero(sheet.is_formula).tolist())
    assert "OFFSET" not in text


@pytest.mark.slow
@pytest.mark.parametrize(("channels", "most"), [(10, 8), (30, 8)])
def test_sums_over_many_channels_are_read_back(
    channels: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convtranspose2d, "MAX_TERMS", most)
    network = drawn([channels, 2, 2], {**UP, "kernel_size": 2, "padding": 0, "out_channels": 1})
    texts = [one for one in workbook_of(network).sheets[0].texts if "*" in one]
    # In brackets, but for the first: as many as fit, and the rest.
    assert {text.count("(") for text in texts} == {ceil(channels / most) - 1}
    report = verify_workbook(workbook_of(network))
    assert (report.coverage, report.network) == (1.0, network)


@pytest.mark.slow
@pytest.mark.parametrize("channels", [200, 600])
def test_sums_over_hundreds_of_channels_are_read_back(channels: int) -> None:
    network = drawn([channels, 2, 2], {**UP, "kernel_size": 2, "padding": 0, "out_channels": 1})
    report = verify_workbook(workbook_of(network))
    assert (report.coverage, report.network) == (1.0, network)


@pytest.mark.slow
def test_a_sum_that_no_formula_takes_is_refused_by_name() -> None:
    network = drawn([200, 2, 2], UP)
    with pytest.raises(XlconvError, match=r"layer 1 \(upconv1\): .* characters; Excel takes 8,192"):
        workbook_of(network)


def test_weights_are_named_as_torch_indexes_them() -> None:
    book = lift_workbook(workbook_of(drawn([3, 3, 3], UP, {"type": "ReLU"})))
    (sheet, cell) = book.find("upconv1.weight[2, 1, 0, 3]")
    weight = book.networks[0].network.layers[0].parameters()["weight"]
    index = book.workbook.sheets[sheet].find(cell)
    assert index is not None
    assert book.workbook.sheets[sheet].numbers[index] == weight[2, 1, 0, 3]


@pytest.mark.slow
def test_a_wrong_cell_is_found_and_the_layer_still_known() -> None:
    network, odd = drawn([2, 4, 4], UP), parse_a1("R6")
    book = workbook_of(network)
    texts = {odd: str(book.sheets[0].formula(odd)).replace("+", "-", 1)}
    report = verify_workbook(respelled(book, texts))
    assert [(one.code, one.cell) for one in report.findings if one.root] == [("S201", a1_name(odd))]
    assert report.network is not None
    assert report.network.layers == network.layers


def test_a_phase_with_a_kernel_of_its_own_is_not_joined_to_the_others() -> None:
    network = drawn([1, 3, 3], {**UP, "out_channels": 1, "kernel_size": 2, "padding": 0})
    book = replace(workbook_of(network), properties=())
    (sheet,) = book.sheets
    phase = min(group(sheet), key=lambda one: one.lattice.origin)
    cells = zip(*(axis.tolist() for axis in phase.lattice.cells()), strict=True)
    # The row of the kernel below its own, which is another phase's.
    below = re.compile(r"\*(\$[A-Z]+\$)(\d+)")
    formulas = {
        cell: below.sub(lambda at: f"*{at[1]}{int(at[2]) + 1}", str(sheet.formula(cell)))
        for cell in cells
    }
    report = verify_workbook(respelled(book, formulas))
    assert not any(isinstance(one, ConvTranspose2d) for one in layers_of(report))


def respelled(book: Workbook, formulas: dict[Cell, str]) -> Workbook:
    """Return the workbook with other formulas in some cells, and every cached value fresh."""
    (sheet,) = book.sheets
    into = SheetBuilder()
    for cell, (kind, number, text) in contents(sheet).items():
        texts = [formulas.get(cell, text)] if kind != Kind.NUMBER else []
        into.add(Kind(int(kind)), [cell[0]], [cell[1]], numbers=number, texts=texts)
    return refreshed(replace(book, sheets=(into.finish(sheet.name),)))


def layers_of(report: Report) -> tuple[Layer, ...]:
    return () if report.network is None else report.network.layers


@pytest.mark.slow
def test_its_files_are_verified_reproduced_explained_and_traced(tmp_path: Path) -> None:
    conv = {"type": "Conv2d", "out_channels": 1, "kernel_size": 3}
    network, path = drawn([2, 4, 5], UP, {"type": "ReLU"}, conv), tmp_path / "up.xlsx"
    book_of(network, strip(network, fuse=False), random_input(network, 2)).write(path)
    report = verify(path)
    assert (report.verdict, report.coverage, report.network) == ("verified", 1.0, network)
    book = open_workbook(path)
    assert reproduce(book).is_whole
    explained = explain_cell(path, "upconv1[1, 3, 4]")
    assert explained.remarks == ()
    assert [type(layer) for layer in explained.layers] == [ConvTranspose2d]
    # Row 3 is made from rows 1 and 2 of the input, column 4 from columns 1 and 2.
    assert [(one.name, one.planes, one.size) for one in explained.fields] == [("input", 2, (2, 2))]
    sheet, cell = book.find("upconv1[1, 3, 4]")
    labels = [node.label for node in trace(book, (sheet, cell)).nodes[1:]]
    assert labels[0] == "input[0] 2×2 at rows 1..2, columns 1..2"
    assert labels[-1].startswith("upconv1.bias[1]")
    assert any(label.startswith("upconv1.weight[1, 1] 4 cells") for label in labels)


def hand_made(text: str) -> Workbook:
    """A plane of 5 by 5 numbers in A1, a kernel of 2 by 2 in G1, and formulas from I1 on."""
    generator, builder = np.random.default_rng(1), SheetBuilder()
    for (row, column), shape in (((0, 0), (5, 5)), ((0, 6), (2, 2))):
        rows, columns = np.mgrid[row : row + shape[0], column : column + shape[1]]
        builder.add(
            Kind.NUMBER, rows, columns, numbers=np.round(generator.uniform(-1, 1, shape), 2)
        )
    for i, j in np.ndindex(4, 4):
        cells = {"a": (i, j), "b": (i, j + 1), "c": (i + 1, j), "d": (i + 1, j + 1)}
        names = {key: a1_name(cell) for key, cell in cells.items()}
        builder.add(Kind.FORMULA, [i], [j + 8], texts=[text.format(**names)])
    return refreshed(Workbook((builder.finish("net"),)))


def test_products_with_a_kernel_as_it_stands_are_a_convolution() -> None:
    book = hand_made("{a}*$G$1+{b}*$H$1+{c}*$G$2+{d}*$H$2")
    (layer,) = layers_of(verify_workbook(book))
    assert isinstance(layer, Conv2d)


def test_products_with_a_turned_kernel_are_a_transposed_convolution() -> None:
    book = hand_made("{a}*$H$2+{b}*$G$2+{c}*$H$1+{d}*$G$1")
    (layer,) = layers_of(verify_workbook(book))
    assert isinstance(layer, ConvTranspose2d)
    assert (layer.kernel_size, layer.stride, layer.padding) == ((2, 2), (1, 1), (1, 1))


@pytest.mark.parametrize(
    "text",
    ["{a}*$H$2+{b}*$G$2+{c}*$G$1+{d}*$H$1", "{a}*$H$2+{b}*$G$2+{c}*$H$1+{d}*$G$1*2", "{a}*$G$1"],
)
def test_near_misses_are_no_transposed_convolution(text: str) -> None:
    found = layers_of(verify_workbook(hand_made(text)))
    assert not any(isinstance(layer, ConvTranspose2d) for layer in found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel_size": 1, "stride": 2}, "stride = 2: expected at most kernel_size = 1"),
        ({"kernel_size": 1}, "kernel_size = 1: expected more"),
        ({"stride": 2, "output_padding": 2}, "output_padding = 2: expected less than stride = 2"),
        ({"groups": 2}, "groups: expected 1"),
        ({"dilation": 2}, "dilation: expected 1"),
        ({"padding": 4}, "padding cuts it all"),
        ({"in_channels": 3}, "in_channels = 3, but the input has 2"),
    ],
)
def test_what_it_does_not_take_is_refused(options: dict[str, Any], message: str) -> None:
    table = {"type": "ConvTranspose2d", "out_channels": 2, "kernel_size": 3} | options
    with pytest.raises(XlconvError, match=message):
        network_of({"input": [2, 3, 3], "layers": [table]})


def test_a_batch_norm_is_folded_along_its_outputs() -> None:
    network = drawn([3, 4, 4], UP, {"type": "BatchNorm2d"})
    folded = network.folded()
    assert [type(layer) for layer in folded.layers] == [ConvTranspose2d]
    x = random_input(network, 3)
    np.testing.assert_allclose(folded.forward(x), network.forward(x), rtol=1e-10, atol=1e-10)


def test_phases_of_different_sizes_without_names_are_no_odd_planes() -> None:
    """Without names the halo counts as input; what is left to tell is no error."""
    options = {"kernel_size": [2, 3], "stride": [1, 3], "padding": 0, "output_padding": [0, 1]}
    network = network_of({"input": [1, 4, 4], "layers": [UP | {"out_channels": 1} | options]})
    network = network.with_state(random_state(network, 0))
    book = book_of(network, strip(network), random_input(network, 1)).workbook
    report = verify_workbook(replace(book, names=(), properties=()))
    assert not [one for one in report.findings if one.severity == "error"]
