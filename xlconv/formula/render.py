"""Turns formula trees into text, one cell at a time or a block in bulk.

The text has no leading `=`: that sign belongs to the cell, not to the formula.
Rendering a block walks the tree once and fills in only what varies, so that the
cost of a cell is one string substitution. Never reads text back.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.formula.nodes import Area, Axis, Binary, Call, Node, Number, Ref
from xlconv.refs import column_name

# Excel's limit on the characters of a formula.
MAX_FORMULA_LENGTH = 8192

# Excel's precedence of operators, weakest first; all of them associate to the left.
_PRECEDENCE = {
    "=": 0, "<": 0, ">": 0, "<=": 0, ">=": 0, "<>": 0,
    "&": 1, "+": 2, "-": 2, "*": 3, "/": 3, "^": 4,
}  # fmt: skip


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
    if isinstance(tree, Number):
        yield number_text(tree.value)
    elif isinstance(tree, Ref):
        yield _Slot(tree.column, is_row=False)
        yield _Slot(tree.row, is_row=True)
    elif isinstance(tree, Area):
        yield from _pieces(tree.first)
        yield ":"
        yield from _pieces(tree.last)
    elif isinstance(tree, Call):
        yield tree.name + "("
        for position, argument in enumerate(tree.arguments):
            if position:
                yield ","
            yield from _pieces(argument)
        yield ")"
    else:
        yield from _binary_pieces(tree, least)


def _binary_pieces(tree: Binary, least: int) -> Iterator[str | _Slot]:
    own = _PRECEDENCE[tree.operator]
    if own < least:
        yield "("
    yield from _pieces(tree.left, own)
    yield tree.operator
    yield from _pieces(tree.right, own + 1)
    if own < least:
        yield ")"


def number_text(value: float) -> str:
    """Return the shortest text that reads back as the same float64: `1`, `0.1`, `1E-07`."""
    return repr(float(value)).removesuffix(".0").upper()
