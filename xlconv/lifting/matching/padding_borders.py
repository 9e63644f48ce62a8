"""Cells that repeat the plane they stand around: a border, as padding modes have it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xlconv.layers.base.padding_modes import repeat_of
from xlconv.lifting.matching.draft import MOST_PADDING, Draft
from xlconv.lifting.matching.input_tensors import input_of, plane_around
from xlconv.lifting.matching.tensors import Repeated
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Ref
from xlconv.spreadsheet.values import BLANK, NUMBER


def taken_as_border(draft: Draft, k: int) -> bool:
    """Take a block that repeats the plane it stands beside as a part of its border."""
    unit = draft.blocks[k]
    for index, tensor in enumerate(draft.lifted.tensors if isinstance(unit.tree, Ref) else ()):
        for number, plane in enumerate(tensor.planes if tensor.sheet == unit.sheet else ()):
            near = plane.range.grown(*(MOST_PADDING * step for step in _both(plane.step)))
            if (
                near.holds(unit.lattice.range)
                and not tensor.is_vector
                and _is_beside(draft, unit, plane)
            ):
                found = _repeated(draft, k, number, plane)
                if found is not None:
                    _take(draft, index, found)
                    return True
    return False


def bordered_input(draft: Draft, sheet: int, areas: list[Range]) -> int | None:
    """Return an input that stands in a border, where windows read both; None if it is none.

    Nothing but its border tells numbers and the formulas that repeat them apart.
    """
    whole = [_inside(draft, sheet, area) for area in areas]
    inner = [plane for plane in whole if plane is not None]
    if len(inner) < len(areas):
        return None
    found = [
        _repeated(draft, k, number, plane)
        for number, (area, plane) in enumerate(zip(areas, inner, strict=True))
        for k in draft.touched(sheet, area)
    ]
    border = [one for one in found if one is not None]
    if len(border) < len(found):
        return None
    source, planes = input_of(draft, sheet, [plane.range for plane in inner])
    if source is None or planes != inner:
        return None
    tensor = draft.lifted.tensors[source]
    for one in border:
        number = tensor.planes.index(inner[one.plane])
        _take(draft, source, replace(one, plane=number))
        draft.lifted.unlifted.pop(one.block, None)
    return source


def forget_borders(draft: Draft, first: int) -> None:
    """Give back the cells that were borders of inputs from the first of some tensors on."""
    for tensor in draft.lifted.tensors[first:]:
        for one in tensor.border:
            draft.aside.discard(one.block)
            draft.lifted.unlifted[one.block] = "no layer is spelled this way"
            draft.touching.clear()


def _inside(draft: Draft, sheet: int, area: Range) -> Plane | None:
    """Return the plain numbers within an area."""
    if area.top < 0 or area.left < 0:
        return None
    plain = draft.calculation.grids[sheet].region(area)[1] == NUMBER
    for k in draft.touched(sheet, area):
        rows, columns = draft.blocks[k].lattice.cells()
        rows, columns = np.asarray(rows) - area.top, np.asarray(columns) - area.left
        (height, width) = plain.shape
        on = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        plain[rows[on], columns[on]] = False
    return plane_around(plain, area)


def _repeated(draft: Draft, k: int, number: int, plane: Plane) -> Repeated | None:
    unit = draft.blocks[k]
    if not isinstance(unit.tree, Ref) or unit.tree.sheet is not None or unit.spills:
        return None
    found = repeat_of(unit.tree, unit.lattice, plane)
    return None if found is None else Repeated(k, unit.lattice, number, *found)


def _is_beside(draft: Draft, unit: FormulaBlock, plane: Plane) -> bool:
    """Whether no blank cell lies between a block and a plane."""
    one, other = unit.lattice.range, plane.range
    top, bottom = _between((one.top, one.bottom), (other.top, other.bottom))
    left, right = _between((one.left, one.right), (other.left, other.right))
    kinds = draft.calculation.grids[unit.sheet].region(Range(top, left, bottom, right))[1]
    return bool((kinds[:: plane.step[0], :: plane.step[1]] != BLANK).all())


def _between(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Return where two spans face each other: the end of the first, the begin of the second."""
    first, second = sorted((one, other))
    return min(first[1], second[0]), max(min(first[1], second[0]), second[0])


def _take(draft: Draft, tensor: int, one: Repeated) -> None:
    draft.lifted.tensors[tensor].border.append(one)
    draft.aside.add(one.block)  # of no interest to those who look for blocks
    draft.touching.clear()


def _both(step: tuple[int, int]) -> tuple[int, int, int, int]:
    return step[0], step[0], step[1], step[1]
