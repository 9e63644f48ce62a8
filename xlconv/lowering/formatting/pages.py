"""Placed networks -> the pages that their sheet is printed on: whole planes on each, none white.

A page is an area of the sheet: from left to right as the layers are, and within those columns from
top to bottom. A plane is torn only where it alone is larger than a page. Decides what is on a
page; never looks at cells.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, product

import numpy as np
from msgspec import Struct, field

from xlconv.arrays import Integers
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lowering.formatting.printed_units import frames_of, units_of
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.xlsx.formatting import PAPERS, Formatting, PageSetup

_PERCENTS = (150, 130, 115, 100, *range(92, 58, -2))  # smaller is unreadable on paper
_READABLE = 80  # percent: what is larger is not read better
_MANY = 40.0  # pages: who has so many would rather have smaller numbers
_TORN = 2.0  # pages that a whole plane is worth
_LATE = 0.01  # pages that it is worth to begin with a layer
_FULL = 0.3  # of a page, before it may tear something
_HEADING = 1  # rows that every page repeats
_POINTS = 0.75  # of a pixel
_SURE = 0.95  # of a page: programs round the width of columns, each in its own way

_Rows = tuple[int, int]  # the first and the last


def pages_of(every: Sequence[PlacedNetwork], formatting: Formatting, paper: str) -> PageSetup:
    """Return the pages of all networks of a sheet; `paper` is one of `PAPERS`."""
    sheet = _sheet_of(every, formatting)
    found = []
    for percent, landscape in product(_PERCENTS, (False, True)):
        inner = PAPERS[paper].inner(landscape=landscape)
        width, height = (length * _SURE * 100 / percent for length in inner)
        areas, torn = sheet.pages(width, height)
        # The paper that it takes: larger numbers are worth more of it, but not a book.
        pages = len(areas) + _TORN * torn
        cost = pages * (1 + pages / _MANY) / min(percent, _READABLE) ** 1.5
        found.append((cost, -percent, landscape, areas))
    _, percent, landscape, areas = min(found, key=lambda one: one[:3])
    return PageSetup(paper, landscape=landscape, percent=-percent, areas=areas)


def _sheet_of(every: Sequence[PlacedNetwork], formatting: Formatting) -> _Sheet:
    layouts = [one.layout for one in every]
    usual = formatting.column_width
    units, begins = units_of(layouts, usual * _POINTS)
    columns = range(1 + int(units[:, 3].max()))
    widths = (formatting.widths.get(k, usual) * _POINTS for k in columns)
    ends = (0.0, *accumulate(widths))
    return _Sheet(units, frames_of(layouts), begins, ends, formatting.row_height * _POINTS)


class _Strip(Struct, frozen=True):
    """The pages of columns from one to before another, and the best strips before it."""

    cost: float = 0.0
    columns: tuple[int, int] = (0, 0)
    rows: tuple[_Rows, ...] = ()  # of each page
    torn: int = 0
    before: _Strip | None = None


class _Sheet(Struct, frozen=True):
    """What is not torn if that can be helped, and how large lines are, in points."""

    units: Integers
    frames: Integers  # planes with their padding: shown as far as there is room
    begins: frozenset[int]  # columns where layers do
    columns: tuple[float, ...]  # where each begins, and the last one ends
    row: float
    _known: dict[tuple[int, int], tuple[Integers, list[_Rows]]] = field(default_factory=dict)

    def pages(self, width: float, height: float) -> tuple[tuple[Range, ...], int]:
        """Return the areas of the fewest pages of a size, in order, and how many units are torn."""
        edges = self._edges(width)
        rows = int(height / self.row) - _HEADING
        best = [_Strip()]
        for j, right in enumerate(edges[1:], 1):
            late = _LATE * (right not in self.begins)
            options: list[_Strip] = []
            for i in range(j - 1, -1, -1):
                if options and self.columns[right] - self.columns[edges[i]] > width:
                    break
                strip, torn = self._strip(edges[i], right, rows)
                cost = best[i].cost + len(strip) + _TORN * torn + late
                options.append(_Strip(cost, (edges[i], right), strip, torn, best[i]))
            best.append(min(options, key=lambda one: one.cost))
        areas, torn, last = list[Range](), 0, best[-1]
        while last.before is not None:
            areas[:0] = self._areas(last)
            torn, last = torn + last.torn, last.before
        return tuple(areas), torn

    def _edges(self, width: float) -> list[int]:
        """Return the columns where a page may begin: where nothing is torn, or it is full."""
        reach, clean = 0, list[int]()
        for _, left, _, right in self.units[np.argsort(self.units[:, 1])].tolist():
            if left >= reach:
                clean.append(left)
            reach = max(reach, right + 1)
        edges = [0]
        for edge in (*clean[1:], len(self.columns) - 1):
            while self.columns[edge] - self.columns[edges[-1]] > width:
                last = bisect_right(self.columns, self.columns[edges[-1]] + width) - 1
                if not edges[-1] < last < edge:
                    break
                edges.append(last)
            edges.append(edge)
        return edges

    def _strip(self, left: int, right: int, room: int) -> tuple[tuple[_Rows, ...], int]:
        """Return the rows of each page of columns, and how many units they tear."""
        units, bands = self._within(left, right)
        rows = tuple(_rows_of(units, bands, room))
        fit = units[units[:, 2] - units[:, 0] < room]
        ends = np.array([bottom for _, bottom in rows])[:, None]
        torn = ((fit[:, 0] <= ends) & (ends < fit[:, 2])).sum() + (fit[:, 3] >= right).sum()
        return rows, int(torn)

    def _within(self, left: int, right: int) -> tuple[Integers, list[_Rows]]:
        """Return the units of columns, and the rows of those that stand beside each other."""
        if (left, right) not in self._known:
            units = self.units[(self.units[:, 1] < right) & (self.units[:, 3] >= left)]
            self._known[left, right] = units, list(_bands(units))
        return self._known[left, right]

    def _areas(self, strip: _Strip) -> Iterator[Range]:
        """Yield what is on each page: its units, with as much padding as there is room for."""
        left, right = strip.columns
        units, _ = self._within(left, right)
        for top, bottom in strip.rows:
            up, first, down, last = _around(units, (top, bottom))
            inner = np.array((up, max(first, left), down, min(last, right - 1)))
            beside = (self.frames[:, 1] <= inner[3]) & (self.frames[:, 3] >= inner[1])
            framed = _around(np.concatenate((self.frames[beside], inner[None])), (up, down))
            yield Range(
                max(up, top), max(framed[1], left), min(down, bottom), min(framed[3], right - 1)
            )  # fmt: skip


def _around(boxes: Integers, rows: _Rows) -> list[int]:
    """Return the box around those that have some of the rows: top, left, bottom, right."""
    some = boxes[(boxes[:, 0] <= rows[1]) & (boxes[:, 2] >= rows[0])]
    found: list[int] = [*some[:, :2].min(axis=0).tolist(), *some[:, 2:].max(axis=0).tolist()]
    return found


def _rows_of(units: Integers, bands: list[_Rows], room: int) -> Iterator[_Rows]:
    """Yield the rows of each page: as many whole units as there is room for."""
    page: _Rows | None = None
    for top, bottom in bands:
        if page is not None and bottom - page[0] < room:
            page = page[0], bottom
            continue
        if page is not None:
            yield page
        first = top
        while bottom - first >= room:
            ends = np.arange(first + max(int(room * _FULL), 1), first + room + 1)
            torn = ((units[:, 0] < ends[:, None]) & (ends[:, None] <= units[:, 2])).sum(axis=1)
            end = int(ends[::-1][torn[::-1].argmin()])  # the last of those that tear the fewest
            yield first, end - 1
            first = end
        page = first, bottom
    if page is not None:
        yield page


def _bands(units: Integers) -> Iterator[_Rows]:
    """Yield the rows of units that stand beside each other."""
    first, last = -1, -1
    for top, _, bottom, _ in units[np.argsort(units[:, 0])].tolist():
        if first >= 0 and top > last:
            yield first, last
            first = -1
        first, last = (top if first < 0 else first), max(last, bottom)
    if first >= 0:
        yield first, last
