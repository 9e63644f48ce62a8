"""Streams the cells of one worksheet part into a Sheet.

One expat pass; per cell only what its attributes need. Rows and cells may come out of
order or without a name; a shared formula's children may come before their master. Knows
the elements; what a cell is made of them stands in `current_cell`.
"""

from __future__ import annotations

from collections.abc import Iterable

from xlconv.errors import ReadError
from xlconv.spreadsheet.workbook import Sheet
from xlconv.spreadsheet.xlsx.current_cell import (
    CurrentCell,
    OffSheetError,
    TooManyCellsError,
)
from xlconv.spreadsheet.xlsx.package import Package
from xlconv.spreadsheet.xlsx.plain.read import without_rows
from xlconv.spreadsheet.xlsx.plain.tags import NotPlainError
from xlconv.spreadsheet.xlsx.raw import sheet_of, unfold
from xlconv.spreadsheet.xlsx.xml import MAIN, parse

# The parser hands out texts in pieces of 64 KiB; a cell holds 32,767 characters.
_MOST_PIECES = 16

_VALUE, _EMPTY = b"<v>", b"<v></v>"
_PEEK = 1 << 20

# Elements that few cells have, or none.
_SELDOM = ("row", "is", "t", "rPh", "sheetData")


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
    room = package.text_left
    most = package.budget.cells - already, room, package.budget.cells_allowed

    def fresh() -> CurrentCell:
        return CurrentCell(name, strings, most, since_1904=since_1904)

    _refuse_early(package, part, most)
    cell = _plain(package, part, fresh(), name) or _streamed(package, part, fresh(), name)
    unfolded = unfold(cell.raw, name, room)
    package.keep_text(sum(map(len, unfolded.values())) + cell.size)
    return sheet_of(cell.raw, unfolded, name, package.budget.text_mib << 20)


def _refuse_early(package: Package, part: str, most: tuple[int, int, str]) -> None:
    """Raise ReadError for far too many cells before they are read: every value is one.

    They are counted only where the part's size and its beginning let them be feared.
    """
    allowed, _, words = most
    if package.declared(part) < len(_VALUE) * allowed:
        return
    before = package.handed_out
    size = count = 0
    for chunk in package.chunks(part):
        size += len(chunk)
        count += chunk.count(_VALUE) - chunk.count(_EMPTY)
        if b"<!" in chunk or (size > _PEEK and count * package.declared(part) < allowed * size):
            break  # comments may hold anything
        if count > allowed:
            raise TooManyCellsError(f"more than {words}")
    package.take_back(before)


def _plain(package: Package, part: str, cell: CurrentCell, name: str) -> CurrentCell | None:
    """Read the cells in bulk; None where the part is not wholly in the plain form."""
    before = package.handed_out
    elements = _Elements(cell, name)
    try:
        elements.read(without_rows(package.chunks(part), cell), part)
    except TooManyCellsError:
        raise  # whatever stands before them was read
    except (NotPlainError, ReadError, OffSheetError):
        pass  # in which words it is refused, the other one knows
    else:
        if elements.has_data:
            return cell
    package.take_back(before)
    return None


def _streamed(package: Package, part: str, cell: CurrentCell, name: str) -> CurrentCell:
    try:
        _Elements(cell, name).read(package.chunks(part), part)
    except OffSheetError as error:
        raise ReadError(f"sheet {name!r}: cell {error} is off the sheet") from None
    return cell


class _Elements:
    """Expat's handlers: `start`, `end` and `text`, called for every element of the part.

    A slot costs hardly more than a closure's variable; a call for each element that most
    cells have would. Tags are "" until the first element tells their namespace.
    """

    __slots__ = (
        "_c", "_cell", "_collected", "_collecting", "_done", "_f", "_in_data", "_in_inline",
        "_in_phonetic", "_name", "_seldom", "_v",
    )  # fmt: skip

    def __init__(self, cell: CurrentCell, name: str) -> None:
        self._cell, self._name = cell, name
        self._c = self._v = self._f = ""
        self._seldom: dict[str, str] = {}
        self._in_data = self._in_inline = self._in_phonetic = self._done = False
        self._collected: list[str] = []
        self._collecting = False

    def read(self, chunks: Iterable[bytes], part: str) -> None:
        """Read a part, whose elements are these. Raises ReadError, OffSheetError."""
        parse(chunks, part, start=self.start, end=self.end, text=self.text)

    @property
    def has_data(self) -> bool:
        """Whether the element that holds the cells was there."""
        return self._done

    def start(self, tag: str, found: dict[str, str]) -> None:
        if tag == self._c and self._in_data:
            cell = self._cell
            cell.start(found.get("r"))
            cell.kind = found.get("t")
        elif tag == self._v:
            self._collected.clear()
            self._collecting = True
        elif tag == self._f:
            if self._in_data and self._cell.formula is not None:
                raise ReadError(f"sheet {self._name!r}: a cell has two formulas")
            self._cell.attributes = found
            self._collected.clear()
            self._collecting = True
        elif self._c:
            self._start_seldom(self._seldom.get(tag), found)
        else:
            self._start_root(tag)

    def text(self, data: str) -> None:
        if self._collecting:
            self._collected.append(data)
            if len(self._collected) > _MOST_PIECES:
                raise ReadError(f"sheet {self._name!r}: a cell is longer than cells are")

    def end(self, tag: str) -> None:
        if tag == self._c:
            if self._in_data:
                self._cell.finish()
        elif tag == self._v:
            cell, collected = self._cell, self._collected
            if self._in_data and cell.value is not None:
                raise ReadError(f"sheet {self._name!r}: a cell has two values")
            value = collected[0] if len(collected) == 1 else "".join(collected)
            # An empty element is how programs that do not calculate leave it out.
            cell.value = value if value or cell.kind == "str" else None
            self._collecting = False
        elif tag == self._f:
            collected = self._collected
            self._cell.formula = collected[0] if len(collected) == 1 else "".join(collected)
            self._collecting = False
        else:
            self._end_seldom(self._seldom.get(tag))

    def _start_root(self, tag: str) -> None:
        space, _, root = tag.rpartition(" ")
        if space not in MAIN or root != "worksheet":
            raise ReadError(f"sheet {self._name!r}: a part that is no worksheet")
        self._c, self._v, self._f = (f"{space} {one}" for one in ("c", "v", "f"))
        self._seldom = {f"{space} {one}": one for one in _SELDOM}

    def _start_seldom(self, element: str | None, found: dict[str, str]) -> None:
        match element:
            case "row" if self._in_data:
                self._cell.start_row(found.get("r"))
            case "is":
                self._in_inline, self._cell.inline = True, ""
            case "t":
                self._collected.clear()
                self._collecting = self._in_inline and not self._in_phonetic
            case "rPh":
                self._in_phonetic = True
            case "sheetData":
                if self._done or self._in_data:
                    raise ReadError(f"sheet {self._name!r} has its cells twice")
                self._in_data = True

    def _end_seldom(self, element: str | None) -> None:
        match element:
            case "t":
                if self._collecting:
                    self._cell.inline = (self._cell.inline or "") + "".join(self._collected)
                self._collecting = False
            case "is":
                self._in_inline = False
            case "rPh":
                self._in_phonetic = False
            case "sheetData":
                self._in_data, self._done = False, True
