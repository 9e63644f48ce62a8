"""How a pattern moves from cell to cell, by vote of a few neighbours.

Cells along an axis, each with its coordinates -> the lattice's step and how far each
coordinate moves. Knows no sheet and no text, so that one odd cell is only one vote.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

# The lattice's step along an axis, and how far each coordinate moves with it.
Moves = tuple[int, tuple[int, ...]]

# Cells along an axis: where each stands, and the coordinates in its formula.
Chain = list[tuple[int, tuple[int, ...]]]

# A pattern's cells may stand so far apart, as pools on every second cell do.
WIDEST_STEP = 4

# Cells looked at on each side to guess a pattern.
SAMPLE = 5


def steps(chains: list[Chain], known: list[Moves], *, is_bare: bool) -> Moves:
    """Return the lattice's step along an axis and how far coordinates move with it, by vote.

    The first chain is the cell with its samples along the axis, the others are lines
    beside it. Of few samples, what is known of blocks alike decides if it fits them.
    """
    still = (0,) * len(chains[0][0][1])
    samples = sum(len(chain) - 1 for chain in chains)
    if not samples:
        return 1, still
    if known and samples < SAMPLE - 1:
        fitting, best = max((fits(one, chains), -k) for k, one in enumerate(known))
        if 2 * fitting >= samples:
            return known[-best]
    gaps = Counter(b[0] - a[0] for chain in chains for a, b in pairwise(chain))
    step = min(gaps, key=lambda gap: (-gaps[gap], gap))
    if step > WIDEST_STEP or (step > 1 and (samples < 2 or is_bare)):
        return 1, still  # any two cells lie on some lattice
    # Every pair votes, so that one odd cell is outvoted wherever it stands.
    votes: Counter[tuple[int, ...]] = Counter()
    for chain in chains:
        for k, a in enumerate(chain):
            for b in chain[k + 1 :]:
                times, rest = divmod(b[0] - a[0], step)
                moves = [y - x for x, y in zip(a[1], b[1], strict=True)]
                if not rest and not any(move % times for move in moves):
                    votes[tuple(move // times for move in moves)] += 1
    return (step, votes.most_common(1)[0][0]) if votes else (1, still)


def fits(moves: Moves, chains: list[Chain]) -> int:
    """Return how many samples stand where a movement from the first of their chain says."""
    step, each = moves
    count = 0
    for (start, values), *samples in chains:
        for at, found in samples:
            times, rest = divmod(at - start, step)
            count += not rest and all(
                y - x == times * move for x, y, move in zip(values, found, each, strict=True)
            )
    return count
