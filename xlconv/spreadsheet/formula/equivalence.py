"""Whether two formula texts spell the same formula."""

from __future__ import annotations

from dataclasses import replace

from xlconv.errors import FormulaError
from xlconv.spreadsheet.formula.nodes import Node, Ref, mapped
from xlconv.spreadsheet.formula.parse import parse


def is_same_formula(text: str, expected: str) -> bool:
    """Whether a text spells a formula, however spaced; some programs write it another way."""
    if text == expected:
        return True
    # Gnumeric saves STDEV under its newer name.
    text = text.replace("_xlfn.", "").replace("STDEV.S(", "STDEV(")
    try:
        return parse(text) == parse(expected)
    except FormulaError:
        return False


def is_same(text: str, wanted: str) -> bool:
    """Whether two formulas are the same but for spaces, small letters and dollars."""
    if text == wanted:
        return True
    try:
        return _undollared(parse(text.upper())) == _undollared(parse(wanted))
    except FormulaError:
        return False


def _undollared(tree: Node) -> Node:
    def plain(ref: Ref) -> Ref:
        row, column = (replace(axis, absolute=False) for axis in (ref.row, ref.column))
        return replace(ref, row=row, column=column)

    return mapped(tree, plain)
