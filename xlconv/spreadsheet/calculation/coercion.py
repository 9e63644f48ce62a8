"""What operators and functions make of values: texts as numbers, and errors that spread.

A result that is not finite is an error; of several errors the first operand's stays. Never
reads a cell, and never changes a value that it is given.
"""

from __future__ import annotations

import re

import numpy as np

from xlconv.arrays import Mask
from xlconv.spreadsheet.values import (
    ERROR,
    NUM,
    NUMBER,
    TEXT,
    VALUE,
    Kinds,
    Numbers,
    Pool,
    Unsupported,
    Value,
)

_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?)(%?)")


def simplified(numbers: Numbers, kinds: Kinds) -> Value:
    """Return a computed value, without kinds where all of them are numbers."""
    if (kinds == NUMBER).all():
        return Value(numbers)
    return Value(numbers, kinds)


def checked(numbers: Numbers) -> Value:
    """Return computed numbers; what is not finite becomes #NUM!."""
    bad = ~np.isfinite(numbers)
    if not bad.any():
        return Value(numbers)
    kinds = np.where(bad, np.uint8(ERROR), np.uint8(NUMBER))
    return Value(np.where(bad, float(NUM), numbers), kinds)


def flawed(result: Value, where: Mask, code: int) -> Value:
    """Return a result with the error `code` where `where` holds, unless it has one there."""
    if not where.any():
        return result
    shape = np.broadcast_shapes(result.numbers.shape, where.shape)
    kinds = np.broadcast_to(result.all_kinds, shape)
    wrong = np.broadcast_to(where, shape) & (kinds != ERROR)
    numbers = np.where(wrong, float(code), np.broadcast_to(result.numbers, shape))
    return Value(numbers, np.where(wrong, np.uint8(ERROR), kinds))


def as_numbers(value: Value, pool: Pool) -> Value:
    """Return the value as arithmetic takes it: blanks 0, booleans 1 or 0, texts if they spell one.

    Texts that spell no number become #VALUE!; errors stay.
    """
    if value.kinds is None:
        return value
    numbers, kinds = value.numbers, value.kinds
    if value.has(TEXT):
        numbers, kinds = numbers.copy(), kinds.copy()
        for place in zip(*np.nonzero(np.broadcast_to(kinds == TEXT, numbers.shape)), strict=True):
            number = spelled(pool.texts[int(numbers[place])])
            numbers[place] = VALUE if number is None else number
            kinds[place] = ERROR if number is None else NUMBER
    if not value.has(ERROR, TEXT):
        return Value(numbers)  # blanks hold 0, booleans 1 or 0
    return simplified(numbers, np.where(kinds == ERROR, kinds, np.uint8(NUMBER)))


def spelled(text: str) -> float | None:
    """Return the number that a text spells, None for none. Raises Unsupported in doubt."""
    if match := _NUMBER.fullmatch(text.strip(" ")):
        number = float(match[1]) / (100 if match[2] else 1)
        return number if np.isfinite(number) else None
    if any(character.isdigit() for character in text):
        raise Unsupported("a text that may spell a number, an amount or a date")
    return None


def first_error(*values: Value) -> tuple[Kinds, Numbers] | None:
    """Return where the operands, broadcast together, hold an error, and the first one's code."""
    if not any(value.kinds is not None and value.has(ERROR) for value in values):
        return None
    shape = np.broadcast_shapes(*(value.numbers.shape for value in values))
    found = np.zeros(shape, np.uint8)
    codes = np.zeros(shape)
    for value in values:
        here = np.broadcast_to(value.all_kinds == ERROR, shape) & (found == 0)
        codes = np.where(here, np.broadcast_to(value.numbers, shape), codes)
        found |= here
    return found, codes


def combined(numbers: Numbers, *operands: Value) -> Value:
    """Return computed numbers with the errors of the operands spread over them."""
    result = checked(numbers)
    spread = first_error(*operands)
    if spread is None:
        return result
    found, codes = spread
    kinds = np.where(found, np.uint8(ERROR), result.all_kinds)
    return Value(np.where(found, codes, result.numbers), kinds)
