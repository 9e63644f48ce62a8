"""Windows and planes that do not fit each other.

Looks at sizes and places, and at weights; never at another value, and names no layer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np

from xlconv.layers.base.shapes import by_size
from xlconv.lifting.matching.tensors import Tensor
from xlconv.lifting.networks import tensor_names
from xlconv.spreadsheet.addresses import Range, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.verification.check import CheckResult
from xlconv.verification.collector import Collector, listed
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding


def overhangs(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the planes whose windows reach past what they read, one finding for each."""
    return listed(facts, _overhangs(facts, earlier))


def _overhangs(facts: Facts, earlier: CheckResult) -> Iterator[Finding]:
    names = tensor_names(facts.networks)
    for k, tensor in enumerate(facts.lifted.tensors):
        for plane in tensor.planes:
            own = [one for one in tensor.overhangs if one.reader in (None, plane)]
            for fill, code in (("blank", "G401"), ("mixed", "G403")):
                here = [
                    one for one in own
                    if one.fill == fill and not earlier.has_reported(tensor.sheet, one.cells)
                ]  # fmt: skip
                if not here or (fill == "mixed" and _is_proven(facts, tensor, plane)):
                    continue
                past = " and ".join(
                    f"past {one.plane.range.name} into {one.cells.name}" for one in here
                )
                what = "which is blank" if fill == "blank" else "which holds something else"
                message = (
                    f"{names.get(k, 'the plane')} is {by_size(plane.shape)} because its windows "
                    f"reach {past}, {what}"
                )
                cells, area = ", ".join(one.cells.name for one in here), plane.range.name
                home = facts.workbook.sheets[tensor.sheet].name
                yield Finding(code, home, area, message, cells, block=area)


def _is_proven(facts: Facts, tensor: Tensor, plane: Plane) -> bool:
    """Whether somebody says what a plane is, and all of it is that: so is what it reads."""
    cells = facts.calculation.indices(tensor.sheet, plane)
    return bool((cells >= 0).all() and facts.trials.proven[tensor.sheet][cells].all())


def odd_siblings(facts: Facts) -> Iterator[Finding]:
    """Yield planes of one layer that are made from other windows than the rest of it."""
    tensors = [one for one in facts.lifted.tensors if one.kernels and one.geometry is not None]
    for one in tensors:
        for other in tensors:
            is_odd = one is not other and _odd_beside(one, other)
            if is_odd and not _is_one_plane(one, other, tensors) and not _is_declared(facts, one):
                yield from _odd_planes(facts, one, other)


def _odd_planes(facts: Facts, one: Tensor, other: Tensor) -> Iterator[Finding]:
    assert one.geometry is not None and other.geometry is not None
    home = facts.workbook.sheets[one.sheet].name
    for k, plane in zip(one.blocks, one.planes, strict=False):
        message = (
            f"its windows begin at {_entry(one.geometry.start)} of what it reads and "
            f"give {by_size(one.geometry.count)}; those of the other planes of the layer "
            f"({other.planes[0].range.name}) at {_entry(other.geometry.start)}, "
            f"and give {by_size(other.geometry.count)}"
        )
        cell, area = a1_name(plane.origin), facts.blocks[k].lattice.range.name
        yield Finding("G403", home, cell, message, block=area)


def _is_declared(facts: Facts, tensor: Tensor) -> bool:
    """Whether planes are as the file declares them."""
    sheet = facts.workbook.sheets[tensor.sheet]
    cells = [plane.origin for plane in tensor.planes]
    found = [(cell, sheet.find(cell)) for cell in cells]
    return all(k is not None and facts.is_declared(tensor.sheet, cell, k, k) for cell, k in found)


def uneven_pools(facts: Facts) -> Iterator[Finding]:
    """Yield the windows without weights that overlap, or leave gaps."""
    names = tensor_names(facts.networks)
    for k, tensor in enumerate(facts.lifted.tensors):
        geometry = tensor.geometry
        if geometry is None or geometry.weights is not None:
            continue
        size, stride = geometry.size, geometry.stride
        moving = [a for a in (0, 1) if geometry.count[a] > 1 and stride[a] != size[a]]
        if moving:
            over = stride[moving[0]] < size[moving[0]]
            what = "overlap" if over else "leave gaps"
            message = (
                f"windows of {by_size(size)} of {names.get(k, 'the pool')} move by "
                f"{by_size(stride)}: they {what}"
            )
            area, home = tensor.planes[0].range.name, facts.workbook.sheets[tensor.sheet].name
            yield Finding("G402", home, area, message, block=area)


