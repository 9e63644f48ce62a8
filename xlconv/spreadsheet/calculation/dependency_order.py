"""The order of calculation: what is read comes before what reads it.

Blocks that read each other come together, as one knot. Looks only at where blocks stand
and which ranges they read, never at formulas or values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Protocol

from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.plane import Plane

# Between the blocks of a workbook; those of a network have a few each.
MOST_EDGES = 2_000_000


class ReadsRanges(Protocol):
    """Cells on a sheet that read ranges of cells."""

    sheet: int
    lattice: Plane
    reads: tuple[tuple[int, Range], ...]


def ordered(blocks: Sequence[ReadsRanges]) -> list[list[int]]:
    """Return the blocks in order of dependency; those that depend on each other together.

    All are together where nearly each of very many depends on nearly each.
    """
    index = AreaIndex((one.sheet, one.lattice.range) for one in blocks)
    holders = cache(index.touching)
    edges: list[list[int]] = []
    total = 0
    for block in blocks:
        edges.append(sorted({k for read in block.reads for k in holders(*read)}))
        total += len(edges[-1])
        if total > MOST_EDGES:
            return [list(range(len(blocks)))]  # no order to be found in reasonable time
    return list(components(edges))


def components(edges: list[list[int]]) -> Iterator[list[int]]:
    """Yield the strongly connected components, dependencies first (Tarjan, without recursion)."""
    count = 0
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    for root in range(len(edges)):
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = count
        count += 1
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            step = next(rest, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = []
                    while True:
                        last = stack.pop()
                        on_stack.discard(last)
                        component.append(last)
                        if last == node:
                            break
                    yield component
            elif step not in index:
                index[step] = low[step] = count
                count += 1
                stack.append(step)
                on_stack.add(step)
                work.append((step, iter(edges[step])))
            elif step in on_stack:
                low[node] = min(low[node], index[step])
