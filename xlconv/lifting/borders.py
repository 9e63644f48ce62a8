"""Blocks that repeat the plane they stand around -> its border, odd cells of it included."""

from __future__ import annotations

from functools import reduce

import numpy as np

from xlconv.calculation import Unit
from xlconv.formula import Ref
from xlconv.lifting.draft import MOST_PADDING, Draft
from xlconv.mirror import repeat_of, repeated_at
from xlconv.refs import Range, name_of
from xlconv.tensors import Repeated, Stray, Tensor


def take_borders(draft: Draft, waiting: list[int]) -> list[int]:
    """Take the blocks that are borders of tensors; return the others."""
    left = [k for k in waiting if not _is_border(draft, k)]
    return [k for k in left if not _is_odd(draft, k)]


def _is_border(draft: Draft, k: int) -> bool:
    """Take a block that repeats the plane it stands beside as a part of its border."""
    unit = draft.units[k]
    if not isinstance(unit.tree, Ref) or unit.tree.sheet is not None or unit.spills:
        return False
    for tensor in draft.lifted.tensors:
        for number, plane in enumerate(tensor.planes if tensor.sheet == unit.sheet else ()):
            near = plane.range.grown(*(MOST_PADDING * step for step in _both(plane.step)))
            if near.holds(unit.lattice.range) and not tensor.is_vector:
                found = repeat_of(unit.tree, unit.lattice, plane)
                if found is not None:
                    _take(draft, tensor, Repeated(k, unit.lattice, number, *found))
                    return True
    return False


def _is_odd(draft: Draft, k: int) -> bool:
    """Take a lone reference within a border as a cell of it that points elsewhere."""
    unit = draft.units[k]
    if not isinstance(unit.tree, Ref) or unit.lattice.shape != (1, 1):
        return False
    for tensor in draft.lifted.tensors:
        if tensor.sheet != unit.sheet or not tensor.mode:
            continue
        for number, plane in enumerate(tensor.planes):
            found = _within(tensor, number, unit, k)
            if found is not None:
                expected = f"={name_of(plane.cell(int(found.rows[0]), int(found.columns[0])))}"
                stray = Stray(unit.sheet, unit.lattice.origin, expected, plane.range.name)
                draft.lifted.strays.append(stray)
                _take(draft, tensor, found)
                return True
    return False


def _within(tensor: Tensor, number: int, unit: Unit, k: int) -> Repeated | None:
    """Return what a cell of the border around a plane should repeat; None if it is no such."""
    plane, area = tensor.planes[number], unit.lattice.range
    drawn = [one.lattice for one in tensor.border if one.plane == number]
    frame = reduce(Range.union, (one.range for one in drawn), plane.range)
    if not frame.holds(area) or plane.range.overlaps(area):
        return None
    places, rest = zip(*(
        divmod(at - start, step)
        for at, start, step in zip(unit.lattice.origin, plane.origin, plane.step, strict=True)
    ), strict=True)  # fmt: skip
    rows, columns = (
        repeated_at(tensor.mode, size, np.array([at]))
        for at, size in zip(places, plane.shape, strict=True)
    )
    if any(rest) or min(int(rows[0]), int(columns[0])) < 0:
        return None
    return Repeated(k, unit.lattice, number, rows, columns, frozenset({tensor.mode}))


def _take(draft: Draft, tensor: Tensor, one: Repeated) -> None:
    tensor.border.append(one)
    draft.aside.add(one.unit)
    draft.touching.clear()


def _both(step: tuple[int, int]) -> tuple[int, int, int, int]:
    return step[0], step[0], step[1], step[1]
