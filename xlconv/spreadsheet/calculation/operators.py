"""Excel's binary operators on values of whole blocks, with its coercions and its order of kinds.

Operands are broadcast entry by entry; errors in them come through. Knows no cells and no
trees.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlconv.spreadsheet.calculation.coercion import as_numbers, combined, first_error
from xlconv.spreadsheet.calculation.functions import by_rank, divided, entrywise, power
from xlconv.spreadsheet.values import (
    BLANK,
    BOOLEAN,
    ERROR,
    TEXT,
    Kinds,
    Numbers,
    Pool,
    Unsupported,
    Value,
)

_COMPARE: dict[str, Callable[[Numbers, Numbers], Kinds]] = {
    "=": np.equal, "<>": np.not_equal, "<": np.less, ">": np.greater,
    "<=": np.less_equal, ">=": np.greater_equal,
}  # fmt: skip


def binary(operator: str, left: Value, right: Value, pool: Pool) -> Value:
    """Return the result of an operator, entry by entry; raise Unsupported where sizes differ."""
    _match_sizes(left, right)
    if operator in _COMPARE:
        return _compared(operator, left, right, pool)
    if operator == "&":
        return entrywise([left, right], pool, lambda one, other: one + other)
    x, y = as_numbers(left, pool), as_numbers(right, pool)
    if operator == "+":
        return combined(x.numbers + y.numbers, x, y)
    if operator == "-":
        return combined(x.numbers - y.numbers, x, y)
    if operator == "*":
        return combined(x.numbers * y.numbers, x, y)
    if operator == "/":
        return divided(x, y)
    return power(x, y)


def _match_sizes(left: Value, right: Value) -> None:
    for axis in (2, 3):
        sizes = {left.numbers.shape[axis], right.numbers.shape[axis]} - {1}
        if len(sizes) > 1:
            raise Unsupported("ranges of different sizes in one operation")


def _compared(operator: str, left: Value, right: Value, pool: Pool) -> Value:
    x_kinds, y_kinds = left.all_kinds, right.all_kinds
    shape = np.broadcast_shapes(x_kinds.shape, y_kinds.shape)
    x, y = np.broadcast_to(left.numbers, shape), np.broadcast_to(right.numbers, shape)
    x_kinds, y_kinds = np.broadcast_to(x_kinds, shape), np.broadcast_to(y_kinds, shape)
    # Excel compares 15 digits: 0.1+0.2=0.3.
    alike = np.isclose(x, y, rtol=5e-16, atol=0.0) & (x != y)
    x = np.where(alike, y, x)
    texts = (x_kinds == TEXT) | (y_kinds == TEXT)
    if texts.any():
        ranked = pool.ranks()
        x = by_rank(x, x_kinds, ranked)
        y = by_rank(y, y_kinds, ranked)
    # Excel's order between kinds: numbers before texts before booleans; a blank is
    # whatever it is compared with.
    order = np.array([0, 0, 1, 2, 0])
    x_order = np.where(x_kinds == BLANK, order[y_kinds], order[x_kinds])
    y_order = np.where(y_kinds == BLANK, order[x_kinds], order[y_kinds])
    compare = _COMPARE[operator]
    result = np.where(x_order == y_order, compare(x, y), compare(x_order, y_order))
    spread = first_error(left, right)
    kinds = np.full(shape, BOOLEAN, np.uint8)
    numbers = result.astype(np.float64)
    if spread is not None:
        found, codes = spread
        kinds = np.where(found, np.uint8(ERROR), kinds)
        numbers = np.where(found, codes, numbers)
    return Value(numbers, kinds)
