"""A naive evaluator for the formulas that xlconv writes: text in, number out, cell by cell.

Independent of the package: it goes through openpyxl's tokenizer and Python's own
expression grammar, so that a wrong reference or operand shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping
from functools import cache
from types import CodeType

import numpy as np
from openpyxl.formula import Tokenizer

from xlconv.spreadsheet.addresses import Cell, a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind, Sheet


def evaluate(sheet: Sheet) -> Iterator[tuple[str, float, float]]:
    """Yield (cell, cached value, value of its formula), in order of the sheet."""
    formulas: dict[Cell, str] = {}
    constants: dict[Cell, float | str] = {}
    cached = {}
    for index, cell in enumerate(zip(sheet.rows.tolist(), sheet.columns.tolist(), strict=True)):
        kind = sheet.kinds[index]
        if kind == Kind.NUMBER:
            constants[cell] = float(sheet.numbers[index])
        elif kind >= Kind.FORMULA:
            formulas[cell] = sheet.texts[index]
            cached[cell] = float(sheet.numbers[index])
    found = values_of(formulas, constants)
    for cell in formulas:
        number = found[cell]
        assert isinstance(number, float), (a1_name(cell), number)
        yield a1_name(cell), cached[cell], number


def values_of(
    formulas: Mapping[Cell, str], constants: Mapping[Cell, float | str]
) -> dict[Cell, float | str]:
    """Return what formulas give of constants: numbers; an error by its name, `?` what is unknown.

    A text is an error where a number is read, and nothing in a range.
    """
    done: dict[Cell, float | str] = {}

    def value(cell: Cell) -> float | str | None:
        if cell in formulas and cell not in done:
            done[cell] = "?"  # of a circle
            done[cell] = compute(formulas[cell])
        return done[cell] if cell in formulas else constants.get(cell)

    def compute(text: str) -> float | str:
        code, references = _python(text)
        try:
            names = {name: read(reference) for name, reference in references}
            return float(eval(code, FUNCTIONS | names))
        except (ArithmeticError, TypeError) as error:
            return str(error.args[0]) if isinstance(error, _CellError) else "#NUM!"
        except (NameError, SyntaxError, ValueError, RecursionError, IndexError):
            return "?"

    def read(reference: str) -> np.ndarray | float:
        first, _, last = reference.partition(":")
        top, left = parse_a1(first)
        if not last:
            number = value((top, left))
            if isinstance(number, str):
                raise _CellError(number if (top, left) in formulas else "#VALUE!")
            return number or 0.0
        bottom, right = parse_a1(last)
        cells = [
            [entry(value((row, column)), (row, column)) for column in range(left, right + 1)]
            for row in range(top, bottom + 1)
        ]
        return np.array(cells)

    def entry(one: float | str | None, cell: Cell) -> float:
        if isinstance(one, str) and cell in formulas:
            raise _CellError(one)
        return math.nan if one is None or isinstance(one, str) else one

    for cell in formulas:
        value(cell)
    return done


class _CellError(ArithmeticError):
    """A cell that is read holds no number."""


@cache
def _python(text: str) -> tuple[CodeType | str, tuple[tuple[str, str], ...]]:
    """Return a formula as an expression of Python, and the references that its names are."""
    python: list[str] = []
    names: list[tuple[str, str]] = []
    for token in Tokenizer("=" + text).items:
        if token.subtype == "RANGE":
            names.append((f"r{len(names)}", token.value.replace("$", "")))
            python.append(names[-1][0])
        elif token.type == "FUNC" and token.subtype == "OPEN":
            python.append("f_" + token.value)
        else:
            python.append(_OPERATORS.get(token.value, token.value))
    try:
        return compile("".join(python).strip(), text, "eval"), tuple(names)
    except SyntaxError:
        return "", ()


_OPERATORS = {"^": "**", "=": "==", "<>": "!="}


def assert_computed(sheet: Sheet, besides: Container[str] = ()) -> None:
    """Assert that all formulas but those of some cells give the values that stand beside them."""
    for cell, cached, computed in evaluate(sheet):
        near = math.isclose(computed, cached, rel_tol=1e-9, abs_tol=1e-11)
        assert near or cell in besides, f"{cell}: {computed}; expected {cached}"


def _match(wanted: float, among: np.ndarray, _: int) -> int:
    return int(np.flatnonzero(np.ravel(among) == wanted)[0]) + 1


def _numbers(arguments: tuple[np.ndarray | float, ...]) -> np.ndarray:
    """Return the numbers of arguments, without what is blank in ranges."""
    every = np.concatenate([np.ravel(one) for one in arguments])
    return every[~np.isnan(every)]


def _of_all(function: Callable[[np.ndarray], float], least: int = 0) -> Callable[..., float]:
    """Return a function of all numbers of its arguments; of fewer than `least` it is an error."""

    def applied(*arguments: np.ndarray | float) -> float:
        numbers = _numbers(arguments)
        if len(numbers) < least:
            raise ZeroDivisionError
        return float(function(numbers))

    return applied


def _sumproduct(*factors: np.ndarray) -> float:
    if len({np.shape(one) for one in factors}) > 1:
        raise _CellError("#VALUE!")
    return float(np.nansum(np.prod(factors, axis=0)))


FUNCTIONS = {
    "f_MAX": _of_all(lambda a: a.max(initial=-math.inf) if len(a) else 0.0),
    "f_MIN": _of_all(lambda a: a.min(initial=math.inf) if len(a) else 0.0),
    "f_SUM": _of_all(np.sum),
    "f_SUMSQ": _of_all(lambda a: np.sum(a**2)),
    "f_SUMPRODUCT": _sumproduct,
    "f_AVERAGE": _of_all(np.mean, 1),
    "f_MEDIAN": _of_all(np.median, 1),
    "f_COUNT": _of_all(len),
    "f_IF": lambda condition, then, other: then if condition else other,
    "f_EXP": math.exp,
    "f_TANH": math.tanh,
    "f_SINH": math.sinh,
    "f_ATAN": math.atan,
    "f_ABS": abs,
    "f_SQRT": lambda a: math.sqrt(a) if a >= 0 else 1 / 0,
    "f_PI": lambda: math.pi,
    "f_MATCH": _match,
    "__builtins__": {},
}
