"""A right copy aside proves nothing of the network that a reader sees."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.helpers.sheet_cells import edited
from tests.helpers.small_network import small
from tests.helpers.strategies import random_input
from tests.mutations import refreshed
from tests.mutations.subjects import preset
from tests.verification.intended.test_shifted_tables import held, nameless
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook
from xlconv.verification.report import Report

TEACHER = preset("conv-example").workbook


def averaged() -> Workbook:
    """The default workbook with averages for its first pool."""
    (sheet,) = TEACHER.sheets
    return nameless(refreshed(edited(TEACHER, {
        a1_name((int(sheet.rows[k]), int(sheet.columns[k]))): f"AVERAGE{sheet.texts[k][3:]}"
        for k in range(len(sheet))
        if sheet.texts[k].startswith("MAX(") and 89 <= sheet.columns[k] <= 105
        and "," not in sheet.texts[k]
    })))  # fmt: skip


def moved(sheet: Sheet, name: str) -> Sheet:
    """Return a sheet by another name."""
    builder = SheetBuilder()
    for k in range(len(sheet)):
        kind, place = Kind(sheet.kinds[k]), ([int(sheet.rows[k])], [int(sheet.columns[k])])
        texts = {"texts": [sheet.texts[k]]} if kind != Kind.NUMBER else {}
        numbers = {} if kind == Kind.TEXT else {"numbers": float(sheet.numbers[k])}
        builder.add(kind, *place, **texts, **numbers)
    return builder.finish(name)


def with_copy(name: str, hidden: frozenset[str] = frozenset()) -> Workbook:
    """A sheet of that name with the average pool, and a right one, `backup`."""
    (wrong,), (right,) = averaged().sheets, TEACHER.sheets
    return Workbook((moved(wrong, name), moved(right, "backup")), hidden=hidden)


def errors(report: Report) -> list[tuple[str, str, str]]:
    return [(one.code, one.sheet, one.cell) for one in report.findings if one.severity == "error"]


@pytest.mark.many
@pytest.mark.parametrize(
    ("name", "hidden"), [("Homework", frozenset({"backup"})), ("conv-example", frozenset[str]())]
)
def test_a_copy_aside_is_not_preferred(name: str, hidden: frozenset[str]) -> None:
    report = held(with_copy(name, hidden), TEACHER)
    assert errors(report) == [("D702", name, "CL4")]


@pytest.mark.slow
def test_a_network_beside_the_right_one_is_not_proven_by_itself() -> None:
    report = held(with_copy("Homework"), TEACHER)
    assert (report.verdict, errors(report)) == ("partly", [])
    (one, *_) = [one for one in report.findings if one.code == "L601"]
    assert one.sheet == "Homework" and "another network than that of" in one.message


def test_the_same_numbers_in_another_way_on_its_own_sheet_are_right() -> None:
    book = preset("matmul").workbook
    assert held(nameless(book), book).verdict == "verified"


@pytest.mark.slow
def test_a_second_right_copy_is_right() -> None:
    (sheet,) = TEACHER.sheets
    book = Workbook((moved(sheet, "Homework"), moved(sheet, "backup")))
    assert held(book, TEACHER).verdict == "verified"
    assert held(replace(book, hidden=frozenset({"Homework"})), TEACHER).verdict == "verified"


def crossed(book: Workbook, pairs: list[tuple[str, str]]) -> Workbook:
    """Planes with what they read of one another."""
    (sheet,) = book.sheets
    texts = {}
    for k in range(len(sheet)):
        text = sheet.texts[k]
        for one, other in pairs:
            text = text.replace(one, "#").replace(other, one).replace("#", other)
        if text != sheet.texts[k]:
            texts[a1_name((int(sheet.rows[k]), int(sheet.columns[k])))] = text
    assert texts
    return nameless(refreshed(edited(book, texts)))


def test_kernels_read_crosswise_are_another_layer() -> None:
    edges = preset("edges").workbook
    pairs = ("$AD$12:$AF$14", "$AD$41:$AF$43"), ("$BI$12:$BK$14", "$BI$41:$BK$43")
    report = held(crossed(edges, list(pairs)), edges)
    assert (report.verdict, {code for code, *_ in errors(report)}) == ("findings", {"D702"})


def test_biases_read_crosswise_are_another_layer() -> None:
    network = small()
    book = book_of(network, strip(network), random_input(network, 5)).workbook
    places = {name: areas[0][1].absolute_name for name, areas in book.names}
    pair = places["edges_bias_0"], places["edges_bias_1"]
    assert held(nameless(book), book).verdict == "verified"
    report = held(crossed(book, [pair]), book)
    assert [code for code, *_ in errors(report)] == ["D702"]
    assert "the biases of the planes are swapped" in report.findings[0].message
