"""Placed networks -> the pages that their sheet is printed on: a layer or more on each.

As large as lets every layer be on a page, but never too small to read: then planes go on, whole,
on the next page. Decides where pages begin; never looks at cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from xlconv.layers.base.place import Place
from xlconv.layout.layout import Layout
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.xlsx.formatting import PAPERS, Formatting, PageSetup

_LEAST, _MOST = 45, 100  # percent: smaller numbers are unreadable on paper
_POINTS = 0.75  # of a pixel
_HEADING = 1  # rows that every page repeats
_SURE = 0.95  # of a page: programs round the width of columns, each in its own way
_FULL = 0.3  # of a page, before it may end
_CAPTION = 1  # rows above a plane that belong to it


def pages_of(every: Sequence[PlacedNetwork], formatting: Formatting, paper: str) -> PageSetup:
    """Return the pages of all networks of a sheet; `paper` is one of `PAPERS`."""
    planes = [area for one in every for area in one.layout.ranges()]
    stages = [area for one in every for area in _stages(one.layout)]
    right = max(one.right for one in planes)
    words = [label.cell[0] for one in every for label in one.layout.labels]
    bottom = max([*(one.bottom for one in planes), *words])
    widths = [formatting.widths.get(k, formatting.column_width) * _POINTS for k in range(right + 1)]
    heights = [formatting.row_height * _POINTS] * (bottom + 1)
    scale, landscape = max((_scale(stages, widths, heights, paper, turned), turned)
                           for turned in (False, True))  # fmt: skip
    width, height = _room(paper, landscape=landscape)
    percent = min(max(int(100 * scale), _LEAST), _MOST)
    rows = height * 100 / percent - _HEADING * heights[0]
    beside = [(one.left, one.right) for one in planes]
    below = [(max(one.top - _CAPTION, 0), one.bottom) for one in planes]
    return PageSetup(
        paper,
        landscape=landscape,
        percent=percent,
        columns=_breaks(beside, {one.left for one in stages}, widths, width * 100 / percent),
        rows=_breaks(below, {first for first, _ in below}, heights, rows),
    )


def _stages(layout: Layout) -> list[Range]:
    """Return what is drawn together: planes, and the kernels of all layers that they compute."""
    found, areas = [], list[Range]()
    for place in layout.places:
        areas += _areas(place)
        if place.planes:
            found.append(
                Range(
                    min(one.top for one in areas), min(one.left for one in areas),
                    max(one.bottom for one in areas), max(one.right for one in areas),
                )
            )  # fmt: skip
            areas.clear()
    return found


def _areas(place: Place) -> list[Range]:
    tables = [plane.range for groups in place.tables.values() for some in groups for plane in some]
    return [*(plane.halo_range(place.halo) for plane in place.planes), *tables]


def _room(paper: str, *, landscape: bool) -> tuple[float, float]:
    width, height = PAPERS[paper].inner(landscape=landscape)
    return width * _SURE, height * _SURE


def _scale(
    stages: list[Range], widths: list[float], heights: list[float], paper: str, landscape: bool
) -> float:
    """Return how much of its size every layer has where each is on a page."""
    width, height = _room(paper, landscape=landscape)
    widest = max(sum(widths[one.left : one.right + 1]) for one in stages)
    return min(width / widest, height / (sum(heights) + _HEADING * heights[0]))


def _breaks(
    whole: list[tuple[int, int]], begins: set[int], sizes: list[float], room: float
) -> tuple[int, ...]:
    """Return the lines at which pages begin after the first, each at least a third full.

    Where they cut the fewest of `whole` (first and last line), then at one of `begins`, and
    then as late as they can.
    """
    ends = [0.0, *accumulate(sizes)]
    cuts = [0] * len(sizes)
    for first, last in whole:
        for k in range(first + 1, last + 1):
            cuts[k] += 1
    breaks: list[int] = []
    begin = 0
    while ends[-1] - ends[begin] > room:
        fits = [k for k in range(begin + 1, len(sizes)) if ends[k] - ends[begin] <= room]
        late = [k for k in fits if ends[k] - ends[begin] >= room * _FULL] or fits or [begin + 1]
        begin = min(late, key=lambda k: (cuts[k], k not in begins, -k))
        breaks.append(begin)
    return tuple(breaks)
