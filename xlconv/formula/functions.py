"""The functions of the supported language, each over a whole block at once.

Semantics are Excel's (its function reference): aggregates skip what is no number in
references but convert arguments that are written out; errors spread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from xlconv.formula.values import (
    BLANK,
    BOOLEAN,
    DIV0,
    ERROR,
    NA,
    NUM,
    NUMBER,
    REF,
    TEXT,
    VALUE,
    Kinds,
    Numbers,
    Pool,
    Unsupported,
    Value,
    as_numbers,
    checked,
    combined,
    error,
    first_error,
    scalar,
    simplified,
    spelled,
)

Function = Callable[[list[Value], Pool], Value]

# -- aggregates ------------------------------------------------------------------------


def _taken(value: Value, pool: Pool) -> tuple[Numbers, Kinds | None, Value]:
    """Return an argument's numbers, the mask of those that count, and itself for its errors."""
    if value.is_reference:
        return value.numbers, None if value.kinds is None else value.kinds == NUMBER, value
    if value.is_area:  # a computed array is treated as a reference is
        return value.numbers, None if value.kinds is None else value.kinds == NUMBER, value
    converted = as_numbers(value, pool)
    mask = None if converted.kinds is None else converted.kinds == NUMBER
    return converted.numbers, mask, converted


def _errors_of(values: list[Value]) -> Value | None:
    """Return the first error within each cell's arguments, as one value per cell."""
    reduced = []
    for value in values:
        if value.kinds is None or not value.has(ERROR):
            continue
        n, m, h, w = value.numbers.shape
        flat_kinds = value.all_kinds.reshape(n, m, h * w) == ERROR
        position = flat_kinds.argmax(axis=2)[..., None]
        codes = np.take_along_axis(value.numbers.reshape(n, m, h * w), position, axis=2)
        found = flat_kinds.any(axis=2)[..., None]
        kinds = np.where(found, np.uint8(ERROR), np.uint8(NUMBER))
        reduced.append(Value(codes[..., None], kinds[..., None]))
    if not reduced:
        return None
    spread = first_error(*reduced)
    assert spread is not None
    found, codes = spread
    return Value(codes, np.where(found, np.uint8(ERROR), np.uint8(NUMBER)))


def _joined(result: Value, errors: Value) -> Value:
    """Return a result with the errors of its arguments in front of its own."""
    shape = np.broadcast_shapes(result.numbers.shape, errors.numbers.shape)
    wrong = np.broadcast_to(errors.all_kinds == ERROR, shape)
    numbers = np.where(wrong, errors.numbers, result.numbers)
    return simplified(numbers, np.where(wrong, np.uint8(ERROR), result.all_kinds))


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
    taken = [_taken(value, pool) for value in arguments]
    for numbers, mask, _ in taken:
        if mask is None:
            cells = np.float64(numbers.shape[2] * numbers.shape[3])
            total, count = join(total, each(numbers)), count + cells
        else:
            total = join(total, each(np.where(mask, numbers, ignored)))
            count = count + mask.sum(axis=(2, 3), keepdims=True)
    result = finish(total, count)
    errors = _errors_of([value for _, _, value in taken])
    return result if errors is None else _joined(result, errors)


def _sum_axes(numbers: Numbers) -> Numbers:
    total: Numbers = numbers.sum(axis=(2, 3), keepdims=True)
    return total


def _sum(arguments: list[Value], pool: Pool) -> Value:
    return _reduced(arguments, pool, 0.0, _sum_axes, np.add, lambda t, _: checked(t))


def _average(arguments: list[Value], pool: Pool) -> Value:
    def finish(total: Numbers, count: Numbers) -> Value:
        with np.errstate(divide="ignore", invalid="ignore"):
            return checked(total / count, DIV0)

    return _reduced(arguments, pool, 0.0, _sum_axes, np.add, finish)


def _extreme(arguments: list[Value], pool: Pool, *, sign: float) -> Value:
    def each(numbers: Numbers) -> Numbers:
        top: Numbers = (sign * numbers).max(axis=(2, 3), keepdims=True, initial=-np.inf)
        return top

    def finish(total: Numbers, count: Numbers) -> Value:
        return checked(np.where(np.isfinite(total), sign * total, 0.0) + 0.0)

    return _reduced(arguments, pool, -np.inf * sign, each, np.maximum, finish)


def _sumsq(arguments: list[Value], pool: Pool) -> Value:
    return _reduced(
        arguments, pool, 0.0, lambda x: _sum_axes(x * x), np.add, lambda t, _: checked(t)
    )


