"""What is written is read back to the last cell: drawn networks, with their names and without."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.helpers.examples import examples
from tests.helpers.sheet_cells import unlabelled
from tests.helpers.strategies import networks, random_input, random_state, tiny_networks
from xlconv.analysis.reproduction import reproduce
from xlconv.layers import Conv2d, ConvTranspose2d, Layer
from xlconv.layers.base.place import Spelling
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.verify import verify_workbook

SLOW = examples(20, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def written(network: Network, spelling: Spelling, *, fuse: bool) -> Workbook:
    layout = strip(network, spelling=spelling, fuse=fuse)
    return book_of(network, layout, random_input(network, 5)).workbook


def bare(book: Workbook) -> Workbook:
    return replace(book, names=(), properties=())


def errors(book: Workbook) -> list[tuple[str, str]]:
    report = verify_workbook(book)
    found = [(one.cell, one.message) for one in report.findings if one.severity == "error"]
    return found or [("coverage", str(report.coverage))] * (report.coverage < 1)


DRAWN = st.one_of(networks(), tiny_networks())


@SLOW
@given(DRAWN, st.booleans(), st.booleans(), st.booleans())
def test_a_network_verifies_to_the_last_cell(
    network: Network, fuse: bool, array: bool, training: bool
) -> None:
    network = network.in_training(1) if training else network
    assert errors(written(network, Spelling(array=array), fuse=fuse)) == []


@pytest.mark.slow
@examples(60, suppress_health_check=[HealthCheck.too_slow])
@given(DRAWN, st.booleans(), st.booleans(), st.booleans())
def test_a_network_verifies_to_the_last_cell_and_is_written_again_whole(
    network: Network, fuse: bool, array: bool, training: bool
) -> None:
    """Whatever `generate` can write: all layers and options, in both spellings, fused or not."""
    network = network.in_training(1) if training else network
    book = written(network, Spelling(array=array), fuse=fuse)
    assume(book.sheets[0].is_formula.any())  # else there are only views
    assert errors(book) == []
    made = reproduce(lift_workbook(book))
    assert made.is_whole, made.differences
    assert not made.differences


@SLOW
@given(DRAWN, st.booleans(), st.booleans(), st.booleans())
def test_without_its_names_it_is_known_by_its_labels(
    network: Network, fuse: bool, array: bool, training: bool
) -> None:
    check_without_names(network, fuse=fuse, array=array, training=training)


@pytest.mark.slow
@examples(60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(DRAWN, st.booleans(), st.booleans(), st.booleans())
def test_without_its_names_any_network_is_known_by_its_labels(
    network: Network, fuse: bool, array: bool, training: bool
) -> None:
    check_without_names(network, fuse=fuse, array=array, training=training)


def reads_nothing(layer: Layer, shape: tuple[int, ...]) -> bool:
    """Whether all windows reach nothing but zeros: no formula tells then what they are around."""
    if not isinstance(layer, Conv2d) or layer.padding_mode != "zeros":
        return False
    field, outputs = layer.receptive_field, layer.output_shape(shape)
    return any(
        all(
            begin + field.size[axis] <= 0 or begin >= shape[1 + axis]
            for one in range(outputs[1 + axis])
            for begin in [field.start[axis] + one * field.stride[axis]]
        )
        for axis in (0, 1)
    )


def check_without_names(network: Network, *, fuse: bool, array: bool, training: bool) -> None:
    """Planes of a row, a column or a cell too, though several layers have their formulas."""
    # Numbers that are only shown again are no network.
    assume(not all(layer.is_view or layer.is_copy for layer in network.layers))
    network = network.in_training(1) if training else network
    book = bare(written(network, Spelling(array=array), fuse=fuse))
    assert errors(book) == []
    assume(not any(map(reads_nothing, network.layers, network.shapes)))
    made = reproduce(lift_workbook(book))
    assert made.same_formulas == made.formulas, made.differences


# Without names and labels a file may say less than it was made from. Of planes of a row, a column
# or a cell, several layers have the same formulas, and nothing tells which numbers are a kernel,
# or how far apart windows are. Numbers that are only shown again are no network; and nothing
# says of planes with a border each, no two of which are read together, that they are one input;
# nor of an upsampling by a kernel as wide as its stride how wide that is: each number is alone.
def is_read_apart(layer: Layer) -> bool:
    groups, stride = getattr(layer, "groups", 1), getattr(layer, "stride", (1, 1))
    is_alone = isinstance(layer, ConvTranspose2d) and any(
        size <= step for size, step in zip(layer.weight.shape[2:], stride, strict=True)
    )
    return is_alone or (groups > 1 and layer.padding_mode != "zeros")


@pytest.mark.slow
@examples(40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(networks(), st.booleans(), st.booleans(), st.booleans())
def test_without_names_and_labels_it_is_known_where_planes_tell_it(
    network: Network, fuse: bool, array: bool, training: bool
) -> None:
    assume(all(min(shape[1:]) >= 3 for shape in network.shapes if len(shape) == 3))
    assume(not all(layer.is_view or layer.is_copy for layer in network.layers))
    assume(not any(map(is_read_apart, network.layers)))
    network = network.in_training(1) if training else network
    book = bare(written(network, Spelling(array=array), fuse=fuse))
    found = errors(unlabelled(book))
    # An upsampling whose phases have few lines may stay open; no right cell is ever accused.
    is_open = any(isinstance(layer, ConvTranspose2d) for layer in network.layers)
    assert found == [] or (is_open and found[0][0] == "coverage")
    # Which of two planes of numbers are the weights, labels alone say.
    made = reproduce(lift_workbook(book))
    assert made.same_formulas == made.formulas, made.differences


def _conv(out: int = 1, size: object = 3, **options: object) -> dict:
    return {"type": "Conv2d", "out_channels": out, "kernel_size": size, **options}


def _pool(size: list[int], stride: list[int], padding: list[int]) -> dict:
    return {"type": "AvgPool2d", "kernel_size": size, "stride": stride, "padding": padding,
            "ceil_mode": True}  # fmt: skip


RELU, FLAT, SOFTMAX = {"type": "ReLU"}, {"type": "Flatten"}, {"type": "Softmax"}
TINY = {
    "a first lesson": ([1, 6, 6], [_conv(), RELU, {"type": "MaxPool2d", "kernel_size": 2}, FLAT,
                                   {"type": "Linear", "out_features": 2}, SOFTMAX]),
    "pools of one cell": ([1, 4, 4], [_conv(3), {"type": "MaxPool2d", "kernel_size": 2}, FLAT,
                                      {"type": "Linear", "out_features": 2}]),
    "a row": ([1, 3, 8], [_conv(), {"type": "MaxPool2d", "kernel_size": [1, 2]}, FLAT,
                          {"type": "Linear", "out_features": 1}]),
    "rows side by side": ([3, 1, 5], [{"type": "Sigmoid"}, _conv(2, 1), RELU]),
    "columns side by side": ([2, 4, 1], [
        {"type": "ELU"}, {"type": "BatchNorm2d"},
        {"type": "MaxPool2d", "kernel_size": [3, 2], "stride": [3, 1], "padding": [0, 1]}]),
    "one window in another stride": ([2, 5, 3], [
        {"type": "AvgPool2d", "kernel_size": [3, 1]}, {"type": "Add", "reads": "avgpool1"},
        _conv(1, 1)]),
    "sums of single numbers": ([1, 5, 6], [
        {"type": "AdaptiveAvgPool2d", "output_size": 1}, {"type": "Add", "reads": "gap1"}, FLAT]),
    "padded channels": ([3, 3, 2], [_conv(2, [2, 1], padding=1), RELU]),
    "two perceptrons": ([1, 1, 2], [FLAT, {"type": "Linear", "out_features": 2}, RELU,
                                    {"type": "Linear", "out_features": 1}]),
    "columns on both sides of what they add": ([1, 4, 1], [
        RELU, {"type": "Add", "reads": "relu1"}, RELU]),
    "a layer in every second place": ([1, 2, 2], [
        {"type": "AdaptiveAvgPool2d", "output_size": 1}, {"type": "Tanh"}, {"type": "Sigmoid"},
        {"type": "Tanh"}, {"type": "Add", "reads": "tanh1"}, {"type": "Tanh"}]),
    "a number times a number": ([1, 1, 1], [_conv(1, 1)]),
    "three numbers": ([3, 1, 1], [_conv(1, 1)]),
    "padding that no window reads": ([3, 1, 4], [
        _conv(1, 2, stride=[1, 2], padding=[0, 2, 1, 1], dilation=2)]),
    "windows of a border of formulas": ([2, 3, 1], [
        {"type": "Tanh"},
        _conv(2, 1, stride=[1, 3], padding=[1, 1, 1, 0], padding_mode="circular"), RELU]),
    "masks beside each other": ([2, 4, 1], [
        {"type": "Sigmoid"}, {"type": "Dropout", "p": 0.25}, {"type": "Add", "reads": "sigmoid1"}]),
}  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("name", TINY)
def test_planes_of_few_cells(name: str, fuse: bool) -> None:
    shape, layers = TINY[name]
    network = network_of({"input": shape, "layers": layers})
    network = network.with_state(random_state(network, 3)).in_training(1)
    book = written(network, Spelling(), fuse=fuse)
    assert errors(book) == []
    assert reproduce(lift_workbook(book)).is_whole
    assert errors(bare(book)) == []
    made = reproduce(lift_workbook(bare(book)))
    assert made.same_formulas == made.formulas
    assert errors(unlabelled(bare(book))) == []


# Without names, not all of these is known: what nobody reads together, or is shown once more.
NAMED = {
    "a border wider than what is read": ([2, 5, 7], [
        _conv(2, 3, stride=3, padding=[0, 0, 2, 2], dilation=[3, 1], padding_mode="circular",
              groups=2),
        {"type": "LeakyReLU", "negative_slope": -0.5}, FLAT,
        {"type": "Linear", "out_features": 2}]),
    "a border around what is read in part": ([2, 6, 4], [
        _conv(1, 2, stride=3, padding=1, dilation=3, padding_mode="replicate"), FLAT]),
    "copies": ([3, 3, 2], [
        {"type": "Identity"}, {"type": "Concat", "reads": "identity1"}, RELU]),
    "a column beside a column of units": ([1, 3, 1], [
        {"type": "Identity"}, {"type": "LeakyReLU", "negative_slope": -0.5}, {"type": "Tanh"},
        {"type": "Sigmoid"}, {"type": "Concat", "reads": "tanh1"}, {"type": "Tanh"}]),
    "copies behind each other": ([3, 3, 3], [
        {"type": "Tanh"}, {"type": "Concat", "reads": "tanh1"}, {"type": "Identity"}]),
    "a border of formulas around planes of two columns": ([2, 3, 2], [
        {"type": "Tanh"}, {"type": "LeakyReLU", "negative_slope": -0.5},
        _conv(3, [1, 2], stride=2, padding=[1, 0, 1, 0], padding_mode="replicate"), FLAT,
        {"type": "Linear", "out_features": 3}]),
    "an upsampling of two rows": ([1, 8, 6], [
        _pool([2, 1], [3, 1], [1, 0]), _pool([2, 1], [3, 1], [1, 0]),
        {"type": "ConvTranspose2d", "out_channels": 2, "kernel_size": [4, 2], "stride": [3, 1],
         "padding": 1, "output_padding": [2, 0], "bias": False}, FLAT,
        {"type": "Linear", "out_features": 2}, {"type": "Linear", "out_features": 2}]),
    "numbers beside themselves": ([2, 1, 1], [
        {"type": "Identity"}, {"type": "ELU", "alpha": -2.0},
        {"type": "Concat", "reads": "elu1"}, RELU]),
}  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("name", NAMED)
def test_what_only_names_tell_is_written_again_by_them(name: str, fuse: bool) -> None:
    shape, layers = NAMED[name]
    network = network_of({"input": shape, "layers": layers})
    network = network.with_state(random_state(network, 3))
    book = written(network, Spelling(), fuse=fuse)
    assert errors(book) == []
    made = reproduce(lift_workbook(book))
    assert made.is_whole
    assert not made.differences
    (sheet,), (again,) = book.sheets, made.workbook.sheets
    np.testing.assert_array_equal(again.numbers, sheet.numbers)
    assert made.workbook.names == book.names


def test_the_last_columns_of_a_plane_with_a_border_may_be_read_by_nobody() -> None:
    shape, layers = NAMED["a border wider than what is read"]
    network = network_of({"input": shape, "layers": layers})
    book = bare(written(network, Spelling(), fuse=True))
    assert [one for one in verify_workbook(book).findings if one.severity == "error"] == []


def test_a_border_around_what_is_read_in_part_is_one_with_labels_and_without() -> None:
    shape, layers = NAMED["a border around what is read in part"]
    network = network_of({"input": shape, "layers": layers})
    book = bare(written(network, Spelling(), fuse=True))
    for one in (book, unlabelled(book)):
        assert verify_workbook(one).verdict == "verified"


def test_windows_may_read_nothing_but_the_border() -> None:
    border = {"padding": [1, 1, 2, 0], "padding_mode": "replicate"}
    layers = [_conv(1, 1, stride=[1, 3], **border)]
    book = written(network_of({"input": [1, 4, 1], "layers": layers}), Spelling(), fuse=True)
    for one in (book, bare(book)):
        assert errors(one) == []
        made = reproduce(lift_workbook(one))
        assert made.same_formulas == made.formulas
    # Of a column within a border on both sides nothing else tells, but no number is odd.
    assert not verify_workbook(unlabelled(bare(book))).findings


def test_what_is_shown_once_more_is_no_network_without_labels() -> None:
    network = network_of({"input": [2, 3, 3], "layers": [{"type": "Flatten"}]})
    book = bare(written(network, Spelling(), fuse=True))
    report = verify_workbook(unlabelled(book))
    assert (report.verdict, report.verified, report.networks) == ("unverified", 0, [])


def test_planes_side_by_side_have_no_missing_cell_between_them() -> None:
    network = network_of({"input": [2, 1, 3], "layers": [RELU]})
    book = written(network, Spelling(), fuse=True)
    assert errors(bare(book)) == []


def test_numbers_between_are_another_matter() -> None:
    network = network_of({"input": [1, 1, 7], "layers": [RELU]})
    whole = written(network, Spelling(), fuse=True)
    report = verify_workbook(replace(whole, names=(), properties=()))
    assert [np.prod(one.shape) for one in report.lifted.tensors] == [7, 7]
