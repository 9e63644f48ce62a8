"""Streams the cells of one worksheet part into a Sheet.

One expat pass; per cell only what its attributes need. Rows and cells may come out of
order or without a name; a shared formula's children may come before their master.
"""

from __future__ import annotations

from typing import Any

from xlconv.errors import ReadError
from xlconv.spreadsheet.addresses import (
    MAX_COLUMNS,
    MAX_ROWS,
    Range,
    a1_name,
    column_name,
    parse_a1,
)
from xlconv.spreadsheet.formula import scan
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.spreadsheet.xlsx.package import Package
from xlconv.spreadsheet.xlsx.raw import RawCells, sheet_of, unfold
from xlconv.spreadsheet.xlsx.xml import MAIN, parse

# The parser hands out texts in pieces of 64 KiB; a cell holds 32,767 characters.
_MOST_PIECES = 16
_COLUMNS: dict[str, int] = {}  # letters seen so far
_NUMBER, _TEXT, _BOOLEAN, _ERROR = Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN, Kind.ERROR
_FORMULA, _ARRAY = Kind.FORMULA, Kind.ARRAY_FORMULA


def read_cells(
    package: Package,
    part: str,
    name: str,
    strings: list[str],
    already: int,
    *,
    since_1904: bool = False,
) -> Sheet:
    """Read a worksheet part. `already` cells were read from other sheets.

    Raises ReadError for cells that lie off the sheet, stand twice or point to strings
    that are not there.
    """
    cells = RawCells()
    most = package.budget.cells - already
    room = package.text_left
    allowed = package.budget.cells_allowed
    reader = _Reader(cells, strings, (most, room), allowed, name, since_1904=since_1904)
    try:
        parse(package.chunks(part), part, start=reader.start, end=reader.end, text=reader.text)
    except _OffSheetError as error:
        raise ReadError(f"sheet {name!r}: cell {error} is off the sheet") from None
    length = unfold(cells, name, room)
    package.keep_text(length + reader.size())
    return sheet_of(cells, name, package.budget.text_mib << 20)


class _OffSheetError(Exception):
    """A cell or row that no sheet has."""


