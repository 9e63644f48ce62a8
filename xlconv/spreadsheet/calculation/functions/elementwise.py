"""Functions of one number at a time, over all entries of their arguments at once.

What is outside a function's domain becomes the error that Excel gives, never a NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import erf, erfc

import numpy as np

from xlconv.spreadsheet.calculation.coercion import as_numbers, combined, flawed
from xlconv.spreadsheet.calculation.functions.arguments import Function, exactly
from xlconv.spreadsheet.values import DIV0, ERROR, NUM, Numbers, Pool, Unsupported, Value, scalar


def _elementwise(
    arguments: list[Value], pool: Pool, *, rule: Callable[..., Numbers], arity: tuple[int, ...]
) -> Value:
    if len(arguments) not in arity:
        raise Unsupported("a function with too few or too many arguments")
    operands = [as_numbers(value, pool) for value in arguments]
    return combined(rule(*(one.numbers for one in operands)), *operands)


def _simple(rule: Callable[..., Numbers], *arity: int) -> Function:
    return partial(_elementwise, rule=rule, arity=arity)


def _shown(numbers: Numbers) -> Numbers:
    """Return numbers as spreadsheets show them, to 15 digits: 2.675 is rounded to 2.68."""
    return np.array([float(f"{one:.15g}") for one in np.ravel(numbers)]).reshape(numbers.shape)


def _rounded(x: Numbers, digits: Numbers, towards: Callable[[Numbers], Numbers]) -> Numbers:
    scale = 10.0 ** np.trunc(digits)
    scaled = np.abs(x) * scale
    # From 15 digits on there is nothing to round.
    exact = scaled >= 1e15
    scaled, scale = np.where(exact, 0.0, scaled), np.where(exact, 1.0, scale)
    vanishes = scale == 0
    rounded = np.sign(x) * towards(_shown(scaled)) / np.where(vanishes, 1.0, scale)
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


def _one_by_one(rule: Callable[[float], float]) -> Callable[[Numbers], Numbers]:
    """Return a rule of Python's for whole arrays, which NumPy does not have."""

    def applied(x: Numbers) -> Numbers:
        known = np.where(np.isfinite(x), x, 0.0)
        found: Numbers = np.array([rule(one) for one in known.ravel().tolist()])
        return found.reshape(known.shape)

    return applied


_erf, _erfc = _one_by_one(erf), _one_by_one(erfc)


def _erf_between(x: Numbers, y: Numbers | None = None) -> Numbers:
    return _erf(x) if y is None else _erf(y) - _erf(x)


def _normal(x: Numbers, cumulative: Numbers | None = None) -> Numbers:
    """Return the standard normal distribution, or its density where `cumulative` is 0."""
    total: Numbers = _erfc(-x / np.sqrt(2)) / 2
    if cumulative is None:
        return total
    density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    return np.where(cumulative != 0, total, density)


def _stepped(arguments: list[Value], pool: Pool, *, towards: Callable[[Numbers], Numbers]) -> Value:
    """CEILING and FLOOR: a multiple of the second argument, 0 of 0."""
    x, step = (as_numbers(one, pool) for one in exactly(arguments, 2))
    by = np.where(step.numbers == 0, 1.0, step.numbers)
    shown = _shown(x.numbers / by)  # 0.3 / 0.1 is 3
    found = combined(np.where(step.numbers == 0, 0.0, towards(shown) * step.numbers), x, step)
    return flawed(found, (x.numbers > 0) & (step.numbers < 0), NUM)


def _floor(arguments: list[Value], pool: Pool) -> Value:
    x, step = (as_numbers(one, pool) for one in exactly(arguments, 2))
    pole = (step.numbers == 0) & (x.numbers != 0)  # errors stay
    return flawed(_stepped(arguments, pool, towards=np.floor), pole, DIV0)


def _quotient(arguments: list[Value], pool: Pool) -> Value:
    x, y = (as_numbers(one, pool) for one in exactly(arguments, 2))
    ratio = divided(x, y)
    return combined(np.where(ratio.all_kinds == ERROR, 0.0, np.trunc(ratio.numbers)), ratio)


def power(x: Value, y: Value) -> Value:
    """X ^ y of two operands that are numbers; 0 ^ 0 is #NUM!, 0 ^ -1 is #DIV/0!."""
    zero, pole = x.numbers == 0, y.numbers < 0
    raised = np.power(np.where(zero & pole, 1.0, x.numbers), y.numbers)
    raised = np.where(zero & (y.numbers == 0), np.nan, raised)
    return flawed(combined(raised, x, y), zero & pole, DIV0)


def divided(x: Value, y: Value) -> Value:
    """X / y of two operands that are numbers."""
    zero = y.numbers == 0
    return flawed(combined(x.numbers / np.where(zero, 1.0, y.numbers), x, y), zero, DIV0)


def _power(arguments: list[Value], pool: Pool) -> Value:
    x, y = (as_numbers(one, pool) for one in exactly(arguments, 2))
    return power(x, y)


def _mod(arguments: list[Value], pool: Pool) -> Value:
    x, y = (as_numbers(one, pool) for one in exactly(arguments, 2))
    zero = y.numbers == 0
    by = np.where(zero, 1.0, y.numbers)
    return flawed(combined(x.numbers - by * np.floor(x.numbers / by), x, y), zero, DIV0)


def _pi(arguments: list[Value], pool: Pool) -> Value:
    exactly(arguments, 0)
    return scalar(np.pi)


ELEMENTWISE: dict[str, Function] = {
    "EXP": _simple(np.exp, 1),
    "LN": _simple(np.log, 1),
    "LOG": _simple(_log, 1, 2),
    "LOG10": _simple(np.log10, 1),
    "SQRT": _simple(np.sqrt, 1),
    "ABS": _simple(np.abs, 1),
    "SIGN": _simple(np.sign, 1),
    "POWER": _power,
    "SINH": _simple(np.sinh, 1),
    "COSH": _simple(np.cosh, 1),
    "TANH": _simple(np.tanh, 1),
    "ASINH": _simple(np.arcsinh, 1),
    "ACOSH": _simple(np.arccosh, 1),
    "ATANH": _simple(np.arctanh, 1),
    "SIN": _simple(np.sin, 1),
    "COS": _simple(np.cos, 1),
    "TAN": _simple(np.tan, 1),
    "ATAN": _simple(np.arctan, 1),
    "ERF": _simple(_erf_between, 1, 2),
    "ERF.PRECISE": _simple(_erf, 1),
    "ERFC": _simple(_erfc, 1),
    "ERFC.PRECISE": _simple(_erfc, 1),
    "NORMSDIST": _simple(_normal, 1),
    "NORM.S.DIST": _simple(_normal, 2),
    "ROUND": _simple(_round, 2),
    "ROUNDUP": _simple(_roundup, 2),
    "ROUNDDOWN": _simple(_rounddown, 2),
    "TRUNC": _simple(_rounddown, 1, 2),
    "INT": _simple(np.floor, 1),
    "MOD": _mod,
    "QUOTIENT": _quotient,
    "CEILING": partial(_stepped, towards=np.ceil),
    "FLOOR": _floor,
    "PI": _pi,
}
