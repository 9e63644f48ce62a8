"""Which lines of a block are samples: each row of it, each column, or none of them.

A product of two matrices has samples in the lines of either. What is computed is no weight,
what reads a layer says how its units stand, and a bias is each unit's own. Where nothing
tells, weights stand to the left of inputs. Only places and trees, and ones that are typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from xlconv.layers.base.products import Reference
from xlconv.lifting.matching.block_matches import tree_of
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.samples.batch_products import BatchProduct, batch_product
from xlconv.lifting.matching.samples.ones import ones_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import corners, references


class SampleAxes(Struct, frozen=True):
    """The axis of samples by block, and the blocks that are sums of products among them."""

    axes: Mapping[int, int]
    products: Mapping[int, BatchProduct]


def sample_axes(draft: Draft, order: Sequence[int]) -> SampleAxes:
    """Return the blocks of some, what is read before what reads it, that are batches."""
    products = dict(_products(draft, order))
    axes: dict[int, int] = {}
    for k, product in products.items():
        axis = _axis_of_computed(draft, k, product)
        if axis is not None and k not in axes:
            axes[k] = axis
            _spread_back(draft, products, axes, k)
    if not products:
        return SampleAxes({}, {})
    for k in order:
        if k not in axes:
            axis = _next_axis(draft, products, axes, k)
            if axis is not None:
                axes[k] = axis
                _spread_back(draft, products, axes, k)
    return SampleAxes(axes, {k: one for k, one in products.items() if k in axes})


def _products(draft: Draft, order: Iterable[int]) -> Iterator[tuple[int, BatchProduct]]:
    for k in order:
        block = draft.index.blocks[k]
        shape = block.lattice.shape
        tree = tree_of(block) if block.tree is not None and shape != (1, 1) else None
        found = None if tree is None else batch_product(tree, block.lattice)
        if found is not None and found.axes:
            yield k, found


def _axis_of_computed(draft: Draft, k: int, product: BatchProduct) -> int | None:
    """Return the axis of a product with units of which one operand is computed."""
    if min(product.shape) < 2:
        return None  # one unit may be a window that moves over a plane
    found = [axis for axis in product.axes if _is_computed(draft, k, product, axis)]
    return found[0] if len(found) == 1 else None


def _is_computed(draft: Draft, k: int, product: BatchProduct, axis: int) -> bool:
    """Whether the samples along an axis are computed, and no weight is."""
    block, roles = draft.index.blocks[k], product.roles(axis) or []
    return all(draft.is_activation(block, one.sample) for one in roles) and not any(
        draft.index.read(block, one.weights) for one in roles
    )


def _spread_back(
    draft: Draft, products: Mapping[int, BatchProduct], axes: dict[int, int], start: int
) -> None:
    """Set the axis of what a block reads sample by sample, and of what that reads."""
    waiting = [start]
    while waiting:
        k = waiting.pop()
        axis, block = axes[k], draft.index.blocks[k]
        for reference in _samples_read(block, products.get(k), axis):
            for p in draft.index.read(block, reference):
                if p in axes or not _is_line_by_line(reference, draft.index.blocks[p], block, axis):
                    continue
                if p in products and products[p].roles(axis) is None:
                    continue
                axes[p] = axis
                waiting.append(p)


def _samples_read(
    block: FormulaBlock, product: BatchProduct | None, axis: int
) -> Iterator[Reference]:
    if product is not None:
        yield from (one.sample for one in product.roles(axis) or [])
        return
    tree = tree_of(block) if block.tree is not None else None
    yield from references(tree) if tree is not None else ()


def _next_axis(
    draft: Draft, products: Mapping[int, BatchProduct], axes: Mapping[int, int], k: int
) -> int | None:
    """Return the axis of a block by what it reads, or by itself; None where it has none."""
    product, block = products.get(k), draft.index.blocks[k]
    for axis in (1, 0) if product is None else product.axes:
        read = [
            (reference, p) for reference in _samples_read(block, product, axis)
            for p in draft.index.read(block, reference)
        ]  # fmt: skip
        known = [(reference, p) for reference, p in read if axes.get(p) == axis]
        if known and all(
            _is_line_by_line(reference, draft.index.blocks[p], block, axis)
            for reference, p in known
        ):
            return axis
    return None if product is None else _own_axis(draft, k, product)


def _own_axis(draft: Draft, k: int, product: BatchProduct) -> int | None:
    """Return the axis of a product of plain numbers, by its bias or by ones; or else the usual."""
    block = draft.index.blocks[k]
    plain = [
        axis for axis in product.axes
        if not any(draft.index.read(block, end) for one in product.roles(axis) or [] for end in one)
    ]  # fmt: skip
    if not plain:
        return None
    for axis in plain:
        if ones_of(draft, block, product.roles(axis) or []) is not None:
            return axis
    has_units = min(product.shape) > 1
    return plain[0] if has_units or product.bias is not None else None


def _is_line_by_line(
    reference: Reference, source: FormulaBlock, reader: FormulaBlock, axis: int
) -> bool:
    """Whether each line of a reader along an axis reads one line of a block, in their order."""
    first, last = corners(reference)
    ends = [(one.row, one.column)[axis] for one in (first, last)]
    step, count = source.lattice.step[axis], reader.lattice.shape[axis]
    moves = {(one.by_row, one.by_column)[axis] for one in ends}
    begins, odd = divmod(ends[0].offset - source.lattice.origin[axis], step)
    is_within = 0 <= begins <= source.lattice.shape[axis] - count
    return (
        ends[0].offset == ends[1].offset and moves == {step} and not odd and is_within and count > 1
    )