class _Reader:
    """Expat's handlers: `start`, `end` and `text`."""

    def __init__(
        self,
        cells: RawCells,
        strings: list[str],
        most: tuple[int, int],  # cells, and bytes of their texts
        allowed: str,
        name: str,
        *,
        since_1904: bool,
    ) -> None:
        self.cells, self.strings, self.most, self.name = cells, strings, most, name
        self.allowed, self.since_1904 = allowed, since_1904
        self.start, self.end, self.text, self.size = self._handlers()

    def _handlers(self) -> tuple[Any, Any, Any, Any]:
        """Return the handlers as closures over the state: attribute look-ups cost most here."""
        cells, strings = self.cells, self.strings
        keys, kinds, cached = cells.keys, cells.kinds, cells.cached
        numbers, texts = cells.numbers, cells.texts
        c_tag = v_tag = f_tag = t_tag = row_tag = data_tag = is_tag = rph_tag = ""
        row = column = -1
        row_text = ""
        kind: str | None = None
        formula: str | None = None
        value: str | None = None
        inline: str | None = None
        attributes: dict[str, str] = {}
        collected: list[str] = []
        collecting = in_data = in_inline = in_phonetic = done = False
        most, room = self.most
        size = 0

        def start(tag: str, found: dict[str, str]) -> None:
            nonlocal c_tag, v_tag, f_tag, t_tag, row_tag, data_tag, is_tag, rph_tag
            nonlocal row, column, row_text, kind, formula, value, inline
            nonlocal attributes, collecting, in_data, in_inline, in_phonetic
            if tag == c_tag and in_data:
                name = found.get("r")
                if name is None:
                    column += 1
                    if row < 0 or column >= MAX_COLUMNS:
                        raise _OffSheetError("without a name")
                elif row_text and name.endswith(row_text) and name[: -len(row_text)] in _COLUMNS:
                    column = _COLUMNS[name[: -len(row_text)]]
                else:
                    row, column = _cell(name)
                    row_text = str(row + 1)
                    _COLUMNS[column_name(column)] = column
                kind = found.get("t")
                formula = value = inline = None
            elif tag == v_tag:
                collected.clear()
                collecting = True
            elif tag == f_tag:
                if in_data and formula is not None:
                    raise ReadError(f"sheet {self.name!r}: a cell has two formulas")
                attributes = found
                collected.clear()
                collecting = True
            elif tag == row_tag and in_data:
                text = found.get("r")
                row = row + 1 if text is None else _row(text)
                if row >= MAX_ROWS:
                    raise _OffSheetError("without a name")
                row_text = str(row + 1)
                column = -1
            elif tag == is_tag:
                in_inline, inline = True, ""
            elif tag == t_tag:
                collected.clear()
                collecting = in_inline and not in_phonetic
            elif tag == rph_tag:
                in_phonetic = True
            elif tag == data_tag:
                if done or in_data:
                    raise ReadError(f"sheet {self.name!r} has its cells twice")
                in_data = True
            elif not c_tag:
                space, _, root = tag.rpartition(" ")
                if space not in MAIN or root != "worksheet":
                    raise ReadError(f"sheet {self.name!r}: a part that is no worksheet")
                c_tag, v_tag, f_tag, t_tag = (f"{space} {one}" for one in ("c", "v", "f", "t"))
                row_tag, data_tag = f"{space} row", f"{space} sheetData"
                is_tag, rph_tag = f"{space} is", f"{space} rPh"

        def text(data: str) -> None:
            if collecting:
                collected.append(data)
                if len(collected) > _MOST_PIECES:
                    raise ReadError(f"sheet {self.name!r}: a cell is longer than cells are")

        def end(tag: str) -> None:
            nonlocal collecting, formula, value, inline, in_data, in_inline, in_phonetic, done
            if tag == c_tag:
                if in_data:
                    finish()
            elif tag == v_tag:
                # An empty element is how programs that do not calculate leave it out.
                if in_data and value is not None:
                    raise ReadError(f"sheet {self.name!r}: a cell has two values")
                value = collected[0] if len(collected) == 1 else "".join(collected)
                if not value and kind != "str":
                    value = None
                collecting = False
            elif tag == f_tag:
                formula = collected[0] if len(collected) == 1 else "".join(collected)
                collecting = False
            elif tag == t_tag:
                if collecting:
                    inline = (inline or "") + "".join(collected)
                collecting = False
            elif tag == is_tag:
                in_inline = False
            elif tag == rph_tag:
                in_phonetic = False
            elif tag == data_tag:
                in_data, done = False, True

        def finish() -> None:
            nonlocal formula, size
            if formula is None:
                if value is None and inline is None:
                    return
                found = known(kind, value, inline)
                keys.append(row * MAX_COLUMNS + column)
                kinds.append(found[0])
                cached.append(found[0])
                numbers.append(found[1])
                texts.append(found[2])
                if found[2]:
                    size += _bytes(found[2])
            else:
                index = len(keys)
                keys.append(row * MAX_COLUMNS + column)
                if kind is None and value is not None:
                    cached.append(_NUMBER)
                    numbers.append(number(value))
                else:
                    store_result(index)
                if attributes:
                    formula = special(index)
                    kinds.append(_ARRAY if attributes.get("t") == "array" else _FORMULA)
                else:
                    kinds.append(_FORMULA)
                texts.append(formula)
                size += len(formula) if formula.isascii() else _bytes(formula)
            if len(keys) > most:
                raise ReadError(f"more than {self.allowed}")
            if size > room:
                raise ReadError(f"sheet {self.name!r}: more text than the budget allows")

        def store_result(index: int) -> None:
            nonlocal size
            found = (
                known(kind, value, inline)
                if value is not None or inline is not None
                else (Kind.BLANK, 0.0, "")
            )
            if found[0] == _NUMBER or found[0] == _BOOLEAN or found[0] == Kind.BLANK:
                cells.results.pop(index, None)
            else:
                cells.results[index] = found[2]
                size += _bytes(found[2])
            cached.append(found[0])
            numbers.append(found[1])

        def known(
            kind: str | None, value: str | None, inline: str | None
        ) -> tuple[Kind, float, str]:
            if kind is None or kind == "n":
                return _NUMBER, number(value or "0"), ""
            if kind == "s":
                try:
                    index = int(value or "")
                    if index < 0 or not (value or "").isascii() or "_" in (value or ""):
                        raise IndexError
                    return _TEXT, 0.0, strings[index]
                except (ValueError, IndexError):
                    where = a1_name((row, column))
                    raise ReadError(
                        f"{self.name}!{where}: shared string {value!r} is missing"
                    ) from None
            if kind == "inlineStr":
                return _TEXT, 0.0, inline or ""
            if kind == "b":
                if value is not None and value.strip() not in ("0", "1", "false", "true"):
                    where = a1_name((row, column))
                    raise ReadError(f"{self.name}!{where}: {value!r} is neither true nor false")
                return _BOOLEAN, float((value or "").strip() in ("1", "true")), ""
            if kind == "e":
                return _ERROR, 0.0, value or "#VALUE!"
            if kind == "d":
                return _NUMBER, date(value or ""), ""
            if kind != "str":
                where = a1_name((row, column))
                raise ReadError(f"{self.name}!{where}: a value of unknown kind {kind!r}")
            return _TEXT, 0.0, value or ""

        def number(text: str) -> float:
            try:
                found = float(text)
            except ValueError:
                found = float("nan")
            if not text.isascii() or "_" in text:
                found = float("nan")
            if found - found != 0:  # NaN or infinity
                where = a1_name((row, column))
                raise ReadError(f"{self.name}!{where}: {text!r} is not a number")
            return found

        def date(text: str) -> float:
            from xlconv.spreadsheet.xlsx.dates import serial_of  # noqa: PLC0415  rarely written so

            try:
                return serial_of(text, since_1904=self.since_1904)
            except ValueError:
                where = a1_name((row, column))
                raise ReadError(f"{self.name}!{where}: {text!r} is no ISO date") from None

        def special(index: int) -> str:
            """Return the formula of a shared or array cell, "" where it is still to come."""
            own, kind = formula or "", attributes.get("t")
            if kind == "array":
                area = attributes.get("ref", "")
                first, _, last = area.partition(":")
                if last and last != first:
                    (top, left), (bottom, right) = _cell(first), _cell(last)
                    if (top, left) != (row, column) or bottom < top or right < left:
                        where = f"{self.name}!{a1_name((row, column))}"
                        raise ReadError(f"{where}: not the first cell of {area}")
                    cells.arrays[index] = Range(top, left, bottom, right)
            elif kind == "shared":
                key = attributes.get("si", "")
                if own:
                    cells.masters[key] = (keys[index], scan(own))
                else:
                    cells.children.append((index, key, cells.masters.get(key)))
            return own

        return start, end, text, lambda: size


def _bytes(text: str) -> int:
    """Return about how much memory a text of its own takes."""
    return 64 + (len(text) if text.isascii() else 4 * len(text))


def _cell(name: str) -> tuple[int, int]:
    try:
        return parse_a1(name)
    except ValueError:
        raise _OffSheetError(repr(name)) from None


def _row(text: str) -> int:
    digits = text.lstrip("0")
    if not (text.isascii() and digits.isdigit() and len(digits) <= 7 and int(digits) <= MAX_ROWS):
        raise _OffSheetError(f"in row {text!r}")
    return int(digits) - 1
