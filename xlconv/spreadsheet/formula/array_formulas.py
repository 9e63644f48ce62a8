"""Array formulas as what each of their cells computes.

A formula that fills several cells becomes one tree for the lattice of them, affine in
the cell's index, as the tree of any block is; a product of a row and a column becomes
a sum of products. Only for recognition: values come from the formula as it stands.
"""

from __future__ import annotations

from typing import NamedTuple

from xlconv.spreadsheet.formula import nodes
from xlconv.spreadsheet.formula.nodes import Area, Axis, Node, Ref, corners

# Functions of one number at a time: an array formula applies them entry by entry.
_ENTRYWISE = {
    "ABS", "EXP", "IF", "INT", "LN", "LOG", "LOG10", "MOD", "POWER", "ROUND", "ROUNDDOWN",
    "ROUNDUP", "SIGN", "SQRT", "TANH",
}  # fmt: skip

# Functions that make one number of whole ranges.
_REDUCING = {"AVERAGE", "COUNT", "MAX", "MIN", "SUM", "SUMPRODUCT", "SUMSQ"}


class _Line(NamedTuple):
    """A row or a column of a matrix, the one that a cell's product takes."""

    reference: Area | Ref
    is_row: bool


def cellwise(tree: Node, shape: tuple[int, int]) -> Node | None:
    """Return what cell (i, j) of an array formula over (rows, columns) cells computes.

    None where that cannot be said by one tree.
    """
    match tree:
        case nodes.Number() | Ref():
            return tree
        case Area():
            return _entry(tree, shape, turned=False)
        case nodes.Call("TRANSPOSE", (Area() as area,)):
            return _entry(area, shape, turned=True)
        case nodes.Call("MMULT", (left, right)):
            return _product(left, right, shape)
        case nodes.Call(name, _) if name in _REDUCING:
            return tree
        case nodes.Call(name, arguments) if name in _ENTRYWISE:
            inner = [cellwise(one, shape) for one in arguments]
            known = [one for one in inner if one is not None]
            return nodes.Call(name, tuple(known)) if len(known) == len(inner) else None
        case nodes.Binary(operator, left, right):
            a, b = cellwise(left, shape), cellwise(right, shape)
            return None if a is None or b is None else nodes.Binary(operator, a, b)
        case nodes.Unary(operator, operand):
            inside = cellwise(operand, shape)
            return None if inside is None else nodes.Unary(operator, inside)
        case nodes.Percent(operand):
            inside = cellwise(operand, shape)
            return None if inside is None else nodes.Percent(inside)
    return None


def without_matrices(tree: Node) -> Node:
    """Return a tree with every MMULT of a row and a column as a sum of products."""
    match tree:
        case nodes.Call("MMULT", (left, right)) if _rows(left) == 1 and _columns(right) == 1:
            return _product(left, right, (1, 1)) or tree
        case nodes.Call(name, arguments):
            return nodes.Call(name, tuple(without_matrices(one) for one in arguments))
        case nodes.Binary(operator, left, right):
            return nodes.Binary(operator, without_matrices(left), without_matrices(right))
        case nodes.Unary(operator, operand):
            return nodes.Unary(operator, without_matrices(operand))
    return tree


def _entry(area: Area, shape: tuple[int, int], *, turned: bool) -> Ref | None:
    """Return the entry of a range that cell (i, j) takes; a single row or column serves all."""
    size = _size(area)
    wanted = (shape[1], shape[0]) if turned else shape
    if any(have not in (1, want) for have, want in zip(size, wanted, strict=True)):
        return None
    down, right = int(size[0] > 1), int(size[1] > 1)
    row, column = area.first.row, area.first.column
    if turned:
        return Ref(
            Axis(row.offset, 0, down, row.absolute),
            Axis(column.offset, right, 0, column.absolute),
            area.first.sheet,
        )
    return Ref(
        Axis(row.offset, down, 0, row.absolute),
        Axis(column.offset, 0, right, column.absolute),
        area.first.sheet,
    )


def _product(left: Node, right: Node, shape: tuple[int, int]) -> Node | None:
    """Return row i of the left matrix times column j of the right one."""
    row, column = _line(left, shape[0], is_row=True), _line(right, shape[1], is_row=False)
    if row is None or column is None:
        return None
    if row.is_row == column.is_row:
        return nodes.Call("SUMPRODUCT", (row.reference, column.reference))
    return nodes.Call("SUMPRODUCT", (row.reference, nodes.Call("TRANSPOSE", (column.reference,))))


def _line(matrix: Node, count: int, *, is_row: bool) -> _Line | None:
    """Return the line of a matrix, or of one turned on its side, for each of `count` cells."""
    match matrix:
        case Area() | Ref():
            stands = is_row
        case nodes.Call("TRANSPOSE", (Area() | Ref() as matrix,)):
            stands = not is_row
        case _:
            return None
    first, last = corners(matrix)
    size = _size(matrix)
    if size[0 if stands else 1] != count:
        return None
    # Moves with the row of the cell for the left matrix, with its column for the right one.
    steps = (int(is_row and count > 1), int(not is_row and count > 1))

    def moved(ref: Ref) -> Ref:
        along = ref.row if stands else ref.column
        start = first.row if stands else first.column
        axis = Axis(
            start.offset, along.by_row + steps[0], along.by_column + steps[1], along.absolute
        )
        return Ref(axis, ref.column, ref.sheet) if stands else Ref(ref.row, axis, ref.sheet)

    one, other = moved(first), moved(last)
    return _Line(one if one == other else Area(one, other), stands)


def _size(matrix: Area | Ref) -> tuple[int, int]:
    first, last = corners(matrix)
    return (
        last.row.offset - first.row.offset + 1,
        last.column.offset - first.column.offset + 1,
    )


def _rows(matrix: Node) -> int:
    return _extent(matrix, 0)


def _columns(matrix: Node) -> int:
    return _extent(matrix, 1)


def _extent(matrix: Node, axis: int) -> int:
    match matrix:
        case Area() | Ref():
            return _size(matrix)[axis]
        case nodes.Call("TRANSPOSE", (Area() | Ref() as turned,)):
            return _size(turned)[1 - axis]
    return 0
