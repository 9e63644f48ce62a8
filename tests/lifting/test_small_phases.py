"""Planes that interleave, so small that a phase has a line of cells or one: without names."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers.sheet_cells import edited
from tests.helpers.strategies import random_state
from tests.mutations import refreshed
from xlconv.layers import ConvTranspose2d
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.verify import verify_workbook

# Input, kernel, stride, padding, outputs.
SMALL = [
    ((1, 2, 2), 3, 2, 1, 1), ((1, 2, 2), 3, 2, 1, 2), ((2, 2, 2), 3, 2, 1, 1),
    ((2, 2, 3), 3, 2, 1, 2), ((1, 2, 5), 3, 2, 1, 1), ((2, 3, 2), 3, 2, 1, 1),
    ((1, 1, 2), 2, 2, 0, 1), ((1, 1, 2), 3, 2, 0, 1), ((1, 1, 3), 2, 2, 0, 2),
]  # fmt: skip


def nameless(
    shape: tuple[int, int, int], kernel: int, stride: int, padding: int, outputs: int
) -> tuple[Network, Workbook]:
    layer = {
        "type": "ConvTranspose2d", "out_channels": outputs, "kernel_size": kernel,
        "stride": stride, "padding": padding,
    }  # fmt: skip
    network = network_of({"input": list(shape), "layers": [layer]})
    network = network.with_state(random_state(network, 1))
    x = np.round(np.random.default_rng(4).uniform(0.1, 1, shape), 3)
    book = book_of(network, strip(network), x).workbook
    return network, replace(book, names=(), properties=())


@pytest.mark.many
@pytest.mark.parametrize("case", SMALL, ids=str)
def test_a_small_transposed_convolution_is_told_by_its_formulas(case: tuple) -> None:
    network, book = nameless(*case)
    report = verify_workbook(book)
    assert (report.verdict, report.coverage) == ("verified", 1.0)
    assert not [one for one in report.findings if one.severity == "error"]
    (found,) = report.networks
    assert found.network == network
    assert isinstance(found.network.layers[0], ConvTranspose2d)


@pytest.mark.slow
@pytest.mark.parametrize("case", SMALL[:2], ids=str)
def test_with_a_wrong_cell_it_is_never_verified(case: tuple) -> None:
    _, book = nameless(*case)
    (sheet,) = book.sheets
    for index in np.flatnonzero(sheet.is_formula)[::5].tolist():  # each takes seconds
        cell = a1_name((int(sheet.rows[index]), int(sheet.columns[index])))
        for held in (sheet.texts[index].rpartition("+")[0], 0.5):  # without its bias; pasted
            wrong = refreshed(edited(book, {cell: held}))
            assert verify_workbook(wrong).verdict != "verified", (cell, held)
