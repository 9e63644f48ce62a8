"""Layouts -> what no page should tear: planes with their kernels and captions, and lines of words.

Rectangles as rows of an array: (N, 4), top, left, bottom, right, both ends included. Knows no page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

import numpy as np

from xlconv.arrays import Integers, Mask
from xlconv.layers.base.place import Groups, Place
from xlconv.layout.labels import Label
from xlconv.layout.layout import Layout
from xlconv.spreadsheet.addresses import Range

_LETTER = 4.2  # points that a letter of a label takes, about
_CAPTION = 1  # rows above a plane that belong to it
_BESIDE = ("caption", "class")  # labels that belong to what they stand beside


def units_of(layouts: Sequence[Layout], column: float) -> tuple[Integers, frozenset[int]]:
    """Return the units of a sheet, and the columns where layers begin; a column is so wide."""
    stages = [stage for layout in layouts for stage in _stages(layout)]
    units = _boxes(unit for stage in stages for unit in stage)
    others = _boxes(area for layout in layouts for area in layout.ranges())
    alone = [not _near(units, one, 0).any() for one in others]
    units = np.concatenate((units, others[alone]))
    for layout in layouts:
        units = _with_words(units, layout.labels, column)
    return np.unique(units, axis=0), frozenset(min(unit.left for unit in stage) for stage in stages)


def frames_of(layouts: Sequence[Layout]) -> Integers:
    """Return the planes with the padding around them."""
    return _boxes(
        plane.halo_range(place.halo)
        for layout in layouts for place in layout.places for plane in place.planes
    )  # fmt: skip


def _boxes(areas: Iterable[Range]) -> Integers:
    found = [(one.top, one.left, one.bottom, one.right) for one in areas]
    return np.array(found, np.int64).reshape(-1, 4)


def _near(units: Integers, box: Integers, by: int) -> Mask:
    """Return which units overlap a box that is larger by so many cells on each side."""
    top, left, bottom, right = box
    rows = (units[:, 0] <= bottom + by) & (units[:, 2] >= top - by)
    near: Mask = rows & (units[:, 1] <= right + by) & (units[:, 3] >= left - by)
    return near


def _stages(layout: Layout) -> Iterator[list[Range]]:
    """Yield what is not torn, by what is drawn together."""
    tables: list[Groups] = []
    for place in layout.places:
        tables += place.tables.values()
        if place.planes:
            yield _units(place, tables)
            tables = []


def _units(place: Place, tables: list[Groups]) -> list[Range]:
    planes = [plane.range for plane in place.planes]
    # Of padding the rows only: beside it, the kernels of what reads it may stand.
    units = [
        Range(frame.top, plane.left, frame.bottom, plane.right)
        for plane, frame in zip(
            planes, (one.halo_range(place.halo) for one in place.planes), strict=True
        )
    ]
    for groups in tables:
        if len(groups) == len(planes):
            for k, group in enumerate(groups):
                units[k] = reduce(Range.union, (plane.range for plane in group), units[k])
        else:  # the weights of all outputs together
            units += [plane.range for group in groups for plane in group]
    top = 1  # below the titles, which every page has
    return [Range(max(one.top - _CAPTION, top), one.left, one.bottom, one.right) for one in units]


def _with_words(units: Integers, words: Iterable[Label], column: float) -> Integers:
    """Return the units with the labels beside them, and lines of text as units of their own."""
    units, lines = units.copy(), []
    for label in words:
        row, first = label.cell
        if not row:
            continue  # a title
        cell = np.array((row, first, row, first))
        near = np.flatnonzero(_near(units, cell, 1))
        if label.role in _BESIDE and len(near):
            unit = units[near[0]]
            unit[:2], unit[2:] = np.minimum(unit[:2], cell[:2]), np.maximum(unit[2:], cell[2:])
        else:
            lines.append((row, first, row, first + int(len(label.text) * _LETTER / column)))
    return np.concatenate((units, np.array(lines, np.int64).reshape(-1, 4)))
