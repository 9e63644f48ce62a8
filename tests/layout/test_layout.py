"""A layout fits on a sheet."""

import pytest

from xlconv.errors import (
    LayoutError,
)
from xlconv.layers.base.place import Place
from xlconv.layout.layout import Layout
from xlconv.spreadsheet.addresses import MAX_ROWS
from xlconv.spreadsheet.blocks.plane import Plane


def test_a_layout_has_room_for_a_million_rows_and_no_more() -> None:
    Layout("x", (Place((Plane((MAX_ROWS - 10, 0), (10, 1)),)),))
    with pytest.raises(LayoutError, match="needs 1,048,577 rows and 1 columns"):
        Layout("x", (Place((Plane((MAX_ROWS - 9, 0), (10, 1)),)),))
