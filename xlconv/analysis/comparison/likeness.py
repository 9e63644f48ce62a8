"""Which layers of two networks, and which networks of two workbooks, stand for each other.

Layers keep their order, and only those of one kind are ever paired: first by what they compute
(parameters, options, shapes), then by what they read, and by their names at last. Names no layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from xlconv.network.network import Network

# How much speaks for a pair: the same parameters more than all that can be had by chance.
_KIND, _PARAMETERS, _SHAPES, _OPTIONS, _READS, _NAME = 4, 12, 2, 2, 2, 1

Pair = tuple[int | None, int | None]


def paired_layers(one: Network, other: Network) -> list[Pair]:
    """Return the layers that stand for each other, in order; None where one has no other."""
    best, likely = _alignment(one, other)
    i, j, found = len(one.layers), len(other.layers), list[Pair]()
    while i or j:
        if i and j and likely[i - 1][j - 1] and best[i, j] == (
            best[i - 1, j - 1] + likely[i - 1][j - 1]
        ):  # fmt: skip
            i, j = i - 1, j - 1
            found.append((i, j))
        elif j and best[i, j] == best[i, j - 1]:
            j -= 1
            found.append((None, j))
        else:
            i -= 1
            found.append((i, None))
    return found[::-1]


def paired_networks(before: Sequence[Network], after: Sequence[Network]) -> list[Pair]:
    """Return the networks that stand for each other, in the first workbook's order; new ones last.

    The most alike come together first; of several that are, those as long and in the same place.
    """
    alike = {
        (k, number): float(_alignment(one, other)[0][-1, -1])
        for (k, one), (number, other) in product(enumerate(before), enumerate(after))
    }

    def rank(pair: tuple[int, int]) -> tuple[float, int, int, tuple[int, int]]:
        k, number = pair
        unlike = abs(len(before[k].layers) - len(after[number].layers))
        return -alike[pair], unlike, abs(k - number), pair

    ordered = sorted(alike, key=rank)
    partner: dict[int, int] = {}
    for k, number in ordered:
        if k not in partner and number not in partner.values() and alike[k, number]:
            partner[k] = number
    new = (number for number in range(len(after)) if number not in partner.values())
    return [*((k, partner.get(k)) for k in range(len(before))), *((None, one) for one in new)]


def _alignment(one: Network, other: Network) -> tuple[np.ndarray, list[list[int]]]:
    """Return the most that the first i and j layers have in common, and what each pair has."""
    likely = [[_likeness(one, i, other, j) for j in range(len(other.layers))]
              for i in range(len(one.layers))]  # fmt: skip
    best = np.zeros((len(one.layers) + 1, len(other.layers) + 1), np.int64)
    for i, row in enumerate(likely, 1):
        for j, common in enumerate(row, 1):
            together = best[i - 1, j - 1] + common if common else 0
            best[i, j] = max(best[i - 1, j], best[i, j - 1], together)
    return best, likely


def _likeness(one: Network, i: int, other: Network, j: int) -> int:
    """Return how much speaks for a pair of layers, 0 where they are of two kinds."""
    was, now = one.layers[i], other.layers[j]
    if type(was) is not type(now):
        return 0
    old, new = was.parameters(), now.parameters()
    shapes = {key: value.shape for key, value in old.items()}
    has_shapes = shapes == {key: value.shape for key, value in new.items()}
    is_same = bool(old) and has_shapes and all(np.array_equal(old[key], new[key]) for key in old)
    reads = list(_kinds_read(one, i)) == list(_kinds_read(other, j))
    return (
        _KIND
        + _PARAMETERS * is_same
        + _SHAPES * (has_shapes and one.shapes[i + 1] == other.shapes[j + 1])
        + _OPTIONS * (was.options() == now.options())
        + _READS * reads
        + _NAME * (one.names[i] == other.names[j])
    )


def _kinds_read(network: Network, k: int) -> Iterator[type | None]:
    for source in network.sources[k]:
        yield type(network.layers[source - 1]) if source else None
