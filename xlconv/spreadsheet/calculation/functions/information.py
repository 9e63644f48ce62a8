"""What kind of thing a value is: blank, number, text, error, even or odd.

An error that is asked about does not come through, but where a number is needed to tell.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from xlconv.arrays import Mask
from xlconv.spreadsheet.calculation.coercion import as_numbers, simplified
from xlconv.spreadsheet.calculation.functions.arguments import Function, exactly
from xlconv.spreadsheet.values import (
    BLANK,
    BOOLEAN,
    ERROR,
    NA,
    NUMBER,
    TEXT,
    VALUE,
    Kinds,
    Numbers,
    Pool,
    Value,
    error,
    scalar,
)


def _asked(arguments: list[Value], pool: Pool, *, rule: Callable[[Numbers, Kinds], Mask]) -> Value:
    (value,) = exactly(arguments, 1)
    found = rule(value.numbers, value.all_kinds)
    return Value(found.astype(np.float64), np.full(found.shape, BOOLEAN, np.uint8))


def _kind(*kinds: int) -> Function:
    return partial(_asked, rule=lambda _, found: np.isin(found, kinds))


def _divisible(arguments: list[Value], pool: Pool, *, rest: int) -> Value:
    (value,) = exactly(arguments, 1)
    number = as_numbers(value, pool)
    wrong, truth = number.all_kinds == ERROR, value.all_kinds == BOOLEAN
    holds = np.mod(np.trunc(number.numbers), 2) == rest
    numbers = np.where(wrong, number.numbers, np.where(truth, float(VALUE), holds))
    return Value(numbers, np.where(wrong | truth, np.uint8(ERROR), np.uint8(BOOLEAN)))


def _number(arguments: list[Value], pool: Pool) -> Value:
    """N: numbers and errors as they are, booleans as 1 or 0, all else 0."""
    (value,) = exactly(arguments, 1)
    kinds = value.all_kinds
    numbers = np.where(kinds == TEXT, 0.0, value.numbers)
    return simplified(numbers, np.where(kinds == ERROR, np.uint8(ERROR), np.uint8(NUMBER)))


def _constant(arguments: list[Value], pool: Pool, *, value: Value) -> Value:
    exactly(arguments, 0)
    return value


INFORMATION: dict[str, Function] = {
    "ISBLANK": _kind(BLANK),
    "ISNUMBER": _kind(NUMBER),
    "ISTEXT": _kind(TEXT),
    "ISNONTEXT": _kind(BLANK, NUMBER, BOOLEAN, ERROR),
    "ISLOGICAL": _kind(BOOLEAN),
    "ISERROR": _kind(ERROR),
    "ISERR": partial(_asked, rule=lambda code, kind: (kind == ERROR) & (code != NA)),
    "ISNA": partial(_asked, rule=lambda code, kind: (kind == ERROR) & (code == NA)),
    "ISEVEN": partial(_divisible, rest=0),
    "ISODD": partial(_divisible, rest=1),
    "N": _number,
    "NA": partial(_constant, value=error(NA)),
    "TRUE": partial(_constant, value=scalar(1.0, BOOLEAN)),
    "FALSE": partial(_constant, value=scalar(0.0, BOOLEAN)),
}
