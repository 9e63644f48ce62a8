"""Windows times kernels, summed over channels: what convolutions of every kind spell."""

from __future__ import annotations

from xlconv.layers.base.layer import OUTPUT
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.products import Reference, is_still, products, tables
from xlconv.spreadsheet.formula import Node, Ref


def weighted_windows(tree: Node, is_activation: IsActivation) -> Match | None:
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
    return Match(OUTPUT, tuple(windows), tuple(kernels), bias)


def _is_window(one: Reference, other: Reference, is_activation: IsActivation) -> bool:
    """Whether `one` is the window of a product: it moves, or else it is computed."""
    if is_still(one) != is_still(other):
        return is_still(other)
    return is_activation(one) or not is_activation(other)