def mismatches(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the blocks that fit a layer in all but the size of what they read."""
    found = Collector(facts, earlier)
    for k, mismatch in facts.lifted.mismatches.items():
        block = facts.blocks[k]
        index, count = _first_and_count(block)
        if not facts.is_declared(block.sheet, block.lattice.origin, index, index):
            found.add(facts.finding_at(block, index, "G403", mismatch, count))
            found.mark_wrong(block.sheet, block.cells[block.mask])
            sheet = facts.workbook.sheets[block.sheet]
            found.report(block.sheet, (int(sheet.rows[index]), int(sheet.columns[index])))
    return found.result()


def _first_and_count(block: FormulaBlock) -> tuple[int, int]:
    return int(block.cells[block.mask][0]), int(block.mask.sum())


def _odd_beside(one: Tensor, other: Tensor) -> bool:
    """Whether `one` should be planes of the same layer as `other`, but is made differently."""
    a, b = one.geometry, other.geometry
    if a is None or b is None or (one.source, one.sheet) != (other.source, other.sheet):
        return False
    if [type(x) for x in one.layers] != [type(x) for x in other.layers]:
        return False
    if (a.size, a.stride, one.is_vector) != (b.size, b.stride, False):
        return False
    # Of planes that interleave each has cells of its own: they are not beside each other.
    if any(p.range.overlaps(q.range) for p in one.planes for q in other.planes):
        return False
    far = max(abs(x - y) for x, y in zip((*a.start, *a.count), (*b.start, *b.count), strict=True))
    if far == 0 or far > max(a.size):
        return False
    # The odd one is the one with fewer planes, or else that does not begin at the corner.
    return (len(one.planes), a.start == (0, 0)) < (len(other.planes), b.start == (0, 0))


def _is_one_plane(one: Tensor, other: Tensor, tensors: Sequence[Tensor]) -> bool:
    """Whether two tensors are pieces of one plane, whose windows are cut at the border.

    And the kernel with them: all the pieces together must be what one kernel gives.
    """
    alike = [x for x in tensors if len(x.planes) == 1 and _shared(x) == _shared(one)]
    pieces, fresh = [], [one] if any(x is one for x in alike) else []
    while fresh:
        pieces += fresh
        around = [_around(x.planes[0].range) for x in fresh]
        fresh = [
            x for x in alike
            if not any(x is y for y in pieces)
            and any(x.planes[0].range.overlaps(y) for y in around)
        ]  # fmt: skip
    return any(x is other for x in pieces) and _is_cut_at_border(pieces)


def _shared(one: Tensor) -> tuple[object, ...]:
    """Return what the pieces of a plane have in common."""
    geometry, (plane, *_) = one.geometry, one.planes
    assert geometry is not None
    of_windows = geometry.extent, geometry.stride, geometry.zeros, geometry.table_step
    layers = tuple(type(x) for x in one.layers)
    of_cells = one.sheet, one.source, one.others, one.parameters_sheet, one.biases, one.scalars
    return (*of_cells, *of_windows, layers, plane.step, geometry.masks is None)


def _around(area: Range) -> Range:
    return Range(area.top - 1, area.left - 1, area.bottom + 1, area.right + 1)


def _is_cut_at_border(pieces: Sequence[Tensor]) -> bool:
    """Whether every window is the whole one as far as there is an input, by weights of one kernel.

    A whole one reaches as far from its own cell as any of them does.
    """
    area = reduce(Range.union, (one.planes[0].range for one in pieces))
    if math.prod(area.size) != sum(math.prod(one.planes[0].shape) for one in pieces):
        return False
    starts, ends = zip(*map(_reach, pieces), strict=True)
    whole = [(min(x[a] for x in starts), max(x[a] for x in ends)) for a in (0, 1)]
    kernels: set[tuple[tuple[int, int], ...]] = set()
    weights: dict[tuple[int, int], bytes] = {}
    for one, start in zip(pieces, starts, strict=True):
        geometry, plane = one.geometry, one.planes[0]
        if geometry is None or geometry.weights is None or plane.step != (1, 1):
            return False
        if any(x.shape != geometry.size or x.step != (1, 1) for x in one.kernels[0]):
            return False
        kernels.add(tuple(_less(x.origin, start) for x in one.kernels[0]))
        for i, j in np.ndindex(geometry.size):
            own = geometry.weights[..., i, j].tobytes()
            if weights.setdefault((start[0] + i, start[1] + j), own) != own:
                return False
        for axis, (first, last) in enumerate(whole):
            for k in range(geometry.count[axis]):
                at = (plane.origin[axis] + k) * geometry.stride[axis]
                found = at + start[axis], at + start[axis] + geometry.size[axis]
                extent = geometry.extent[axis]
                if _clipped(found, extent) != _clipped((at + first, at + last), extent):
                    return False
    return len(kernels) == 1


def _reach(one: Tensor) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where windows begin and end, counted from the place of their own cell."""
    geometry, (row, column) = one.geometry, one.planes[0].origin
    assert geometry is not None
    (down, right), (height, width) = geometry.stride, geometry.size
    start = _less(geometry.start, (row * down, column * right))
    return start, (start[0] + height, start[1] + width)


def _less(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] - other[0], one[1] - other[1]


def _clipped(window: tuple[int, int], extent: int) -> tuple[int, int]:
    return max(0, window[0]), min(extent, window[1])


def _entry(place: tuple[int, int]) -> str:
    return f"row {place[0]}, column {place[1]}"
