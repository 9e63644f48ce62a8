"""What labels say of planes: where they stand, in borders too, and when they do not count."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.helpers.sheet_cells import edited, unlabelled
from tests.helpers.strategies import random_input, random_state
from xlconv.layers import Concat, Conv2d, MaxPool2d, ReLU
from xlconv.lifting.labelled_planes import UNLABELLED, labelled_planes
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.verify import verify_workbook

POOL = {"type": "MaxPool2d", "kernel_size": 2}
CONV = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}
RELU = {"type": "ReLU"}


def written(shape: list[int], *layers: dict) -> Workbook:
    """A workbook with all of its names."""
    network = network_of({"input": shape, "layers": list(layers)})
    network = network.with_state(random_state(network, 3))
    return book_of(network, strip(network, fuse=False), random_input(network, 5)).workbook


def bare(book: Workbook) -> Workbook:
    return replace(book, names=(), properties=())


def caption(book: Workbook, text: str) -> str:
    """The last cell with a text: a title may say as much as the list."""
    (sheet,) = book.sheets
    cells = zip(sheet.rows.tolist(), sheet.columns.tolist(), sheet.texts, strict=True)
    return [a1_name((row, column)) for row, column, found in cells if found == text][-1]


PADDED = {"zeros": 1, "reflect": 1, "replicate": 2, "circular": 1}


@pytest.mark.parametrize("mode", PADDED)
def test_planes_are_where_their_names_say_within_any_border(mode: str) -> None:
    layers = {**CONV, "padding": PADDED[mode], "padding_mode": mode}
    book = written([2, 4, 5], RELU, layers, {**POOL, "padding": 1, "ceil_mode": True})
    found = labelled_planes(bare(book))
    named = dict(book.names)
    assert {name for name, _ in found.names} == {
        f"{name}_{k}" for name in ("input", "relu1", "conv1", "pool1") for k in (0, 1)
    }
    assert all(named[name] == ranges for name, ranges in found.names)
    assert found.kinds == {"relu1": ReLU, "conv1": Conv2d, "pool1": MaxPool2d}
    assert [area for _, area in found.areas] == [area for _, ((_, area),) in found.names]


def test_a_single_plane_of_an_input_is_below_its_title() -> None:
    book = written([1, 3, 4], {**CONV, "padding": 1})
    found = dict(labelled_planes(bare(book)).names)
    assert found["input_0"] == dict(book.names)["input_0"]


def test_names_count_and_labels_then_do_not() -> None:
    book = written([2, 4, 4], RELU)
    assert labelled_planes(book) is UNLABELLED
    assert labelled_planes(unlabelled(bare(book))) == UNLABELLED


def test_a_plane_with_a_cell_that_is_no_formula_is_none() -> None:
    book = bare(written([2, 2, 2], RELU, {"type": "Tanh"}))
    found = labelled_planes(book)
    area = dict(found.names)["tanh1_1"][0][1]
    cell = a1_name((area.bottom, area.right))
    for held in (None, 0.5):
        left = labelled_planes(edited(book, {cell: held}))
        assert set(left.kinds) == {"relu1"}


def test_a_caption_that_stands_twice_tells_nothing() -> None:
    book = bare(written([2, 2, 2], RELU))
    twice = edited(book, {caption(book, "relu1[1]"): "relu1[0]"})
    assert not labelled_planes(twice).kinds


def test_a_list_of_a_million_planes_is_not_looked_for() -> None:
    book = bare(written([2, 2, 2], RELU))
    line = caption(book, "relu1 · ReLU · 2@2×2")
    assert not labelled_planes(edited(book, {line: "relu1 · ReLU · 99999999999@2×2"})).kinds


def test_labels_tell_layers_of_single_cells_apart() -> None:
    layers = ({"type": "Identity"}, {"type": "Add", "reads": "identity1"},
              {"type": "Concat", "reads": "add1"}, {"type": "ELU"})  # fmt: skip
    book = bare(written([2, 1, 1], *layers))
    report = verify_workbook(book)
    assert (report.verdict, report.coverage) == ("verified", 1.0)
    assert report.network is not None
    assert [type(one).__name__ for one in report.network.layers] == [
        "Identity", "Add", "Concat", "ELU"
    ]  # fmt: skip
    assert labelled_planes(book).kinds["concat1"] is Concat


def test_what_a_label_says_is_not_believed_of_formulas_that_compute_another_layer() -> None:
    book = bare(written([1, 4, 4], {**CONV, "padding": 1}, RELU, POOL))
    line = next(text for text in book.sheets[0].texts if text.startswith("pool1 · MaxPool2d"))
    said = edited(book, {caption(book, line): line.replace("MaxPool2d", "AvgPool2d")})
    report = verify_workbook(said)
    assert report.network is not None
    assert isinstance(report.network.layers[-1], MaxPool2d)
    assert report.verdict == "verified"


def test_a_wrong_cell_of_a_labelled_plane_is_found() -> None:
    book = bare(written([2, 2, 2], {"type": "Tanh"}, {"type": "Sigmoid"}))
    area = dict(labelled_planes(book).names)["sigmoid1_1"][0][1]
    cell = (area.bottom, area.right)
    text = book.sheets[0].texts[book.sheets[0].find(cell)]
    other = edited(book, {a1_name(cell): text.replace(str(cell[0] + 1), str(cell[0]))})
    report = verify_workbook(other)
    assert report.verdict == "findings"
    assert {one.cell for one in report.findings if one.severity == "error"} == {a1_name(cell)}


def test_a_listed_layer_that_no_formulas_compute_is_an_error_where_all_else_is_verified() -> None:
    """The maximum of a plane is a measure as well as a pool of one window: the list tells."""
    book = bare(written([1, 4, 4], CONV, POOL, {"type": "Add", "reads": "pool1"}))
    area = dict(labelled_planes(book).names)["pool1_0"][0][1]
    assert verify_workbook(book).verdict == "verified"
    without = edited(book, {a1_name((area.top, area.left)): None})
    found = {one.code: one for one in verify_workbook(without).findings if one.root}
    assert found["G407"].severity == "error"
    listed = [one.message for one in verify_workbook(without).findings if one.code == "G407"]
    assert [line.split()[1] for line in listed] == ["pool1", "add1"]
    # Without the list nothing says that there should be more.
    assert "G407" not in {one.code for one in verify_workbook(unlabelled(without)).findings}
