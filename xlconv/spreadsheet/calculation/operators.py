"""Excel's binary operators on values of whole blocks, with its coercions and its order of kinds.

Operands are broadcast entry by entry; errors in them come through. Knows no cells and no
trees.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlconv.spreadsheet.addresses import MAX_TEXT_LENGTH
from xlconv.spreadsheet.calculation.coercion import as_numbers, combined, first_error
from xlconv.spreadsheet.calculation.functions import divided, power
from xlconv.spreadsheet.values import (
    BLANK,
    BOOLEAN,
    ERROR,
    NUMBER,
    TEXT,
    VALUE,
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
        return _concatenated(left, right, pool)
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


def _concatenated(left: Value, right: Value, pool: Pool) -> Value:
    """Join texts cell by cell; numbers as they are shown, to 15 digits.

    What no cell could hold is #VALUE!.
    """
    shape = np.broadcast_shapes(left.numbers.shape, right.numbers.shape)
    parts = [
        [
            _as_text(number, kind, pool)
            for number, kind in zip(
                np.broadcast_to(one.numbers, shape).ravel().tolist(),
                np.broadcast_to(one.all_kinds, shape).ravel().tolist(),
                strict=True,
            )
        ]
        for one in (left, right)
    ]
    texts = [
        a + b if len(a) + len(b) <= MAX_TEXT_LENGTH else None for a, b in zip(*parts, strict=True)
    ]
    pool.spend(sum(len(text) for text in texts if text))
    joined = [float(VALUE if text is None else pool.index(text)) for text in texts]
    kinds = np.array([ERROR if text is None else TEXT for text in texts], np.uint8).reshape(shape)
    numbers = np.array(joined).reshape(shape)
    spread = first_error(left, right)
    if spread is None:
        return Value(numbers, kinds)
    found, codes = spread
    return Value(np.where(found, codes, numbers), np.where(found, np.uint8(ERROR), kinds))


def _as_text(number: float, kind: int, pool: Pool) -> str:
    if kind == TEXT:
        return pool.texts[int(number)]
    if kind == BOOLEAN:
        return "TRUE" if number else "FALSE"
    return f"{number + 0.0:.15g}".upper() if kind == NUMBER else ""  # never -0


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
        ranks = _ranks(pool)
        x = _by_rank(x, x_kinds, ranks)
        y = _by_rank(y, y_kinds, ranks)
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


def _ranks(pool: Pool) -> dict[int, int]:
    """Return the place of every text in Excel's order, which knows no case."""
    folded = sorted({"", *(text.casefold() for text in pool.texts)})  # a blank is ""
    places = {text: place for place, text in enumerate(folded)}
    return {index: places[text.casefold()] for index, text in enumerate(pool.texts)}


def _by_rank(numbers: Numbers, kinds: Kinds, ranks: dict[int, int]) -> Numbers:
    ranked = [
        float(ranks[int(number)]) if kind == TEXT else number
        for number, kind in zip(numbers.ravel().tolist(), kinds.ravel().tolist(), strict=True)
    ]
    return np.array(ranked).reshape(numbers.shape)
