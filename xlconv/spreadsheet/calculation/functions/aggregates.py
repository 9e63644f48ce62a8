"""Functions of whole ranges: sums, extremes, means, counts, products of ranges.

Each takes its values with four axes and gives one value a cell, (rows, columns, 1, 1), but
for MMULT and TRANSPOSE, which give matrices. Of a range only numbers count, but for what
counts cells; an error that is read comes through.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from xlconv.spreadsheet.calculation.coercion import (
    as_numbers,
    checked,
    combined,
    flawed,
    simplified,
)
from xlconv.spreadsheet.calculation.functions.arguments import (
    Function,
    errors_of,
    exactly,
    joined,
    sum_axes,
    taken,
)
from xlconv.spreadsheet.values import (
    BLANK,
    BOOLEAN,
    DIV0,
    ERROR,
    NA,
    NUMBER,
    TEXT,
    VALUE,
    Numbers,
    Pool,
    Unsupported,
    Value,
    error,
)


def _reduced(
    arguments: list[Value],
    pool: Pool,
    ignored: float,
    each: Callable[[Numbers], Numbers],
    join: Callable[[Numbers, Numbers], Numbers],
    finish: Callable[[Numbers, Numbers], Value],
) -> Value:
    """Fold every argument over its cells: `ignored` stands for what does not count."""
    total: Numbers = each(np.full((1, 1, 1, 1), ignored))
    count: Numbers = np.zeros((1, 1, 1, 1))
    parts = [taken(value, pool) for value in arguments]
    for numbers, mask, _ in parts:
        if mask is None:
            cells = np.float64(numbers.shape[2] * numbers.shape[3])
            total, count = join(total, each(numbers)), count + cells
        else:
            total = join(total, each(np.where(mask, numbers, ignored)))
            count = count + mask.sum(axis=(2, 3), keepdims=True)
    result = finish(total, count)
    errors = errors_of([value for _, _, value in parts])
    return result if errors is None else joined(result, errors)


def _sum(arguments: list[Value], pool: Pool) -> Value:
    return _reduced(arguments, pool, 0.0, sum_axes, np.add, lambda t, _: checked(t))


def _average(arguments: list[Value], pool: Pool) -> Value:
    def finish(total: Numbers, count: Numbers) -> Value:
        mean = checked(total / np.maximum(count, 1.0))
        return flawed(mean, count == 0, DIV0)

    return _reduced(arguments, pool, 0.0, sum_axes, np.add, finish)


def _extreme(arguments: list[Value], pool: Pool, *, sign: float) -> Value:
    def each(numbers: Numbers) -> Numbers:
        top: Numbers = (sign * numbers).max(axis=(2, 3), keepdims=True, initial=-np.inf)
        return top

    def finish(total: Numbers, count: Numbers) -> Value:
        return checked(np.where(np.isfinite(total), sign * total, 0.0) + 0.0)

    return _reduced(arguments, pool, -np.inf * sign, each, np.maximum, finish)


def _sumsq(arguments: list[Value], pool: Pool) -> Value:
    return _reduced(
        arguments, pool, 0.0, lambda x: sum_axes(x * x), np.add, lambda t, _: checked(t)
    )


def _deviation(arguments: list[Value], pool: Pool, *, sample: bool, root: bool) -> Value:
    mean = _average(arguments, pool).numbers
    squares: Numbers = np.zeros((1, 1, 1, 1))
    count: Numbers = np.zeros((1, 1, 1, 1))
    parts = [taken(value, pool) for value in arguments]
    for numbers, mask, _ in parts:
        square = (numbers - mean) ** 2
        if mask is not None:
            square = np.where(mask, square, 0.0)
            count = count + mask.sum(axis=(2, 3), keepdims=True)
        else:
            count = count + np.float64(numbers.shape[2] * numbers.shape[3])
        squares = squares + sum_axes(square)
    divisor = count - 1 if sample else count
    variance = squares / np.maximum(divisor, 1.0)
    result = flawed(checked(np.sqrt(variance) if root else variance), divisor <= 0, DIV0)
    errors = errors_of([value for _, _, value in parts])
    return result if errors is None else joined(result, errors)


def _counted(arguments: list[Value], pool: Pool, *, kinds: tuple[int, ...]) -> Value:
    total: Numbers = np.zeros((1, 1, 1, 1))
    for value in arguments:
        here = np.isin(value.all_kinds, kinds)
        written = not (value.is_reference or value.is_area)
        if written and NUMBER in kinds and value.has(TEXT, BOOLEAN):
            here = here | (as_numbers(value, pool).all_kinds == NUMBER)
        total = total + here.sum(axis=(2, 3), keepdims=True)
    return Value(total)


def _countblank(arguments: list[Value], pool: Pool) -> Value:
    (value,) = exactly(arguments, 1)
    kinds = value.all_kinds
    empty = [index for index, text in enumerate(pool.texts) if text == ""]
    blank = (kinds == BLANK) | ((kinds == TEXT) & np.isin(value.numbers, empty))
    return Value(blank.sum(axis=(2, 3), keepdims=True).astype(np.float64))


def _sumproduct(arguments: list[Value], pool: Pool) -> Value:
    if not arguments:
        raise Unsupported("SUMPRODUCT without arguments")
    sizes = {value.numbers.shape[2:] for value in arguments}
    if len(sizes) > 1:
        return error(VALUE)
    factors = [_zeroed(value) for value in arguments]
    if len(factors) == 2:
        # (n, m, h, w) * (n, m, h, w) -> (n, m)
        product = np.einsum("nmhw,nmhw->nm", *_same_block(factors[0], factors[1]))[..., None, None]
    else:
        together = factors[0]
        for factor in factors[1:]:
            together = together * factor
        product = sum_axes(together)
    errors = errors_of(arguments)
    return checked(product) if errors is None else combined(product, errors)


def _same_block(left: Numbers, right: Numbers) -> tuple[Numbers, Numbers]:
    shape = np.broadcast_shapes(left.shape, right.shape)
    return np.broadcast_to(left, shape), np.broadcast_to(right, shape)


def _zeroed(value: Value) -> Numbers:
    """Return the numbers as SUMPRODUCT takes them: what is none counts as 0."""
    if value.kinds is None:
        return value.numbers
    return np.where(value.kinds == NUMBER, value.numbers, 0.0)


def _pairs(
    arguments: list[Value], pool: Pool, each: Callable[[Numbers, Numbers], Numbers]
) -> Value:
    left, right = exactly(arguments, 2)
    if left.numbers.shape[2:] != right.numbers.shape[2:]:
        return error(NA)
    both = (left.all_kinds == NUMBER) & (right.all_kinds == NUMBER)
    total = sum_axes(np.where(both, each(left.numbers, right.numbers), 0.0))
    errors = errors_of(arguments)
    return checked(total) if errors is None else combined(total, errors)


def _mmult(arguments: list[Value], pool: Pool) -> Value:
    left, right = exactly(arguments, 2)
    if left.numbers.shape[3] != right.numbers.shape[2]:
        return error(VALUE)
    product: Numbers = np.matmul(left.numbers, right.numbers)
    errors = errors_of(arguments)
    result = checked(product) if errors is None else combined(product, errors)
    if not (left.has(BLANK, TEXT, BOOLEAN) or right.has(BLANK, TEXT, BOOLEAN)):
        return result
    lacking = [
        np.isin(one.all_kinds, (BLANK, TEXT, BOOLEAN)).any(axis=(2, 3), keepdims=True)
        for one in arguments
    ]
    wrong = np.broadcast_to(lacking[0] | lacking[1], result.numbers.shape)
    kinds = np.where(wrong, np.uint8(ERROR), result.all_kinds)
    return simplified(np.where(wrong, float(VALUE), result.numbers), kinds)


def _transpose(arguments: list[Value], pool: Pool) -> Value:
    (value,) = exactly(arguments, 1)
    kinds = None if value.kinds is None else value.kinds.swapaxes(2, 3)
    return Value(value.numbers.swapaxes(2, 3), kinds)


def _spread(*, sample: bool, root: bool) -> Function:
    return partial(_deviation, sample=sample, root=root)


AGGREGATES: dict[str, Function] = {
    "SUM": _sum,
    "SUMPRODUCT": _sumproduct,
    "SUMSQ": _sumsq,
    "SUMX2MY2": partial(_pairs, each=lambda x, y: x * x - y * y),
    "SUMX2PY2": partial(_pairs, each=lambda x, y: x * x + y * y),
    "SUMXMY2": partial(_pairs, each=lambda x, y: (x - y) ** 2),
    "MAX": partial(_extreme, sign=1.0),
    "MIN": partial(_extreme, sign=-1.0),
    "AVERAGE": _average,
    "COUNT": partial(_counted, kinds=(NUMBER,)),
    "COUNTA": partial(_counted, kinds=(NUMBER, TEXT, BOOLEAN, ERROR)),
    "COUNTBLANK": _countblank,
    "STDEV": _spread(sample=True, root=True),
    "STDEV.S": _spread(sample=True, root=True),
    "STDEVP": _spread(sample=False, root=True),
    "STDEV.P": _spread(sample=False, root=True),
    "VAR": _spread(sample=True, root=False),
    "VAR.S": _spread(sample=True, root=False),
    "VARP": _spread(sample=False, root=False),
    "VAR.P": _spread(sample=False, root=False),
    "MMULT": _mmult,
    "TRANSPOSE": _transpose,
}
