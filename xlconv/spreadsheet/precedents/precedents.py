"""What formulas read, and who reads a cell: regions to regions, a block at a time.

The references of a block are affine in the place of the cell, so that one matrix
product gives the ranges of all its cells. Knows no layers and no names of tensors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from xlconv.arrays import Index, Integers, Mask
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.formula import corners
from xlconv.spreadsheet.precedents.references import FormulaReference, References
from xlconv.spreadsheet.precedents.region import (
    NOTHING,
    Boxes,
    Region,
    region_of,
    region_of_cells,
    region_of_range,
    union,
)


class Reading(Struct, frozen=True):
    """A reference of the cells of a block: `corners` has offset, by_row and by_column of each.

    The four corners are top, left, bottom and right. `mask` says which entries of the
    lattice are of the block, None that all are.
    """

    sheet: int
    lattice: Plane
    mask: Mask | None
    target: int  # the sheet that is read
    corners: Integers  # (4, 3)
    read: Range  # by all of its cells

    @property
    def is_single(self) -> bool:
        """Whether the block is one cell."""
        return self.mask is not None and self.lattice.shape == (1, 1)

    @property
    def is_still(self) -> bool:
        """Whether all cells read the same range."""
        return not self.corners[:, 1:].any()

    def entries(self, region: Region) -> tuple[Index, Index]:
        """Return the indices of the block's cells in a region; of a whole array, one of them."""
        if self.mask is None:
            inside = region.within(self.lattice.range)
            first = np.zeros(1 if inside else 0, np.int64)
            return first, first
        i, j = region.entries(self.lattice)
        own = self.mask[i, j]
        return i[own], j[own]

    def boxes(self, i: Index, j: Index) -> Boxes:
        """Return the ranges that the cells (i, j) read."""
        if self.is_still:
            i, j = i[:1], j[:1]
        found = np.stack((np.ones_like(i), i, j), axis=1) @ self.corners.T
        return _in_order(found)


class Readings:
    """All references of a workbook's formulas, to be followed in either direction."""

    def __init__(self, calculation: Calculation) -> None:
        self.calculation = calculation
        self.references = References(calculation)
        found = [_reading(one) for one in self.references.all()]
        self.all = [one for one in found if not one.is_single]
        self._homes = AreaIndex((one.sheet, one.lattice.range) for one in self.all)
        self._targets = AreaIndex((one.target, one.read) for one in self.all)
        # Formulas of a kind of their own are followed together: there may be many.
        singles = [one for one in found if one.is_single]
        self._single_homes = AreaIndex((one.sheet, one.lattice.range) for one in singles)
        self._single_targets = AreaIndex((one.target, one.read) for one in singles)

    def precedents(self, sheet: int, region: Region) -> dict[int, Region]:
        """Return the cells that the formulas of a region refer to, by sheet."""
        found: dict[int, list[Region]] = defaultdict(list)
        for one in self._near(self._homes, sheet, region):
            i, j = one.entries(region)
            if len(i):
                found[one.target].append(region_of(one.boxes(i, j)))
        _follow(self._single_homes, self._single_targets, sheet, region, found)
        return _united(found)

    def dependents(self, sheet: int, region: Region) -> dict[int, Region]:
        """Return the cells whose formulas refer to any cell of a region, by sheet."""
        found: dict[int, list[Region]] = defaultdict(list)
        for one in self._near(self._targets, sheet, region):
            found[one.sheet].append(_readers(one, region))
        _follow(self._single_targets, self._single_homes, sheet, region, found)
        return _united(found)

    def unfollowed_in(self, regions: dict[int, Region]) -> Iterator[str]:
        """Yield the operands in the formulas of regions that are not followed, each once."""
        reported: set[str] = set()
        for k, texts in self.references.unfollowed.items():
            block = self.calculation.blocks[k]
            region = regions.get(block.sheet)
            if region and block.mask[region.entries(block.lattice)].any():
                yield from (text for text in texts if text not in reported)
                reported |= set(texts)

    def _near(self, places: AreaIndex, sheet: int, region: Region) -> Iterator[Reading]:
        return (self.all[k] for k in near(places, sheet, region).tolist())


def _reading(one: FormulaReference) -> Reading:
    block, lattice, mask, reference = one
    first, last = corners(reference)
    axes = (first.row, first.column, last.row, last.column)
    found = np.array([(axis.offset, axis.by_row, axis.by_column) for axis in axes], np.int64)
    n, m = lattice.shape
    ends = np.array([(1, i, j) for i in {0, n - 1} for j in {0, m - 1}], np.int64) @ found.T
    ends = _in_order(ends)
    read = Range(*ends[:, :2].min(axis=0).tolist(), *ends[:, 2:].max(axis=0).tolist())
    return Reading(block.sheet, lattice, mask, sheet_of(reference, block.sheet), found, read)


def _in_order(boxes: Boxes) -> Boxes:
    """Return the boxes with their corners in order: $E6:D5 is a range too."""
    return np.hstack(
        (np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:]))
    )


def _follow(
    starts: AreaIndex, ends: AreaIndex, sheet: int, region: Region, found: dict[int, list[Region]]
) -> None:
    """Add the ends, by number, of all starts that meet a region of a sheet."""
    numbers = near(starts, sheet, region)
    if not len(numbers):
        return
    numbers = numbers[region.meets(starts.boxes[numbers])]
    sheets = ends.sheets[numbers]
    for target in np.unique(sheets).tolist():
        found[target].append(region_of(ends.boxes[numbers[sheets == target]]))


def near(places: AreaIndex, sheet: int, region: Region) -> Index:
    """Return the numbers of the places that overlap the bounds of a region."""
    return places.find(sheet, region.bounds) if region else np.zeros(0, np.int64)


def _united(found: dict[int, list[Region]]) -> dict[int, Region]:
    regions = {sheet: union(some) for sheet, some in found.items()}
    return {sheet: region for sheet, region in regions.items() if region}


# -- dependents: the cells whose formulas read a region ------------------------------------


def _readers(one: Reading, region: Region) -> Region:
    """Return the cells of a reading's block whose range meets a region."""
    if one.is_still:
        (box,) = one.boxes(np.zeros(1, np.int64), np.zeros(1, np.int64)).tolist()
        if not region.within(Range(*box)):
            return NOTHING
        if one.mask is None:
            return region_of_range(one.lattice.range)
        return region_of_cells(one.lattice, *np.nonzero(one.mask))
    region = region.within(one.read)
    if not region:
        return NOTHING
    i, j = _candidates(one, region.bounds)
    meets = region.meets(one.boxes(i, j))
    return region_of_cells(one.lattice, i[meets], j[meets])


def _candidates(one: Reading, area: Range) -> tuple[Index, Index]:
    """Return the cells of a block whose range may overlap an area, rows and columns apart."""
    assert one.mask is not None
    lines = [np.arange(size) for size in one.lattice.shape]
    for k, (low, high) in enumerate(((area.top, area.bottom), (area.left, area.right))):
        ends = one.corners[[k, k + 2]]  # (2, 3): the first and the last row, or column
        for along in (0, 1):
            if ends[:, 1 + along].any() and not ends[:, 2 - along].any():
                at = ends[:, :1] + ends[:, 1 + along, None] * lines[along]
                lines[along] = lines[along][(at.min(axis=0) <= high) & (at.max(axis=0) >= low)]
    i, j = np.nonzero(one.mask[np.ix_(*lines)])
    return lines[0][i], lines[1][j]
