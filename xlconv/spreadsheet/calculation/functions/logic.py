"""Conditions: what is true, and what follows from it.

Both sides of an IF are worked out for all cells, and the condition chooses; an error in the
side that is not chosen does not come through. Never reads a cell.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from msgspec.structs import replace

from xlconv.spreadsheet.calculation.coercion import as_numbers, simplified
from xlconv.spreadsheet.calculation.functions.arguments import Function, errors_of, exactly, joined
from xlconv.spreadsheet.values import (
    BLANK,
    BOOLEAN,
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


def truth(value: Value, pool: Pool) -> Value:
    """Return the value as a condition: numbers that are not 0 are true."""
    if value.has(TEXT):
        words = {"TRUE": 1.0, "FALSE": 0.0}
        numbers, kinds = value.numbers.copy(), value.all_kinds.copy()
        for place in zip(*np.nonzero(kinds == TEXT), strict=True):
            word = words.get(pool.texts[int(numbers[place])].upper())
            numbers[place], kinds[place] = (VALUE, ERROR) if word is None else (word, BOOLEAN)
        value = Value(numbers, kinds)
    return value


def choose(condition: Value, then: Value, other: Value) -> Value:
    """IF over a whole block: the chosen operand's value and kind, cell by cell."""
    try:
        shape = np.broadcast_shapes(*(v.numbers.shape for v in (condition, then, other)))
    except ValueError:
        raise Unsupported("IF over ranges of different sizes") from None
    holds = np.broadcast_to(condition.numbers != 0, shape)
    numbers = np.where(holds, np.broadcast_to(then.numbers, shape), other.numbers)
    kinds = np.where(holds, np.broadcast_to(then.all_kinds, shape), other.all_kinds)
    wrong = np.broadcast_to(condition.all_kinds == ERROR, shape)
    numbers = np.where(wrong, np.broadcast_to(condition.numbers, shape), numbers)
    result = simplified(numbers, np.where(wrong, np.uint8(ERROR), kinds))
    result.is_reference = then.is_reference or other.is_reference
    return result


def _all_or_any(arguments: list[Value], pool: Pool, *, every: bool) -> Value:
    result: Numbers = np.full((1, 1, 1, 1), float(every))
    counted: Numbers = np.zeros((1, 1, 1, 1))
    errors = errors_of(arguments)
    for value in arguments:
        blanks = () if value.is_reference or value.is_area else (BLANK,)  # left out: FALSE
        usable = np.isin(value.all_kinds, (NUMBER, BOOLEAN, *blanks))
        holds = np.where(usable, value.numbers != 0, every)
        axes = (2, 3)
        here = holds.all(axis=axes, keepdims=True) if every else holds.any(axis=axes, keepdims=True)
        result = np.minimum(result, here) if every else np.maximum(result, here)
        counted = counted + usable.sum(axis=axes, keepdims=True)
    shape = np.broadcast_shapes(result.shape, counted.shape)
    kinds = np.where(np.broadcast_to(counted > 0, shape), np.uint8(BOOLEAN), np.uint8(ERROR))
    found = Value(np.where(kinds == ERROR, float(VALUE), np.broadcast_to(result, shape)), kinds)
    return found if errors is None else joined(found, errors)


def _xor(arguments: list[Value], pool: Pool) -> Value:
    """XOR: whether an odd number of them are true."""
    count: Numbers = np.zeros((1, 1, 1, 1))
    for value in arguments:
        usable = np.isin(value.all_kinds, (NUMBER, BOOLEAN))
        count = count + (usable & (value.numbers != 0)).sum(axis=(2, 3), keepdims=True)
    known = _all_or_any(arguments, pool, every=True)  # its errors
    odd = np.broadcast_to(np.mod(count, 2), known.numbers.shape)
    return Value(np.where(known.all_kinds == ERROR, known.numbers, odd), known.kinds)


def _not(arguments: list[Value], pool: Pool) -> Value:
    (value,) = exactly(arguments, 1)
    value = as_numbers(truth(value, pool), pool)
    kinds = np.where(value.all_kinds == ERROR, np.uint8(ERROR), np.uint8(BOOLEAN))
    return Value(np.where(kinds == ERROR, value.numbers, value.numbers == 0), kinds)


def _iferror(arguments: list[Value], pool: Pool, *, codes: tuple[int, ...] = ()) -> Value:
    """IFERROR, and IFNA for some `codes` only."""
    value, other = exactly(arguments, 2)
    wrong = value.all_kinds == ERROR
    if codes:
        wrong = wrong & np.isin(value.numbers, codes)
    found = choose(Value(wrong.astype(np.float64)), other, value)
    return replace(found, is_reference=False)


def pick(number: Value, choices: list[Value]) -> Value:
    """CHOOSE over a whole block: the choice with each cell's number; #VALUE! where none has it."""
    result = error(VALUE)
    whole = np.trunc(number.numbers)
    for k, choice in enumerate(choices, start=1):
        result = choose(Value((whole == k).astype(np.float64)), choice, result)
    wrong = number.all_kinds == ERROR
    return choose(Value(wrong.astype(np.float64)), number, result) if wrong.any() else result


def _ifs(arguments: list[Value], pool: Pool) -> Value:
    """IFS: the value beside the first condition that holds; #N/A where none does."""
    if not arguments or len(arguments) % 2:
        raise Unsupported("IFS with too few or too many arguments")
    result = error(NA)
    pairs = list(zip(arguments[::2], arguments[1::2], strict=True))
    for condition, value in reversed(pairs):
        result = choose(truth(condition, pool), value, result)
    return replace(result, is_reference=False)


LOGIC: dict[str, Function] = {
    "AND": partial(_all_or_any, every=True),
    "OR": partial(_all_or_any, every=False),
    "XOR": _xor,
    "NOT": _not,
    "IFERROR": _iferror,
    "IFNA": partial(_iferror, codes=(NA,)),
    "IFS": _ifs,
}
