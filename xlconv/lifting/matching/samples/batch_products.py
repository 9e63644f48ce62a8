"""A block as a sum of products of two operands, where either may be samples side by side.

One operand has the sample of the cell's row or column, the other the weights of the unit.
Only trees; where the operands point is not looked at.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from xlconv.layers.base.products import Pair, Reference, products
from xlconv.lifting.matching.block_matches import without_activations
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Node, Ref, corners

Size = tuple[int, int]


class Roles(NamedTuple):
    """The operands of a product: a sample (or a part of one), and the weights it meets."""

    sample: Reference
    weights: Reference


class BatchProduct(Struct, frozen=True):
    """What the cells of a block sum up, and the bias that they add."""

    shape: Size
    step: Size  # between its cells
    pairs: tuple[Pair, ...]
    bias: Ref | None

    def roles(self, axis: int) -> list[Roles] | None:
        """Return the operands where each line along an axis is a sample, None where it is not.

        Axis 1 has a sample in each column, axis 0 one in each row.
        """
        if self.shape[axis] < 2 or (self.bias is not None and self._moves(self.bias)[axis]):
            return None
        found = [self._of(pair, axis) for pair in self.pairs]
        known = [one for one in found if one is not None]
        entries = sum(size[0] * size[1] for size in (size_of(one.sample) for one in known))
        return known if len(known) == len(found) and entries > 1 else None

    @property
    def axes(self) -> list[int]:
        """The axes along which samples may stand."""
        return [axis for axis in (1, 0) if self.roles(axis) is not None]

    def _of(self, pair: Pair, axis: int) -> Roles | None:
        has_units = self.shape[1 - axis] > 1  # each with weights of its own
        for sample, weights in ((pair.one, pair.other), (pair.other, pair.one)):
            by_sample, by_unit = self._moves(sample), self._moves(weights)
            fits = by_sample[axis] and not by_sample[1 - axis] and not by_unit[axis]
            # The sums of samples are as far from each other as the samples.
            fits = fits and self._is_beside(sample, axis)
            if fits and by_unit[1 - axis] == has_units and size_of(sample)[axis] == 1:
                return Roles(sample, weights)
        return None

    def _is_beside(self, sample: Reference, axis: int) -> bool:
        first, _ = corners(sample)
        return (first.row.by_row, first.column.by_column)[axis] == self.step[axis]

    def _moves(self, reference: Reference) -> tuple[bool, bool]:
        """Return whether a reference moves with the row of the cell, and with its column."""
        axes = [axis for end in corners(reference) for axis in (end.row, end.column)]
        return (
            self.shape[0] > 1 and any(axis.by_row for axis in axes),
            self.shape[1] > 1 and any(axis.by_column for axis in axes),
        )


def batch_product(tree: Node, lattice: Plane) -> BatchProduct | None:
    """Return the sum of products that each cell of a lattice computes, None where it is none.

    An activation may be around it.
    """
    found = products(tree) or products(without_activations(tree))
    if found is None or len(found.others) > 1:
        return None
    bias = found.others[0] if found.others else None
    if bias is not None and not isinstance(bias, Ref):
        return None
    return BatchProduct(lattice.shape, lattice.step, tuple(found.pairs), bias)


def size_of(reference: Reference) -> Size:
    """Return how many rows and columns a reference has."""
    first, last = corners(reference)
    return (
        last.row.offset - first.row.offset + 1,
        last.column.offset - first.column.offset + 1,
    )
