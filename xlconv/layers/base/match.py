"""What a block's formula spells: the half of recognition that needs trees only.

A match says which references are activations and which are parameters; where they
point, and whether that makes a layer, `lifting` finds out from the sheet.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol, TypeGuard

from msgspec import Struct

from xlconv.layers.base.products import Reference, Table, is_still, products, tables
from xlconv.spreadsheet.formula import Binary, Call, Node, Number, Ref, Unary


class IsActivation(Protocol):
    """Whether a reference points at activations: at cells that formulas compute."""

    def __call__(self, reference: Reference) -> bool:
        """Whether it does."""

    def is_handed_on(self, reference: Reference) -> bool:
        """Whether it points at plain numbers, and the cell shows them to a layer that reads it."""

    def is_random(self, reference: Reference) -> bool:
        """Whether it points at cells that are drawn at random."""

    def formula_at(self, reference: Reference) -> Node | None:
        """Return the formula of the cells that it points to, each for the cell that reads it.

        None where they are no block of the reader's own shape.
        """


class Grouping(Enum):
    """How the blocks of one tensor stand for it."""

    PLANES = "each block is a plane"
    INTERLEAVED = "each block is every so many cells of a plane, and others those between"
    UNITS = "each cell is a unit of a vector, with weights of its own"
    COLUMN = "one block is a vector"
    ENTRIES = "each cell shows an entry of the planes of a tensor: together they are a vector"
    STACKED = "each block is a plane: the same plane of one of several tensors"
    JOINED = "each block is a plane, made from a plane of each of several tensors"


class Match(Struct, frozen=True):
    """One block seen as a layer: `role` is its output, or the name of a helper.

    `windows` are the activations it reads; `weights` the parameters, one per window;
    `bias` is added once. `whole` is the range of all entries that a share is taken of,
    `facts` is what the formula alone says of the layer, such as a slope. `scalars` are
    parameters of one number for the whole block, `masks` what decides, cell by cell,
    which activations are let through, with the names that they have as helpers, or "".
    `grouping` says how blocks that match alike make a tensor. `of_helper`: it is this layer
    only where what it reads is a helper of it; of other numbers it is arithmetic.
    """

    role: str
    windows: tuple[Reference, ...]
    weights: tuple[Table, ...] = ()
    bias: Ref | None = None
    whole: Reference | None = None
    facts: tuple[object, ...] = ()
    scalars: tuple[tuple[str, Node], ...] = ()
    masks: tuple[tuple[str, Reference], ...] = ()
    grouping: Grouping = Grouping.PLANES
    of_helper: bool = False


def shows_activation(tree: Node, is_activation: IsActivation) -> TypeGuard[Ref]:
    """Whether a formula only shows an activation's number: `=C4`."""
    if not isinstance(tree, Ref):
        return False
    return is_activation(tree) or is_activation.is_handed_on(tree)


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


def factor_of(tree: Node, x: Node) -> float | None:
    """Return the number that x is multiplied with in a tree; None where the tree is another."""
    match tree:
        case Binary("*", slope, one) if one == x:
            return number_of(slope)
        case Binary("*", one, slope) if one == x:
            return number_of(slope)
    return None


def weighted_windows(tree: Node, is_activation: IsActivation, role: str) -> Match | None:
    """Return the windows of a sum of products, with kernels that stand still; None if it is none.

    One more term may be a bias.
    """
    found = products(tree)
    if found is None or len(found.others) > 1:
        return None
    pairs = [
        one if _is_window(one.one, one.other, is_activation) else one.swapped for one in found.pairs
    ]
    windows, kernels = tables(pairs)
    if not all(kernel.is_still for kernel in kernels):
        return None
    bias = found.others[0] if found.others else None
    if bias is not None and not (isinstance(bias, Ref) and is_still(bias)):
        return None
    return Match(role, tuple(windows), tuple(kernels), bias)


def _is_window(one: Reference, other: Reference, is_activation: IsActivation) -> bool:
    """Whether `one` is the window of a product: it moves, or else it is computed."""
    if is_still(one) != is_still(other):
        return is_still(other)
    return is_activation(one) or not is_activation(other)
