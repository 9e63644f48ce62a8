"""What formulas read, and who reads a cell: regions to regions, a block at a time.

The references of a block are affine in the place of the cell, so that one matrix
product gives the ranges of all its cells. Knows no layers and no names of tensors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlconv.calculation import Calculation, Unit, sheet_of
from xlconv.errors import FormulaError
from xlconv.formula import Area, Axis, Node, Ref, corners, scan
from xlconv.formula.nodes import Unknown, children
from xlconv.formula.parse import operands
from xlconv.law import Group, Law
from xlconv.plane import Plane
from xlconv.refs import Range
from xlconv.sheet import Workbook
from xlconv.tracing.region import (
    NOTHING,
    Boxes,
    Index,
    Region,
    region_of,
    region_of_cells,
    region_of_range,
    union,
)

_Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reading:
    """A reference of the cells of a block: `corners` has offset, by_row and by_column of each.

    The four corners are top, left, bottom and right. `mask` tells which entries of the
    lattice are of the block, None that all are.
    """

    sheet: int
    lattice: Plane
    mask: _Mask | None
    target: int  # the sheet that is read
    corners: NDArray[np.int64]  # (4, 3)
    reach: Range

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
        self.untold: dict[int, list[str]] = defaultdict(list)  # unit -> operands not followed
        found = list(self._readings())
        self.all = [one for one in found if not one.is_single]
        self._homes = table([(one.sheet, one.lattice.range) for one in self.all])
        self._reaches = table([(one.target, one.reach) for one in self.all])
        # Formulas of a kind of their own are followed together: there may be many.
        singles = [one for one in found if one.is_single]
        self._cells = table([(one.sheet, one.lattice.range) for one in singles])
        self._reads = table([(one.target, one.reach) for one in singles])

    def precedents(self, sheet: int, region: Region) -> dict[int, Region]:
        """Return the cells that the formulas of a region refer to, by sheet."""
        found: dict[int, list[Region]] = defaultdict(list)
        for one in self._near(self._homes, sheet, region):
            i, j = one.entries(region)
            if len(i):
                found[one.target].append(region_of(one.boxes(i, j)))
        _follow(self._cells, self._reads, sheet, region, found)
        return _united(found)

    def dependents(self, sheet: int, region: Region) -> dict[int, Region]:
        """Return the cells whose formulas refer to any cell of a region, by sheet."""
        found: dict[int, list[Region]] = defaultdict(list)
        for one in self._near(self._reaches, sheet, region):
            found[one.sheet].append(_readers(one, region))
        _follow(self._reads, self._cells, sheet, region, found)
        return _united(found)

    def untold_in(self, regions: dict[int, Region]) -> Iterator[str]:
        """Yield the operands in the formulas of regions that are not followed, each once."""
        seen: set[str] = set()
        for k, texts in self.untold.items():
            unit = self.calculation.units[k]
            region = regions.get(unit.sheet)
            if region and unit.mask[region.entries(unit.lattice)].any():
                yield from (text for text in texts if text not in seen)
                seen |= set(texts)

    def _near(self, rows: NDArray[np.int64], sheet: int, region: Region) -> Iterator[Reading]:
        return (self.all[k] for k in near(rows, sheet, region).tolist())

    # -- from formulas -------------------------------------------------------------------

    def _readings(self) -> Iterator[Reading]:
        workbook = self.calculation.workbook
        groups = {
            (number, one.lattice.origin): one
            for number, groups in enumerate(self.calculation.groups)
            for one in groups
        }
        for k, unit in enumerate(self.calculation.units):
            group = groups.get((unit.sheet, unit.lattice.origin))
            own = group is not None and group.cells is unit.cells
            for reference in self._references(k, unit, group if own else None):
                yield _reading(unit, unit.lattice, unit.mask, reference)
            yield from self._array(k, unit, workbook)

    def _array(self, k: int, unit: Unit, workbook: Workbook) -> Iterator[Reading]:
        """Yield what the other cells of an array formula read: the same as its first."""
        arrays = workbook.sheets[unit.sheet].arrays
        if not arrays or not unit.is_array:
            return
        for i, j in zip(*np.nonzero(unit.mask), strict=True):
            area = arrays.get(int(unit.cells[i, j]))
            if area is None or area.size == (1, 1):
                continue
            plane = Plane((area.top, area.left), area.size)
            for reference in self._references(k, unit, None):
                first, last = (_moved(one, int(i), int(j)) for one in corners(reference))
                yield _reading(unit, plane, None, Area(first, last))

    def _references(self, k: int, unit: Unit, group: Group | None) -> Iterator[Ref | Area]:
        """Yield a unit's references, names replaced by what they stand for; sheets by number."""
        workbook = self.calculation.workbook
        nodes: list[Node] = [] if unit.tree is None else list(_leaves(unit.tree))
        if unit.tree is None:
            nodes = [_numbered(one, workbook) for one in self._operands(unit, group)]
        for node in nodes:
            if isinstance(node, Ref | Area):
                yield node
            elif isinstance(node, Unknown):
                areas = _named(node.text, workbook)
                yield from areas
                if not areas and node.text not in self.untold[k]:
                    self.untold[k].append(node.text)

    def _operands(self, unit: Unit, group: Group | None) -> list[Node]:
        """Return the references in the text of formulas that are outside the language."""
        texts = self.calculation.workbook.sheets[unit.sheet].texts
        text = texts[int(unit.cells[unit.mask][0])]
        try:
            found = operands(text)
            if group is None:
                return [node for _, node in found]
            i, j = (int(one[0]) for one in np.nonzero(unit.mask))
            return _affine(found, group.law, i, j)
        except FormulaError:
            return [Unknown(f"={text}")]


