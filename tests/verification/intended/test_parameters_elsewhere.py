"""Kernels and biases that were cut and pasted onto another sheet, with all that reads them."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from tests.helpers.sheet_cells import edited
from tests.helpers.strategies import random_input, random_state
from tests.mutations import refreshed
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.spreadsheet.addresses import Range, a1_name
from xlconv.spreadsheet.editing.edited import rewritten
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook
from xlconv.verification.verify import verify_workbook

LAYERS = [
    {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}, {"type": "ReLU"},
    {"type": "MaxPool2d", "kernel_size": 2}, {"type": "Flatten"},
    {"type": "Linear", "out_features": 3}, {"type": "Softmax"},
]  # fmt: skip
MOVED = {
    "one kernel": ("conv1_weight_0",),
    "one bias": ("conv1_bias_1",),
    "all kernels": ("conv1_weight_0", "conv1_weight_1"),
    "all of the convolution": ("conv1_weight_0", "conv1_weight_1", "conv1_bias_0", "conv1_bias_1"),
}


def written() -> Workbook:
    network = network_of({"input": [1, 8, 8], "layers": LAYERS})
    network = network.with_state(random_state(network, 3))
    return book_of(network, strip(network), random_input(network, 5)).workbook


def moved(book: Workbook, names: tuple[str, ...]) -> Workbook:
    """Return a workbook with named parameters in the same cells of another sheet."""
    (sheet,) = book.sheets
    areas = [area for name, ranges in book.names if name in names for _, area in ranges]
    assert len(areas) >= len(names)
    home, other = SheetBuilder(), SheetBuilder()
    for k in range(len(sheet)):
        cell, kind = (int(sheet.rows[k]), int(sheet.columns[k])), Kind(sheet.kinds[k])
        to = other if any(area.holds(Range(*cell, *cell)) for area in areas) else home
        texts = [sheet.texts[k]] if sheet.texts[k] else []
        if kind == Kind.FORMULA:
            texts = [_elsewhere(sheet.texts[k], areas)]
        to.add(kind, [cell[0]], [cell[1]], numbers=float(sheet.numbers[k]), texts=texts)
    told = tuple(
        (name, tuple(("Kernels" if name in names else one, area) for one, area in ranges))
        for name, ranges in book.names
    )
    return replace(book, sheets=(home.finish(sheet.name), other.finish("Kernels")), names=told)


def _elsewhere(text: str, areas: list[Range]) -> str:
    for area in areas:
        first, last = (
            "$" + re.sub(r"(\d+)$", r"$\1", a1_name(cell))
            for cell in ((area.top, area.left), (area.bottom, area.right))
        )
        whole = first if first == last else f"{first}:{last}"
        text = re.sub(rf"(?<![\w:!$]){re.escape(whole)}(?![\d:])", f"Kernels!{whole}", text)
    return text


@pytest.mark.parametrize("described", [True, False])
@pytest.mark.parametrize("what", MOVED)
def test_parameters_on_another_sheet_compute_the_same(what: str, described: bool) -> None:
    book = moved(written(), MOVED[what])
    assert "Kernels!" in "".join(book.sheets[0].texts)
    book = book if described else replace(book, names=(), properties=())
    report = verify_workbook(book)
    assert [one.message for one in report.findings] == []
    assert (report.verdict, report.coverage) == ("verified", 1.0)
    assert report.network is not None
    found, wanted = report.network.state(), verify_workbook(written()).network
    assert wanted is not None
    assert {key: value.tolist() for key, value in found.items()} == {
        key: value.tolist() for key, value in wanted.state().items()
    }


@pytest.mark.parametrize("what", ["one kernel", "one bias", "all of the convolution"])
def test_a_wrong_formula_beside_them_is_found(what: str) -> None:
    book = moved(written(), MOVED[what])
    (sheet, _) = book.sheets
    text = next(one for one in sheet.texts if "Kernels!" in one)
    cells = zip(sheet.rows.tolist(), sheet.columns.tolist(), sheet.texts, strict=True)
    where = next(a1_name((row, column)) for row, column, one in cells if one == text)
    wrong = text.replace("Kernels!", "")  # blanks of its own sheet
    (other,) = edited(replace(book, sheets=(sheet,)), {where: wrong}).sheets
    report = verify_workbook(refreshed(replace(book, sheets=(other, book.sheets[1]))))
    assert report.verdict == "findings"
    assert where in {one.cell for one in report.findings if one.severity == "error"}


def test_another_layer_is_found_though_kernels_stand_elsewhere() -> None:
    book = moved(written(), MOVED["one kernel"])
    (sheet, kernels) = book.sheets
    cells = zip(sheet.rows.tolist(), sheet.columns.tolist(), sheet.texts, strict=True)
    pools = {
        a1_name((row, column)): text.replace("MAX(", "AVERAGE(")
        for row, column, text in cells if re.fullmatch(r"MAX\(\w+:\w+\)", text)
    }  # fmt: skip
    assert len(pools) == 18
    (other,) = edited(replace(book, sheets=(sheet,)), pools).sheets
    report = verify_workbook(refreshed(replace(book, sheets=(other, kernels))))
    assert report.verdict == "findings"
    assert "D" in {one.code[0] for one in report.findings if one.severity == "error"}


def test_the_kernel_of_the_other_plane_is_found_on_another_sheet_too() -> None:
    book = moved(written(), MOVED["all kernels"])
    (sheet, kernels) = book.sheets
    one, other = sorted({
        text for line in sheet.texts for text in re.findall(r"Kernels![$A-Z0-9:]+", line)
    })  # fmt: skip
    cells = zip(sheet.rows.tolist(), sheet.columns.tolist(), sheet.texts, strict=True)
    changes: dict[str, str | float | None] = {
        a1_name((row, column)): text.replace(one, other)
        for row, column, text in cells if one in text
    }  # fmt: skip
    assert len(changes) == 36
    (wrong,) = edited(replace(book, sheets=(sheet,)), changes).sheets
    report = verify_workbook(refreshed(replace(book, sheets=(wrong, kernels))))
    assert report.verdict == "findings"


def test_a_parameter_that_follows_from_the_picture_is_open_without_names() -> None:
    book = replace(written(), names=(), properties=())
    (sheet,) = book.sheets
    area = dict(written().names)["conv1_weight_0"][0][1]
    for text in ("A2", "2*A2"):
        changed = rewritten(sheet, {(area.top, area.left): text})
        report = verify_workbook(refreshed(replace(book, sheets=(changed,))))
        assert report.verdict == "partly"
        assert a1_name((area.top, area.left)) in {one.cell for one in report.findings}
