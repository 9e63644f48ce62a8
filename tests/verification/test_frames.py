"""Padding that is wrong as a whole: every cell around a declared plane holds the same, and not
what its readers need."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.helpers.strategies import random_input, random_state
from tests.mutations import refreshed
from xlconv.layout.layout import Layout
from xlconv.layout.stages import halo_of
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.blocks.plane import halo_cells
from xlconv.spreadsheet.editing.edited import retold, rewritten
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.verify import verify_workbook

CONV = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1}
RELU = {"type": "ReLU"}
POOL = {"type": "MaxPool2d", "kernel_size": 2, "padding": 1}
MEAN = {"type": "AvgPool2d", "kernel_size": 2, "padding": 1}


def written(*layers: dict) -> tuple[Network, Layout, Workbook]:
    network = network_of({"input": [1, 6, 6], "layers": list(layers)})
    network = network.with_state(random_state(network, 3))
    layout = strip(network, fuse=False)
    return network, layout, book_of(network, layout, random_input(network, 5)).workbook


def framed(held: str | float, tensor: int, *layers: dict) -> tuple[Workbook, list[str]]:
    """A workbook with the same in every cell around a tensor, and the first of each plane."""
    network, layout, book = written(*layers)
    halo, (sheet,) = halo_of(network, tensor), book.sheets
    around = [
        [(int(i), int(j)) for i, j in zip(*halo_cells(plane, halo), strict=True)]
        for plane in layout.places[tensor].planes
    ]
    assert all(len(cells) > 20 for cells in around)
    contents = {cell: held for cells in around for cell in cells}
    made = refreshed(replace(book, sheets=(rewritten(sheet, contents),)))
    return made, [a1_name(cells[0]) for cells in around]


WRONG = {
    "sevens around what is convolved": (7.0, 0, (CONV,)),
    "sevens around what is pooled": (7.0, 1, (CONV, POOL)),
    "zeros around what a maximum is taken of": (0.0, 1, (CONV, POOL)),
    "a thousand below around a maximum": (-1000.0, 1, (CONV, POOL)),
    "a formula of a pixel": ("IF(B4=1,5,0)", 0, (CONV,)),
    "halves around a mean": (0.5, 1, (CONV, MEAN)),
}
RIGHT = {
    "zeros around what is convolved": (0.0, 0, (CONV,)),
    "zeros around a maximum of what is never negative": (0.0, 2, (CONV, RELU, POOL)),
    "zeros around a mean": (0.0, 1, (CONV, MEAN)),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_frame_that_is_wrong_as_a_whole_is_named_once_for_a_plane(what: str) -> None:
    held, tensor, layers = WRONG[what]
    book, first = framed(held, tensor, *layers)
    report = verify_workbook(book)
    assert report.verdict == "findings"
    roots = [one for one in report.findings if one.severity == "error" and one.root]
    assert [one.cell for one in roots if one.code == "G403"] == first
    assert all("as padding around" in one.message for one in roots if one.code == "G403")


@pytest.mark.parametrize("what", RIGHT)
def test_what_counts_as_the_padding_passes(what: str) -> None:
    held, tensor, layers = RIGHT[what]
    book, _ = framed(held, tensor, *layers)
    report = verify_workbook(book)
    assert [one for one in report.findings if one.severity == "error"] == []
    assert report.verdict == "verified"


def test_another_text_around_a_maximum_passes() -> None:
    network, _, book = written(CONV, POOL)
    fill = str(halo_of(network, 1).fill)
    (sheet,) = book.sheets
    assert fill in sheet.texts
    told = retold(sheet, lambda text: "none" if text == fill else text)
    assert verify_workbook(replace(book, sheets=(told,))).verdict == "verified"
