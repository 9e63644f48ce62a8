import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlconv.spreadsheet.addresses import (
    MAX_COLUMNS,
    MAX_ROWS,
    Range,
    a1_name,
    column_name,
    column_of,
    parse_a1,
)

NAMES = [
    ((0, 0), "A1"), ((1, 0), "A2"), ((2, 25), "Z3"), ((2, 26), "AA3"), ((3, 701), "ZZ4"),
    ((3, 702), "AAA4"), ((MAX_ROWS - 1, MAX_COLUMNS - 1), "XFD1048576"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "name"), NAMES)
def test_names_and_cells_are_inverse(cell: tuple[int, int], name: str) -> None:
    assert a1_name(cell) == name
    assert parse_a1(name) == cell


@given(st.integers(0, MAX_ROWS - 1), st.integers(0, MAX_COLUMNS - 1), st.booleans())
def test_every_cell_round_trips(row: int, column: int, absolute: bool) -> None:
    assert parse_a1(a1_name((row, column), absolute=absolute)) == (row, column)


@given(st.integers(0, MAX_COLUMNS - 1))
def test_every_column_round_trips(column: int) -> None:
    assert column_of(column_name(column)) == column


@pytest.mark.parametrize("name", ["", "A", "1", "A0", "XFE1", "A1048577", "AAAA1", "A1:B2", "é1"])
def test_what_is_not_a_cell_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a cell"):
        parse_a1(name)


def test_a_range_of_one_cell_has_one_name() -> None:
    assert Range(1, 0, 1, 0).name == "A2"
    assert Range(1, 0, 3, 2).name == "A2:C4"
    assert Range(1, 0, 3, 2).absolute_name == "$A$2:$C$4"
