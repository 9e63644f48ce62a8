"""Looking up: places of values, and values at places.

Texts are the same whatever their case. In a range that should be sorted and is not, programs
find what their search happens upon: that raises Unsupported; nothing is guessed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlconv.arrays import Integers, Mask
from xlconv.spreadsheet.calculation.coercion import as_numbers, first_error, simplified
from xlconv.spreadsheet.calculation.functions.arguments import Function, exactly
from xlconv.spreadsheet.calculation.functions.text_order import by_rank, fitting, is_wild
from xlconv.spreadsheet.values import (
    BLANK,
    BOOLEAN,
    ERROR,
    NA,
    NUMBER,
    REF,
    TEXT,
    VALUE,
    Kinds,
    Numbers,
    Pool,
    Unsupported,
    Value,
    error,
    scalar,
)

_NONE = -1  # the place of what is not found
_EXACT, _ASCENDING, _DESCENDING = 0, 1, -1


class _Line(NamedTuple):
    """The entries of a row or a column, one after the other: (n, m, k)."""

    numbers: Numbers
    kinds: Kinds

    def at(self, place: Integers) -> Value:
        """Return the entries at places (n, m); #N/A where there is none."""
        n, m = np.broadcast_shapes(place.shape, self.numbers.shape[:2])
        place = np.broadcast_to(place, (n, m))
        lines = (np.arange(n)[:, None], np.arange(m)[None, :], np.maximum(place, 0))
        shape = (n, m, self.numbers.shape[2])
        numbers = np.broadcast_to(self.numbers, shape)[lines]
        kinds = np.broadcast_to(self.kinds, shape)[lines]
        none = place == _NONE
        numbers = np.where(none, float(NA), numbers)[..., None, None]
        return simplified(numbers, np.where(none, np.uint8(ERROR), kinds)[..., None, None])


def _line(value: Value) -> _Line:
    n, m, h, w = value.numbers.shape
    return _Line(value.numbers.reshape(n, m, h * w), value.all_kinds.reshape(n, m, h * w))


def _row(value: Value, i: int) -> _Line:
    return _Line(value.numbers[:, :, i, :], value.all_kinds[:, :, i, :])


def _column(value: Value, j: int) -> _Line:
    return _Line(value.numbers[:, :, :, j], value.all_kinds[:, :, :, j])


def _places(wanted: Value, among: _Line, mode: int, pool: Pool) -> Integers:
    """Return where each cell's value is among the entries, counted from 0; _NONE for nowhere."""
    if wanted.is_area:
        raise Unsupported("several values looked up at once")
    pool.spend(0)  # not begun where nothing is left
    if mode != _EXACT:
        return _sorted_places(wanted, among, pool, descending=mode == _DESCENDING)
    kinds, kind = among.kinds, wanted.all_kinds[..., 0]
    ranked = pool.ranks() if wanted.has(TEXT) else np.zeros(0)
    numbers = by_rank(among.numbers, kinds, ranked) if wanted.has(TEXT) else among.numbers
    target = by_rank(wanted.numbers[..., 0], kind, ranked)
    equal = (numbers == target) & (kinds == kind) & (kinds != BLANK)
    for text in sorted(set(wanted.numbers[wanted.all_kinds == TEXT].astype(int).tolist())):
        if is_wild(pool.texts[text]):
            here = (wanted.numbers[..., 0] == text) & (kind == TEXT)
            equal = np.where(here, fitting(pool.texts[text], among.numbers, kinds, pool), equal)
    return np.where(equal.any(axis=2), equal.argmax(axis=2), _NONE)


def _sorted_places(wanted: Value, among: _Line, pool: Pool, *, descending: bool) -> Integers:
    """Return the last entry of the value's kind that is not beyond it."""
    if wanted.has(BLANK):
        raise Unsupported("a blank looked up in a sorted range")
    ranked = pool.ranks()
    kind = wanted.all_kinds[..., 0]
    target = by_rank(wanted.numbers[..., 0], kind, ranked)
    numbers = by_rank(among.numbers, among.kinds, ranked)
    if not _is_sorted(numbers, among.kinds, descending=descending):
        raise Unsupported("a value looked up in a range that is not sorted")
    near = numbers >= target if descending else numbers <= target
    near = near & (among.kinds == kind)
    last = near.shape[2] - 1 - near[..., ::-1].argmax(axis=2)
    if descending:  # of several that are the same, the first
        first = (near & (numbers == np.take_along_axis(
            np.broadcast_to(numbers, near.shape), last[..., None], axis=2
        ))).argmax(axis=2)  # fmt: skip
        last = first
    return np.where(near.any(axis=2), last, _NONE)


def _is_sorted(numbers: Numbers, kinds: Kinds, *, descending: bool) -> bool:
    """Whether numbers come before texts before booleans, each in order; blanks at the end."""
    if (kinds == ERROR).any():
        return False
    order = np.array([9, 0, 1, 2, 9])[kinds]
    blank = kinds == BLANK
    if descending:
        order = np.where(blank, 9, 2 - order)
        numbers = -numbers
    rising = order[..., 1:] > order[..., :-1]
    same = (order[..., 1:] == order[..., :-1]) & (
        (numbers[..., 1:] >= numbers[..., :-1]) | blank[..., 1:]
    )
    return bool((rising | same).all())


def _with_errors(result: Value, *values: Value) -> Value:
    """Return a result with the errors of what was looked up in front."""
    spread = first_error(*values)
    if spread is None:
        return result
    found, codes = spread
    kinds = np.where(found, np.uint8(ERROR), result.all_kinds)
    return Value(np.where(found, codes, result.numbers), kinds)


