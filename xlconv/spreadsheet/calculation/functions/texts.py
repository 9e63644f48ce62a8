"""Functions of texts, entry by entry: joined, measured, cut, and as numbers.

Numbers are taken as they are shown, to 15 digits; errors come through. A format that is more
than digits raises Unsupported, as does what depends on where the reader lives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import numpy as np

from xlconv.spreadsheet.addresses import MAX_TEXT_LENGTH
from xlconv.spreadsheet.calculation.coercion import as_numbers, first_error, simplified
from xlconv.spreadsheet.calculation.functions.arguments import Function, errors_of, exactly, joined
from xlconv.spreadsheet.calculation.functions.elementwise import ELEMENTWISE
from xlconv.spreadsheet.values import (
    BOOLEAN,
    ERROR,
    NUMBER,
    TEXT,
    VALUE,
    Pool,
    Unsupported,
    Value,
    scalar,
)

Entry = str | float | bool | None  # None is #VALUE!

_FORMAT = re.compile(r"0(?:\.(0+))?(%?)")


def text_of(number: float, kind: int, pool: Pool) -> str:
    """Return a value as it is joined to a text."""
    if kind == TEXT:
        return pool.texts[int(number)]
    if kind == BOOLEAN:
        return "TRUE" if number else "FALSE"
    return f"{number + 0.0:.15g}".upper() if kind == NUMBER else ""  # never -0


def entrywise(values: list[Value], pool: Pool, rule: Callable[..., Entry]) -> Value:
    """Return what a rule of texts makes of each entry of the values, broadcast together.

    What no cell could hold is #VALUE!, and errors come through.
    """
    shape = np.broadcast_shapes(*(one.numbers.shape for one in values))
    columns = [
        [
            text_of(number, kind, pool)
            for number, kind in zip(
                np.broadcast_to(one.numbers, shape).ravel().tolist(),
                np.broadcast_to(one.all_kinds, shape).ravel().tolist(),
                strict=True,
            )
        ]
        for one in values
    ]
    entries = [_number_of(rule(*texts), pool) for texts in zip(*columns, strict=True)]
    numbers = np.array([number for number, _ in entries], np.float64).reshape(shape)
    kinds = np.array([kind for _, kind in entries], np.uint8).reshape(shape)
    spread = first_error(*values)
    if spread is None:
        return simplified(numbers, kinds)
    found, codes = spread
    return Value(np.where(found, codes, numbers), np.where(found, np.uint8(ERROR), kinds))


def _number_of(entry: Entry, pool: Pool) -> tuple[float, int]:
    if entry is None or (isinstance(entry, str) and len(entry) > MAX_TEXT_LENGTH):
        return float(VALUE), ERROR
    if isinstance(entry, str):
        pool.spend(len(entry))
        return float(pool.index(entry)), TEXT
    return float(entry), BOOLEAN if isinstance(entry, bool) else NUMBER


def _by_rule(
    arguments: list[Value], pool: Pool, *, rule: Callable[..., Entry], count: int
) -> Value:
    return entrywise(exactly(arguments, count), pool, rule)


def _rule(rule: Callable[..., Entry], count: int = 1) -> Function:
    return partial(_by_rule, rule=rule, count=count)


def _concatenate(arguments: list[Value], pool: Pool) -> Value:
    return entrywise(arguments or [scalar(pool.index(""), TEXT)], pool, lambda *all: "".join(all))


def _concat(arguments: list[Value], pool: Pool) -> Value:
    """CONCAT: the entries of ranges row by row, one argument after the other."""
    errors = errors_of(arguments)
    parts = [
        Value(one.numbers[:, :, i : i + 1, j : j + 1], one.all_kinds[:, :, i : i + 1, j : j + 1])
        for one in arguments
        for i in range(one.numbers.shape[2])
        for j in range(one.numbers.shape[3])
    ]
    found = _concatenate(parts, pool)
    return found if errors is None else joined(found, errors)


def _value(arguments: list[Value], pool: Pool) -> Value:
    (value,) = exactly(arguments, 1)
    kinds = value.all_kinds
    if value.has(BOOLEAN):
        truth = kinds == BOOLEAN
        value = Value(np.where(truth, float(VALUE), value.numbers), np.where(truth, ERROR, kinds))
    return as_numbers(value, pool)


def _part(name: str) -> Function:
    """LEFT, RIGHT and MID: whole numbers of characters."""

    def cut(arguments: list[Value], pool: Pool) -> Value:
        if name != "MID" and len(arguments) == 1:
            arguments = [*arguments, scalar(1.0)]
        text, *numbers = exactly(arguments, 3 if name == "MID" else 2)

        def rule(text: str, *counts: str) -> Entry:
            whole = [int(float(one or 0)) for one in counts]
            if min(whole) < 0 or (name == "MID" and whole[0] < 1):
                return None
            if name == "LEFT":
                return text[: whole[0]]
            if name == "RIGHT":
                return text[max(len(text) - whole[0], 0) :]
            return text[whole[0] - 1 : whole[0] - 1 + whole[1]]

        return entrywise([text, *(as_numbers(one, pool) for one in numbers)], pool, rule)

    return cut


def _shown(arguments: list[Value], pool: Pool) -> Value:
    """TEXT: a number with so many digits; the format is the same for all cells."""
    value, form = exactly(arguments, 2)
    if form.numbers.size != 1 or form.has(ERROR):
        raise Unsupported("TEXT with a format that differs from cell to cell")
    text = text_of(form.numbers.item(), int(form.all_kinds.item()), pool)
    match = _FORMAT.fullmatch(text)
    if match is None or value.has(TEXT, BOOLEAN):
        raise Unsupported(f"TEXT with the format {text!r}" if match is None else "TEXT of a text")
    digits, percent = len(match[1] or ""), bool(match[2])
    scale = 100.0 if percent else 1.0
    scaled = Value(np.where(value.all_kinds == ERROR, 0.0, value.numbers * scale))
    rounded = ELEMENTWISE["ROUND"]([scaled, scalar(digits)], pool)
    numbers = [f"{one + 0.0:.{digits}f}" + match[2] for one in np.ravel(rounded.numbers).tolist()]
    pool.spend(sum(map(len, numbers)))
    texts = np.array([float(pool.index(one)) for one in numbers]).reshape(rounded.numbers.shape)
    wrong = value.all_kinds == ERROR
    kinds = np.where(wrong, np.uint8(ERROR), np.uint8(TEXT))
    return Value(np.where(wrong, value.numbers, texts), kinds)


def _trimmed(text: str) -> str:
    return " ".join(filter(None, text.split(" ")))


TEXTS: dict[str, Function] = {
    "CONCATENATE": _concatenate,
    "CONCAT": _concat,
    "LEN": _rule(lambda text: float(len(text))),
    "UPPER": _rule(str.upper),
    "LOWER": _rule(str.lower),
    "TRIM": _rule(_trimmed),
    "EXACT": _rule(lambda one, other: one == other, 2),
    "LEFT": _part("LEFT"),
    "RIGHT": _part("RIGHT"),
    "MID": _part("MID"),
    "VALUE": _value,
    "TEXT": _shown,
}
