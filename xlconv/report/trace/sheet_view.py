"""The part of a sheet that a picture shows, and where its cells are in pixels."""

from __future__ import annotations

from msgspec import Struct

from xlconv.analysis.cell_owners import Owner
from xlconv.analysis.trace import Trace
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Range

# Of larger sheets the part around the cell is drawn.
_MOST_LINES = 1400

# Beside the last plane there is room for its name.
MARGIN = 16
_HEAD, _FOOT, _ASIDE = 50, 8, 30

# The drawing's width and height in pixels, its least width, and how small and large a cell may be.
_WIDTH, _HEIGHT, _NARROWEST = 1500, 900, 420
_SMALLEST, _LARGEST = 2.0, 18.0


class SheetView(Struct, frozen=True):
    """A range of a sheet to scale: `x` and `y` are pixels of a column's and a row's edge."""

    area: Range

    @property
    def cell(self) -> float:
        """A cell's width and height."""
        height, width = self.area.size
        return max(_SMALLEST, min(_LARGEST, _WIDTH / width, _HEIGHT / height))

    @property
    def font(self) -> float:
        """The size of the names of planes."""
        return min(11.0, max(6.0, self.cell * 1.05))

    @property
    def top(self) -> float:
        """Where the first row begins."""
        return MARGIN + _HEAD + 2 * self.font + 14

    @property
    def size(self) -> tuple[float, float]:
        """The picture's width and height."""
        height, width = self.area.size
        return (
            max(width * self.cell + _ASIDE, _NARROWEST) + 2 * MARGIN,
            self.top + height * self.cell + _FOOT + MARGIN,
        )

    @property
    def transform(self) -> str:
        """The SVG transformation from cells to pixels."""
        return f"translate({self.x(0)} {self.y(0)}) scale({self.cell:.4g})"

    def x(self, column: float) -> float:
        """Return where a column begins."""
        return round(MARGIN + (column - self.area.left) * self.cell, 1)

    def y(self, row: float) -> float:
        """Return where a row begins."""
        return round(self.top + (row - self.area.top) * self.cell, 1)

    def middle(self, area: Range) -> tuple[float, float]:
        """Return the middle of a range."""
        return self.x((area.left + area.right + 1) / 2), self.y((area.top + area.bottom + 1) / 2)


def view_of(trace: Trace, owners: list[Owner]) -> SheetView:
    """Return the part of the sheet that is drawn: all planes and what is traced, within reason."""
    whole = _drawn(trace, owners)
    if max(whole.size) <= _MOST_LINES:
        return SheetView(whole)
    row, column = trace.cell
    half = _MOST_LINES // 2
    near = Range(
        max(0, row - half), max(0, column - half),
        min(MAX_ROWS - 1, row + half), min(MAX_COLUMNS - 1, column + half),
    )  # fmt: skip
    return SheetView(
        Range(
            max(whole.top, near.top), max(whole.left, near.left),
            min(whole.bottom, near.bottom), min(whole.right, near.right),
        )
    )  # fmt: skip


def _drawn(trace: Trace, owners: list[Owner]) -> Range:
    row, column = trace.cell
    used = trace.book.calculation.grids[trace.sheet].used
    traced = [one.region for one in trace.nodes if one.owner.sheet == trace.sheet]
    # A whole column is drawn as far as the sheet is used.
    frame = used.union(Range(row, column, row, column))
    regions = [one.within(frame) for one in traced]
    areas = [one.plane.range for one in owners] + [one.bounds for one in regions if one]
    if not owners:
        areas.append(frame)
    whole = areas[0]
    for area in areas[1:]:
        whole = whole.union(area)
    return whole
