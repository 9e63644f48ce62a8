"""The sparse, columnar table of cells that both roads meet in.

A sheet holds one array per property of a cell, sorted by row, then column, and
all text in one string: a million formula cells need no object each. Knows no
layers and no files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum

import numpy as np
from msgspec import Struct, field
from numpy.typing import ArrayLike, NDArray

from xlconv.arrays import Integers, Mask
from xlconv.errors import LayoutError
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Cell, Range, a1_name


class Kind(IntEnum):
    """What a cell holds, and what a formula's cached value is."""

    BLANK = 0
    NUMBER = 1
    TEXT = 2
    BOOLEAN = 3
    ERROR = 4
    FORMULA = 8
    ARRAY_FORMULA = 9  # entered with Ctrl+Shift+Enter
    SPILLED = 10  # a further cell of an array formula that fills several


def keys_of(rows: ArrayLike, columns: ArrayLike) -> Integers:
    """Return one number per cell, in the order of rows, then columns."""
    keys: Integers = np.asarray(rows, np.int64) * MAX_COLUMNS + np.asarray(columns)
    return keys


def indices_of(keys: Integers, rows: ArrayLike, columns: ArrayLike) -> Integers:
    """Return where cells stand among the sorted keys of a sheet, -1 for blank ones."""
    wanted = keys_of(rows, columns)
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, places, -1)


class TextColumn(Struct, frozen=True):
    """Many strings in one: string k is what lies between `starts[k]` and `ends[k]`.

    Those that stand behind the `buffer` are in `wide`: a few letters beyond ASCII would make
    every letter of a string take more room.
    """

    buffer: str
    starts: Integers
    ends: Integers
    wide: str = ""

    def __getitem__(self, index: int) -> str:
        return self.between(self.starts[index], self.ends[index])

    def __iter__(self) -> Iterator[str]:
        for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
            yield self.between(start, end)

    def between(self, start: int, end: int) -> str:
        """Return what lies between two places, both in one of the buffers."""
        size = len(self.buffer)
        return self.buffer[start:end] if end <= size else self.wide[start - size : end - size]


class Sheet(Struct, frozen=True):
    """The cells of one worksheet, sorted by row, then column; each cell once.

    `kinds` says what a cell holds, `cached` of what kind its value is: for a formula
    its cached value, BLANK where the file has none. `numbers` holds the value of a
    number (TRUE is 1) and the cached value of a formula; `texts` holds a formula
    without its `=`, the text of a text cell or the name of an error. `results` has the
    few cached values that are texts or errors, `arrays` the ranges of array formulas
    that fill several cells, both by the cell's index.
    """

    name: str
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    cached: NDArray[np.uint8]
    numbers: NDArray[np.float64]
    texts: TextColumn
    results: dict[int, str] = field(default_factory=dict)
    arrays: dict[int, Range] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"Sheet({self.name!r}, {counted(len(self), 'cell')})"

    @property
    def is_formula(self) -> Mask:
        """Which cells are computed: hold a formula of either kind, or a part of its result."""
        return self.kinds >= Kind.FORMULA

    def find(self, cell: Cell) -> int | None:
        """Return the index of a cell in the arrays, or None where it is blank."""
        row, column = cell
        # Of the array's own type: else the whole of it is converted, each time.
        start, end = np.searchsorted(self.rows, np.array([row, row + 1], self.rows.dtype))
        here = self.columns[start:end]
        index = int(start + np.searchsorted(here, here.dtype.type(column)))
        return index if index < end and self.columns[index] == column else None

    def formula(self, cell: Cell) -> str | None:
        """Return the formula of a cell, without the `=`; None if it holds none."""
        index = self.find(cell)
        held = index is not None and self.kinds[index] in (Kind.FORMULA, Kind.ARRAY_FORMULA)
        return self.texts[index] if index is not None and held else None


def text_at(sheet: Sheet, cell: Cell) -> str:
    """Return the text of a cell, "" where it holds none."""
    index = sheet.find(cell)
    held = index is not None and sheet.kinds[index] == Kind.TEXT
    return sheet.texts[index] if held and index is not None else ""


