"""Counting and summing what meets criteria: COUNTIF, SUMIFS and their kin.

A criterion is a value, or a text such as ">0.5", "<>abc" or "a*". It may differ from cell to
cell where the range does not. Whether a text spells a number is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from xlconv.arrays import Mask
from xlconv.spreadsheet.calculation.coercion import as_numbers, checked, flawed, spelled
from xlconv.spreadsheet.calculation.functions.arguments import (
    Function,
    errors_of,
    exactly,
    joined,
    sum_axes,
)
from xlconv.spreadsheet.calculation.functions.text_order import by_rank, fitting
from xlconv.spreadsheet.values import (
    BLANK,
    BOOLEAN,
    DIV0,
    ERROR,
    ERRORS,
    NUMBER,
    TEXT,
    VALUE,
    Numbers,
    Pool,
    Unsupported,
    Value,
    error,
)

# No comparison of ranges with criteria gives more entries.
_LARGEST = 1 << 24

_CRITERIA: dict[str, Callable[[Numbers, float], Mask]] = {
    "<=": np.less_equal, ">=": np.greater_equal, "<>": np.not_equal,
    "<": np.less, ">": np.greater, "=": np.equal,
}  # fmt: skip


def _meets(value: Value, number: float, kind: int, pool: Pool) -> Mask:
    """Return which entries meet one criterion."""
    if kind in {ERROR, BOOLEAN}:
        same: Mask = (value.all_kinds == kind) & (value.numbers == number)
        return same
    if kind != TEXT:  # a blank criterion is 0
        return _compared(value, "=", number, pool)
    text = pool.texts[int(number)]
    operator = next((one for one in _CRITERIA if text.startswith(one)), "")
    rest = text.removeprefix(operator)
    if rest == "":
        return _empty(value, operator, pool)
    kinds = {"TRUE": (BOOLEAN, 1.0), "FALSE": (BOOLEAN, 0.0)} | {
        one: (ERROR, float(code)) for code, one in enumerate(ERRORS)
    }
    special = kinds.get(rest.upper())
    if special is not None:
        if operator not in ("", "=", "<>"):
            raise Unsupported("a criterion that orders booleans or errors")
        found = _meets(value, special[1], special[0], pool)
        return ~found if operator == "<>" else found
    wanted = spelled(rest)
    if wanted is not None:
        return _compared(value, operator or "=", wanted, pool)
    return _as_texts(value, operator or "=", rest, pool)


def _empty(value: Value, operator: str, pool: Pool) -> Mask:
    blank: Mask = value.all_kinds == BLANK
    if operator == "=":
        return blank
    if operator == "<>":
        return ~blank
    if operator == "":
        return blank | fitting("", value.numbers, value.all_kinds, pool)
    raise Unsupported("a criterion that compares with nothing")


def _compared(value: Value, operator: str, number: float, pool: Pool) -> Mask:
    numeric = value.all_kinds == NUMBER
    numbers = value.numbers
    if operator == "=" and value.has(TEXT):  # texts that spell the number count as well
        texts = value.all_kinds == TEXT
        kinds = np.where(texts, value.all_kinds, np.uint8(NUMBER))
        converted = as_numbers(Value(np.where(texts, numbers, 0.0), kinds), pool)
        spells = texts & (converted.all_kinds == NUMBER)
        numbers, numeric = np.where(spells, converted.numbers, numbers), numeric | spells
    meets: Mask = _CRITERIA[operator](numbers, number) & numeric
    return meets | ~numeric if operator == "<>" else meets


def _as_texts(value: Value, operator: str, wanted: str, pool: Pool) -> Mask:
    if operator in ("=", "<>"):
        found = fitting(wanted, value.numbers, value.all_kinds, pool)
        return ~found if operator == "<>" else found
    place = pool.index(wanted)
    ranked = pool.ranks()
    numbers = by_rank(value.numbers, value.all_kinds, ranked)
    texts: Mask = value.all_kinds == TEXT
    return texts & _CRITERIA[operator](numbers, float(ranked[place]))


def _distinct(criterion: Value) -> list[tuple[float, int, Mask]]:
    """Return the criteria of all cells, each once, with where they are. Raises Unsupported."""
    if criterion.has(ERROR):
        raise Unsupported("a criterion that is an error")
    numbers, kinds = criterion.numbers, criterion.all_kinds
    pairs = {(n, int(k)) for n, k in zip(numbers.ravel().tolist(), kinds.ravel(), strict=True)}
    return [(n, k, (numbers == n) & (kinds == k)) for n, k in sorted(pairs)]


def _met(value: Value, criterion: Value, pool: Pool) -> Mask:
    """Return which entries of a range meet the criterion of each cell: (n, m, h, w)."""
    if criterion.is_area:
        raise Unsupported("several criteria at once")
    criteria = _distinct(criterion)
    if len(criteria) == 1:
        return _meets(value, criteria[0][0], criteria[0][1], pool)
    shape = np.broadcast_shapes(value.numbers.shape, criterion.numbers.shape)
    if value.numbers.shape[:2] != (1, 1) or len(criteria) * value.numbers.size > _LARGEST:
        raise Unsupported("a range and a criterion that both differ from cell to cell")
    if np.prod(shape) > _LARGEST:
        raise Unsupported("a criterion that differs from cell to cell, of a large range")
    met = np.zeros(shape, np.bool_)
    for number, kind, where in criteria:
        met |= where & _meets(value, number, kind, pool)
    return met


def _countif(arguments: list[Value], pool: Pool) -> Value:
    value, criterion = exactly(arguments, 2)
    if not criterion.is_area:
        met = _met(value, criterion, pool)
        return Value(met.sum(axis=(2, 3), keepdims=True).astype(np.float64))
    criteria = _distinct(criterion)  # one count for each entry
    if value.numbers.shape[:2] != (1, 1) or len(criteria) * value.numbers.size > _LARGEST:
        raise Unsupported("many criteria for ranges that differ from cell to cell")
    counts = np.zeros(criterion.numbers.shape)
    for number, kind, where in criteria:
        counts[where] = _meets(value, number, kind, pool).sum()
    return Value(counts)


def _with_criteria(
    arguments: list[Value], pool: Pool, *, finish: Callable[[Numbers, Mask], Value]
) -> Value:
    """SUMIFS and its kin: what is taken, then pairs of a range and a criterion."""
    taken, *pairs = arguments
    if not pairs or len(pairs) % 2:
        raise Unsupported("a function with too few or too many arguments")
    if any(one.numbers.shape[2:] != taken.numbers.shape[2:] for one in pairs[::2]):
        return error(VALUE)
    masks = [
        _met(value, criterion, pool)
        for value, criterion in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    met = masks[0]
    for mask in masks[1:]:
        met = met & mask
    counted = met & (taken.all_kinds == NUMBER)
    result = finish(np.where(counted, taken.numbers, 0.0), counted)
    kinds = np.where(met & (taken.all_kinds == ERROR), np.uint8(ERROR), np.uint8(BLANK))
    errors = errors_of([Value(np.broadcast_to(taken.numbers, kinds.shape), kinds)])
    return result if errors is None else joined(result, errors)


def _total(numbers: Numbers, _: Mask) -> Value:
    return checked(sum_axes(numbers))


def _mean(numbers: Numbers, counted: Mask) -> Value:
    count = counted.sum(axis=(2, 3), keepdims=True)
    return flawed(checked(sum_axes(numbers) / np.maximum(count, 1)), count == 0, DIV0)


def _extreme(numbers: Numbers, counted: Mask, *, sign: float) -> Value:
    top = np.where(counted, sign * numbers, -np.inf).max(axis=(2, 3), keepdims=True)
    return checked(np.where(np.isfinite(top), sign * top, 0.0) + 0.0)


def _countifs(arguments: list[Value], pool: Pool) -> Value:
    if not arguments:
        raise Unsupported("COUNTIFS without arguments")
    ones = Value(np.ones(arguments[0].numbers.shape))
    return _with_criteria([ones, *arguments], pool, finish=_total)


def _one_criterion(arguments: list[Value], pool: Pool, *, finish: Function) -> Value:
    """SUMIF and AVERAGEIF: the range that is taken comes last, and may be left out."""
    if len(arguments) == 2:
        arguments = [*arguments, arguments[0]]
    value, criterion, taken = exactly(arguments, 3)
    if taken.numbers.shape[2:] != value.numbers.shape[2:]:
        raise Unsupported("SUMIF over ranges of different sizes")
    return finish([taken, value, criterion], pool)


_SUMIFS = partial(_with_criteria, finish=_total)
_AVERAGEIFS = partial(_with_criteria, finish=_mean)

CRITERIA: dict[str, Function] = {
    "COUNTIF": _countif,
    "SUMIF": partial(_one_criterion, finish=_SUMIFS),
    "AVERAGEIF": partial(_one_criterion, finish=_AVERAGEIFS),
    "COUNTIFS": _countifs,
    "SUMIFS": _SUMIFS,
    "AVERAGEIFS": _AVERAGEIFS,
    "MAXIFS": partial(_with_criteria, finish=partial(_extreme, sign=1.0)),
    "MINIFS": partial(_with_criteria, finish=partial(_extreme, sign=-1.0)),
}
