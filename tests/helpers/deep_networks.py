"""Networks of many channels, whose sums are written in parts."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.strategies import random_input
from xlconv.analysis.reproduction import reproduce
from xlconv.layers import Conv2d
from xlconv.layers.base.partial_sums import MAX_TERMS, parts_of
from xlconv.layers.base.place import Spelling
from xlconv.layout.layout import Layout
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.lowering import splitting
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


# So many terms make one sum where the sums of small networks are to be split.
FEW = 8

DENSE = [{"type": "Flatten"}, {"type": "Linear", "out_features": 3}]


def cases(most: int) -> dict[str, tuple[Network, int]]:
    """What stays as it is and what is split, and into how many parts, if `most` terms fit."""
    more, far_more = most * 5 // 4, most * 5 // 2
    turned = {"padding": [1, 0, 2, 1], "dilation": 2}
    return {
        "few to few": (deep(most * 2 // 5, most * 2 // 5, 5, DENSE), 1),
        "as many as fit": (deep(most, 2, 4), 1),
        "one more": (deep(most + 1, 2, 4), 2),
        "many, then Linear": (deep(most * 8 // 5, 2, 5, DENSE), 2),
        "three parts": (deep(far_more, 1, 4), 3),
        "stride and padding": (deep(more, 3, 6, stride=2, padding=1), 2),
        "dilation and one-sided padding": (deep(more, 2, 7, **turned), 2),
        "1×1 kernels without bias": (deep(more, 2, 4, kernel_size=1, bias=False), 2),
        # Two single numbers for each of the few outputs may be read as another layer's plane.
        "one number": (deep(most + 1, 3, 3), 2),
        "groups": (deep(far_more, 4, 4, kernel_size=2, groups=2), 2),
    }


# As they are generated; and the same with sums that are split after a few terms already.
DEEP, SHALLOW = cases(MAX_TERMS), cases(FEW)


def made(
    network: Network, *, array: bool = False, fuse: bool = True, most: int = MAX_TERMS
) -> tuple[Layout, Book]:
    """Return a network's layout and workbook, whose sums are split above `most` terms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "MAX_TERMS", most)
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
