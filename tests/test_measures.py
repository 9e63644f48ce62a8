"""Long sums in parts, statistics beside the layers, and output sizes as formulas."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests import oracles
from tests.strategies import networks, random_input
from tests.test_oracles import agree, poisoned
from xlconv import splitting
from xlconv.arrange import strip
from xlconv.book import Book, book_of
from xlconv.formula import MAX_FORMULA_LENGTH
from xlconv.initialise import initialised
from xlconv.layers import Conv2d
from xlconv.layers.partial import MAX_TERMS, even_parts, parts_of
from xlconv.layout import Layout
from xlconv.network import Network
from xlconv.opened import Opened, opened
from xlconv.plane import Plane, Spelling
from xlconv.presets import PRESETS
from xlconv.refs import cell_of, name_of
from xlconv.relaying import layouts_of
from xlconv.reproducing import reproduce
from xlconv.sheet import Kind, Sheet, SheetBuilder, Workbook
from xlconv.spec import network_of
from xlconv.verifying import Report, verify_workbook

ORACLES = (oracles.libreoffice, oracles.gnumeric)


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


def whole(network: Network, book: Book) -> Opened:
    """Assert that a workbook is verified, lifted to its network, and written again."""
    report = verify_workbook(book.workbook)
    assert (report.coverage, report.findings) == (1.0, [])
    found = opened(book.workbook)
    (relaid,) = layouts_of(found)
    assert relaid.network == network
    again = reproduce(found)
    assert again.is_whole, again.differences
    assert not again.differences
    return found


# -- long sums -------------------------------------------------------------------------


@pytest.mark.parametrize("name", DEEP)
def test_a_sum_over_many_channels_is_split_only_where_it_must_be(name: str) -> None:
    network, parts = DEEP[name]
    layout, book = made(network)
    assert parts_in(layout) == parts
    assert longest(book.workbook.sheets[0]) <= MAX_FORMULA_LENGTH
    whole(network, book)


@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("array", [True, False])
def test_parts_go_with_every_spelling(array: bool, fuse: bool) -> None:
    network, _ = DEEP["stride and padding"]
    layout, book = made(network, array=array, fuse=fuse)
    assert parts_in(layout) == 2
    found = whole(network, book)
    sums = [one for one in found.lifted.tensors if any("sum_" in name for name in one.helpers)]
    assert len(sums) == 1
    assert bool(found.calculation.units[sums[0].units[0]].is_array) is array


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.__name__)
@pytest.mark.parametrize("name", ["64 to 64", "256, then Linear", "dilation and one-sided padding"])
def test_other_programs_compute_long_sums_and_their_parts(name, oracle, tmp_path: Path) -> None:
    network, _ = DEEP[name]
    layout = strip(network, spelling=Spelling(array=name.startswith("dil")))
    path, sheet = poisoned(network, layout, random_input(network, 1), tmp_path)
    agree(sheet, oracle(path, tmp_path))


def test_no_preset_has_parts() -> None:
    for preset in PRESETS.values():
        network = preset.network()
        assert parts_in(preset.layout(network)) == 1


@given(networks(), st.integers(0, 2**31), st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_network_can_be_split_and_is_read_back(network, seed, array, fuse) -> None:
    # A mode of padding that pads nothing leaves no trace on the sheet.
    assume(not any(one.border and not any(one.padding) for one in convolutions(network)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "MAX_TERMS", 1)  # every sum over two channels or more
        layout, book = made(network, array=array, fuse=fuse)
    assume(parts_in(layout) > 1)
    assume(all(min(shape[1:]) >= 3 for shape in network.shapes if len(shape) == 3))
    found = opened(book.workbook)
    assume(not found.lifted.unlifted)
    (relaid,) = layouts_of(found)
    assert relaid.network == network
    assert reproduce(found).is_whole
    assert verify_workbook(book.workbook).coverage == 1.0


def test_parts_share_the_terms_evenly() -> None:
    assert [(one.start, one.stop) for one in even_parts(4, 10, 3)] == [(0, 3), (3, 6), (6, 10)]
    names = [one.name for one in even_parts(4, 10, 3)]
    assert parts_of([*names, "exp", "mask_0"]) == {4: even_parts(4, 10, 3)}
    assert MAX_TERMS * 60 > MAX_FORMULA_LENGTH  # so that the text is measured too


# -- faults in long sums -------------------------------------------------------------------


def edited(workbook: Workbook, changes: dict[str, str | float | None]) -> Workbook:
    """Return a workbook with other formulas (texts), numbers or nothing in some cells."""
    (sheet,) = workbook.sheets
    builder = SheetBuilder()
    for k in range(len(sheet)):
        row, column, kind = int(sheet.rows[k]), int(sheet.columns[k]), Kind(sheet.kinds[k])
        where = next((n for n in changes if cell_of(n) == (row, column)), None)
        value = changes[where] if where is not None else None
        if where is not None and value is None:
            continue
        number = float(sheet.numbers[k])
        if isinstance(value, float):
            builder.add(Kind.NUMBER, [row], [column], numbers=value)
        elif kind in (Kind.FORMULA, Kind.ARRAY_FORMULA, Kind.TEXT):
            text = value if isinstance(value, str) else sheet.texts[k]
            numbers = {} if kind == Kind.TEXT else {"numbers": number}
            builder.add(kind, [row], [column], texts=[text], **numbers)
        else:
            builder.add(kind, [row], [column], numbers=number)
    return replace(workbook, sheets=(builder.finish(sheet.name),))


def name_at(plane: Plane, i: int, j: int) -> str:
    return name_of(plane.cell(i, j))


def text_at(book: Book, name: str) -> str:
    (sheet,) = book.workbook.sheets
    index = sheet.find(cell_of(name))
    assert index is not None
    return sheet.texts[index]


def codes(report: Report, *, root: bool = True) -> set[tuple[str, str]]:
    return {(one.code, one.cell) for one in report.findings if one.root or not root}


def split_book() -> tuple[Book, dict[str, Plane], tuple[Plane, ...]]:
    network, _ = DEEP["stride and padding"]
    layout, book = made(network)
    place = layout.places[4]
    return book, place.helpers, place.planes


def test_a_number_over_a_partial_sum_is_named() -> None:
    book, helpers, _ = split_book()
    cell = name_at(helpers["sum_1_0_100"], 1, 2)
    report = verify_workbook(edited(book.workbook, {cell: 1.25}))
    assert ("S202", cell) in codes(report)
    assert report.verdict() == "findings"


def test_a_partial_sum_of_another_window_is_named() -> None:
    book, helpers, _ = split_book()
    plane = helpers["sum_2_100_200"]
    cell, beside = name_at(plane, 1, 1), name_at(plane, 1, 2)
    report = verify_workbook(edited(book.workbook, {cell: text_at(book, beside)}))
    assert ("S201", cell) in codes(report)


def test_a_stale_partial_sum_is_named() -> None:
    book, helpers, _ = split_book()
    (sheet,) = book.workbook.sheets
    plane = helpers["sum_0_100_200"]
    numbers = sheet.numbers.copy()
    index = sheet.find(plane.cell(2, 2))
    assert index is not None
    numbers[index] += 0.5
    stale = replace(book.workbook, sheets=(replace(sheet, numbers=numbers),))
    assert ("V101", name_at(plane, 2, 2)) in codes(verify_workbook(stale))


def test_a_plane_that_leaves_a_part_out_is_not_verified() -> None:
    book, helpers, planes = split_book()
    whole_, changes = planes[1], {}
    for i, j in np.ndindex(whole_.shape):
        left_out = name_at(helpers["sum_1_100_200"], i, j)
        cell = name_at(whole_, i, j)
        text = text_at(book, cell)
        assert f"+{left_out}+" in text
        changes[cell] = text.replace(f"+{left_out}+", "+")
    report = verify_workbook(edited(book.workbook, changes))
    assert report.verdict() == "findings" or report.coverage < 1
    own = {name_at(whole_, i, j) for i, j in np.ndindex(whole_.shape)}
    named = {one.cell for one in report.findings}
    assert own & named or any(one.block == whole_.range.name for one in report.findings)