def _match(arguments: list[Value], pool: Pool) -> Value:
    if len(arguments) == 2:
        arguments = [*arguments, scalar(1)]
    wanted, among, kind = exactly(arguments, 3)
    if among.numbers.shape[2] > 1 and among.numbers.shape[3] > 1:
        return error(NA)
    place = _places(wanted, _line(among), _mode(kind, pool), pool)[..., None, None]
    none = place == _NONE
    kinds = np.where(none, np.uint8(ERROR), np.uint8(NUMBER))
    return _with_errors(simplified(np.where(none, float(NA), place + 1.0), kinds), wanted)


def _mode(kind: Value, pool: Pool) -> int:
    numbers = as_numbers(kind, pool)
    signs = np.sign(numbers.numbers).ravel()
    if numbers.has(ERROR) or (signs != signs[0]).any():
        raise Unsupported("MATCH of a type that differs from cell to cell, or is none")
    return int(signs[0])


def _looked_up(arguments: list[Value], pool: Pool, *, upright: bool) -> Value:
    """VLOOKUP (`upright`) and HLOOKUP: along the first column or row, then across."""
    if len(arguments) == 3:
        arguments = [*arguments, scalar(1.0, BOOLEAN)]
    wanted, table, across, rough = exactly(arguments, 4)
    number, rough = as_numbers(across, pool), as_numbers(rough, pool)
    settings = number.numbers.size == rough.numbers.size == 1
    if not settings or number.has(ERROR) or rough.has(ERROR):
        raise Unsupported("a column to look up that differs from cell to cell, or is none")
    k = int(number.numbers.item())
    if k < 1:
        return error(VALUE)
    if k > table.numbers.shape[3 if upright else 2]:
        return error(REF)
    line = _column if upright else _row
    mode = _EXACT if rough.numbers.item() == 0 else _ASCENDING
    place = _places(wanted, line(table, 0), mode, pool)
    return _with_errors(line(table, k - 1).at(place), wanted)


def _vlookup(arguments: list[Value], pool: Pool) -> Value:
    return _looked_up(arguments, pool, upright=True)


def _hlookup(arguments: list[Value], pool: Pool) -> Value:
    return _looked_up(arguments, pool, upright=False)


def _lookup(arguments: list[Value], pool: Pool) -> Value:
    """LOOKUP: in a sorted vector, or the longer side of an array."""
    if len(arguments) == 2:
        wanted, table = arguments
        upright = table.numbers.shape[2] >= table.numbers.shape[3]
        among = _column(table, 0) if upright else _row(table, 0)
        results = _column(table, -1) if upright else _row(table, -1)
    else:
        wanted, table, given = exactly(arguments, 3)
        if min(table.numbers.shape[2:]) > 1 or min(given.numbers.shape[2:]) > 1:
            raise Unsupported("LOOKUP in several rows and columns")
        among, results = _line(table), _line(given)
        if among.numbers.shape[2] != results.numbers.shape[2]:
            raise Unsupported("LOOKUP with vectors of different sizes")
    return _with_errors(results.at(_places(wanted, among, _ASCENDING, pool)), wanted)


def _index(arguments: list[Value], pool: Pool) -> Value:
    """INDEX of an array; that of a range is worked out by its place."""
    array, *places = arguments
    size = array.numbers.shape[2:]
    if len(places) == 1:
        places = [scalar(0), places[0]] if size[0] == 1 else [places[0], scalar(0)]
    row, column = (as_numbers(one, pool) for one in exactly(places, 2))
    if row.is_area or column.is_area:
        raise Unsupported("INDEX at several places at once")
    lines = [np.trunc(one.numbers[..., 0, 0]) for one in (row, column)]
    negative, beyond = (lines[0] < 0) | (lines[1] < 0), (lines[0] > size[0]) | (lines[1] > size[1])
    wrong = (row.all_kinds == ERROR)[..., 0, 0] | (column.all_kinds == ERROR)[..., 0, 0]
    lines = [np.where(negative | beyond | wrong, 1, one).astype(int) for one in lines]
    result = _entries(array, *(_chosen(k, n) for k, n in zip(lines, size, strict=True)))
    for where, code in ((negative, VALUE), (beyond, REF)):
        result = _marked(result, where, code)
    return _with_errors(result, row, column)


def _chosen(line: Integers, size: int) -> Integers:
    """Return the rows or columns that are taken: (n, m, 1), or (1, 1, size) for all."""
    if (line == 0).all():
        return np.arange(size)[None, None, :]
    if (line == 0).any():
        raise Unsupported("INDEX of a whole row or column in some cells only")
    return line[..., None] - 1


def _entries(array: Value, i: Integers, j: Integers) -> Value:
    n, m = np.broadcast_shapes(i.shape[:2], j.shape[:2], array.numbers.shape[:2])
    shape = (n, m, *array.numbers.shape[2:])
    at = (
        np.arange(n)[:, None, None, None], np.arange(m)[None, :, None, None],
        i[:, :, :, None], j[:, :, None, :],
    )  # fmt: skip
    numbers = np.broadcast_to(array.numbers, shape)[at]
    return simplified(numbers, np.broadcast_to(array.all_kinds, shape)[at])


def _marked(result: Value, where: Mask, code: int) -> Value:
    if not where.any():
        return result
    bad = where[..., None, None]
    numbers = np.where(bad, float(code), result.numbers)
    return Value(numbers, np.where(bad, np.uint8(ERROR), result.all_kinds))


LOOKUP: dict[str, Function] = {
    "MATCH": _match,
    "INDEX": _index,
    "LOOKUP": _lookup,
    "VLOOKUP": _vlookup,
    "HLOOKUP": _hlookup,
}
