"""The formatting of a sheet, in a spreadsheet's own terms: styles, colour scales, rules, notes.

Only data: `format_network` decides it, `write` hands it to XlsxWriter. Knows no layers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace
from numpy.typing import NDArray

from xlconv.arrays import Integers
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Cell, Range

# Border styles by their number in XlsxWriter.
NO_BORDER, THIN, DOTTED, HAIR = 0, 1, 4, 7


class Borders(Struct, frozen=True):
    """The border style of each side."""

    top: int = NO_BORDER
    bottom: int = NO_BORDER
    left: int = NO_BORDER
    right: int = NO_BORDER
    color: str = "#9CA3AF"


class CellStyle(Struct, frozen=True):
    """The format of a cell; colours are #RRGGBB or "" for none."""

    number_format: str = "General"
    size: float = 8
    bold: bool = False
    italic: bool = False
    color: str = ""
    fill: str = ""
    align: str = "center"
    shrink: bool = False
    borders: Borders = Borders()


class ColorScale(Struct, frozen=True):
    """Colours for the numbers of ranges, by (value, colour) from low to high.

    A value that is text is a formula, such as `=MAX($A$2:$C$4)`.
    """

    ranges: tuple[Range, ...]
    points: tuple[tuple[float | str, str], ...]


class DataBar(Struct, frozen=True):
    """Bars for numbers between 0 and 1."""

    range: Range
    color: str


class ConditionalFormat(Struct, frozen=True):
    """A style for the cells of a range whose formula is true; relative to its first cell."""

    range: Range
    formula: str
    style: CellStyle


class Comment(Struct, frozen=True):
    """A comment on a cell."""

    cell: Cell
    text: str


class DataValidation(Struct, frozen=True):
    """A cell that takes numbers from 0 to `last`, with the hint shown on entry.

    Only whole ones where it is `whole`.

    Where there are `options`, it takes one of those texts instead, from a drop-down list; in
    `source` they stand in cells of the sheet, where they are longer than 255 letters together.
    """

    cell: Cell
    last: float
    title: str
    hint: str
    options: tuple[str, ...] = ()
    whole: bool = True
    source: Range | None = None


class Paper(NamedTuple):
    """A kind of paper: its number in files (ECMA-376, 18.3.1.63), and its size in points."""

    number: int
    width: float
    height: float

    def inner(self, *, landscape: bool) -> tuple[float, float]:
        """Return width and height without the margins."""
        width, height = (self.height, self.width) if landscape else (self.width, self.height)
        return width - 2 * MARGINS[0] * 72, height - 2 * MARGINS[1] * 72


MARGINS = (0.3, 0.4)  # inches: left and right, above and below
PAPERS = {"a4": Paper(9, 595.3, 841.9), "a3": Paper(8, 841.9, 1190.6),
          "letter": Paper(1, 612.0, 792.0)}  # fmt: skip


class PageSetup(Struct, frozen=True):
    """How a sheet is printed: on one page, or in `percent` of its size on several.

    Each of these holds one of the `areas`, in their order, and has the first row at its head.
    """

    paper: str = "a3"
    landscape: bool = True
    percent: int | None = None
    areas: tuple[Range, ...] = ()


class Canvas:
    """The styles of cells; what is painted later lies above."""

    def __init__(self) -> None:
        self.styles: list[CellStyle] = []
        self._ids: dict[CellStyle, int] = {}
        self._keys: list[Integers] = []
        self._styles: list[NDArray[np.int32]] = []

    def fill(self, area: Range, style: CellStyle) -> None:
        """Paint every cell of a range."""
        self._paint(area, np.full(_shape(area), self._id(style), np.int32))

    def frame(
        self, area: Range, style: CellStyle, line: int = DOTTED, color: str = Borders().color
    ) -> None:
        """Paint every cell of a range, with a line around all of them."""
        ids = np.empty(_shape(area), np.int32)
        height, width = ids.shape
        for i, (top, bottom) in _edges(height):
            for j, (left, right) in _edges(width):
                borders = Borders(line * top, line * bottom, line * left, line * right, color)
                ids[i, j] = self._id(replace(style, borders=borders))
        self._paint(area, ids)

    def painted(self) -> tuple[Integers, NDArray[np.int32]]:
        """Return the painted cells as `row * MAX_COLUMNS + column`, sorted, and their styles."""
        if not self._keys:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        keys = np.concatenate(self._keys)
        order = np.argsort(keys, kind="stable")  # of equal keys, the one painted last is last
        keys = keys[order]
        last = np.append(keys[1:] != keys[:-1], True)
        return keys[last], np.concatenate(self._styles)[order][last]

    def _paint(self, area: Range, ids: NDArray[np.int32]) -> None:
        rows = np.arange(area.top, area.bottom + 1, dtype=np.int64)[:, None]
        columns = np.arange(area.left, area.right + 1, dtype=np.int64)
        self._keys.append((rows * MAX_COLUMNS + columns).ravel())
        self._styles.append(ids.ravel())

    def _id(self, style: CellStyle) -> int:
        if style not in self._ids:
            self._ids[style] = len(self.styles)
            self.styles.append(style)
        return self._ids[style]


class Formatting(Struct):
    """Everything about a sheet's appearance; `widths` are in pixels by column."""

    canvas: Canvas = field(default_factory=Canvas)
    scales: list[ColorScale] = field(default_factory=list)
    bars: list[DataBar] = field(default_factory=list)
    conditional_formats: list[ConditionalFormat] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    validations: list[DataValidation] = field(default_factory=list)
    text_numbers: list[Range] = field(default_factory=list)  # labels that look like numbers
    widths: dict[int, int] = field(default_factory=dict)
    column_width: int = 24
    row_height: int = 24
    frozen_rows: int = 1
    zoom: int = 70
    title: str = ""
    pages: PageSetup = PageSetup()
    hidden: bool = False  # and not among the sheets that a user is offered to show


def _shape(area: Range) -> tuple[int, int]:
    return area.bottom - area.top + 1, area.right - area.left + 1


def _edges(size: int) -> list[tuple[slice, tuple[bool, bool]]]:
    """Return the first, the inner and the last lines of `size`, with the edges they are at."""
    if size == 1:
        return [(slice(0, 1), (True, True))]
    return [
        (slice(0, 1), (True, False)),
        (slice(1, size - 1), (False, False)),
        (slice(size - 1, size), (False, True)),
    ]
