"""The cells of one worksheet as they stand in the file -> a Sheet, sorted and checked.

Here shared formulas get their texts and array formulas their further cells. A cell that
stands twice, and texts or arrays past all bounds, raise ReadError; nothing is dropped.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace
from numpy.typing import NDArray

from xlconv.arrays import Array, Integers
from xlconv.errors import ReadError
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Range, a1_name
from xlconv.spreadsheet.formula import Template
from xlconv.spreadsheet.workbook import Kind, Sheet, TextColumn

# Array formulas may cover so many cells in all; no real sheet comes near.
_MOST_ARRAY_CELLS = 2_000_000


class ManyCells(Struct, frozen=True):
    """Cells that hold formulas and numbers, in file order: an entry for each, and one text."""

    keys: Integers
    kinds: NDArray[np.uint8]
    cached: NDArray[np.uint8]
    numbers: Array
    lengths: Integers
    text: str

    def texts(self) -> Iterator[str]:
        """Yield the text of each cell."""
        end = 0
        for length in self.lengths.tolist():
            yield self.text[end : end + length]
            end += length

    def part(self, begin: int, end: int) -> ManyCells:
        """Return the cells from `begin` to before `end`."""
        start = int(self.lengths[:begin].sum())
        text = self.text[start : start + int(self.lengths[begin:end].sum())]
        here = slice(begin, end)
        return ManyCells(
            self.keys[here], self.kinds[here], self.cached[here], self.numbers[here],
            self.lengths[here], text,
        )  # fmt: skip


# Array formulas over more cells than this are left as the file has them.
_MOST_FILLED = 10_000


class RawCells(Struct):
    """The cells of a sheet while it is read, in file order."""

    keys: array[int] = field(default_factory=lambda: array("q"))
    kinds: bytearray = field(default_factory=bytearray)
    cached: bytearray = field(default_factory=bytearray)
    numbers: array[float] = field(default_factory=lambda: array("d"))
    lengths: array[int] = field(default_factory=lambda: array("q"))  # of texts
    texts: bytearray = field(default_factory=bytearray)  # of ASCII, one after the other
    others: dict[int, str] = field(default_factory=dict)  # texts by index, 0 long among lengths
    results: dict[int, str] = field(default_factory=dict)
    arrays: dict[int, Range] = field(default_factory=dict)
    masters: dict[str, tuple[int, Template]] = field(default_factory=dict)
    children: list[tuple[int, str, tuple[int, Template] | None]] = field(default_factory=list)

    def add(self, key: int, kind: Kind, cached: Kind, number: float, text: str) -> None:
        """Add one cell."""
        self.keys.append(key)
        self.kinds.append(kind)
        self.cached.append(cached)
        self.numbers.append(number)
        self._add_text(text)

    def add_many(self, cells: ManyCells) -> None:
        """Add cells of formulas and numbers, all at once."""
        self.keys.frombytes(cells.keys.tobytes())
        self.kinds += cells.kinds.tobytes()
        self.cached += cells.cached.tobytes()
        self.numbers.frombytes(cells.numbers.tobytes())
        if cells.text.isascii():
            self.lengths.frombytes(cells.lengths.tobytes())
            self.texts += cells.text.encode()
        else:
            for text in cells.texts():
                self._add_text(text)

    def _add_text(self, text: str) -> None:
        if text.isascii():
            self.texts += text.encode()
            self.lengths.append(len(text))
        else:
            self.others[len(self.lengths)] = text
            self.lengths.append(0)


def unfold(cells: RawCells, name: str, most: int) -> dict[int, str]:
    """Return the text that every child of a shared formula stands for, by its index.

    Raises ReadError for texts that are longer than `most` together.
    """
    texts: dict[int, str] = {}
    length = 0
    movers: dict[int, Callable[[int, int], str]] = {}
    for index, key, known in cells.children:
        row, column = divmod(cells.keys[index], MAX_COLUMNS)
        if key not in cells.masters:
            raise ReadError(
                f"{name}!{a1_name((row, column))}: its shared formula {key} is missing; "
                "expected a cell that spells it"
            )
        home, template = known or cells.masters[key]
        home_row, home_column = divmod(home, MAX_COLUMNS)
        if id(template) not in movers:
            movers[id(template)] = template.mover()
        texts[index] = movers[id(template)](row - home_row, column - home_column)
        length += len(texts[index])
        if length > most:
            raise ReadError(f"sheet {name!r}: more text than the budget allows")
    return texts


def sheet_of(cells: RawCells, unfolded: dict[int, str], name: str, most: int) -> Sheet:
    """Return the cells sorted; `unfolded` are the texts of those that share another's formula.

    Cells that an array formula fills and the file leaves out are there too: programs that do not
    calculate write its first one only. Raises ReadError for doubles, and for too much text.
    """
    _add_filled(cells)
    keys = np.frombuffer(cells.keys, np.int64) if cells.keys else np.empty(0, np.int64)
    texts = _text_column(cells, cells.others | unfolded)
    if len(texts.buffer) + len(texts.wide) > most:
        raise ReadError(f"sheet {name!r}: more text than the budget allows")
    kinds = np.frombuffer(bytes(cells.kinds), np.uint8)
    cached = np.frombuffer(bytes(cells.cached), np.uint8)
    numbers = np.array(cells.numbers, np.float64)
    results, arrays = cells.results, cells.arrays
    if len(keys) > 1 and (np.diff(keys) <= 0).any():
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        doubles = np.flatnonzero(np.diff(keys) == 0)
        if len(doubles):
            cell = a1_name(divmod(int(keys[doubles[0]]), MAX_COLUMNS))
            raise ReadError(f"{name}!{cell} stands twice in its sheet")
        texts = replace(texts, starts=texts.starts[order], ends=texts.ends[order])
        kinds, cached, numbers = kinds[order], cached[order], numbers[order]
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        results = {int(place[index]): value for index, value in results.items()}
        arrays = {int(place[index]): area for index, area in arrays.items()}
    if arrays:
        _check_arrays(keys, arrays, name)
        kinds, results = _spilled(keys, kinds.copy(), cached, texts, results, arrays)
    rows, columns = np.divmod(keys, MAX_COLUMNS)
    return Sheet(
        name, rows.astype(np.int32), columns.astype(np.int32), kinds, cached, numbers, texts,
        results, arrays,
    )  # fmt: skip


def _add_filled(cells: RawCells) -> None:
    """Add the cells of small array formulas that have none, where no value is stored either."""
    unstored = [one for k, one in cells.arrays.items() if cells.cached[k] == Kind.BLANK]
    sizes = [(one, one.size[0] * one.size[1]) for one in unstored]
    areas = [one for one, size in sizes if 1 < size <= _MOST_FILLED]
    if not areas or sum(size for _, size in sizes) > _MOST_ARRAY_CELLS:
        return
    filled = [
        row * MAX_COLUMNS + np.arange(area.left, area.right + 1)
        for area in areas for row in range(area.top, area.bottom + 1)
    ]  # fmt: skip
    for key in np.setdiff1d(np.concatenate(filled), np.array(cells.keys, np.int64)).tolist():
        cells.add(key, Kind.SPILLED, Kind.BLANK, 0.0, "")


def _text_column(cells: RawCells, others: dict[int, str]) -> TextColumn:
    """Return the texts of cells; those of some others, by their index, stand apart.

    Takes the texts out of `cells`: they may be most of what a file asks for.
    """
    lengths = np.array(cells.lengths, np.int64)
    ends = np.cumsum(lengths)
    buffer = cells.texts.decode("ascii")
    cells.texts.clear()
    if others:
        which = np.fromiter(others, np.int64, len(others))
        sizes = np.fromiter(map(len, others.values()), np.int64, len(others))
        lengths[which], ends[which] = sizes, len(buffer) + np.cumsum(sizes)
    return TextColumn(buffer, ends - lengths, ends, "".join(others.values()))


def _check_arrays(keys: Integers, arrays: dict[int, Range], name: str) -> None:
    """Refuse array formulas over more cells, within what is used of the sheet, than any has."""
    bottom, right = int(keys[-1]) // MAX_COLUMNS, int((keys % MAX_COLUMNS).max())
    count = 0
    for area in arrays.values():
        rows = max(min(area.bottom, bottom) - area.top + 1, 1)
        count += rows * max(min(area.right, right) - area.left + 1, 1)
    if count > _MOST_ARRAY_CELLS:
        raise ReadError(
            f"sheet {name!r}: array formulas over {counted(count, 'cell')}; expected at most "
            f"{_MOST_ARRAY_CELLS:,}"
        )


def _spilled(
    keys: Integers, kinds: NDArray[np.uint8], cached: NDArray[np.uint8],
    texts: TextColumn, results: dict[int, str], arrays: dict[int, Range],
) -> tuple[NDArray[np.uint8], dict[int, str]]:  # fmt: skip
    """Return kinds and results with the further cells of array formulas marked as computed."""
    results = dict(results)
    for area in arrays.values():
        starts = np.arange(area.top, area.bottom + 1) * MAX_COLUMNS
        lows = np.searchsorted(keys, starts + area.left).tolist()
        highs = np.searchsorted(keys, starts + area.right, side="right").tolist()
        for low, high in zip(lows, highs, strict=True):
            for index in range(low, high):
                if kinds[index] < Kind.FORMULA:
                    if cached[index] in (Kind.TEXT, Kind.ERROR):
                        results[index] = texts[index]
                    kinds[index] = Kind.SPILLED
    return kinds, results
