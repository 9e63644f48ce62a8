"""Turns formula trees into text, one cell at a time or a block in bulk.

The text has no leading `=`: that sign belongs to the cell, not to the formula.
Rendering a block walks the tree once and fills in only what varies, so that the
cost of a cell is one string substitution. Never reads text back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from xlconv.spreadsheet.addresses import column_name, parse_a1
from xlconv.spreadsheet.formula import nodes
from xlconv.spreadsheet.formula.nodes import Area, Axis, Node, Ref

# Excel's limit on the characters of a formula.
MAX_FORMULA_LENGTH = 8192

# Excel's precedence of operators, weakest first; all of them associate to the left.
PRECEDENCE = {
    "=": 0, "<": 0, ">": 0, "<=": 0, ">=": 0, "<>": 0,
    "&": 1, "+": 2, "-": 2, "*": 3, "/": 3, "^": 4, ":": 7,
}  # fmt: skip
_PERCENT, _SIGN = 5, 6
_PLAIN_SHEET = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def render(tree: Node, i: int = 0, j: int = 0) -> str:
    """Return the text of the formula in cell (i, j) of its block, without the `=`."""
    return "".join(piece if isinstance(piece, str) else piece.text(i, j) for piece in _pieces(tree))


def render_block(tree: Node, shape: tuple[int, int]) -> list[str]:
    """Return the texts of a whole block of (rows, columns) cells, row by row."""
    rows, columns = shape
    pieces = list(_pieces(tree))
    # Slots that vary along a row are filled per cell; those of `across` do not
    # depend on i, so that their texts are made once for all rows.
    varying = [p for p in pieces if isinstance(p, _Slot) and p.axis.by_column]
    across = [None if p.axis.by_row else p.texts(0, columns) for p in varying]
    shared = list(zip(*across, strict=True)) if varying and None not in across else None
    texts: list[str] = []
    for i in range(rows):
        template = "".join(_template(piece, i) for piece in pieces)
        if not varying:
            texts.extend([template % ()] * columns)
            continue
        fillings = shared or zip(
            *(t or p.texts(i, columns) for p, t in zip(varying, across, strict=True)),
            strict=True,
        )
        texts.extend([template % filling for filling in fillings])
    return texts


class _Slot:
    """One coordinate within the text: a row number or column letters, with its `$`."""

    __slots__ = ("axis", "mark", "name")

    def __init__(self, axis: Axis, *, is_row: bool) -> None:
        self.axis = axis
        self.mark = "$" if axis.absolute else ""
        self.name = _row_name if is_row else column_name

    def text(self, i: int, j: int) -> str:
        return self.mark + self.name(self.axis.at(i, j))

    def texts(self, i: int, columns: int) -> list[str]:
        return [self.text(i, j) for j in range(columns)]


def _row_name(row: int) -> str:
    return str(row + 1)


def _template(piece: str | _Slot, i: int) -> str:
    if isinstance(piece, str):
        return piece.replace("%", "%%")
    return "%s" if piece.axis.by_column else piece.text(i, 0)


def _pieces(tree: Node, least: int = 0) -> Iterator[str | _Slot]:
    """Yield the text of a tree in pieces; parentheses where it binds weaker than `least`."""
    match tree:
        case Ref(row, column, sheet):
            yield sheet_text(sheet)
            yield _Slot(column, is_row=False)
            yield _Slot(row, is_row=True)
        case Area(first, last):
            yield from _pieces(first)
            yield ":"
            yield from _pieces(last)
        case nodes.Call(name, arguments):
            yield name + "("
            yield from _listed(arguments, ",")
            yield ")"
        case nodes.Binary(operator, left, right):
            own = PRECEDENCE[operator]
            inner = chain(_pieces(left, own), [operator], _pieces(right, own + 1))
            yield from inner if own >= least else chain(["("], inner, [")"])
        case nodes.Unary(operator, operand):
            yield operator
            yield from _pieces(operand, _SIGN)
        case nodes.Percent(operand):
            inner = chain(_pieces(operand, _PERCENT), ["%"])
            yield from inner if least <= _PERCENT else chain(["("], inner, [")"])
        case nodes.Array(lines):
            yield "{"
            for number, line in enumerate(lines):
                yield ";" if number else ""
                yield from _listed(line, ",")
            yield "}"
        case _:
            yield _atom(tree)


def _listed(items: tuple[Node, ...], separator: str) -> Iterator[str | _Slot]:
    for number, item in enumerate(items):
        if number:
            yield separator
        yield from _pieces(item)


def _atom(tree: Node) -> str:
    match tree:
        case nodes.Number(value):
            return number_text(value)
        case nodes.Text(value):
            return '"' + value.replace('"', '""') + '"'
        case nodes.Boolean(value):
            return "TRUE" if value else "FALSE"
        case nodes.Error(code):
            return code
        case nodes.Unknown(text):
            return text
    assert isinstance(tree, nodes.Missing)
    return ""


def sheet_text(sheet: str | None) -> str:
    """Return the prefix of a reference to another sheet: `Data!`, `'my data'!`."""
    if sheet is None:
        return ""
    if _PLAIN_SHEET.fullmatch(sheet) and not _looks_like_cell(sheet):
        return f"{sheet}!"
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!"


def _looks_like_cell(name: str) -> bool:
    try:
        parse_a1(name)
    except ValueError:
        return False
    return True


def number_text(value: float) -> str:
    """Return the shortest text that reads back as the same float64: `1`, `0.1`, `1E-07`."""
    return repr(float(value)).removesuffix(".0").upper()
