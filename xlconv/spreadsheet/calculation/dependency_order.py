"""The order of calculation: what is read comes before what reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane

# Between the units of a workbook; those of a network have a few each.
MOST_EDGES = 2_000_000


class ReadsRanges(Protocol):
    """Cells on a sheet that read ranges of cells."""

    sheet: int
    lattice: Plane
    reads: tuple[tuple[int, Range], ...]


def ordered(units: Sequence[ReadsRanges]) -> list[list[int]]:
    """Return the units in order of dependency; those that depend on each other together.

    All are together where nearly each of very many depends on nearly each.
    """
    areas = np.array([(u.sheet, *_corners(u.lattice.range)) for u in units], np.int64).reshape(
        -1, 5
    )
    known: dict[tuple[int, Range], list[int]] = {}

    def holders(read: tuple[int, Range]) -> list[int]:
        if read not in known:
            sheet, area = read
            touching = (
                (areas[:, 0] == sheet) & (areas[:, 1] <= area.bottom) & (areas[:, 3] >= area.top)
                & (areas[:, 2] <= area.right) & (areas[:, 4] >= area.left)
            )  # fmt: skip
            known[read] = np.flatnonzero(touching).tolist()
        return known[read]

    edges: list[list[int]] = []
    total = 0
    for unit in units:
        edges.append(sorted({k for read in unit.reads for k in holders(read)}))
        total += len(edges[-1])
        if total > MOST_EDGES:
            return [list(range(len(units)))]  # no order to be found in reasonable time
    return list(components(edges))


def _corners(area: Range) -> tuple[int, int, int, int]:
    return area.top, area.left, area.bottom, area.right


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