def number_at(sheet: Sheet, cell: Cell) -> float | None:
    """Return the number that is typed into a cell; None where it holds anything else."""
    index = sheet.find(cell)
    held = index is not None and sheet.kinds[index] == Kind.NUMBER
    return float(sheet.numbers[index]) if held and index is not None else None


# A name stands for ranges, each with the name of its sheet.
DefinedNames = tuple[tuple[str, tuple[tuple[str, Range], ...]], ...]


class Workbook(Struct, frozen=True):
    """Worksheets, defined names, and the custom properties of the document.

    `hidden` are the names of the sheets that nobody sees; with `as_displayed` every number is
    rounded to what its cell shows before others read it. Names that are `moving` were given to
    cells relative to the cell that uses them, as `Net!J2` without dollars: A1 uses J2, A2 uses J3.
    """

    sheets: tuple[Sheet, ...]
    names: DefinedNames = ()
    properties: tuple[tuple[str, str], ...] = ()
    hidden: frozenset[str] = frozenset()
    as_displayed: bool = False
    moving: frozenset[str] = frozenset()

    @property
    def fixed_names(self) -> DefinedNames:
        """The names that are of the same cells wherever they are used."""
        return tuple(one for one in self.names if one[0] not in self.moving)

    def __repr__(self) -> str:
        cells = counted(sum(map(len, self.sheets)), "cell")
        return f"Workbook({counted(len(self.sheets), 'sheet')}, {cells})"


class SheetBuilder:
    """Collects cells in any order, a block at a time, and sorts them once."""

    def __init__(self) -> None:
        self._rows: list[Integers] = []
        self._columns: list[Integers] = []
        self._kinds: list[NDArray[np.uint8]] = []
        self._numbers: list[NDArray[np.float64]] = []
        self._lengths: list[Integers] = []
        self._texts: list[str] = []

    def add(
        self,
        kind: Kind,
        rows: ArrayLike,
        columns: ArrayLike,
        *,
        numbers: ArrayLike = 0.0,
        texts: Iterable[str] = (),
    ) -> None:
        """Add cells of one kind: as many rows, columns and numbers, and texts unless none."""
        rows = np.asarray(rows, dtype=np.int64).ravel()
        texts = list(texts)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        self._rows.append(rows)
        self._columns.append(np.asarray(columns, dtype=np.int64).ravel())
        self._kinds.append(np.full(len(rows), kind, np.uint8))
        # Adding zero turns -0.0, which a sheet cannot tell apart, into 0.0.
        self._numbers.append(np.broadcast_to(np.ravel(numbers), len(rows)).astype(np.float64) + 0.0)
        self._lengths.append(lengths if texts else np.zeros(len(rows), np.int64))
        self._texts.append("".join(texts))

    def finish(self, name: str, *, once: bool = True) -> Sheet:
        """Return the sheet; of cells that were written twice, the first one stays.

        Raises LayoutError for such cells where every one may be written `once`.
        """
        if not self._rows:
            self.add(Kind.NUMBER, [], [])
        rows, columns = np.concatenate(self._rows), np.concatenate(self._columns)
        keys = rows * MAX_COLUMNS + columns
        order = np.argsort(keys, kind="stable")
        doubles = np.flatnonzero(np.diff(keys[order]) == 0)
        if not once:
            order = np.delete(order, doubles + 1)
        elif len(doubles):
            first = order[doubles[0]]
            cell = a1_name((int(rows[first]), int(columns[first])))
            raise LayoutError(f"{name}!{cell}: two tensors want this cell")
        ends = np.cumsum(np.concatenate(self._lengths))
        starts = ends - np.concatenate(self._lengths)
        kinds = np.concatenate(self._kinds)[order]
        return Sheet(
            name,
            rows[order].astype(np.int32),
            columns[order].astype(np.int32),
            kinds,
            np.where(kinds >= Kind.FORMULA, np.uint8(Kind.NUMBER), kinds),
            np.concatenate(self._numbers)[order],
            TextColumn("".join(self._texts), starts[order], ends[order]),
        )
