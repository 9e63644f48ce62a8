"""What a block's formula spells: the half of recognition that looks at trees only.

A sighting says which references are activations and which are parameters; where they
point, and whether that makes a layer, `lifting` finds out from the sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from xlconv.formula import Area, Binary, Call, Node, Number, Ref, Unary, corners

Reference = Ref | Area
# Whether a reference points at activations: at cells that formulas compute.
IsActivation = Callable[[Reference], bool]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One block seen as a layer: `role` is its output, or the name of a helper.

    `windows` are the activations it reads; `weights` the parameters, one per window;
    `bias` is added once. `whole` is the range of all entries that a share is taken of,
    `facts` is what the formula alone tells of the layer, such as a slope.
    """

    role: str
    windows: tuple[Reference, ...]
    weights: tuple[Reference, ...] = ()
    bias: Ref | None = None
    whole: Reference | None = None
    facts: tuple[object, ...] = ()


class Products(NamedTuple):
    """A sum of products of two ranges, and what else is added."""

    pairs: list[tuple[Reference, Reference]]
    others: list[Node]


def products(tree: Node) -> Products | None:
    """Return the products that a tree sums up: SUMPRODUCT(a,b) or SUM(a*b), in order.

    None where the tree holds no product, or anything but sums of them.
    """
    pairs: list[tuple[Reference, Reference]] = []
    others: list[Node] = []
    for term in _terms(tree):
        pair = _product(term)
        if pair is not None:
            pairs.append(pair)
        else:
            others.append(term)
    return Products(pairs, others) if pairs else None


def is_still(reference: Reference) -> bool:
    """Whether a reference is the same for every cell of its block."""
    ends = corners(reference)
    return not any(axis.by_row or axis.by_column for end in ends for axis in (end.row, end.column))


def _terms(tree: Node) -> list[Node]:
    found: list[Node] = []
    while isinstance(tree, Binary) and tree.operator == "+":
        found.append(tree.right)
        tree = tree.left
    found.append(tree)
    return [one for term in reversed(found) for one in _summed(term)]


def _summed(term: Node) -> list[Node]:
    """Return the arguments of SUM(a*b, c*d), and any other term as it is."""
    if isinstance(term, Binary) and term.operator == "+":
        return _terms(term)
    if isinstance(term, Call) and term.name == "SUM" and len(term.arguments) > 1:
        return [Call("SUM", (one,)) for one in term.arguments]
    return [term]


def _product(term: Node) -> tuple[Reference, Reference] | None:
    match term:
        case Call("SUMPRODUCT", (Ref() | Area() as a, Ref() | Area() as b)):
            return a, b
        case Call("SUM" | "SUMPRODUCT", (Binary("*", Ref() | Area() as a, Ref() | Area() as b),)):
            return a, b
        case Binary("*", Ref() as a, Ref() as b):
            return a, b
    return None


def hinge(tree: Node) -> tuple[Node, Node, Node] | None:
    """Return x, and what the tree is for positive and for negative x: IF(x>0,...,...)."""
    match tree:
        case Call("IF", (Binary(operator, x, zero), then, other)) if is_zero(zero):
            if operator in (">", ">="):
                return x, then, other
            return (x, other, then) if operator in ("<", "<=") else None
        case Call("IF", (Binary(operator, zero, x), then, other)) if is_zero(zero):
            if operator in ("<", "<="):
                return x, then, other
            return (x, other, then) if operator in (">", ">=") else None
    return None


def number_of(node: Node) -> float | None:
    """Return the number that a node is, with its sign; None for any other."""
    match node:
        case Number(value):
            return value
        case Unary("-", Number(value)):
            return -value
    return None


def is_zero(node: Node) -> bool:
    """Whether a node is the number 0."""
    return isinstance(node, Number) and node.value == 0


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
