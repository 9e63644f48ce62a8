"""Where windows point in entries of the planes they read, and what stands beyond them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.match import is_zero
from xlconv.layers.base.padding_modes import MODES
from xlconv.lifting.matching.draft import MOST_PADDING, Draft
from xlconv.lifting.matching.parameters import (
    adds_no_bias,
    biases_of,
    first_kinds,
    outputs_of,
    scalars_of,
    step_of,
    weights_of,
    weights_sheet,
)
from xlconv.lifting.matching.relative_geometry import (
    fill_of,
    placed,
    sides,
    spread_cells,
    table_step,
)
from xlconv.lifting.matching.tensors import BlockMatch, Overhang, Tensor
from xlconv.lifting.matching.window_sources import source_of
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.values import NUMBER

# So many times more cells around a plane must be its border than not.
_TRUST = 3

# Weights are cells, few of them of several outputs: a layer has hardly more than there are cells.
_MOST_WEIGHTS = 1 << 20


def geometry_of(
    draft: Draft, group: list[BlockMatch], source: int, planes: Sequence[Plane]
) -> WindowGeometry | None:
    """Return where the windows of all blocks point, in entries of the planes they read.

    None where they do not point alike. Raises OperandError where their weights do not fit.
    """
    first, tensor = group[0], draft.lifted.tensors[source]
    found = _windows_of(draft, group, planes)
    if len(found) != 1 or None in found:
        return None
    (place,) = found
    assert place is not None
    start, size, stride = place
    weights = biases = None
    step = (1, 1)
    if first.formula.weights:
        if adds_no_bias(draft, group):
            return None
        cells = draft.calculation.workbook.sheets[weights_sheet(draft, first)]
        if _count_of_weights(draft, group, size) > _MOST_WEIGHTS + 4 * len(cells):
            return None
        weights, biases = weights_of(draft, group, size), biases_of(draft, group)
        kinds = first_kinds(draft, first)
        spread = step_of(size, kinds.shape) or (1, 1)
        step = table_step(kinds[:: spread[0], :: spread[1]])
    geometry = WindowGeometry(
        tensor.shape, planes[0].shape, start, size, stride, draft.block(first).lattice.shape,
        weights, biases, step, _zeros(draft, tensor.sheet, planes[0]), first.formula.facts,
        scalars=scalars_of(draft, group),
    )  # fmt: skip
    if first.formula.masks:
        geometry = replace(geometry, masks=_masks(draft, group))
    return replace(geometry, fill=_fill_around(draft, tensor, planes, geometry))


def _count_of_weights(draft: Draft, group: list[BlockMatch], size: tuple[int, int]) -> int:
    outputs = sum(1 for one in group for _ in outputs_of(draft, one))
    return outputs * len(group[0].formula.windows) * size[0] * size[1]


def _windows_of(
    draft: Draft, group: list[BlockMatch], planes: Sequence[Plane]
) -> set[tuple[tuple[int, int], tuple[int, int], tuple[int, int]] | None]:
    """Return start, size and stride of every window, None of one that is skewed."""
    first, found = group[0], set()
    whole = len(first.formula.windows) == len(planes)
    for k, one in enumerate(group[:1] if first.formula.weights and whole else group):
        windows = one.formula.windows
        own = planes[k : k + 1] if not first.formula.weights else planes
        if first.formula.weights and not whole:
            own = source_of(draft, one, windows).planes
        for window, plane in zip(windows, own, strict=True):
            found.add(placed(window, plane, draft.block(one).lattice))
    return found


def _fill_around(
    draft: Draft, tensor: Tensor, planes: Sequence[Plane], geometry: WindowGeometry
) -> str:
    """Return what windows reach beyond all planes: a fill, a padding mode, or "mixed"."""
    fills = {
        _fill(draft, tensor.sheet, cells, plane) for plane in planes
        for _, cells in sides(geometry, plane)
    }  # fmt: skip
    # A side with an odd cell in it is as the others are.
    fills = fills - {"mixed"} or fills
    if tensor.mode and all(_is_border(tensor, planes, geometry)):
        fills = {tensor.mode}
    return fills.pop() if len(fills) == 1 else "mixed" if fills else ""


def _fill(draft: Draft, sheet: int, area: Range, plane: Plane) -> str:
    """Return what stands beyond a plane; a formula is no zero, though it give one today.

    But one that is the number 0, and says nothing else, is.
    """
    fill = fill_of(*draft.calculation.grids[sheet].region(area))
    touched = draft.index.touched(sheet, area) if fill in ("zeros", "text") else []
    if touched:
        cells = draft.calculation.workbook.sheets[sheet]
        (top, left), (down, right) = plane.origin, plane.step
        rows, columns = cells.rows, cells.columns
        there = cells.is_formula & (rows >= area.top) & (rows <= area.bottom)
        there &= (columns >= area.left) & (columns <= area.right)
        there &= ((rows - top) % down == 0) & ((columns - left) % right == 0)
        for block in (draft.index.blocks[k] for k in touched):
            if block.tree is not None and is_zero(block.tree):
                there[block.cells[block.mask]] = False
        if there.any():
            return "mixed"
    return fill


def _is_border(tensor: Tensor, planes: Sequence[Plane], geometry: WindowGeometry) -> Iterator[bool]:
    """Yield whether what windows reach beyond each plane is mostly its border."""
    for plane in planes:
        cells = {
            (int(row), int(column)) for one in tensor.border
            for row, column in zip(*one.lattice.cells(), strict=True)
            if tensor.planes[one.plane] == plane and tensor.mode in one.modes
        }  # fmt: skip
        on = [cell for _, area in sides(geometry, plane) for cell in spread_cells(area, plane)]
        # A few may be odd: they are looked at one by one.
        yield _TRUST * sum(cell not in cells for cell in on) <= sum(cell in cells for cell in on)


def _zeros(draft: Draft, sheet: int, plane: Plane) -> tuple[int, int]:
    """Return how many lines of zeros are drawn below and to the right of a plane.

    Or of its own entries, where it stands in a border that repeats them.
    """
    area, found = plane.range, []
    own = [one.lattice.range for tensor in draft.lifted.tensors if tensor.sheet == sheet
           for one in tensor.border if tensor.planes[one.plane] == plane]  # fmt: skip
    if own:
        down = max(one.bottom for one in own) - area.bottom
        across = max(one.right for one in own) - area.right
        return max(0, down // plane.step[0]), max(0, across // plane.step[1])
    for axis in (0, 1):
        for count in range(MOST_PADDING + 1):
            far = (count + 1) * plane.step[axis]
            line = (
                Range(area.bottom + far, area.left, area.bottom + far, area.right)
                if axis == 0
                else Range(area.top, area.right + far, area.bottom, area.right + far)
            )
            numbers, kinds = draft.calculation.grids[sheet].region(line)
            blocks = [draft.index.blocks[k] for k in draft.index.touched(sheet, line)]
            computed = any(one.tree is None or not is_zero(one.tree) for one in blocks)
            if numbers.any() or not (kinds == NUMBER).all() or computed:
                break
        found.append(count)
    return found[0], found[1]


def _masks(draft: Draft, group: list[BlockMatch]) -> Array | None:
    """Return the values of the cells that let activations through, plane by plane."""
    masks = [_mask(draft, one) for one in group]
    shape = draft.block(group[0]).lattice.shape
    if any(mask is None or mask.lattice.shape != shape for mask in masks):
        return None
    values = []
    for one, mask in zip(group, masks, strict=True):
        assert mask is not None
        plane, grid = mask.lattice, draft.calculation.grids[draft.block(one).sheet]
        numbers = grid.region(plane.range)[0][:: plane.step[0], :: plane.step[1]]
        values.append(np.where(mask.mask, numbers, 1.0))  # an odd cell draws nothing
    return np.stack(values)


def _mask(draft: Draft, match: BlockMatch) -> FormulaBlock | None:
    """Return the block of random cells that a block reads, cell by cell."""
    # What decides is the first of them.
    block, ((_, mask), *_) = draft.block(match), match.formula.masks
    touched = draft.index.read(block, mask)
    if len(touched) != 1:
        return None
    found = draft.index.blocks[touched[0]]
    is_own = placed(mask, found.lattice, block.lattice) == ((0, 0), (1, 1), (1, 1))
    return found if is_own else None


def overhangs(
    draft: Draft, sheet: int, plane: Plane, lattice: Plane | None, geometry: WindowGeometry
) -> Iterator[Overhang]:
    """Yield the sides on which windows reach beyond a plane, with what stands there.

    `lattice` is where the windows' block stands, None where all blocks of a tensor read
    the same windows.
    """
    for side, cells in sides(geometry, plane):
        is_border = geometry.fill in MODES
        fill = geometry.fill if is_border else _fill(draft, sheet, cells, plane)
        yield Overhang(lattice, plane, cells, fill, side)
