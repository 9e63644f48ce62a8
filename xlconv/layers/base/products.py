"""Windows and the weights they are multiplied with, however a formula spells the sum.

`SUMPRODUCT(A1:C3,$F$1:$H$3)`, `SUM(A1:C3*TRANSPOSE($F$1:$H$3))` and nine products
`A1*$F$1+B1*$G$1+...` are the same window with the same kernel. Only trees; knows no
sheet, and evaluates nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from xlconv.spreadsheet.formula import Area, Binary, Call, Node, Ref, corners

Reference = Ref | Area


class Table(Struct, frozen=True):
    """Where the weights of one window stand.

    One range, or one that is `turned` on its side against the window; or single cells,
    as many as the window of `shape` has entries, row by row.
    """

    references: tuple[Reference, ...]
    turned: bool = False
    shape: tuple[int, int] | None = None

    @property
    def first(self) -> Reference:
        """The first of the references, which says on which sheet they are."""
        return self.references[0]

    @property
    def is_still(self) -> bool:
        """Whether the weights are the same for every cell of the block."""
        return all(map(is_still, self.references))

    @property
    def overlaps_itself(self) -> bool:
        """Whether neighbouring cells of a block share some of the weights."""
        return any(map(overlaps_itself, self.references))


class Pair(NamedTuple):
    """Two ranges that are multiplied entry by entry; `turned`: one with the other's transpose."""

    one: Reference
    other: Reference
    turned: bool = False

    @property
    def swapped(self) -> Pair:
        """The same product with its factors the other way round."""
        return Pair(self.other, self.one, self.turned)


class Products(NamedTuple):
    """A sum of products of two ranges, and what else is added."""

    pairs: list[Pair]
    others: list[Node]


def products(tree: Node) -> Products | None:
    """Return the products that a tree sums up: SUMPRODUCT(a,b) or SUM(a*b), in order.

    None where the tree holds no product, or anything but sums of them.
    """
    pairs: list[Pair] = []
    others: list[Node] = []
    for term in terms_of(tree):
        pair = _product(term)
        if pair is not None:
            pairs.append(pair)
        else:
            others.append(term)
    return Products(pairs, others) if pairs else None


def tables(pairs: list[Pair]) -> tuple[list[Reference], list[Table]]:
    """Return windows and their weights, of pairs that have the window first.

    Single cells that make a window together are joined, channel by channel.
    """
    windows: list[Reference] = []
    weights: list[Table] = []
    for some in _channels(pairs):
        if len(some) == 1:
            ((window, other, turned),) = some
            windows.append(window)
            weights.append(Table((other,), turned))
        else:
            cells = sorted(some, key=lambda one: _place(one.one))
            first, last = cells[0].one, cells[-1].one
            assert isinstance(first, Ref)
            assert isinstance(last, Ref)
            shape = (
                last.row.offset - first.row.offset + 1,
                last.column.offset - first.column.offset + 1,
            )
            windows.append(Area(first, last))
            weights.append(Table(tuple(one.other for one in cells), shape=shape))
    return windows, weights


def _channels(pairs: list[Pair]) -> list[list[Pair]]:
    """Return the pairs that are one window each: ranges, or neighbouring single cells."""
    if len(pairs) == 1 or not all(isinstance(end, Ref) for one in pairs for end in one[:2]):
        return [[one] for one in pairs]
    left = {_place(one.one): one for one in pairs}
    if len(left) < len(pairs) or len({moves_of(one.one) for one in pairs}) > 1:
        return [[one] for one in pairs]
    found = []
    while left:
        edge = [next(iter(left))]
        cells = {}
        while edge:
            row, column = edge.pop()
            if (row, column) in left:
                cells[row, column] = left.pop((row, column))
                edge += [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
        rows, columns = {row for row, _ in cells}, {column for _, column in cells}
        if len(cells) != len(rows) * len(columns):
            return [[one] for one in pairs]  # no rectangle
        found.append(list(cells.values()))
    return found


def _place(reference: Reference) -> tuple[int, int]:
    first, _ = corners(reference)
    return first.row.offset, first.column.offset


def moves_of(reference: Reference) -> tuple[object, ...]:
    """Return how a reference moves from cell to cell of its block, and on which sheet."""
    first, _ = corners(reference)
    row, column = first.row, first.column
    return row.by_row, row.by_column, column.by_row, column.by_column, first.sheet


def terms_of(tree: Node) -> list[Node]:
    """Return what a tree adds up, in order; a tree that is no sum is its only term."""
    found: list[Node] = []
    while isinstance(tree, Binary) and tree.operator == "+":
        found.append(tree.right)
        tree = tree.left
    found.append(tree)
    return [one for term in reversed(found) for one in _summed(term)]


def _summed(term: Node) -> list[Node]:
    """Return the arguments of SUM(a*b, c*d), and any other term as it is."""
    match term:
        case Binary("+", _, _):
            return terms_of(term)
        case Call("SUM", (_, _, *_)):
            return [Call("SUM", (one,)) for one in term.arguments]
        case Call("SUM", (Binary() as only,)):
            inner = terms_of(only)
            return [Call("SUM", (one,)) for one in inner] if len(inner) > 1 else [term]
    return [term]


def _product(term: Node) -> Pair | None:
    match term:
        case Call("SUMPRODUCT", (a, b)):
            return _pair(a, b)
        case Call("SUM" | "SUMPRODUCT", (Binary("*", a, b),)):
            return _pair(a, b)
        case Binary("*", Ref() as a, Ref() as b):
            return Pair(a, b)
    return None


def _pair(a: Node, b: Node) -> Pair | None:
    match a, b:
        case (Ref() | Area(), Ref() | Area()):
            return Pair(a, b)
        case (Ref() | Area(), Call("TRANSPOSE", (Ref() | Area() as other,))):
            return Pair(a, other, turned=True)
        case (Call("TRANSPOSE", (Ref() | Area() as other,)), Ref() | Area()):
            return Pair(other, b, turned=True)
    return None


def is_still(reference: Reference) -> bool:
    """Whether a reference is the same for every cell of its block."""
    ends = corners(reference)
    return not any(axis.by_row or axis.by_column for end in ends for axis in (end.row, end.column))


def overlaps_itself(reference: Reference) -> bool:
    """Whether neighbouring cells of a block read some of the same cells through a reference.

    Windows do, as they move by less than their size; the weights of two units do not.
    """
    if is_still(reference):
        return False
    first, last = corners(reference)
    height = last.row.offset - first.row.offset + 1
    width = last.column.offset - first.column.offset + 1
    moves = (
        (first.row.by_row, first.column.by_row),
        (first.row.by_column, first.column.by_column),
    )
    return any(
        (down or right) and abs(down) < height and abs(right) < width for down, right in moves
    )
