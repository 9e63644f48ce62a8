"""The ranges that an index finds are those that a plain loop over all of them finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex

CORNERS = st.integers(-2, 9) | st.sampled_from([MAX_COLUMNS - 1, MAX_ROWS - 1])


@st.composite
def areas(draw: st.DrawFn) -> Range:
    top, bottom = sorted((draw(CORNERS), draw(CORNERS)))
    left, right = sorted((draw(CORNERS), draw(CORNERS)))
    return Range(top, left, bottom, right)


PLACES = st.lists(st.tuples(st.integers(0, 2), areas()), max_size=12)


@given(PLACES, st.integers(0, 2), areas())
def test_finds_what_a_loop_finds(places: list[tuple[int, Range]], sheet: int, area: Range) -> None:
    index = AreaIndex(iter(places))
    touching = [k for k, (home, one) in enumerate(places) if home == sheet and one.overlaps(area)]
    assert index.touching(sheet, area) == index.find(sheet, area).tolist() == touching
    around = [k for k, (home, one) in enumerate(places) if home == sheet and one.holds(area)]
    assert index.around(sheet, area) == around


@given(PLACES, st.integers(0, 2), CORNERS, CORNERS)
def test_finds_those_that_have_a_cell(
    places: list[tuple[int, Range]], sheet: int, row: int, column: int
) -> None:
    holding = [
        k
        for k, (home, one) in enumerate(places)
        if home == sheet and one.top <= row <= one.bottom and one.left <= column <= one.right
    ]
    assert AreaIndex(places).holding(sheet, (row, column)) == holding


@given(PLACES)
def test_keeps_the_ranges_in_order(places: list[tuple[int, Range]]) -> None:
    index = AreaIndex(places)
    assert len(index) == len(places)
    assert index.sheets.tolist() == [sheet for sheet, _ in places]
    assert [Range(*box) for box in index.boxes.tolist()] == [area for _, area in places]


def test_neighbours_do_not_touch() -> None:
    index = AreaIndex([(0, Range(1, 1, 2, 2)), (1, Range(0, 0, 9, 9)), (0, Range(2, 2, 3, 3))])
    assert index.touching(0, Range(2, 2, 2, 2)) == [0, 2]
    assert index.touching(0, Range(0, 0, 0, 9)) == index.touching(0, Range(1, 3, 1, 9)) == []
    assert index.around(0, Range(1, 1, 3, 3)) == index.touching(2, Range(0, 0, 9, 9)) == []
    assert AreaIndex([]).touching(0, Range(0, 0, 1, 1)) == []
    assert isinstance(index.boxes, np.ndarray)
