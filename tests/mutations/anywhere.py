"""Faults that know nothing of layers: they find what nobody thought of."""

from __future__ import annotations

import random
import re

from tests.mutations.choosing import REFERENCE, kind, pointing_beside, translated
from tests.mutations.subject import Fault, Subject
from xlconv.errors import FormulaError
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.formula import Area, Binary, Call, Node, Number, Ref, Unary
from xlconv.spreadsheet.formula.parse import parse

_CODES = ("S201", "G403")
_NUMBER = re.compile(r"(?<![A-Z$\d.:])\d+(?:\.\d+)?(?:E[+-]?\d+)?(?![\d.:]|E[+-]?\d|[A-Z])")
_OPERATOR = re.compile(r"<=|>=|<>|(?<![E(,])[-+]|[*/<>]|(?<=[(,])-")
_FUNCTION = re.compile(r"[A-Z][A-Z0-9.]*(?=\()")
_OTHERS = {
    "SUM": ("AVERAGE", "MAX", "SUMSQ"), "SUMPRODUCT": ("SUMXMY2", "SUM"), "MAX": ("MIN", "SUM"),
    "AVERAGE": ("SUM", "MAX", "MEDIAN"), "TANH": ("SINH", "ATAN"), "EXP": ("ABS", "LN"),
    "SQRT": ("ABS", "EXP"), "STDEV": ("STDEVP", "VAR"), "COUNT": ("COUNTA", "SUM"),
    "INT": ("ROUND", "ABS"), "MMULT": ("SUMXMY2",), "SUMXMY2": ("SUMX2MY2", "SUMPRODUCT"),
}  # fmt: skip


def _any_formula(s: Subject, rng: random.Random) -> Cell:
    """Return a cell of any block, however small it is."""
    return rng.choice(rng.choice(s.blocks))


@kind
def swapped_neighbours(s: Subject, rng: random.Random) -> Fault | None:
    cell = _any_formula(s, rng)
    down, right = rng.choice([(-1, 0), (1, 0), (0, -1), (0, 1)])
    other = cell[0] + down, cell[1] + right
    if not s.is_formula(other) or is_equivalent(s.text(cell), s.text(other)):
        return None
    changes = {cell: s.formula(cell, s.text(other)), other: s.formula(other, s.text(cell))}
    return Fault(dict(changes), cell, _CODES)


@kind
def copied_from_anywhere(s: Subject, rng: random.Random) -> Fault | None:
    cell, other = _any_formula(s, rng), _any_formula(s, rng)
    new: str | None = s.text(other)
    if rng.random() < 0.5:  # as copying does it: references go along
        new = translated(s.text(other), cell[0] - other[0], cell[1] - other[1])
    if new is None or is_equivalent(s.text(cell), new):
        return None
    return s.rewritten(cell, new, *_CODES)


def _other_number(text: str, rng: random.Random) -> str | None:
    matches = list(_NUMBER.finditer(text))
    if not matches:
        return None
    match = rng.choice(matches)
    number = float(match[0])
    new = rng.choice([number + 1, number * 2, number / 2, number - 1, 0])
    return f"{text[: match.start()]}{new:.10g}{text[match.end() :]}"


def _other_operator(text: str, rng: random.Random) -> str | None:
    matches = list(_OPERATOR.finditer(text))
    if not matches:
        return None
    match = rng.choice(matches)
    signs = ["<", ">", "<=", ">=", "="] if match[0][0] in "<>" else ["+", "-", "*", "/"]
    if match.start() and text[match.start() - 1] in "(,":
        signs = [""]
    new = rng.choice([one for one in signs if one != match[0]])
    return text[: match.start()] + new + text[match.end() :]


def _other_function(text: str, rng: random.Random) -> str | None:
    matches = [match for match in _FUNCTION.finditer(text) if match[0] in _OTHERS]
    if not matches:
        return None
    match = rng.choice(matches)
    return text[: match.start()] + rng.choice(_OTHERS[match[0]]) + text[match.end() :]


def _other_reference(text: str, rng: random.Random) -> str | None:
    matches = list(REFERENCE.finditer(text))
    if len(matches) < 2:
        return pointing_beside(text, rng)
    one, other = rng.sample(matches, 2)  # the place of one gets the other
    return text[: one.start()] + other[0] + text[one.end() :]


def _in_any(change_: str) -> None:
    change = globals()[f"_other_{change_}"]

    def fault(s: Subject, rng: random.Random) -> Fault | None:
        cell = _any_formula(s, rng)
        new = change(s.text(cell), rng)
        if new is None or is_equivalent(s.text(cell), new):
            return None
        return s.rewritten(cell, new, *_CODES)

    fault.__name__ = f"any_other_{change_}"
    kind(fault)


for _what in ("number", "operator", "function", "reference"):
    _in_any(_what)


@kind
def any_reference_beside(s: Subject, rng: random.Random) -> Fault | None:
    cell = _any_formula(s, rng)
    new = pointing_beside(s.text(cell), rng)
    if new is None or is_equivalent(s.text(cell), new):
        return None
    return s.rewritten(cell, new, *_CODES)


@kind
def any_pasted(s: Subject, rng: random.Random) -> Fault | None:
    from tests.mutations.cells import pasted

    return pasted(s, _any_formula(s, rng))


@kind
def any_blank(s: Subject, rng: random.Random) -> Fault | None:
    cell = _any_formula(s, rng)
    return Fault({cell: None}, cell, ("S203", "T301", "G403"))


# -- the same formula, written another way -------------------------------------------------


def is_equivalent(one: str, other: str) -> bool:
    """Whether two formulas mean the same: operands in another order, or with other dollars."""
    if one == other:
        return True
    try:
        return _canonical(parse(one)) == _canonical(parse(other))
    except FormulaError:
        return False


_UNORDERED = {"SUM", "SUMPRODUCT", "MAX", "MIN", "AVERAGE", "COUNT", "STDEV", "SUMXMY2"}


def _canonical(tree: Node) -> tuple[object, ...]:
    match tree:
        case Ref(row, column, sheet):
            return "ref", row.offset, column.offset, sheet
        case Area(first, last):
            ends = sorted((_canonical(first), _canonical(last)), key=repr)
            return ends[0] if ends[0] == ends[1] else ("area", *ends)
        case Number(value):
            return "number", value
        case Binary("+" | "*" as operator, _, _):
            terms = sorted(map(_canonical, _operands(tree, operator)), key=repr)
            return "binary", operator, *terms
        case Binary(operator, left, right):
            return "binary", operator, _canonical(left), _canonical(right)
        case Unary(operator, operand):
            return "unary", operator, _canonical(operand)
        case Call(name, arguments):
            inner = list(map(_canonical, arguments))
            return "call", name, *(sorted(inner, key=repr) if name in _UNORDERED else inner)
    return ("other", repr(tree))


def _operands(tree: Node, operator: str) -> list[Node]:
    if isinstance(tree, Binary) and tree.operator == operator:
        return _operands(tree.left, operator) + _operands(tree.right, operator)
    return [tree]