def _deviation(arguments: list[Value], pool: Pool, *, sample: bool, root: bool) -> Value:
    mean = _average(arguments, pool).numbers
    squares: Numbers = np.zeros((1, 1, 1, 1))
    count: Numbers = np.zeros((1, 1, 1, 1))
    taken = [_taken(value, pool) for value in arguments]
    for numbers, mask, _ in taken:
        square = (numbers - mean) ** 2
        if mask is not None:
            square = np.where(mask, square, 0.0)
            count = count + mask.sum(axis=(2, 3), keepdims=True)
        else:
            count = count + np.float64(numbers.shape[2] * numbers.shape[3])
        squares = squares + _sum_axes(square)
    divisor = count - 1 if sample else count
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(divisor > 0, squares / divisor, np.nan)
    result = checked(np.sqrt(variance) if root else variance, DIV0)
    errors = _errors_of([value for _, _, value in taken])
    return result if errors is None else _joined(result, errors)


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
    (value,) = _arity(arguments, 1)
    kinds = value.all_kinds
    empty = [index for index, text in enumerate(pool.texts) if text == ""]
    blank = (kinds == BLANK) | ((kinds == TEXT) & np.isin(value.numbers, empty))
    return Value(blank.sum(axis=(2, 3), keepdims=True).astype(np.float64))


# -- products --------------------------------------------------------------------------


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
        joined = factors[0]
        for factor in factors[1:]:
            joined = joined * factor
        product = _sum_axes(joined)
    errors = _errors_of(arguments)
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
    left, right = _arity(arguments, 2)
    if left.numbers.shape[2:] != right.numbers.shape[2:]:
        return error(NA)
    both = (left.all_kinds == NUMBER) & (right.all_kinds == NUMBER)
    total = _sum_axes(np.where(both, each(left.numbers, right.numbers), 0.0))
    errors = _errors_of(arguments)
    return checked(total) if errors is None else combined(total, errors)


def _mmult(arguments: list[Value], pool: Pool) -> Value:
    left, right = _arity(arguments, 2)
    if left.numbers.shape[3] != right.numbers.shape[2]:
        return error(VALUE)
    product: Numbers = np.matmul(left.numbers, right.numbers)
    if left.has(BLANK, TEXT, BOOLEAN) or right.has(BLANK, TEXT, BOOLEAN):
        return error(VALUE)
    errors = _errors_of(arguments)
    return checked(product) if errors is None else combined(product, errors)


def _transpose(arguments: list[Value], pool: Pool) -> Value:
    (value,) = _arity(arguments, 1)
    kinds = None if value.kinds is None else value.kinds.swapaxes(2, 3)
    return Value(value.numbers.swapaxes(2, 3), kinds)


# -- number by number ------------------------------------------------------------------


def _elementwise(
    arguments: list[Value], pool: Pool, *, rule: Callable[..., Numbers], arity: tuple[int, ...],
    invalid: int = NUM,
) -> Value:  # fmt: skip
    if len(arguments) not in arity:
        raise Unsupported("a function with too few or too many arguments")
    operands = [as_numbers(value, pool) for value in arguments]
    with np.errstate(all="ignore"):
        return combined(rule(*(one.numbers for one in operands)), *operands, invalid=invalid)


def _rounded(x: Numbers, digits: Numbers, towards: Callable[[Numbers], Numbers]) -> Numbers:
    scale = 10.0 ** np.trunc(digits)
    scaled = np.abs(x) * scale
    # From 15 digits on there is nothing to round.
    exact = scaled >= 1e15
    scaled, scale = np.where(exact, 0.0, scaled), np.where(exact, 1.0, scale)
    # Spreadsheets round what is shown to 15 digits: 2.675 is 2.68, not 2.67.
    shown = np.array([float(f"{one:.15g}") for one in np.ravel(scaled)]).reshape(scaled.shape)
    vanishes = scale == 0
    rounded = np.sign(x) * towards(shown) / np.where(vanishes, 1.0, scale)
    result: Numbers = np.where(exact, x, np.where(vanishes, 0.0, rounded))
    return result


def _round(x: Numbers, digits: Numbers) -> Numbers:
    return _rounded(x, digits, lambda one: np.floor(one + 0.5))


def _roundup(x: Numbers, digits: Numbers) -> Numbers:
    return _rounded(x, digits, np.ceil)


def _rounddown(x: Numbers, digits: Numbers | float = 0.0) -> Numbers:
    return _rounded(x, np.asarray(digits), np.floor)


def _log(x: Numbers, base: Numbers | float = 10.0) -> Numbers:
    if isinstance(base, float):
        return np.log10(x)
    result: Numbers = np.log(x) / np.where(base > 0, np.log(base), np.nan)
    return result


def power(x: Numbers, y: Numbers) -> Numbers:
    """X ^ y; 0 ^ 0 is an error in Excel."""
    result: Numbers = np.where((x == 0) & (y == 0), np.nan, np.power(x, y))
    return result


def _mod(x: Numbers, y: Numbers) -> Numbers:
    result: Numbers = x - y * np.floor(x / y)
    return result


def _pi(arguments: list[Value], pool: Pool) -> Value:
    _arity(arguments, 0)
    return scalar(np.pi)


