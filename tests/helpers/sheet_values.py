"""What a sheet that was read holds, in a form to compare: each cell a (kind, value)."""

from pathlib import Path

from tests.helpers.packages import (
    Parts,
    save,
)
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.spreadsheet.xlsx.read import read_xlsx

Value = tuple[str, object]


def number(value: float) -> Value:
    return "number", float(value)


def text(value: str) -> Value:
    return "text", value


def boolean(value: bool) -> Value:
    return "boolean", value


def error(value: str) -> Value:
    return "error", value


NONE: Value = ("blank", None)


def formula(value: str, cached: Value = NONE) -> Value:
    return "=" + value, cached


def array(value: str, cached: Value = NONE) -> Value:
    return "{=" + value + "}", cached


def cells(sheet: Sheet) -> dict[str, Value]:
    """What a sheet holds, by the names of its cells, in the sheet's order."""
    found = {}
    assert len(set(zip(sheet.rows.tolist(), sheet.columns.tolist(), strict=True))) == len(sheet)
    for index, held in enumerate(sheet.texts):
        kind, cached = Kind(sheet.kinds[index]), Kind(sheet.cached[index])
        outer = sheet.results.get(index, "") if kind >= Kind.FORMULA else held
        value = {
            Kind.BLANK: NONE,
            Kind.NUMBER: number(sheet.numbers[index]),
            Kind.TEXT: text(outer),
            Kind.BOOLEAN: boolean(bool(sheet.numbers[index])),
            Kind.ERROR: error(outer),
        }[cached]
        if kind in (Kind.FORMULA, Kind.ARRAY_FORMULA):
            value = (array if kind == Kind.ARRAY_FORMULA else formula)(held, value)
        found[a1_name((int(sheet.rows[index]), int(sheet.columns[index])))] = value
    return found


def read_cells(tmp_path: Path, content: Parts) -> dict[str, Value]:
    return cells(read_xlsx(save(tmp_path / "x.xlsx", content)).sheets[0])


HELD = {
    "A1": number(1.5),
    "B1": text("yes"),
    "C1": formula("A1*2", number(3)),
    "D1": formula("B1*2", number(0)),
    "E1": text("in"),
}
