"""Networks of many channels, whose sums are written in parts."""

from __future__ import annotations

import numpy as np

from tests.helpers.strategies import random_input
from xlconv.analysis.reproduction import reproduce
from xlconv.layers import Conv2d
from xlconv.layers.base.partial_sums import parts_of
from xlconv.layers.base.place import Spelling
from xlconv.layout.layout import Layout
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.lowering.book import Book, book_of
from xlconv.lowering.strip import strip
from xlconv.network.initialise import initialised
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.spreadsheet.workbook import Sheet
from xlconv.verification.verify import verify_workbook


def deep(channels: int, outputs: int, size: int, tail: list | None = None, **options) -> Network:
    """3 -> `channels` -> `outputs` channels, as a spec describes it."""
    layers = [
        {"type": "Conv2d", "out_channels": channels, "kernel_size": 1},
        {"type": "ReLU"},
        {"type": "Conv2d", "out_channels": outputs, "kernel_size": 3} | options,
        {"type": "ReLU"},
        *(tail or []),
    ]
    return initialised(network_of({"input": [3, size, size], "layers": layers}), seed=0)


DENSE = [{"type": "Flatten"}, {"type": "Linear", "out_features": 3}]

# What stays as it is, what is split, and into how many parts.
DEEP = {
    "64 to 64": (deep(64, 64, 5, DENSE), 1),
    "160": (deep(160, 2, 4), 1),
    "161": (deep(161, 2, 4), 2),
    "256, then Linear": (deep(256, 2, 5, DENSE), 2),
    "400": (deep(400, 1, 4), 3),
    "stride and padding": (deep(200, 3, 6, stride=2, padding=1), 2),
    "dilation and one-sided padding": (deep(200, 2, 7, padding=[1, 0, 2, 1], dilation=2), 2),
    "1×1 kernels without bias": (deep(200, 2, 4, kernel_size=1, bias=False), 2),
    "one number": (deep(200, 3, 3), 2),
    "groups": (deep(400, 4, 4, kernel_size=2, groups=2), 2),
}


def made(network: Network, *, array: bool = False, fuse: bool = True) -> tuple[Layout, Book]:
    layout = strip(network, spelling=Spelling(array=array), fuse=fuse)
    return layout, book_of(network, layout, random_input(network, 1))


def convolutions(network: Network) -> list[Conv2d]:
    return [layer for layer in network.layers if isinstance(layer, Conv2d)]


def parts_in(layout: Layout) -> int:
    """In how many parts sums are split at most."""
    found = [parts_of(place.helpers) for place in layout.places]
    return max((len(parts) for one in found for parts in one.values()), default=1)


def longest(sheet: Sheet) -> int:
    return max(len(sheet.texts[k]) for k in np.flatnonzero(sheet.is_formula).tolist()) + 1


def whole(network: Network, book: Book) -> LiftedWorkbook:
    """Assert that a workbook is verified, lifted to its network, and written again."""
    report = verify_workbook(book.workbook)
    assert (report.coverage, report.findings) == (1.0, [])
    found = lift_workbook(book.workbook)
    (relaid,) = layouts_of(found)
    assert relaid.network == network
    again = reproduce(found)
    assert again.is_whole, again.differences
    assert not again.differences
    return found