def _leaves(tree: Node) -> Iterator[Node]:
    if isinstance(tree, Ref | Area | Unknown):
        yield tree
        return
    for child in children(tree):
        yield from _leaves(child)


def _affine(found: list[tuple[str, Node]], law: Law, i: int, j: int) -> list[Node]:
    """Return the references of cell (i, j) of a block as they move with its law.

    Whole columns and rows have no coordinates in a law and stay. Raises FormulaError.
    """
    expected = tuple(law.values(i, j))
    steps = list(zip(law.base, law.by_row, law.by_column, strict=True))
    nodes: list[Node] = []
    start = 0
    for text, node in found:
        values = scan(text).values
        moves = steps[start : start + len(values)]
        if expected[start : start + len(values)] != values:
            raise FormulaError("references that cannot be told apart")
        start += len(values)
        if not moves or not isinstance(node, Ref | Area):
            nodes.append(node)
            continue
        sheet = corners(node)[0].sheet
        ends = [
            Ref(Axis(*row), Axis(*column), sheet)
            for column, row in zip(moves[::2], moves[1::2], strict=True)
        ]
        nodes.append(ends[0] if len(ends) == 1 else Area(ends[0], ends[1]))
    return nodes


def _moved(reference: Ref, i: int, j: int) -> Ref:
    row, column = Axis(reference.row.at(i, j)), Axis(reference.column.at(i, j))
    return Ref(row, column, reference.sheet)


def _numbered(node: Node, workbook: Workbook) -> Node:
    """Return a reference with its sheet's number, as units have it; unknown if it has none."""
    if not isinstance(node, Ref | Area):
        return node
    first, last = corners(node)
    if first.sheet is None:
        return node
    for k, sheet in enumerate(workbook.sheets):
        if sheet.name.casefold() == first.sheet.casefold():
            first = Ref(first.row, first.column, str(k))
            return first if isinstance(node, Ref) else Area(first, last)
    return Unknown(f"{first.sheet}!")


def _named(text: str, workbook: Workbook) -> list[Area]:
    name = text.rpartition("!")[2].casefold()
    places = {sheet.name: k for k, sheet in enumerate(workbook.sheets)}
    for own, ranges in workbook.names:
        if own.casefold() == name:
            return [
                Area(
                    Ref(Axis(area.top), Axis(area.left), str(places[sheet])),
                    Ref(Axis(area.bottom), Axis(area.right)),
                )
                for sheet, area in ranges
                if sheet in places
            ]
    return []


def _reading(unit: Unit, lattice: Plane, mask: _Mask | None, reference: Ref | Area) -> Reading:
    first, last = corners(reference)
    axes = (first.row, first.column, last.row, last.column)
    found = np.array([(one.offset, one.by_row, one.by_column) for one in axes], np.int64)
    n, m = lattice.shape
    ends = np.array([(1, i, j) for i in {0, n - 1} for j in {0, m - 1}], np.int64) @ found.T
    ends = _in_order(ends)
    reach = Range(*ends[:, :2].min(axis=0).tolist(), *ends[:, 2:].max(axis=0).tolist())
    return Reading(unit.sheet, lattice, mask, sheet_of(reference, unit.sheet), found, reach)


def _in_order(boxes: Boxes) -> Boxes:
    """Return the boxes with their corners in order: $E6:D5 is a range too."""
    return np.hstack(
        (np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:]))
    )


def table(areas: list[tuple[int, Range]]) -> NDArray[np.int64]:
    """Return rows (sheet, top, left, bottom, right) of ranges on sheets."""
    rows = [(sheet, one.top, one.left, one.bottom, one.right) for sheet, one in areas]
    return np.array(rows, np.int64).reshape(-1, 5)


def _follow(
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    sheet: int,
    region: Region,
    found: dict[int, list[Region]],
) -> None:
    """Add the ends of all rows whose start meets a region of a sheet."""
    rows = near(starts, sheet, region)
    if not len(rows):
        return
    ends = ends[rows[region.meets(starts[rows, 1:])]]
    for target in np.unique(ends[:, 0]).tolist():
        found[target].append(region_of(ends[ends[:, 0] == target, 1:]))


def near(rows: NDArray[np.int64], sheet: int, region: Region) -> Index:
    """Return which rows (sheet, top, left, bottom, right) overlap the bounds of a region."""
    if not region:
        return np.zeros(0, np.int64)
    area = region.bounds
    touch = (rows[:, 0] == sheet) & (rows[:, 1] <= area.bottom) & (rows[:, 3] >= area.top)
    touch &= (rows[:, 2] <= area.right) & (rows[:, 4] >= area.left)
    found: Index = np.flatnonzero(touch)
    return found


def _united(found: dict[int, list[Region]]) -> dict[int, Region]:
    regions = {sheet: union(some) for sheet, some in found.items()}
    return {sheet: region for sheet, region in regions.items() if region}


# -- the inverse ---------------------------------------------------------------------------


def _readers(one: Reading, region: Region) -> Region:
    """Return the cells of a reading's block whose range meets a region."""
    if one.is_still:
        (box,) = one.boxes(np.zeros(1, np.int64), np.zeros(1, np.int64)).tolist()
        if not region.within(Range(*box)):
            return NOTHING
        if one.mask is None:
            return region_of_range(one.lattice.range)
        return region_of_cells(one.lattice, *np.nonzero(one.mask))
    region = region.within(one.reach)
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
