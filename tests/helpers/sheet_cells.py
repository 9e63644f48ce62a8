"""Cells of a written sheet by their names: what they hold, and with other contents."""

from __future__ import annotations

from msgspec.structs import replace

from xlconv.lowering.book import Book
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.editing.edited import retold
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook


def edited(workbook: Workbook, changes: dict[str, str | float | None]) -> Workbook:
    """Return a workbook with other formulas (texts), numbers or nothing in some cells."""
    (sheet,) = workbook.sheets
    builder = SheetBuilder()
    wanted = {parse_a1(name): value for name, value in changes.items()}
    for k in range(len(sheet)):
        row, column, kind = int(sheet.rows[k]), int(sheet.columns[k]), Kind(sheet.kinds[k])
        value = wanted.get((row, column))
        if (row, column) in wanted and value is None:
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


def unlabelled(workbook: Workbook) -> Workbook:
    """Return a workbook whose texts tell neither its layers nor its planes."""
    sheets = (retold(one, lambda text: text.replace("[", "(").replace("Layers", "Parts"))
              for one in workbook.sheets)  # fmt: skip
    return replace(workbook, sheets=tuple(sheets))


def name_at(plane: Plane, i: int, j: int) -> str:
    return a1_name(plane.cell(i, j))


def text_at(book: Book, name: str) -> str:
    (sheet,) = book.workbook.sheets
    index = sheet.find(parse_a1(name))
    assert index is not None
    return sheet.texts[index]


def named(book: Book, name: str) -> list[str]:
    """The cells of a defined name."""
    ((_, area),) = dict(book.workbook.names)[name]
    return [a1_name((area.top, column)) for column in range(area.left, area.right + 1)]


def value_at(book: Book, name: str) -> float:
    (sheet,) = book.workbook.sheets
    index = sheet.find(parse_a1(name))
    assert index is not None
    return float(sheet.numbers[index])
