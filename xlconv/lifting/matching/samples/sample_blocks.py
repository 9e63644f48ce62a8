"""Blocks of batches taken apart: a block for every sample, written with its sample first.

Each is then a vector of one sample, found like any other. Formulas are written otherwise, but
compute the same: a product with the sample first, and without the ones that it ends in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from xlconv.layers.base.match import Grouping
from xlconv.layers.base.products import Pair, Products, Reference, products
from xlconv.lifting.matching.block_matches import matches_of, tree_of, without_activations
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.parameters import with_holes
from xlconv.lifting.matching.relative_geometry import spread_plane
from xlconv.lifting.matching.samples.batch_products import Roles
from xlconv.lifting.matching.samples.ones import Ones, ones_of, strays_of, without_ones
from xlconv.lifting.matching.samples.sample_axes import SampleAxes, sample_axes
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, part, ranges_read
from xlconv.spreadsheet.formula import Binary, Call, Node, Ref, corners, plus
from xlconv.spreadsheet.formula.nodes import children, with_children
from xlconv.spreadsheet.values import Unsupported

# Samples that are told apart, in blocks all together: more are left as they stand.
_MOST_SAMPLES = 2_048


def with_samples(draft: Draft, order: Sequence[int]) -> Draft:
    """Return the draft with a block for every sample of a batch; `order` has what it reads first.

    Weights that meet ones are biases, in blocks of a single sample too.
    """
    if draft.declared:
        return draft  # names say what stands where
    found = sample_axes(draft, order)
    if (
        sum(draft.index.blocks[k].lattice.shape[axis] for k, axis in found.axes.items())
        > _MOST_SAMPLES
    ):
        return draft
    given = draft
    for k in order:
        roles = _roles(given, found, k)
        ones = ones_of(given, given.index.blocks[k], roles) if roles else None
        if k not in found.axes and ones is None:
            continue
        block = _written(given.index.blocks[k], roles, ones)
        pieces = _pieces(block, found.axes[k]) if k in found.axes else [block]
        draft = replace(draft, index=draft.index.split(k, pieces))
        draft = draft if ones is None else strays_of(draft, ones, block)
        draft = _with_units(draft, draft.index.parts[k]) if roles else draft
        draft = _with_holes(draft, given, block, roles) if k in found.axes else draft
    return draft


def _with_holes(draft: Draft, given: Draft, block: FormulaBlock, roles: Iterable[Roles]) -> Draft:
    """Return the draft with the cells of operands that hold no number, where none is computed."""
    for one in roles:
        for what, operand in (("an input", one.sample), ("the weights", one.weights)):
            if not given.index.read(block, operand):
                area = range_reached(operand, block.lattice.shape)
                plane = spread_plane(area, _steps(operand))
                try:
                    draft = with_holes(draft, sheet_of(operand, block.sheet), [plane], what)
                except Unsupported:  # a range that is too large to be looked at, or off the sheet
                    continue
    return draft


def _steps(operand: Reference) -> tuple[int, int]:
    """Return how far apart lines are that a reference goes through, down and to the right."""
    first, _ = corners(operand)
    return max(1, first.row.by_row), max(1, first.column.by_column)


def _with_units(draft: Draft, blocks: Iterable[int]) -> Draft:
    """Return the draft that takes blocks for units only: their weights are no plane."""
    found = {
        k: tuple(one for one in matches_of(draft, k) if one.formula.grouping is Grouping.UNITS)
        for k in blocks
    }
    return replace(draft, matches={**draft.matches, **found})


def _roles(draft: Draft, found: SampleAxes, k: int) -> list[Roles]:
    """Return samples and weights of a product; of one that is no batch, where one is computed."""
    if k in found.products:
        return found.products[k].roles(found.axes[k]) or []
    block = draft.index.blocks[k]
    tree = None if k in found.axes or block.tree is None else tree_of(block)
    sums = None if tree is None else products(tree) or products(without_activations(tree))
    if sums is None or sums.others:
        return []
    roles = []
    for pair in sums.pairs:
        computed = [bool(draft.index.read(block, end)) for end in (pair.one, pair.other)]
        roles.append(Roles(pair.other, pair.one) if computed == [False, True] else Roles(*pair[:2]))
    is_weight = not any(draft.index.read(block, one.weights) for one in roles)
    is_sample = any(draft.index.read(block, one.sample) for one in roles)
    return roles if is_weight and is_sample else []


def _pieces(block: FormulaBlock, axis: int) -> list[FormulaBlock]:
    rows, columns = map(range, block.lattice.shape)
    parts = (
        part(block, range(k, k + 1), columns) if axis == 0 else part(block, rows, range(k, k + 1))
        for k in range(block.lattice.shape[axis])
    )
    return [one for one in parts if one.mask.any()]


def _written(block: FormulaBlock, roles: Sequence[Roles], ones: Ones | None) -> FormulaBlock:
    """Return a block with one formula for all cells, its products with the sample first."""
    tree = tree_of(block)
    assert tree is not None
    tree = _rewritten(tree, roles, ones) if roles else tree
    reads = ranges_read(tree, block.sheet, block.lattice.shape)
    return replace(block, tree=tree, spills=False, reads=reads)


def _rewritten(tree: Node, roles: Sequence[Roles], ones: Ones | None) -> Node:
    found = products(tree)
    if found is not None:
        return plus(list(_terms(found, roles, None if found.others else ones)))
    inner = tuple(_rewritten(one, roles, ones) for one in children(tree))
    return with_children(tree, inner)


def _terms(found: Products, roles: Sequence[Roles], ones: Ones | None) -> Iterator[Node]:
    biases: list[Node] = []
    for number, (pair, role) in enumerate(zip(found.pairs, roles, strict=True)):
        one: Pair | None = pair if pair.one == role.sample else pair.swapped
        if ones is not None and ones.product == number and one is not None:
            one, bias = without_ones(one, ones.is_last)
            biases.append(bias)
        if one is not None:
            yield _term(one)
    yield from (*found.others, *biases)


def _term(pair: Pair) -> Node:
    if isinstance(pair.one, Ref) and isinstance(pair.other, Ref):
        return Binary("*", pair.one, pair.other)
    other: Node = Call("TRANSPOSE", (pair.other,)) if pair.turned else pair.other
    return Call("SUMPRODUCT", (pair.one, other))
