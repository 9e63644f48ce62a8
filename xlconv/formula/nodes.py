"""The nodes of a formula tree.

References are affine in the index (i, j) of the cell within its block, so that
one tree serves a whole block of cells. The tree of a single cell is the case in
which every axis has no steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from xlconv.refs import Range


@dataclass(frozen=True, slots=True)
class Axis:
    """One coordinate of a reference: `offset + by_row * i + by_column * j`, zero-based."""

    offset: int
    by_row: int = 0
    by_column: int = 0
    absolute: bool = False

    def at(self, i: int, j: int) -> int:
        """Return the coordinate for the cell (i, j) of the block."""
        return self.offset + self.by_row * i + self.by_column * j


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to one cell."""

    row: Axis
    column: Axis


@dataclass(frozen=True, slots=True)
class Area:
    """A reference to a rectangle of cells, by its first and last cell."""

    first: Ref
    last: Ref


@dataclass(frozen=True, slots=True)
class Number:
    """A number written into the formula."""

    value: float


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments, by its English name in capitals."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two operands."""

    operator: str
    left: Node
    right: Node


Node = Ref | Area | Number | Call | Binary


def plus(terms: list[Node]) -> Node:
    """Return the terms joined by `+` from the left; there must be at least one."""
    return reduce(lambda left, right: Binary("+", left, right), terms)


def areas_of(tree: Node, i: int = 0, j: int = 0) -> Iterator[Range]:
    """Yield the ranges that the formula of cell (i, j) refers to, in reading order."""
    if isinstance(tree, Ref):
        row, column = tree.row.at(i, j), tree.column.at(i, j)
        yield Range(row, column, row, column)
    elif isinstance(tree, Area):
        first, last = tree.first, tree.last
        yield Range(
            first.row.at(i, j), first.column.at(i, j), last.row.at(i, j), last.column.at(i, j)
        )
    elif isinstance(tree, Call):
        for argument in tree.arguments:
            yield from areas_of(argument, i, j)
    elif isinstance(tree, Binary):
        yield from areas_of(tree.left, i, j)
        yield from areas_of(tree.right, i, j)
