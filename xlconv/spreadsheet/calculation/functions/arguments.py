"""How functions take their arguments: what counts in a range, and which error comes first.

One place for the rules that functions have in common; what each makes of its numbers
stands with it. Never reads a cell.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlconv.spreadsheet.calculation.coercion import as_numbers, first_error, simplified
from xlconv.spreadsheet.values import ERROR, NUMBER, Kinds, Numbers, Pool, Unsupported, Value

Function = Callable[[list[Value], Pool], Value]


def exactly(arguments: list[Value], count: int) -> list[Value]:
    """Return the arguments, if there are so many of them. Raises Unsupported."""
    if len(arguments) != count:
        raise Unsupported("a function with too few or too many arguments")
    return arguments


def taken(value: Value, pool: Pool) -> tuple[Numbers, Kinds | None, Value]:
    """Return an argument's numbers, the mask of those that count, and itself for its errors."""
    if value.is_reference:
        return value.numbers, None if value.kinds is None else value.kinds == NUMBER, value
    if value.is_area:  # a computed array is treated as a reference is
        return value.numbers, None if value.kinds is None else value.kinds == NUMBER, value
    converted = as_numbers(value, pool)
    mask = None if converted.kinds is None else converted.kinds == NUMBER
    return converted.numbers, mask, converted


def errors_of(values: list[Value]) -> Value | None:
    """Return the first error within each cell's arguments, as one value per cell."""
    reduced = []
    for value in values:
        if value.kinds is None or not value.has(ERROR):
            continue
        n, m, h, w = value.numbers.shape
        flat_kinds = value.all_kinds.reshape(n, m, h * w) == ERROR
        position = flat_kinds.argmax(axis=2)[..., None]
        codes = np.take_along_axis(value.numbers.reshape(n, m, h * w), position, axis=2)
        found = flat_kinds.any(axis=2)[..., None]
        kinds = np.where(found, np.uint8(ERROR), np.uint8(NUMBER))
        reduced.append(Value(codes[..., None], kinds[..., None]))
    if not reduced:
        return None
    spread = first_error(*reduced)
    assert spread is not None
    found, codes = spread
    return Value(codes, np.where(found, np.uint8(ERROR), np.uint8(NUMBER)))


def joined(result: Value, errors: Value) -> Value:
    """Return a result with the errors of its arguments in front of its own."""
    shape = np.broadcast_shapes(result.numbers.shape, errors.numbers.shape)
    wrong = np.broadcast_to(errors.all_kinds == ERROR, shape)
    numbers = np.where(wrong, errors.numbers, result.numbers)
    return simplified(numbers, np.where(wrong, np.uint8(ERROR), result.all_kinds))


def sum_axes(numbers: Numbers) -> Numbers:
    """Return the sum over the cells of an operand, for every cell of the block."""
    total: Numbers = numbers.sum(axis=(2, 3), keepdims=True)
    return total
