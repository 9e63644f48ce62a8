"""Ranges of plain numbers that blocks read -> input tensors."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array
from xlconv.layers.base.products import is_still
from xlconv.layout.naming_convention import INPUT, plane_name
from xlconv.lifting.matching.block_matches import matches_of
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.parameters import with_holes
from xlconv.lifting.matching.relative_geometry import plane_around
from xlconv.lifting.matching.tensors import Tensor
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.values import BLANK, NUMBER
from xlconv.spreadsheet.workbook import DefinedNames, Kind, Sheet

# A label that states the size of a plane stands at most so many rows above it.
_LABEL_ROWS = 3
# A frame of so many cells is one though a cell of it is odd.
_SURE_FRAME = 8
_SIZE = re.compile(r"\b([0-9]{1,5}) ?[x×] ?([0-9]{1,5})\)?\s*$")


def with_declared_input(draft: Draft, labelled: DefinedNames = ()) -> Draft:
    """Take the planes named input_0, input_1, ... as one input, as our own files have them.

    `labelled` are names that labels give to planes.
    """
    book = draft.calculation.workbook
    names = (*book.names, *labelled)
    named = {name: ranges[0] for name, ranges in names if len(ranges) == 1}
    possible = (plane_name(INPUT, k) for k in range(len(named)))
    found = [named[name] for name in possible if name in named]
    homes, sizes = {home for home, _ in found}, {area.size for _, area in found}
    if len(homes) != 1 or len(sizes) != 1:
        return draft
    sheets = [one.name for one in book.sheets]
    sheet = sheets.index(next(iter(homes))) if homes <= set(sheets) else -1
    areas = [area for _, area in found]
    if sheet < 0 or any(draft.index.touched(sheet, area) for area in areas):
        return draft
    planes = tuple(Plane((area.top, area.left), area.size) for area in areas)
    tensor = Tensor(sheet, planes, (len(planes), *areas[0].size))
    return replace(_with_input(draft, tensor, list(planes)), declared=1)


def with_inputs(draft: Draft, ready: list[int]) -> Draft:
    """Join the ranges of plain numbers that blocks read, where they are mostly the same.

    A plane whose windows are off by one still reads the same input.
    """
    blocks = draft.index.blocks
    read = {
        (sheet_of(window, blocks[k].sheet), range_reached(window, blocks[k].lattice.shape))
        for k in ready
        for match in matches_of(draft, k)
        for window in match.formula.windows
        if not is_still(window)
    }
    inputs = list(draft.inputs)
    for sheet, area in sorted(read, key=str):
        if area.top < 0 or area.left < 0 or draft.before_input(sheet, area):
            continue
        whole, kept = area, []
        for home, other in inputs:
            if home == sheet and whole.is_mostly(other):
                whole = whole.union(other)
            else:
                kept.append((home, other))
        inputs = [*kept, (sheet, whole)]
    return replace(draft, inputs=tuple(inputs))


def input_of(draft: Draft, sheet: int, areas: list[Range]) -> tuple[Draft, int | None, list[Plane]]:
    """Return the input whose planes the areas are read from; a new one is in the draft returned."""
    found = [_input_plane(draft, sheet, area) for area in areas]
    planes = [plane for plane in found if plane is not None]
    if len(planes) < len(found):
        return draft, None, []
    planes = _without_frames(draft, sheet, planes)
    order, sizes = sorted(map(_key_of, planes)), {plane.shape for plane in planes}
    for k, tensor in enumerate(draft.lifted.tensors):
        same = tensor.sheet == sheet and sorted(map(_key_of, tensor.planes)) == order
        if tensor.source < 0 and same and {one.shape for one in tensor.planes} == sizes:
            return draft, k, planes
    if len(sizes) != 1 or len(set(order)) != len(planes):
        return draft, None, []
    # Channels in the order in which people read: down, then to the right.
    channels = tuple(sorted(planes, key=lambda plane: plane.origin[::-1]))
    made = Tensor(sheet, channels, (len(planes), *planes[0].shape))
    return _with_input(draft, made, planes), len(draft.lifted.tensors), planes


def _with_input(draft: Draft, tensor: Tensor, planes: list[Plane]) -> Draft:
    return with_holes(draft.with_tensor(tensor), tensor.sheet, planes, "the input")


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
    plane = plane_around(kinds == NUMBER, area)  # there may be a frame of texts, or nothing
    if plane is None or min(plane.shape) < 2:
        return plane
    _, kinds = draft.calculation.grids[sheet].region(plane.range)
    there = kinds != BLANK
    # What a blank line divides is several planes, not one.
    return plane if there.any(axis=0).all() and there.any(axis=1).all() else None


def _without_frames(draft: Draft, sheet: int, planes: list[Plane]) -> list[Plane]:
    """Return planes of numbers without lines of zeros around them, where a label says their size.

    Nothing else tells a frame of zeros from a dark edge of the picture.
    """
    if len({one.shape for one in planes}) != 1:
        return planes
    regions = (draft.calculation.grids[sheet].region(one.range)[0] for one in planes)
    numbers = np.sum([np.abs(one) for one in regions], axis=0)
    book = draft.calculation.workbook.sheets[sheet]
    for size in (size for one in planes for size in _sizes_above(book, one.range)):
        before = _frame_before(numbers, size)
        if before is not None:
            return [Plane(one.cell(*before), size) for one in planes]
    return planes


def _frame_before(numbers: Array, size: tuple[int, int]) -> tuple[int, int] | None:
    """Return how many rows and columns of a frame of zeros lie before what is of a size.

    As evenly as can be, as padding has it; one cell of the frame may be odd.
    """
    more = [have - want for have, want in zip(numbers.shape, size, strict=True)]
    if min(more) < 0 or not any(more):
        return None
    bright, (height, width) = numbers != 0, size
    odd = {
        (down, right): int(bright.sum() - bright[down : down + height, right : right + width].sum())
        for down in _splits(more[0]) for right in _splits(more[1])
    }  # fmt: skip
    best = min(odd, key=lambda one: odd[one])
    frame = numbers.size - height * width
    return best if odd[best] == 0 or (odd[best] == 1 and frame >= _SURE_FRAME) else None


def _splits(count: int) -> list[int]:
    """Return how many of so many lines may be the first ones: as evenly as can be."""
    return sorted(range(count + 1), key=lambda one: (abs(2 * one - count), -one))


def _sizes_above(sheet: Sheet, area: Range) -> Iterator[tuple[int, int]]:
    """Yield the sizes that labels just above an area end in, from the nearest on."""
    above = (sheet.kinds == Kind.TEXT) & (sheet.rows >= area.top - _LABEL_ROWS)
    above &= (sheet.rows < area.top) & (sheet.columns >= area.left) & (sheet.columns <= area.right)
    for index in np.flatnonzero(above).tolist()[::-1]:
        stated = _SIZE.search(sheet.texts[index])
        if stated is not None:
            yield int(stated[1]), int(stated[2])


def _key_of(plane: Plane) -> tuple[int, int]:
    return plane.origin
