"""Turns formula trees into nested lists, which JSON can hold.

The first item of a list says what it is; references keep their steps, so that one list serves
a whole block, as its tree does. Never makes text of a formula, and never reads lists back.

    ["n", 1.5] ["t", "text"] ["b", true] ["e", "#N/A"]  a constant
    ["m"] ["u", "name"]                                 left out; what means nothing here
    ["r", sheet, row, column]                           a cell; sheet is null for the own one
    ["a", sheet, row, column, row, column]              a range, by its first and last cell
    ["f", "SUM", ...]  ["o", "+", left, right]          a function, an operator
    ["s", "-", operand] ["%", operand]                  a sign, a percent sign
    ["c", [[...], ...]]                                 a constant array, row by row

A row or a column is [offset, by_row, by_column, 1 if absolute], zero-based.
"""

from __future__ import annotations

from typing import Any

from xlconv.spreadsheet.formula import nodes
from xlconv.spreadsheet.formula.nodes import Area, Axis, Node, Ref

Listed = list[Any]


def listed(tree: Node) -> Listed:
    """Return a tree as nested lists."""
    match tree:
        case Ref(row, column, sheet):
            return ["r", _sheet(sheet), _axis(row), _axis(column)]
        case Area(first, last):
            ends = (_axis(axis) for one in (first, last) for axis in (one.row, one.column))
            return ["a", _sheet(first.sheet), *ends]
        case nodes.Number(value):
            return ["n", value]
        case nodes.Text(value):
            return ["t", value]
        case nodes.Boolean(value):
            return ["b", value]
        case nodes.Error(code):
            return ["e", code]
        case nodes.Unknown(text):
            return ["u", text]
        case nodes.Call(name, arguments):
            return ["f", name, *map(listed, arguments)]
        case nodes.Binary(operator, left, right):
            return ["o", operator, listed(left), listed(right)]
        case nodes.Unary(operator, operand):
            return ["s", operator, listed(operand)]
        case nodes.Percent(operand):
            return ["%", listed(operand)]
        case nodes.Array(rows):
            return ["c", [[listed(item) for item in row] for row in rows]]
    return ["m"]


def _sheet(sheet: str | None) -> int | None:
    return None if sheet is None else int(sheet)


def _axis(axis: Axis) -> list[int]:
    return [axis.offset, axis.by_row, axis.by_column, int(axis.absolute)]
