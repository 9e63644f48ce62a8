"""How well a workbook is explained by what was lifted of it: what is left over, and the effort.

Counts only. What is better is said by whoever compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np

from xlconv.arrays import Index, Mask
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.samples.same_layers import ends_apart
from xlconv.lifting.matching.tensors import Lifted, Tensor
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.values import NUMBER

Score = tuple[int, ...]

# Numbers so near to parameters may be parameters as well; looked for around so many cells.
_NEAR, _MOST_CELLS = 5, 500


def score_of(draft: Draft, lifted: Lifted) -> Score:
    """Return how badly a workbook is explained: what is left, and how much it takes.

    What is left are formulas without a layer, ends of networks, cells that are odd, holes, and
    numbers beside parameters that nobody reads.
    """
    left = unexplained(lifted)
    read = {source for one in lifted.tensors for source in one.sources}
    past = [
        one for tensor in lifted.tensors for one in tensor.overhangs
        if one.fill in ("blank", "mixed")
    ]  # fmt: skip
    cells = sum(int(lifted.blocks[k].mask.sum()) for k in left)
    ends = [k for k, one in enumerate(lifted.tensors) if one.source >= 0 and k not in read]
    holes = len({(one.sheet, one.cell) for one in lifted.holes})
    return (
        cells
        + ends_apart(lifted.tensors, ends)
        + len(lifted.strays)
        + holes
        + unread(draft, lifted),
        len(lifted.tensors),
        len(past),
    )


def unexplained(lifted: Lifted) -> set[int]:
    """Return the blocks that are in no layer, and give no layer its numbers either.

    A formula where a parameter or an input stands counts at its value: it is explained.
    """
    left = {*lifted.unlifted, *lifted.mismatches}
    given = AreaIndex(_given(lifted) if left else ())
    places = ((k, lifted.blocks[k]) for k in left)
    return {k for k, one in places if not given.around(one.sheet, one.lattice.range)}


def _given(lifted: Lifted) -> Iterator[tuple[int, Range]]:
    for tensor in lifted.tensors:
        yield from ((_sheet(tensor), area) for area in _parameters(tensor))
        if tensor.source < 0:
            yield from ((tensor.sheet, plane.range) for plane in tensor.planes)


def unread(draft: Draft, lifted: Lifted) -> int:
    """Return how many numbers beside parameters no formula reads."""
    near: set[tuple[int, Cell]] = set()
    known: set[tuple[int, Cell]] = set()
    for tensor in lifted.tensors:
        sheet = _sheet(tensor)
        for area in _parameters(tensor):
            known.update((sheet, cell) for cell in _cells(area))
            if len(known) > _MOST_CELLS:
                return 0
            near.update((sheet, cell) for cell in _cells(area.grown(*(_NEAR,) * 4)))
    places = np.array([(sheet, *cell) for sheet, cell in near - known], np.int64).reshape(-1, 3)
    for sheet, area in _taken(lifted):
        places = places[~_within(places, sheet, area)]
    beyond = np.zeros(len(places), np.bool_)
    for sheet, area in _padded(lifted):
        beyond |= _within(places, sheet, area)
    return sum(
        _is_number(draft, sheet, (i, j), other_than_0=padding)
        for (sheet, i, j), padding in zip(places.tolist(), beyond.tolist(), strict=True)
    )


def _padded(lifted: Lifted) -> Iterator[tuple[int, Range]]:
    """Yield where padding may go on below and beside what is read: by less than a stride."""
    for tensor in lifted.tensors:
        if tensor.geometry is None:
            continue
        down, right = (max(0, step - 1) for step in tensor.geometry.stride)
        for k in tensor.sources if down or right else ():
            source = lifted.tensors[k]
            for plane in source.planes:
                around = (one.cells for one in tensor.overhangs if one.plane == plane)
                area = reduce(Range.union, around, plane.range)
                yield source.sheet, area.grown(0, down, 0, right)


def _taken(lifted: Lifted) -> Iterator[tuple[int, Range]]:
    """Yield what planes and their overhangs take, and what formulas without a layer read."""
    for tensor in lifted.tensors:
        yield from ((tensor.sheet, one.range) for one in tensor.planes)
        yield from ((tensor.sheet, one.cells) for one in tensor.overhangs)
    for k in lifted.unlifted:
        yield from lifted.blocks[k].reads


def _within(places: Index, sheet: int, area: Range) -> Mask:
    """Return which places, (n, 3) as sheet, row and column, are in an area of a sheet."""
    at, rows, columns = places.T
    is_row, is_column = (
        (lines >= first) & (lines <= last)
        for lines, first, last in (
            (rows, area.top, area.bottom), (columns, area.left, area.right),
        )
    )  # fmt: skip
    found: Mask = (at == sheet) & is_row & is_column
    return found


def _sheet(tensor: Tensor) -> int:
    return tensor.parameters_sheet if tensor.parameters_sheet >= 0 else tensor.sheet


def _parameters(tensor: Tensor) -> Iterator[Range]:
    groups = (*tensor.kernels, tensor.biases, *tensor.scalars.values())
    yield from (plane.range for group in groups for plane in group)


def _cells(area: Range) -> Iterator[Cell]:
    for row in range(max(0, area.top), area.bottom + 1):
        for column in range(max(0, area.left), area.right + 1):
            yield row, column


def _is_number(draft: Draft, sheet: int, cell: Cell, *, other_than_0: bool) -> bool:
    numbers, kinds = draft.calculation.grids[sheet].region(Range(*cell, *cell))
    counts = bool(kinds[0, 0] == NUMBER) and not (other_than_0 and numbers[0, 0] == 0)
    return counts and not any(draft.index.at(sheet, cell))
