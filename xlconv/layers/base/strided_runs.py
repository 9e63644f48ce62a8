"""Splits a list of groups of cells into runs that move by the same step. Knows no formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from xlconv.spreadsheet.addresses import Cell


class Run(Struct, frozen=True):
    """Groups `start` to `start + count - 1`; each is `step` further than the one before."""

    start: int
    count: int
    step: Cell


def runs(groups: Sequence[tuple[Cell, ...]]) -> Iterator[Run]:
    """Yield the longest runs in order; a group is the cells that must move together."""
    start = 0
    while start < len(groups):
        step, end = (0, 0), start + 1
        if end < len(groups):
            found = _step(groups[start], groups[end])
            while found is not None and end < len(groups):
                if _step(groups[end - 1], groups[end]) != found:
                    break
                step, end = found, end + 1
        yield Run(start, end - start, step)
        start = end


def _step(before: tuple[Cell, ...], after: tuple[Cell, ...]) -> Cell | None:
    steps = {(b[0] - a[0], b[1] - a[1]) for a, b in zip(before, after, strict=True)}
    return steps.pop() if len(steps) == 1 else None
