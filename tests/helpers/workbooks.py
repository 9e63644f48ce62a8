"""Workbooks for tests: small ones of given cells, and the shipped ones with other cells."""

from __future__ import annotations

from msgspec.structs import replace

from tests.helpers.shipped import shipped_subject
from tests.mutations import Fault, rebuilt, refreshed
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook


def sheet(cells: dict[str, object], arrays: tuple[str, ...] = ()) -> Workbook:
    """Return a workbook of one sheet from values and `=formulas`, caches filled in."""
    into = SheetBuilder()
    for name, value in cells.items():
        row, column = parse_a1(name)
        if isinstance(value, str) and value.startswith("="):
            kind = Kind.ARRAY_FORMULA if name in arrays else Kind.FORMULA
            into.add(kind, [row], [column], texts=[value[1:]])
        elif isinstance(value, str):
            into.add(Kind.TEXT, [row], [column], texts=[value])
        else:
            into.add(Kind.NUMBER, [row], [column], numbers=[value])
    return refreshed(Workbook((into.finish("s"),)))


def changed(name: str, cells: dict[str, tuple[Kind, float, str]]) -> Workbook:
    """Return a shipped workbook with other contents in some cells, recalculated."""
    subject = shipped_subject(name)
    return rebuilt(subject, Fault({parse_a1(at): held for at, held in cells.items()}, (0, 0), ()))


def renumbered(book: Workbook, numbers: dict[str, float]) -> Workbook:
    """Return a workbook of one sheet with other numbers: typed ones, or stored by formulas."""
    (one,) = book.sheets
    held = one.numbers.copy()
    for cell, number in numbers.items():
        held[one.find(parse_a1(cell))] = number
    return replace(book, sheets=(replace(one, numbers=held),))


def small_sheet() -> Sheet:
    into = SheetBuilder()
    into.add(Kind.TEXT, [0, 5], [0, 2], texts=["=1+1", " a<b & c "])
    into.add(Kind.NUMBER, [1, 1, 9], [3, 0, 4], numbers=[0.1, -0.0, 1e-300])
    into.add(Kind.FORMULA, [1, 7], [1, 1], numbers=[0.1 + 0.2, 7], texts=["A2<D2", "SUM(A2:D2)"])
    into.add(Kind.ARRAY_FORMULA, [8], [3], numbers=[2], texts=["SUM(A2:A3*A2:A3)"])
    return into.finish("a sheet")
