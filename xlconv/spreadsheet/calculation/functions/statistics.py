"""Functions of the order of numbers, and products: MEDIAN, LARGE, RANK, PRODUCT.

Of a range only numbers count; an error that is read comes through.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from xlconv.arrays import Integers
from xlconv.spreadsheet.calculation.coercion import as_numbers, checked, combined, flawed
from xlconv.spreadsheet.calculation.functions.arguments import (
    Function,
    errors_of,
    exactly,
    joined,
    taken,
)
from xlconv.spreadsheet.values import (
    ERROR,
    NA,
    NUM,
    NUMBER,
    Numbers,
    Pool,
    Unsupported,
    Value,
    scalar,
)

_LARGEST = 1 << 24


def _in_order(arguments: list[Value], pool: Pool) -> tuple[Numbers, Integers, Value | None]:
    """Return the numbers that count in order, infinity after them, and how many they are.

    (n, m, k), (n, m) and the errors among the arguments.
    """
    parts = [taken(value, pool) for value in arguments]
    n, m = np.broadcast_shapes(*(numbers.shape[:2] for numbers, _, _ in parts))
    lines = []
    for numbers, mask, _ in parts:
        some = numbers if mask is None else np.where(mask, numbers, np.inf)
        lines.append(np.broadcast_to(some, (n, m, *numbers.shape[2:])).reshape(n, m, -1))
    if sum(line.size for line in lines) > _LARGEST:
        raise Unsupported("very many numbers to put in order")
    every = np.sort(np.concatenate(lines, axis=2), axis=2)
    return every, np.isfinite(every).sum(axis=2), errors_of([value for _, _, value in parts])


def _at(every: Numbers, place: Integers) -> Numbers:
    place = np.clip(place, 0, every.shape[2] - 1)
    found: Numbers = np.take_along_axis(every, place[..., None], axis=2)
    return np.where(np.isfinite(found), found, 0.0)


def _median(arguments: list[Value], pool: Pool) -> Value:
    every, count, errors = _in_order(arguments, pool)
    middle = (_at(every, (count - 1) // 2) + _at(every, count // 2)) / 2
    result = flawed(checked(middle[..., None]), (count == 0)[..., None, None], NUM)
    return result if errors is None else joined(result, errors)


def _ranked(arguments: list[Value], pool: Pool, *, largest: bool) -> Value:
    """LARGE and SMALL: the k-th number; of several k, one for each."""
    value, number = exactly(arguments, 2)
    k = as_numbers(number, pool)
    every, count, errors = _in_order([value], pool)
    if (k.numbers != np.trunc(k.numbers)).any():
        raise Unsupported("LARGE or SMALL at what is no whole number")
    wanted = np.clip(k.numbers, -1, 2.0**31).astype(np.int64)  # (n, m, h, w)
    count = count[..., None, None]
    off = (wanted < 1) | (wanted > count)
    place = np.where(off, 0, count - wanted if largest else wanted - 1)
    n, m, h, w = place.shape
    line = np.broadcast_to(every, (n, m, every.shape[2]))
    found = np.take_along_axis(line, place.reshape(n, m, h * w), axis=2).reshape(place.shape)
    result = flawed(combined(np.where(off, 0.0, found), k), off & (k.all_kinds != ERROR), NUM)
    return result if errors is None else joined(result, errors)


def _rank(arguments: list[Value], pool: Pool) -> Value:
    if len(arguments) == 2:
        arguments = [*arguments, scalar(0)]
    number, among, order = exactly(arguments, 3)
    wanted, rising = as_numbers(number, pool), as_numbers(order, pool)
    if wanted.is_area or rising.is_area:
        raise Unsupported("RANK of several numbers at once")
    counted = among.all_kinds == NUMBER
    ahead = np.where(
        rising.numbers != 0, among.numbers < wanted.numbers, among.numbers > wanted.numbers
    )
    there = (counted & (among.numbers == wanted.numbers)).any(axis=(2, 3), keepdims=True)
    place = (counted & ahead).sum(axis=(2, 3), keepdims=True) + 1.0
    result = flawed(combined(np.where(there, place, 0.0), wanted, rising), ~there, NA)
    errors = errors_of([among])
    return result if errors is None else joined(result, errors)


def _product(arguments: list[Value], pool: Pool) -> Value:
    """PRODUCT: 0 where there are no numbers."""
    total: Numbers = np.ones((1, 1, 1, 1))
    count: Numbers = np.zeros((1, 1, 1, 1))
    parts = [taken(value, pool) for value in arguments]
    for numbers, mask, _ in parts:
        counted = np.ones(numbers.shape, np.bool_) if mask is None else mask
        total = total * np.where(counted, numbers, 1.0).prod(axis=(2, 3), keepdims=True)
        count = count + counted.sum(axis=(2, 3), keepdims=True)
    result = checked(np.where(count == 0, 0.0, total))
    errors = errors_of([value for _, _, value in parts])
    return result if errors is None else joined(result, errors)


STATISTICS: dict[str, Function] = {
    "MEDIAN": _median,
    "LARGE": partial(_ranked, largest=True),
    "SMALL": partial(_ranked, largest=False),
    "RANK": _rank,
    "RANK.EQ": _rank,
    "PRODUCT": _product,
}