# -- logic -----------------------------------------------------------------------------


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
    shape = np.broadcast_shapes(*(v.numbers.shape for v in (condition, then, other)))
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
    errors = _errors_of(arguments)
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
    return found if errors is None else _joined(found, errors)


def _not(arguments: list[Value], pool: Pool) -> Value:
    (value,) = _arity(arguments, 1)
    value = as_numbers(truth(value, pool), pool)
    kinds = np.where(value.all_kinds == ERROR, np.uint8(ERROR), np.uint8(BOOLEAN))
    return Value(np.where(kinds == ERROR, value.numbers, value.numbers == 0), kinds)


def _iferror(arguments: list[Value], pool: Pool) -> Value:
    value, other = _arity(arguments, 2)
    wrong = Value((value.all_kinds == ERROR).astype(np.float64))
    return replace(choose(wrong, other, value), is_reference=False)


# -- looking up ------------------------------------------------------------------------


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
    wanted, among, kind = _arity(arguments, 3)
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
    value, criterion = _arity(arguments, 2)
    meets = _meets(value, criterion, pool)
    return Value(meets.sum(axis=(2, 3), keepdims=True).astype(np.float64))


def _sumif(arguments: list[Value], pool: Pool) -> Value:
    if len(arguments) == 2:
        arguments = [*arguments, arguments[0]]
    value, criterion, summed = _arity(arguments, 3)
    if summed.numbers.shape[2:] != value.numbers.shape[2:]:
        raise Unsupported("SUMIF over ranges of different sizes")
    met = _meets(value, criterion, pool)
    total = checked(_sum_axes(np.where(met & (summed.all_kinds == NUMBER), summed.numbers, 0.0)))
    kinds = np.where(met & (summed.all_kinds == ERROR), np.uint8(ERROR), np.uint8(BLANK))
    errors = _errors_of([Value(np.broadcast_to(summed.numbers, kinds.shape), kinds)])
    return total if errors is None else _joined(total, errors)


def _arity(arguments: list[Value], count: int) -> list[Value]:
    if len(arguments) != count:
        raise Unsupported("a function with too few or too many arguments")
    return arguments


def _simple(rule: Callable[..., Numbers], *arity: int, invalid: int = NUM) -> Function:
    return partial(_elementwise, rule=rule, arity=arity, invalid=invalid)


FUNCTIONS: dict[str, Function] = {
    "SUM": _sum,
    "SUMPRODUCT": _sumproduct,
    "SUMSQ": _sumsq,
    "SUMXMY2": partial(_pairs, each=lambda x, y: (x - y) ** 2),
    "SUMIF": _sumif,
    "MAX": partial(_extreme, sign=1.0),
    "MIN": partial(_extreme, sign=-1.0),
    "AVERAGE": _average,
    "COUNT": partial(_counted, kinds=(NUMBER,)),
    "COUNTA": partial(_counted, kinds=(NUMBER, TEXT, BOOLEAN, ERROR)),
    "COUNTBLANK": _countblank,
    "COUNTIF": _countif,
    "STDEV": partial(_deviation, sample=True, root=True),
    "STDEV.S": partial(_deviation, sample=True, root=True),
    "STDEVP": partial(_deviation, sample=False, root=True),
    "STDEV.P": partial(_deviation, sample=False, root=True),
    "VAR": partial(_deviation, sample=True, root=False),
    "VAR.S": partial(_deviation, sample=True, root=False),
    "VARP": partial(_deviation, sample=False, root=False),
    "VAR.P": partial(_deviation, sample=False, root=False),
    "MMULT": _mmult,
    "TRANSPOSE": _transpose,
    "EXP": _simple(np.exp, 1),
    "LN": _simple(np.log, 1),
    "LOG": _simple(_log, 1, 2),
    "LOG10": _simple(np.log10, 1),
    "SQRT": _simple(np.sqrt, 1),
    "ABS": _simple(np.abs, 1),
    "SIGN": _simple(np.sign, 1),
    "POWER": _simple(power, 2),
    "TANH": _simple(np.tanh, 1),
    "ROUND": _simple(_round, 2),
    "ROUNDUP": _simple(_roundup, 2),
    "ROUNDDOWN": _simple(_rounddown, 2),
    "TRUNC": _simple(_rounddown, 1, 2),
    "INT": _simple(np.floor, 1),
    "MOD": _simple(_mod, 2, invalid=DIV0),
    "PI": _pi,
    "AND": partial(_all_or_any, every=True),
    "OR": partial(_all_or_any, every=False),
    "NOT": _not,
    "IFERROR": _iferror,
    "MATCH": _match,
    "INDEX": _index,
}

# Whose value no one can compute again: the cached one is taken as an input.
VOLATILE = {
    "RAND", "RANDBETWEEN", "RANDARRAY", "NOW", "TODAY",
    "WEBSERVICE", "RTD", "CELL", "INFO", "CUBEVALUE",
}  # fmt: skip
