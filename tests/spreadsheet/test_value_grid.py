"""The values of a range, wherever it begins and ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.small_sheets import sheet_of
from xlconv.spreadsheet.addresses import Range, parse_a1
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.values import NUMBER, Pool

SHEETS = {
    "compact": {"B2": 1.0, "D5": 2.0, "A4": -3.0},
    "scattered": {"B2": 1.0, "A4": -3.0, "XFD9": 4.0, "C1048576": 5.0},
    "empty": {},
}
GRIDS = {name: ValueGrid(sheet_of(cells), Pool()) for name, cells in SHEETS.items()}


@pytest.mark.parametrize("name", SHEETS)
@given(
    st.integers(-4, 9), st.integers(-4, 9), st.integers(0, 7), st.integers(0, 7),
    st.sampled_from([(0, 0), (0, 0), (1_048_570, 0), (0, 16_376), (4, 16_380)]),
)  # fmt: skip
def test_a_range_has_its_cells_and_all_else_is_blank(
    name: str, top: int, left: int, height: int, width: int, far: tuple[int, int]
) -> None:
    top, left = top + far[0], left + far[1]
    area = Range(top, left, top + height - 1, left + width - 1)
    numbers, kinds = GRIDS[name].region(area)
    expected, held = np.zeros((height, width)), np.zeros((height, width), np.uint8)
    for cell, number in SHEETS[name].items():
        i, j = parse_a1(cell)[0] - top, parse_a1(cell)[1] - left
        if 0 <= i < height and 0 <= j < width:
            expected[i, j], held[i, j] = number, NUMBER
    np.testing.assert_array_equal(numbers, expected)
    np.testing.assert_array_equal(kinds, held)
