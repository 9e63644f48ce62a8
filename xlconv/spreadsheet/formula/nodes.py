"""The nodes of a formula tree, and the walks over them.

References are affine in the index (i, j) of the cell within its block, so that
one tree serves a whole block of cells. The tree of a single cell is the case in
which every axis has no steps. Nodes never change, and know neither text nor values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce

from msgspec import Struct
from msgspec.structs import replace

from xlconv.spreadsheet.addresses import Range


class Axis(Struct, frozen=True):
    """One coordinate of a reference: `offset + by_row * i + by_column * j`, zero-based."""

    offset: int
    by_row: int = 0
    by_column: int = 0
    absolute: bool = False

    def at(self, i: int, j: int) -> int:
        """Return the coordinate for the cell (i, j) of the block."""
        return self.offset + self.by_row * i + self.by_column * j


class Ref(Struct, frozen=True):
    """A reference to one cell, on the formula's own sheet unless it names another."""

    row: Axis
    column: Axis
    sheet: str | None = None


class Area(Struct, frozen=True):
    """A reference to a rectangle of cells, by its first and last cell."""

    first: Ref
    last: Ref


class Number(Struct, frozen=True):
    """A number written into the formula."""

    value: float


class Text(Struct, frozen=True):
    """A text written into the formula."""

    value: str


class Boolean(Struct, frozen=True):
    """TRUE or FALSE."""

    value: bool


class Error(Struct, frozen=True):
    """An error written into the formula, such as #N/A."""

    code: str


class Missing(Struct, frozen=True):
    """An argument left out: IF(A1,,2)."""


class Unknown(Struct, frozen=True):
    """An operand that is parsed but means nothing here: a name, a table, another workbook."""

    text: str


class Call(Struct, frozen=True):
    """A function with its arguments, by its English name in capitals."""

    name: str
    arguments: tuple[Node, ...]


class Unary(Struct, frozen=True):
    """A sign before an operand; it binds tighter than any operator between two."""

    operator: str
    operand: Node


class Percent(Struct, frozen=True):
    """An operand followed by %."""

    operand: Node


class Binary(Struct, frozen=True):
    """An operator between two operands."""

    operator: str
    left: Node
    right: Node


class Array(Struct, frozen=True):
    """A constant array in braces, row by row: {1,2;3,4}."""

    rows: tuple[tuple[Node, ...], ...]


Node = (
    Ref | Area | Number | Text | Boolean | Error | Missing | Unknown
    | Call | Unary | Percent | Binary | Array
)  # fmt: skip


def plus(terms: list[Node]) -> Node:
    """Return the terms joined by `+` from the left; there must be at least one."""
    return reduce(lambda left, right: Binary("+", left, right), terms)


def children(tree: Node) -> tuple[Node, ...]:
    """Return the operands of a node, in reading order; those of an Area are its corners."""
    match tree:
        case Area(first, last):
            return first, last
        case Call(_, arguments):
            return arguments
        case Unary(_, operand) | Percent(operand):
            return (operand,)
        case Binary(_, left, right):
            return left, right
        case Array(rows):
            return tuple(item for row in rows for item in row)
    return ()


def with_children(tree: Node, inner: tuple[Node, ...]) -> Node:
    """Return a node with other operands, as many as `children` gives; a reference as it is."""
    match tree:
        case Call(name, _):
            return Call(name, inner)
        case Unary(operator, _):
            return Unary(operator, inner[0])
        case Percent():
            return Percent(inner[0])
        case Binary(operator, _, _):
            return Binary(operator, inner[0], inner[1])
    return tree


def every(tree: Node) -> Iterator[Node]:
    """Yield a tree's nodes, each before its operands, in reading order."""
    yield tree
    for child in children(tree):
        yield from every(child)


def references(tree: Node) -> Iterator[Ref | Area]:
    """Yield the references of a tree, in reading order."""
    if isinstance(tree, Ref | Area):
        yield tree
        return
    for child in children(tree):
        yield from references(child)


def mapped(tree: Node, change: Callable[[Ref], Ref]) -> Node:
    """Return the tree with every single reference changed, corners of areas included."""
    match tree:
        case Ref():
            return change(tree)
        case Area(first, last):
            return Area(change(first), change(last))
        case Call(name, arguments):
            return Call(name, tuple(mapped(one, change) for one in arguments))
        case Unary(operator, operand):
            return Unary(operator, mapped(operand, change))
        case Percent(operand):
            return Percent(mapped(operand, change))
        case Binary(operator, left, right):
            return Binary(operator, mapped(left, change), mapped(right, change))
    return tree


def on_sheet(tree: Node, sheet: str) -> Node:
    """Return the tree as another sheet spells it: references that name none are to `sheet`."""
    match tree:
        case Ref(sheet=None):
            return replace(tree, sheet=sheet)
        case Area(Ref(sheet=None) as first, last):
            return Area(replace(first, sheet=sheet), last)
        case Ref() | Area():
            return tree
    return with_children(tree, tuple(on_sheet(one, sheet) for one in children(tree)))


def corners(reference: Ref | Area) -> tuple[Ref, Ref]:
    """Return the first and the last cell of a reference; of a single one, itself twice."""
    if isinstance(reference, Ref):
        return reference, reference
    return reference.first, reference.last


def area_of(reference: Ref | Area, i: int = 0, j: int = 0) -> Range:
    """Return the range that a reference stands for in cell (i, j)."""
    first, last = corners(reference)
    return Range(first.row.at(i, j), first.column.at(i, j), last.row.at(i, j), last.column.at(i, j))


def areas_of(tree: Node, i: int = 0, j: int = 0) -> Iterator[Range]:
    """Yield the ranges that the formula of cell (i, j) refers to, in reading order."""
    return (area_of(reference, i, j) for reference in references(tree))
