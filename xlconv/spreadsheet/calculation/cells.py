"""The cells that a formula is evaluated for, and how it reads others.

Only what evaluation needs to know of a block: neither its sheet nor its formula.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from xlconv.spreadsheet.calculation.place import Place
from xlconv.spreadsheet.values import Numbers, Pool, Unsupported, Value

Reader = Callable[..., Value]


def _unread(place: Place) -> Value:
    raise Unsupported("a range that depends on values")


class Cells(Struct, frozen=True):
    """The block being evaluated: its shape, how to read, and where its cells stand.

    `rows` and `columns` of an array formula over several cells are those of all its cells,
    (1, 1, h, 1) and (1, 1, 1, w).
    """

    shape: tuple[int, int]
    read: Reader
    rows: Numbers  # (n, 1, 1, 1), counted from 1 as ROW() does
    columns: Numbers  # (1, m, 1, 1)
    pool: Pool
    is_array: bool = False
    spend: Callable[[int], None] = lambda _: None  # called with what an operation costs, before it
    gather: Callable[[Place], Value] = _unread  # reads ranges that move as no reference does
