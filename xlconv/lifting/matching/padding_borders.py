"""Cells that repeat the plane they stand around: a border, as padding modes have it."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from xlconv.layers.base.padding_modes import repeat_of
from xlconv.lifting.matching.draft import MOST_PADDING, Draft
from xlconv.lifting.matching.input_tensors import input_of
from xlconv.lifting.matching.relative_geometry import plane_around
from xlconv.lifting.matching.tensors import Repeated
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Ref
from xlconv.spreadsheet.values import BLANK, NUMBER

# So many times more blocks around numbers must repeat them than not.
_TRUST = 3


def with_border(draft: Draft, k: int) -> Draft:
    """Return the draft with a block as part of the border of the plane that it repeats.

    The same draft where the block stands beside none.
    """
    block = draft.index.blocks[k]
    for number, tensor in enumerate(draft.lifted.tensors if isinstance(block.tree, Ref) else ()):
        for index, plane in enumerate(tensor.planes if tensor.sheet == block.sheet else ()):
            near = plane.range.grown(*(MOST_PADDING * step for step in _both(plane.step)))
            if (
                near.holds(block.lattice.range)
                and not tensor.is_vector
                and _is_beside(draft, block, plane)
            ):
                found = _repeated(draft, k, index, plane)
                if found is not None:
                    return _with_repeated(draft, number, found)
    return draft


def bordered_input(draft: Draft, sheet: int, areas: list[Range]) -> tuple[Draft, int | None]:
    """Return an input that stands in a border, where windows read both; None if it is none.

    Nothing but its border tells numbers and the formulas that repeat them apart. Where
    the input or its border is new, it is in the draft that is returned. Windows may leave out
    its last rows and columns.
    """
    found, source = _bordered_input(draft, sheet, areas)
    wider = [_with_whole_blocks(draft, sheet, area) for area in areas] if source is None else areas
    return (found, source) if wider == areas else _bordered_input(draft, sheet, wider)


def _with_whole_blocks(draft: Draft, sheet: int, area: Range) -> Range:
    """Return an area with all of the references in it that go on below it, or to its right."""
    bottom, right = area.bottom, area.right
    for k in draft.index.touched(sheet, area):
        block = draft.index.blocks[k]
        if isinstance(block.tree, Ref):
            bottom = max(bottom, block.lattice.range.bottom)
            right = max(right, block.lattice.range.right)
    is_near = bottom - area.bottom < MOST_PADDING and right - area.right < MOST_PADDING
    return Range(area.top, area.left, bottom, right) if is_near else area


def _bordered_input(draft: Draft, sheet: int, areas: list[Range]) -> tuple[Draft, int | None]:
    whole = [_inside(draft, sheet, area) for area in areas]
    inner = [plane for plane in whole if plane is not None]
    if len(inner) < len(areas):
        return draft, None
    found = [
        _repeated(draft, k, index, plane)
        for index, (area, plane) in enumerate(zip(areas, inner, strict=True))
        for k in draft.index.touched(sheet, area)
    ]
    border = [one for one in found if one is not None]
    if _TRUST * (len(found) - len(border)) > len(border):
        return draft, None
    after, source, planes = input_of(draft, sheet, [plane.range for plane in inner])
    if source is None or planes != inner:
        return draft, None
    order = after.planes_of(source)
    for one in border:
        after = _with_repeated(after, source, replace(one, plane=order.index(inner[one.plane])))
    return after.without_unlifted(one.block for one in border), source


def _inside(draft: Draft, sheet: int, area: Range) -> Plane | None:
    """Return the plain numbers within an area."""
    if area.top < 0 or area.left < 0:
        return None
    plain = draft.calculation.grids[sheet].region(area)[1] == NUMBER
    for k in draft.index.touched(sheet, area):
        rows, columns = draft.index.blocks[k].lattice.cells()
        rows, columns = np.asarray(rows) - area.top, np.asarray(columns) - area.left
        (height, width) = plain.shape
        on = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        plain[rows[on], columns[on]] = False
    # A number that was pasted into the border makes no line of the plane.
    rows, columns = plain.sum(axis=1), plain.sum(axis=0)
    plain &= np.outer(2 * rows >= rows.max(), 2 * columns >= columns.max())
    return plane_around(plain, area)


def _repeated(draft: Draft, k: int, index: int, plane: Plane) -> Repeated | None:
    block = draft.index.blocks[k]
    if not isinstance(block.tree, Ref) or block.tree.sheet is not None or block.spills:
        return None
    found = repeat_of(block.tree, block.lattice, plane)
    return None if found is None else Repeated(k, block.lattice, index, *found)


def _is_beside(draft: Draft, block: FormulaBlock, plane: Plane) -> bool:
    """Whether no blank cell lies between a block and a plane."""
    one, other = block.lattice.range, plane.range
    top, bottom = _between((one.top, one.bottom), (other.top, other.bottom))
    left, right = _between((one.left, one.right), (other.left, other.right))
    kinds = draft.calculation.grids[block.sheet].region(Range(top, left, bottom, right))[1]
    return bool((kinds[:: plane.step[0], :: plane.step[1]] != BLANK).all())


def _between(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Return where two spans face each other: the end of the first, the begin of the second."""
    first, second = sorted((one, other))
    return min(first[1], second[0]), max(min(first[1], second[0]), second[0])


def _with_repeated(draft: Draft, number: int, one: Repeated) -> Draft:
    """Return the draft with a block in a tensor's border, of no interest to who looks for some."""
    tensor = draft.lifted.tensors[number]
    draft = draft.with_changed(number, replace(tensor, border=(*tensor.border, one)))
    return replace(draft, index=draft.index.without(one.block))


def _both(step: tuple[int, int]) -> tuple[int, int, int, int]:
    return step[0], step[0], step[1], step[1]
