"""Sums of partial sums as the one sum that they are: the inverse of `layers.partial`.

Only for recognition: values come from the formulas as they stand. Names no layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from xlconv.layers.base.products import Reference, products, terms_of
from xlconv.lifting.matching.relative_geometry import placed
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import (
    Axis,
    Binary,
    Call,
    Node,
    Ref,
    Unary,
    corners,
    mapped,
    plus,
    references,
)

Read = Callable[[FormulaBlock, Reference], list[int]]


class Partial(Struct, frozen=True):
    """A partial sum that a block reads: the block that computes it, and where it stands."""

    block: int
    plane: Plane
    starts: frozenset[Ref]  # the first cells of what it multiplies

    def among(self, windows: tuple[Reference, ...]) -> tuple[int, int] | None:
        """Return which of the windows it sums, from the first to one past the last."""
        found = [k for k, one in enumerate(windows) if corners(one)[0] in self.starts]
        if not found or found != list(range(found[0], found[-1] + 1)):
            return None
        return found[0], found[-1] + 1


class Inlined(Struct, frozen=True):
    """A block's formula with its partial sums written out."""

    tree: Node
    partials: tuple[Partial, ...]


def inlined(block: FormulaBlock, blocks: Sequence[FormulaBlock], read: Read) -> Inlined | None:
    """Return the formula of a block without partial sums, None where it has none."""
    if block.tree is None or block.spills:
        return None
    partials: list[Partial] = []
    tree = _written_out(block.tree, block, blocks, read, partials)
    planes = {one.plane for one in partials}
    return Inlined(tree, tuple(partials)) if len(planes) == len(partials) > 1 else None


def _written_out(
    tree: Node,
    block: FormulaBlock,
    blocks: Sequence[FormulaBlock],
    read: Read,
    partials: list[Partial],
) -> Node:
    def inside(node: Node) -> Node:
        return _written_out(node, block, blocks, read, partials)

    match tree:
        case Binary("+", _, _):
            terms = terms_of(tree)
            if sum(isinstance(one, Ref) for one in terms) < 2:
                return tree
            return plus(list(_terms(terms, block, blocks, read, partials)))
        case Binary(operator, left, right):
            return Binary(operator, inside(left), inside(right))
        case Call(name, arguments):
            return Call(name, tuple(map(inside, arguments)))
        case Unary(operator, operand):
            return Unary(operator, inside(operand))
    return tree


def _terms(
    terms: list[Node],
    block: FormulaBlock,
    blocks: Sequence[FormulaBlock],
    read: Read,
    partials: list[Partial],
) -> Iterator[Node]:
    for term in terms:
        found = _resolved(term, block, blocks, read) if isinstance(term, Ref) else None
        if found is None:
            yield term
            continue
        partial, tree = found
        partials.append(partial)
        yield from terms_of(tree)


def _resolved(
    reference: Ref, block: FormulaBlock, blocks: Sequence[FormulaBlock], read: Read
) -> tuple[Partial, Node] | None:
    """Return the partial sum that a reference points to, as a function of the reader's cells."""
    touched = read(block, reference)
    other = blocks[touched[0]] if len(touched) == 1 else None
    if other is None or other.tree is None or other.spills or other.sheet != block.sheet:
        return None
    found = products(other.tree)
    place = placed(reference, other.lattice, block.lattice)
    if found is None or found.others or place is None:
        return None
    start, _, stride = place
    ends = [s + t * (n - 1) for s, t, n in zip(start, stride, block.lattice.shape, strict=True)]
    fits = all(0 <= s <= e < n for s, e, n in zip(start, ends, other.lattice.shape, strict=True))
    if not fits or min(stride) < 1:
        return None
    tree = mapped(other.tree, lambda one: _composed(one, start, stride))
    steps = tuple(a * b for a, b in zip(other.lattice.step, stride, strict=True))
    plane = Plane(other.lattice.cell(*start), block.lattice.shape, (steps[0], steps[1]))
    starts = frozenset(corners(one)[0] for one in references(tree))
    return Partial(touched[0], plane, starts), tree


def _composed(reference: Ref, start: tuple[int, int], stride: tuple[int, int]) -> Ref:
    """Return a reference of the cell at `start + stride * (i, j)` as one of (i, j)."""

    def axis(one: Axis) -> Axis:
        offset = one.at(*start)
        return replace(
            one, offset=offset, by_row=one.by_row * stride[0], by_column=one.by_column * stride[1]
        )

    return replace(reference, row=axis(reference.row), column=axis(reference.column))
