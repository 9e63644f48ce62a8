"""Planes that are said to be in the same cells: one was dragged over the other.

Only geometry and names of an intention, words out. Whether that does harm is not told here:
asked for cells that are known to be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from xlconv.layout.naming_convention import INPUT
from xlconv.layout.stages import Stage
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.causes.cell_ranges import PLANE, WEIGHT, NamedRange, named_ranges_of
from xlconv.verification.intended.intention import Intention


def shared_cells(intention: Intention, stage: Stage) -> str:
    """Return which two ranges that a stage writes or reads share cells; "" where none do."""
    own = [one for one in named_ranges_of(intention) if one.owner in _owners(intention, stage)]
    for one, other in combinations(own, 2):
        if _overlap(one.plane, other.plane):
            what = _kind(one) if one.kind == other.kind else "ranges"
            where = f"both in {one.area.name}" if one.area == other.area else (
                f"in {one.area.name} and {other.area.name}"
            )  # fmt: skip
            return f"the {what} {one.name} and {other.name} are {where}, one over the other"
    return ""


def _owners(intention: Intention, stage: Stage) -> set[str]:
    names = (INPUT, *intention.network.names)
    return {names[k] for k in stage.sources} | set(names[stage.first + 1 : stage.last + 2])


def _kind(one: NamedRange) -> str:
    return {PLANE: "planes", WEIGHT: "kernels"}.get(one.kind, "parameters")


def _overlap(one: Plane, other: Plane) -> bool:
    return all(set(a) & set(b) for a, b in zip(_lines(one), _lines(other), strict=True))


def _lines(plane: Plane) -> Iterator[range]:
    """Yield the rows, then the columns that a plane has cells in."""
    for begin, count, step in zip(plane.origin, plane.shape, plane.step, strict=True):
        yield range(begin, begin + count * step, step)
