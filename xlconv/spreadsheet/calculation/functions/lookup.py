"""Looking up: places of values, values at places, and what meets a criterion.

Texts are the same whatever their case. A criterion or a way of matching that is not
supported raises Unsupported; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlconv.spreadsheet.calculation.coercion import (
    as_numbers,
    checked,
    combined,
    simplified,
    spelled,
)
from xlconv.spreadsheet.calculation.functions.arguments import (
    Function,
    errors_of,
    exactly,
    joined,
    sum_axes,
)
from xlconv.spreadsheet.values import (
    BLANK,
    BOOLEAN,
    ERROR,
    NA,
    NUMBER,
    REF,
    TEXT,
    Kinds,
    Numbers,
    Pool,
    Unsupported,
    Value,
    error,
    scalar,
)


def _folded(numbers: Numbers, kinds: Kinds, pool: Pool) -> Numbers:
    """Return texts by one index for all that differ in case only."""
    if not (kinds == TEXT).any():
        return numbers
    first: dict[str, int] = {}
    places = np.array([first.setdefault(t.casefold(), k) for k, t in enumerate(pool.texts)])
    folded = places[np.where(kinds == TEXT, numbers, 0).astype(int)].astype(np.float64)
    result: Numbers = np.where(kinds == TEXT, folded, numbers)
    return result


def _match(arguments: list[Value], pool: Pool) -> Value:
    if len(arguments) == 2:
        arguments = [*arguments, scalar(1)]
    wanted, among, kind = exactly(arguments, 3)
    if not (kind.numbers == 0).all():
        raise Unsupported("MATCH in sorted ranges")
    n, m, h, w = among.numbers.shape
    if h > 1 and w > 1:
        return error(NA)
    flat, kinds = among.numbers.reshape(n, m, h * w), among.all_kinds.reshape(n, m, h * w)
    sought = {pool.texts[int(k)] for k in wanted.numbers[wanted.all_kinds == TEXT]}
    if any(mark in text for text in sought for mark in "*?~"):
        raise Unsupported("MATCH with wildcards")
    flat = _folded(flat, kinds, pool)
    target = _folded(wanted.numbers, wanted.all_kinds, pool)
    equal = (flat == target[..., 0]) & (kinds == wanted.all_kinds[..., 0]) & (kinds != BLANK)
    found = equal.any(axis=2)[..., None, None]
    place = (equal.argmax(axis=2) + 1.0)[..., None, None]
    kinds_out = np.where(found, np.uint8(NUMBER), np.uint8(ERROR))
    result = simplified(np.where(found, place, float(NA)), kinds_out)
    return combined(result.numbers, wanted, result) if wanted.has(ERROR) else result


def _index(arguments: list[Value], pool: Pool) -> Value:
    array, *places = arguments
    rows, columns = array.numbers.shape[2:]
    if len(places) == 1:
        places = [scalar(1), places[0]] if rows == 1 else [places[0], scalar(1)]
    if len(places) != 2:
        raise Unsupported("INDEX with other than two or three arguments")
    row, column = (as_numbers(one, pool) for one in places)
    if row.has(ERROR) or column.has(ERROR) or row.is_area or column.is_area:
        raise Unsupported("INDEX at places that are no numbers")
    if (row.numbers < 1).any() or (column.numbers < 1).any():
        raise Unsupported("INDEX of a whole row or column")
    if (row.numbers >= rows + 1).any() or (column.numbers >= columns + 1).any():
        return error(REF)
    i, j = np.broadcast_arrays(
        np.trunc(row.numbers[..., 0, 0]).astype(int) - 1,
        np.trunc(column.numbers[..., 0, 0]).astype(int) - 1,
    )
    n, m = np.broadcast_shapes(i.shape, array.numbers.shape[:2])
    at = (np.arange(n)[:, None], np.arange(m)[None, :], i, j)
    shape = (n, m, rows, columns)
    numbers = np.broadcast_to(array.numbers, shape)[at][..., None, None]
    kinds = np.broadcast_to(array.all_kinds, shape)[at][..., None, None]
    return Value(numbers, kinds, is_reference=array.is_reference)


_CRITERIA: dict[str, Callable[[Numbers, float], Kinds]] = {
    "<=": np.less_equal, ">=": np.greater_equal, "<>": np.not_equal,
    "<": np.less, ">": np.greater, "=": np.equal,
}  # fmt: skip


def _meets(value: Value, criterion: Value, pool: Pool) -> Kinds:
    if criterion.numbers.size != 1:
        raise Unsupported("a criterion that differs from cell to cell")
    number = float(criterion.numbers.item())
    kind = int(criterion.all_kinds.item())
    operator = "="
    if kind in (ERROR, BLANK):
        raise Unsupported("a criterion that is an error, or blank")
    if kind == BOOLEAN:
        found: Kinds = (value.all_kinds == BOOLEAN) & (value.numbers == number)
        return found
    if kind == TEXT:
        text = pool.texts[int(number)]
        operator = next((one for one in _CRITERIA if text.startswith(one)), "=")
        wanted = spelled(text.removeprefix(operator))
        if wanted is None:
            raise Unsupported("a criterion that is no number")
        number = wanted
    numeric = value.all_kinds == NUMBER
    numbers = value.numbers
    if operator == "=" and value.has(TEXT):  # texts that spell the number count as well
        converted = as_numbers(value, pool)
        texts = (value.all_kinds == TEXT) & (converted.all_kinds == NUMBER)
        numbers, numeric = np.where(texts, converted.numbers, numbers), numeric | texts
    meets: Kinds = _CRITERIA[operator](numbers, number) & numeric
    if operator == "<>":
        meets |= ~numeric
    return meets


def _countif(arguments: list[Value], pool: Pool) -> Value:
    value, criterion = exactly(arguments, 2)
    meets = _meets(value, criterion, pool)
    return Value(meets.sum(axis=(2, 3), keepdims=True).astype(np.float64))


def _sumif(arguments: list[Value], pool: Pool) -> Value:
    if len(arguments) == 2:
        arguments = [*arguments, arguments[0]]
    value, criterion, summed = exactly(arguments, 3)
    if summed.numbers.shape[2:] != value.numbers.shape[2:]:
        raise Unsupported("SUMIF over ranges of different sizes")
    met = _meets(value, criterion, pool)
    total = checked(sum_axes(np.where(met & (summed.all_kinds == NUMBER), summed.numbers, 0.0)))
    kinds = np.where(met & (summed.all_kinds == ERROR), np.uint8(ERROR), np.uint8(BLANK))
    errors = errors_of([Value(np.broadcast_to(summed.numbers, kinds.shape), kinds)])
    return total if errors is None else joined(total, errors)


LOOKUP: dict[str, Function] = {
    "COUNTIF": _countif,
    "SUMIF": _sumif,
    "MATCH": _match,
    "INDEX": _index,
}
