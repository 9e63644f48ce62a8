"""A right formula -> the wrong ones that students write for it, as formulas of the same cells.

A window that is one off, a mean for a maximum, no bias. Which of their numbers look right is for
others to find out; knows no layer and no value.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from xlconv.classroom.exercises.tasks.mistakes import misread, with_part
from xlconv.spreadsheet.formula import Area, Axis, Call, Node, Number, Ref, corners
from xlconv.spreadsheet.formula.nodes import children, every, with_children

_MOVES = ((0, -1), (0, 1), (-1, 0), (1, 0))
_FOR_A_WINDOW = ("AVERAGE", "MAX", "MIN", "SUM")


def lookalikes(tree: Node) -> Iterator[Node]:
    """Yield what one may write instead of a formula, all of its windows moved together."""
    areas = [one for one in every(tree) if isinstance(one, Area)]
    if any(_moves(one) for one in areas):
        for down, right in _MOVES:
            if all(_is_on_sheet(one, down, right) for one in areas if _moves(one)):
                yield _each(tree, lambda one, d=down, r=right: _moved(one, d, r))
        yield _each(tree, _standing_still)
    if any(not _moves(one) for one in areas):
        yield _each(tree, _sliding)
    for part in every(tree):
        for _, other in misread(part):
            yield with_part(tree, part, other)
        for other in _misused(part):
            yield with_part(tree, part, other)


def _misused(part: Node) -> Iterator[Node]:
    """Yield other functions of the same cells, but for those that `misread` has."""
    match part:
        case Call("MAX", (Number(0.0), inner) | (inner, Number(0.0))):
            yield Call("MIN", (Number(0.0), inner))
        case Call(("MAX" | "MIN" | "AVERAGE") as name, (Area(),) as inside):
            known = {other.name for _, other in misread(part) if isinstance(other, Call)}
            for other in _FOR_A_WINDOW:
                if other != name and other not in known:
                    yield Call(other, inside)


def _each(tree: Node, change: object) -> Node:
    """Return a tree with every area changed."""
    assert callable(change)
    if isinstance(tree, Area):
        changed: Node = change(tree)
        return changed
    if isinstance(tree, Ref):
        return tree
    return with_children(tree, tuple(_each(one, change) for one in children(tree)))


def _moves(area: Area) -> bool:
    axes = (axis for end in corners(area) for axis in (end.row, end.column))
    return any(axis.by_row or axis.by_column for axis in axes)


def _is_on_sheet(area: Area, down: int, right: int) -> bool:
    return area.first.row.at(0, 0) + down >= 0 and area.first.column.at(0, 0) + right >= 0


def _moved(area: Area, down: int, right: int) -> Area:
    if not _moves(area):
        return area
    first, last = (_shifted(end, down, right) for end in (area.first, area.last))
    return Area(first, last)


def _standing_still(area: Area) -> Area:
    """Return the window of the first cell, for every cell: a `$` too many."""
    first, last = (
        replace(end, row=Axis(end.row.at(0, 0)), column=Axis(end.column.at(0, 0)))
        for end in (area.first, area.last)
    )
    return Area(first, last)


def _sliding(area: Area) -> Area:
    """Return a kernel that moves with the cell: a `$` is missing."""
    if _moves(area):
        return area
    first, last = (
        replace(
            end, row=replace(end.row, by_row=1, absolute=False),
            column=replace(end.column, by_column=1, absolute=False),
        )
        for end in (area.first, area.last)
    )  # fmt: skip
    return Area(first, last)


def _shifted(one: Ref, down: int, right: int) -> Ref:
    return replace(
        one, row=replace(one.row, offset=one.row.offset + down),
        column=replace(one.column, offset=one.column.offset + right),
    )  # fmt: skip
