"""Faults in sums that are written in parts."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers.deep_networks import FEW, SHALLOW, made
from tests.helpers.reports import codes
from tests.helpers.sheet_cells import edited, name_at, text_at
from xlconv.lowering.book import Book
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.verify import verify_workbook


def split_book() -> tuple[Book, dict[str, Plane], tuple[Plane, ...]]:
    network, _ = SHALLOW["stride and padding"]
    layout, book = made(network, most=FEW)
    place = layout.places[4]
    return book, place.helpers, place.planes


@pytest.mark.slow
def test_a_number_over_a_partial_sum_is_named() -> None:
    book, helpers, _ = split_book()
    cell = name_at(helpers["sum_1_0_5"], 1, 2)
    report = verify_workbook(edited(book.workbook, {cell: 1.25}))
    assert ("S202", cell) in codes(report)
    assert report.verdict == "findings"


@pytest.mark.slow
def test_a_partial_sum_of_another_window_is_named() -> None:
    book, helpers, _ = split_book()
    plane = helpers["sum_2_5_10"]
    cell, beside = name_at(plane, 1, 1), name_at(plane, 1, 2)
    report = verify_workbook(edited(book.workbook, {cell: text_at(book, beside)}))
    assert ("S201", cell) in codes(report)


@pytest.mark.slow
def test_a_stale_partial_sum_is_named() -> None:
    book, helpers, _ = split_book()
    (sheet,) = book.workbook.sheets
    plane = helpers["sum_0_5_10"]
    numbers = sheet.numbers.copy()
    index = sheet.find(plane.cell(2, 2))
    assert index is not None
    numbers[index] += 0.5
    stale = replace(book.workbook, sheets=(replace(sheet, numbers=numbers),))
    assert ("V101", name_at(plane, 2, 2)) in codes(verify_workbook(stale))


@pytest.mark.slow
def test_a_plane_that_leaves_a_part_out_is_not_verified() -> None:
    book, helpers, planes = split_book()
    plane, changes = planes[1], {}
    for i, j in np.ndindex(plane.shape):
        left_out = name_at(helpers["sum_1_5_10"], i, j)
        cell = name_at(plane, i, j)
        text = text_at(book, cell)
        assert f"+{left_out}+" in text
        changes[cell] = text.replace(f"+{left_out}+", "+")
    report = verify_workbook(edited(book.workbook, changes))
    assert report.verdict == "findings" or report.coverage < 1
    own = {name_at(plane, i, j) for i, j in np.ndindex(plane.shape)}
    named = {one.cell for one in report.findings}
    assert own & named or any(one.block == plane.range.name for one in report.findings)
