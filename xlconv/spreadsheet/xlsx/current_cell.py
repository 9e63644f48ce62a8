"""The cell that is being read: where it stands, what is known of it, and how it is kept.

Cells go to RawCells in file order. Whoever reads the elements sets the fields of one and
the same object anew for each cell. Knows no XML.
"""

from __future__ import annotations

from collections.abc import Iterable

from xlconv.errors import ReadError
from xlconv.spreadsheet.addresses import (
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Range,
    a1_name,
    column_name,
    parse_a1,
)
from xlconv.spreadsheet.formula import scan
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.cell_values import CellValue, number_of, value_of
from xlconv.spreadsheet.xlsx.raw import ManyCells, RawCells

_COLUMNS: dict[str, int] = {}  # letters met so far
_NUMBER, _FORMULA, _ARRAY = Kind.NUMBER, Kind.FORMULA, Kind.ARRAY_FORMULA
_NOTHING: CellValue = (Kind.BLANK, 0.0, "")


class OffSheetError(Exception):
    """A cell or row that no sheet has."""


class TooManyCellsError(ReadError):
    """More cells than the budget has; all before them were read."""


class CurrentCell:
    """A cell of a sheet; `kind` is its type attribute, `attributes` are those of its formula.

    What most cells have, a formula and a number, is kept by `finish` itself: a call for
    each would cost more than the work.
    """

    __slots__ = (
        "_allowed", "_column", "_most", "_name", "_room", "_row", "_row_text", "_since_1904",
        "_strings", "attributes", "formula", "inline", "kind", "raw", "size", "value",
    )  # fmt: skip

    def __init__(
        self, name: str, strings: list[str], most: tuple[int, int, str], *, since_1904: bool
    ) -> None:
        """Begin before the first cell of sheet `name`.

        `most` has how many cells there may be, how many bytes of texts, and words for the
        first.
        """
        self.raw = RawCells()
        self.size = 0  # bytes of texts that were kept
        self._name, self._strings, self._since_1904 = name, strings, since_1904
        self._most, self._room, self._allowed = most
        self._row = self._column = -1
        self._row_text = ""
        self.kind: str | None = None
        self.formula: str | None = None
        self.value: str | None = None
        self.inline: str | None = None
        self.attributes: dict[str, str] = {}

    # -- where it stands -----------------------------------------------------------------

    def start_row(self, text: str | None) -> None:
        """Go to before the first cell of a row, of the next one where it has no number."""
        self._row = self._row + 1 if text is None else _row(text)
        if self._row >= MAX_ROWS:
            raise OffSheetError("without a name")
        self._row_text = str(self._row + 1)
        self._column = -1

    def start(self, name: str | None) -> None:
        """Go to a cell, to the next one of the row where it has no name; nothing is known yet."""
        row_text = self._row_text
        if name is None:
            self._column += 1
            if self._row < 0 or self._column >= MAX_COLUMNS:
                raise OffSheetError("without a name")
        elif row_text and name.endswith(row_text) and name[: -len(row_text)] in _COLUMNS:
            self._column = _COLUMNS[name[: -len(row_text)]]
        else:
            self._row, self._column = _cell(name)
            self._row_text = str(self._row + 1)
            _COLUMNS[column_name(self._column)] = self._column
        self.formula = self.value = self.inline = None

    def _refused(self, what: object) -> ReadError:
        return ReadError(f"{self._name}!{a1_name((self._row, self._column))}: {what}")

    # -- how it is kept ------------------------------------------------------------------

    def finish(self) -> None:
        """Keep the cell, if there is anything in it. Raises ReadError past what is allowed."""
        formula = self.formula
        if formula is None:
            if self.value is None and self.inline is None:
                return
            cached, number, text = self._known()
            kind = cached
            self.size += _bytes(text) if text else 0
        else:
            cached, number = self._result()
            kind, text = _FORMULA, formula
            if self.attributes:
                kind, text = self._note_shared(formula)
            self.size += len(text) if text.isascii() else _bytes(text)
        self.raw.add(self._row * MAX_COLUMNS + self._column, kind, cached, number, text)
        self._check_room()

    def keep_alone(self, key: int) -> None:
        """Keep a cell that stands where `key` says, if there is anything in it."""
        self._row, self._column = divmod(key, MAX_COLUMNS)
        self.finish()

    def keep_many(self, cells: ManyCells, children: Iterable[tuple[int, str]]) -> None:
        """Keep cells of formulas and numbers; the children of shared ones by index and group."""
        raw, before = self.raw, len(self.raw.keys)
        raw.children += [
            (before + index, group, raw.masters.get(group)) for index, group in children
        ]
        raw.add_many(cells)
        if cells.text.isascii():
            self.size += len(cells.text)
        else:
            self.size += sum(len(one) if one.isascii() else _bytes(one) for one in cells.texts())
        self._check_room()

    def _check_room(self) -> None:
        if len(self.raw.keys) > self._most:
            raise TooManyCellsError(f"more than {self._allowed}")
        if self.size > self._room:
            raise ReadError(f"sheet {self._name!r}: more text than the budget allows")

    def _known(self) -> CellValue:
        try:
            return value_of(
                self.kind, self.value, self.inline, self._strings, since_1904=self._since_1904
            )
        except ValueError as error:
            raise self._refused(error) from None

    def _result(self) -> tuple[Kind, float]:
        """Return the cached value of a formula; a text or an error is kept beside it."""
        if self.kind is None and self.value is not None:  # most of all
            try:
                return _NUMBER, number_of(self.value)
            except ValueError as error:
                raise self._refused(error) from None
        missing = self.value is None and self.inline is None
        kind, number, text = _NOTHING if missing else self._known()
        if kind in (Kind.TEXT, Kind.ERROR):
            self.raw.results[len(self.raw.keys)] = text
            self.size += _bytes(text)
        return kind, number

    def _note_shared(self, formula: str) -> tuple[Kind, str]:
        """Note what an array formula fills, and what a shared one shares; return kind and text.

        The text of a shared formula's child is "", and still to come. A table of what-ifs is
        the array formula that Excel shows there.
        """
        attributes, raw = self.attributes, self.raw
        index = len(raw.keys)
        match attributes.get("t"):
            case "array" | "dataTable" as kind:
                first, _, last = attributes.get("ref", "").partition(":")
                if last and last != first:
                    raw.arrays[index] = self._filled(_cell(first), _cell(last))
                return _ARRAY, formula if kind == "array" else _table_text(attributes)
            case "shared":
                key = attributes.get("si", "")
                if formula:
                    raw.masters[key] = (self._row * MAX_COLUMNS + self._column, scan(formula))
                else:
                    raw.children.append((index, key, raw.masters.get(key)))
        return _FORMULA, formula

    def _filled(self, first: Cell, last: Cell) -> Range:
        if first != (self._row, self._column) or last[0] < first[0] or last[1] < first[1]:
            raise self._refused(f"not the first cell of {self.attributes['ref']}")
        return Range(*first, *last)


def _table_text(attributes: dict[str, str]) -> str:
    """Return a data table as Excel shows it: `TABLE(row input,column input)`."""
    first, second = attributes.get("r1", ""), attributes.get("r2", "")
    if attributes.get("dt2D") in ("1", "true"):
        return f"TABLE({first},{second})"
    by_row = attributes.get("dtr") in ("1", "true")
    return f"TABLE({first},)" if by_row else f"TABLE(,{first})"


def _bytes(text: str) -> int:
    """Return about how much memory a text of its own takes."""
    return 64 + (len(text) if text.isascii() else 4 * len(text))


def _cell(name: str) -> Cell:
    try:
        return parse_a1(name)
    except ValueError:
        raise OffSheetError(repr(name)) from None


def _row(text: str) -> int:
    digits = text.lstrip("0")
    if not (text.isascii() and digits.isdigit() and len(digits) <= 7 and int(digits) <= MAX_ROWS):
        raise OffSheetError(f"in row {text!r}")
    return int(digits) - 1
