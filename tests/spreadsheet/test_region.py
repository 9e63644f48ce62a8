"""Sets of cells, against Python's own sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlconv.spreadsheet.addresses import MAX_ROWS, Cell, Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.precedents.region import (
    NOTHING,
    Region,
    region_of,
    region_of_cells,
    region_of_range,
    union,
)

SPAN = st.tuples(st.integers(0, 9), st.integers(0, 4))
BOX = st.tuples(SPAN, SPAN).map(
    lambda spans: (spans[0][0], spans[1][0], sum(spans[0]), sum(spans[1]))
)
BOXES = st.lists(BOX, max_size=12)


def made(boxes: list[tuple[int, ...]]) -> Region:
    return region_of(np.array(boxes, np.int64).reshape(-1, 4))


def cells(boxes: list[tuple[int, ...]]) -> set[Cell]:
    return {
        (row, column)
        for top, left, bottom, right in boxes
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }


def cells_of(region: Region) -> set[Cell]:
    found = [tuple(box) for box in region.boxes.tolist()]
    assert len(cells(found)) == len(region), "rectangles that overlap"
    return cells(found)


@given(BOXES, BOXES)
def test_regions_are_sets(one: list, other: list) -> None:
    a, b = made(one), made(other)
    assert cells_of(a) == cells(one)
    ranges = [(one.top, one.left, one.bottom, one.right) for one in a.ranges]
    assert cells(ranges) == cells(one)
    assert len(ranges) <= len(a.boxes)
    assert cells_of(a | b) == cells(one) | cells(other)
    assert cells_of(a - b) == cells(one) - cells(other)
    assert cells_of(a & b) == cells(one) & cells(other)
    assert union([a, b, a]) == a | b
    assert (a <= b) == (cells(one) <= cells(other))
    assert bool(a) == bool(one)


@given(BOXES, st.randoms())
def test_equal_sets_have_equal_boxes(boxes: list, random) -> None:
    singles = [(*cell, *cell) for cell in cells(boxes)]
    random.shuffle(singles)
    assert made(singles) == made(boxes)
    assert made([]) == NOTHING != made([(0, 0, 0, 0)])


@given(BOXES, BOX, SPAN)
def test_parts_and_meetings(boxes: list, box: tuple, cell: Cell) -> None:
    region, inside = made(boxes), cells(boxes)
    assert cells_of(region.within(Range(*box))) == inside & cells([box])
    assert (cell in region) == (cell in inside)
    asked = [box, (*cell, *cell), (0, 0, 20, 0)]
    meets = region.meets(np.array(asked, np.int64)).tolist()
    assert meets == [bool(cells([one]) & inside) for one in asked]


@given(BOXES, SPAN, st.tuples(st.integers(1, 6), st.integers(1, 6)), st.sampled_from([1, 2, 3]))
def test_entries_of_a_lattice(boxes: list, origin: Cell, shape: tuple, step: int) -> None:
    plane = Plane(origin, shape, (step, 3 - step // 2))
    region = made(boxes)
    i, j = region.entries(plane)
    found = {plane.cell(*one) for one in zip(i.tolist(), j.tolist(), strict=True)}
    every = {plane.cell(a, b) for a in range(shape[0]) for b in range(shape[1])}
    assert found == every & cells(boxes)
    assert cells_of(region_of_cells(plane, i, j)) == found


def test_a_whole_column_is_one_rectangle_and_what_is_off_the_sheet_is_left_out() -> None:
    column = region_of_range(Range(0, 2, MAX_ROWS - 1, 2))
    hole = region_of_range(Range(7, 2, 7, 2))
    assert len(column) == MAX_ROWS
    assert len((column - hole).boxes) == 2
    assert ((column - hole) | hole) == column
    assert made([(-1, 0, 2, 2), (0, 0, MAX_ROWS, 0), (3, 3, 3, 3)]) == made([(3, 3, 3, 3)])
