"""Values of a whole block at once, with the kinds that spreadsheets tell apart.

A value is an array of axes (rows of the block, columns of the block, rows of the
operand, columns of the operand); an axis of length 1 stands for all. Beside the
numbers go the kinds: blank, number, text, boolean or error. Texts and errors are
kept as numbers: indices into a pool.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Kinds = NDArray[np.uint8]
_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?)(%?)")

# As in xlconv.sheet.Kind, whose lower half these are.
BLANK, NUMBER, TEXT, BOOLEAN, ERROR = 0, 1, 2, 3, 4
ERRORS = (
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA",
    "#SPILL!", "#CALC!",
)  # fmt: skip
NULL, DIV0, VALUE, REF, NAME, NUM, NA = range(7)


class Unsupported(Exception):  # noqa: N818  an outcome, not an error of the caller
    """What cannot be evaluated, and why, in a few words."""


@dataclass(slots=True)
class Pool:
    """The texts that values point to."""

    texts: list[str] = field(default_factory=list)
    room: int = 1 << 26  # for characters of texts that formulas make
    _places: dict[str, int] = field(default_factory=dict)

    def spend(self, characters: int) -> None:
        """Take room for texts that a formula makes. Raises Unsupported where none is left."""
        self.room -= characters
        if self.room < 0:
            raise Unsupported("more text than is allowed")

    def index(self, text: str) -> int:
        """Return the place of a text, which is added if it is new."""
        if text not in self._places:
            self._places[text] = len(self.texts)
            self.texts.append(text)
        return self._places[text]


@dataclass(slots=True)
class Value:
    """Numbers and kinds, four axes each; `kinds` is None where all are numbers.

    `is_reference` is set for what was read from cells: functions skip blanks, texts
    and booleans there, which they would convert in an argument written out.
    """

    numbers: Numbers
    kinds: Kinds | None = None
    is_reference: bool = False

    @property
    def all_kinds(self) -> Kinds:
        """The kinds as an array, whether or not all are numbers."""
        if self.kinds is None:
            return np.full(self.numbers.shape, NUMBER, np.uint8)
        return self.kinds

    def has(self, *kinds: int) -> bool:
        """Whether any entry is of one of the kinds."""
        if self.kinds is None:
            return NUMBER in kinds
        return any(bool((self.kinds == kind).any()) for kind in kinds)

    @property
    def is_area(self) -> bool:
        """Whether the operand is more than one cell."""
        return self.numbers.shape[2:] != (1, 1)


def scalar(number: float, kind: int = NUMBER) -> Value:
    """Return one number, or a text or error by its index, for all cells."""
    kinds = None if kind == NUMBER else np.full((1, 1, 1, 1), kind, np.uint8)
    return Value(np.full((1, 1, 1, 1), float(number)), kinds)


def error(code: int) -> Value:
    """Return an error for all cells."""
    return scalar(code, ERROR)


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


def flawed(result: Value, where: NDArray[np.bool_], code: int) -> Value:
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
