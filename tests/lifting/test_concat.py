"""Copies of planes, named as one tensor's or summed by one layer: a Concat; else copies."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers.sheet_cells import edited, unlabelled
from tests.helpers.strategies import random_input, random_state
from tests.mutations import Fault, Subject, killed, refreshed
from xlconv.analysis.reproduction import reproduce
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.formula import scan
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.verification.verify import verify_workbook

CONCAT = [
    {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1},
    {"type": "ReLU"},
    {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1},
    {"type": "Concat", "reads": ["relu1", "conv2", "input"]},  # of three rounds of lifting
    {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1},
]


@pytest.mark.slow
@pytest.mark.parametrize("fuse", [True, False])
def test_a_concat_lifts_back_and_a_wrong_copy_is_found(fuse: bool) -> None:
    network = network_of({"input": [2, 5, 6], "layers": CONCAT})
    network = network.with_state(random_state(network, 1))
    book = book_of(network, strip(network, fuse=fuse), random_input(network, 2)).workbook
    subject = Subject("concat", book)
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


def test_copies_that_nothing_reads_are_no_concat_without_names_and_labels() -> None:
    book = nameless(CONCAT[:4])[1]
    assert "Concat" in kinds_of(book)
    found = kinds_of(unlabelled(book))
    assert "Identity" in found
    assert "Concat" not in found


def kinds_of(book: Workbook) -> set[str]:
    networks = verify_workbook(book).networks
    return {type(layer).__name__ for one in networks for layer in one.network.layers}


def conv(outputs: int, size: int = 3) -> dict:
    return {
        "type": "Conv2d", "out_channels": outputs, "kernel_size": size, "padding": size // 2,
    }  # fmt: skip


def joined(*reads: str) -> dict:
    return {"type": "Concat", "reads": list(reads)}


RELU = {"type": "ReLU"}
NAMELESS = {
    "of three, the input too": CONCAT,
    "a pool after it": [
        conv(2), RELU, conv(1), joined("relu1", "conv2"),
        {"type": "MaxPool2d", "kernel_size": 2}, conv(2),
    ],
    "a ReLU after it": [conv(2), RELU, conv(1), joined("relu1", "conv2"), RELU, conv(2)],
    "a dense layer after it": [
        conv(1), RELU, conv(1), joined("relu1", "conv2"), {"type": "Flatten"},
        {"type": "Linear", "out_features": 2},
    ],
    "twice": [
        conv(2), RELU, conv(1), joined("relu1", "conv2"), conv(2), RELU,
        joined("relu1", "relu2"), conv(1, 1),
    ],
    "as a U": [
        conv(2), RELU, {"type": "MaxPool2d", "kernel_size": 2}, conv(2), RELU,
        {"type": "ConvTranspose2d", "out_channels": 2, "kernel_size": 2, "stride": 2},
        joined("relu1", "upconv1"), conv(1),
    ],
}  # fmt: skip


def nameless(layers: list[dict], *, fuse: bool = True) -> tuple[Network, Workbook]:
    network = network_of({"input": [2, 6, 6], "layers": layers})
    network = network.with_state(random_state(network, 1))
    book = book_of(network, strip(network, fuse=fuse), random_input(network, 2)).workbook
    return network, replace(book, names=(), properties=())


@pytest.mark.many
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("name", NAMELESS)
def test_a_concat_is_told_by_the_layer_that_sums_its_planes(name: str, fuse: bool) -> None:
    network, book = nameless(NAMELESS[name], fuse=fuse)
    report = verify_workbook(book)
    assert (report.verdict, report.coverage, report.findings) == ("verified", 1.0, [])
    (found,) = report.networks
    assert [type(one) for one in found.network.layers] == [type(one) for one in network.layers]
    assert found.network.sources == network.sources


def concat_cells(book: Workbook) -> list[tuple[int, int]]:
    """The first cells of the planes of a lifted Concat."""
    tensors = lift_workbook(book).lifted.tensors
    (one,) = [one for one in tensors if one.layers and type(one.layers[0]).__name__ == "Concat"]
    return [plane.origin for plane in one.planes]


def rewritten(book: Workbook, change: Callable[[tuple[int, int], str], str]) -> Workbook:
    """A workbook with other texts of formulas, calculated anew."""
    (sheet,) = book.sheets
    changes: dict[str, str | float | None] = {}
    for index in np.flatnonzero(sheet.is_formula).tolist():
        cell, text = (int(sheet.rows[index]), int(sheet.columns[index])), sheet.texts[index]
        if change(cell, text) != text:
            changes[a1_name(cell)] = change(cell, text)
    return refreshed(edited(book, changes))


@pytest.mark.slow
def test_a_plane_that_is_copied_twice_is_no_concat() -> None:
    book = nameless(NAMELESS["a ReLU after it"])[1]
    first, second, _ = concat_cells(book)
    (sheet,) = book.sheets
    down = second[0] - first[0]

    def change(cell: tuple[int, int], text: str) -> str:
        within = second[0] <= cell[0] < second[0] + 6 and second[1] <= cell[1] < second[1] + 6
        return sheet.formula((cell[0] - down, cell[1])) if within else text

    assert verify_workbook(rewritten(book, change)).verdict != "verified"


@pytest.mark.slow
@pytest.mark.parametrize("place", [(0, 0), (2, 3), (5, 5)])
def test_a_wrong_cell_of_a_copy_is_named_without_names(place: tuple[int, int]) -> None:
    book = nameless(NAMELESS["a pool after it"])[1]
    origin = concat_cells(book)[1]
    odd = origin[0] + place[0], origin[1] + place[1]
    wrong = rewritten(book, lambda cell, text: scan(text).moved(0, 1) if cell == odd else text)
    report = verify_workbook(wrong)
    found = [one.cell for one in report.findings if one.severity == "error" and one.root]
    assert found == [a1_name(odd)]
