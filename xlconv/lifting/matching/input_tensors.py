"""Ranges of plain numbers that blocks read -> input tensors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xlconv.layers.base.products import is_still
from xlconv.layout.naming_convention import INPUT, plane_name
from xlconv.lifting.matching.block_matches import matches_of
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.tensors import Tensor
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.values import NUMBER


def declare_input(draft: Draft) -> None:
    """Take the planes named input_0, input_1, ... as one input, as our own files have them."""
    book = draft.calculation.workbook
    named = {name: ranges[0] for name, ranges in book.names if len(ranges) == 1}
    possible = (plane_name(INPUT, k) for k in range(len(named)))
    found = [named[name] for name in possible if name in named]
    homes, sizes = {home for home, _ in found}, {area.size for _, area in found}
    if len(homes) != 1 or len(sizes) != 1:
        return
    sheets = [one.name for one in book.sheets]
    sheet = sheets.index(next(iter(homes))) if homes <= set(sheets) else -1
    areas = [area for _, area in found]
    if sheet < 0 or any(draft.touched(sheet, area) for area in areas):
        return
    planes = tuple(Plane((area.top, area.left), area.size) for area in areas)
    draft.lifted.tensors.append(Tensor(sheet, planes, (len(planes), *areas[0].size)))
    draft.parameters.note_holes(sheet, list(planes), "the input")
    draft.declared = 1


def note_inputs(draft: Draft, ready: list[int]) -> None:
    """Join the ranges of plain numbers that blocks read, where they are mostly the same.

    A plane whose windows are off by one still reads the same input.
    """
    read = {
        (
            sheet_of(window, draft.blocks[k].sheet),
            range_reached(window, draft.blocks[k].lattice.shape),
        )
        for k in ready
        for seen in matches_of(draft, k)
        for window in seen.match.windows
        if not is_still(window)
    }
    for sheet, area in sorted(read, key=str):
        if area.top < 0 or area.left < 0 or draft.touched(sheet, area):
            continue
        whole, kept = area, []
        for home, other in draft.inputs:
            if home == sheet and whole.is_mostly(other):
                whole = whole.union(other)
            else:
                kept.append((home, other))
        draft.inputs = [*kept, (sheet, whole)]


def input_of(draft: Draft, sheet: int, areas: list[Range]) -> tuple[int | None, list[Plane]]:
    """Return the input tensor whose planes the areas are read from; make it if it is new."""
    planes = [_input_plane(draft, sheet, area) for area in areas]
    if any(plane is None for plane in planes):
        return None, []
    found = [plane for plane in planes if plane is not None]
    order, sizes = sorted(map(_key_of, found)), {plane.shape for plane in found}
    for k, tensor in enumerate(draft.lifted.tensors):
        same = tensor.sheet == sheet and sorted(map(_key_of, tensor.planes)) == order
        if tensor.source < 0 and same and {one.shape for one in tensor.planes} == sizes:
            return k, found
    if len(sizes) != 1 or len(set(order)) != len(found):
        return None, []
    n, m = found[0].shape
    # Channels in the order in which people read: down, then to the right.
    planes_ = tuple(sorted(found, key=lambda plane: plane.origin[::-1]))
    draft.lifted.tensors.append(Tensor(sheet, planes_, (len(found), n, m)))
    draft.parameters.note_holes(sheet, found, "the input")
    return len(draft.lifted.tensors) - 1, found


def _input_plane(draft: Draft, sheet: int, area: Range) -> Plane | None:
    """Return the plane of numbers within an area, as a defined name says or as they stand."""
    wider = (one for home, one in draft.inputs if home == sheet and one.holds(area))
    area = next(wider, area)
    name = draft.calculation.workbook.sheets[sheet].name
    for _, ranges in draft.calculation.workbook.names:
        for home, inner in ranges:
            if home == name and area.holds(inner) and inner.overlaps(area):
                return Plane((inner.top, inner.left), inner.size)
    _, kinds = draft.calculation.grids[sheet].region(area)
    return plane_around(kinds == NUMBER, area)  # there may be a frame of texts, or nothing


def plane_around(numbers: NDArray[np.bool_], area: Range) -> Plane | None:
    """Return the smallest plane within an area that holds all its marked cells."""
    rows, columns = np.flatnonzero(numbers.any(axis=1)), np.flatnonzero(numbers.any(axis=0))
    if not len(rows):
        return None
    origin = area.top + int(rows[0]), area.left + int(columns[0])
    return Plane(origin, (int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1))


def _key_of(plane: Plane) -> tuple[int, int]:
    return plane.origin
