"""A naive evaluator for the formulas that xlconv writes: text in, number out, cell by cell.

Independent of the package: it goes through openpyxl's tokenizer and Python's own
expression grammar, so that a wrong reference or operand shows.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator

import numpy as np
from openpyxl.formula import Tokenizer

from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind, Sheet


def evaluate(sheet: Sheet) -> Iterator[tuple[str, float, float]]:
    """Yield (cell, cached value, value of its formula), in order of the sheet."""
    formulas, values = {}, {}
    for index, (row, column) in enumerate(
        zip(sheet.rows.tolist(), sheet.columns.tolist(), strict=True)
    ):
        kind = sheet.kinds[index]
        if kind == Kind.NUMBER:
            values[row, column] = float(sheet.numbers[index])
        elif kind >= Kind.FORMULA:
            formulas[row, column] = (sheet.texts[index], float(sheet.numbers[index]))
    done: dict[tuple[int, int], float] = {}

    def value(cell: tuple[int, int]) -> float | None:
        if cell in formulas and cell not in done:
            done[cell] = compute(formulas[cell][0])
        return done[cell] if cell in formulas else values.get(cell)

    def compute(text: str) -> float:
        python, names = [], {}
        for token in Tokenizer("=" + text).items:
            if token.subtype == "RANGE":
                name = f"r{len(names)}"
                names[name] = read(token.value.replace("$", ""))
                python.append(name)
            elif token.type == "FUNC" and token.subtype == "OPEN":
                python.append("f_" + token.value)
            else:
                python.append("**" if token.value == "^" else token.value)
        return float(eval("".join(python), FUNCTIONS | names))

    def read(reference: str) -> np.ndarray | float:
        first, _, last = reference.partition(":")
        top, left = parse_a1(first)
        if not last:
            return value((top, left)) or 0.0
        bottom, right = parse_a1(last)
        cells = [
            [value((row, column)) for column in range(left, right + 1)]
            for row in range(top, bottom + 1)
        ]
        return np.array([[math.nan if one is None else one for one in row] for row in cells])

    for cell, (_, cached) in formulas.items():
        yield a1_name(cell), cached, value(cell)


def assert_computed(sheet: Sheet, besides: Container[str] = ()) -> None:
    """Assert that all formulas but those of some cells give the values that stand beside them."""
    for cell, cached, computed in evaluate(sheet):
        near = math.isclose(computed, cached, rel_tol=1e-9, abs_tol=1e-11)
        assert near or cell in besides, f"{cell}: {computed}; expected {cached}"


def _match(wanted: float, among: np.ndarray, _: int) -> int:
    return int(np.flatnonzero(np.ravel(among) == wanted)[0]) + 1


FUNCTIONS = {
    "f_MAX": lambda *a: max(float(np.nanmax(one)) for one in a),
    "f_SUM": lambda *a: sum(float(np.nansum(one)) for one in a),
    "f_SUMPRODUCT": lambda a, b: float(np.nansum(a * b)),
    "f_AVERAGE": lambda a: float(np.nanmean(a)),
    "f_IF": lambda condition, then, other: then if condition else other,
    "f_EXP": math.exp,
    "f_TANH": math.tanh,
    "f_SQRT": math.sqrt,
    "f_PI": lambda: math.pi,
    "f_MATCH": _match,
    "__builtins__": {},
}
