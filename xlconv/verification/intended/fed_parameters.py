"""Parameters whose formulas follow from the input or the tensors of their own network.

Looks at what formulas read, through others too, cell by cell; never at a value, and says
nothing of whether that is right.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from xlconv.layout.layout import Layout
from xlconv.layout.metric_names import tensor_name
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, single
from xlconv.spreadsheet.formula import Area, Call, Node, Ref, references
from xlconv.spreadsheet.formula.nodes import children

_At = tuple[int, Cell]  # the number of a sheet, and (row, column)

# How many cells there are is the same for every picture.
_SIZES = ("COUNT", "COUNTA", "COUNTBLANK", "ROWS", "COLUMNS")


class FedCell(Struct, frozen=True):
    """A parameter's cell, with what the parameter is called and the tensor's cell it follows.

    `block` is the number of the block of calculation that computes it.
    """

    name: str
    cell: Cell
    source: str
    block: int


def fed_cells(
    book: LiftedWorkbook, network: Network, layout: Layout, home: int
) -> Iterator[FedCell]:
    """Yield the cells of parameters on sheet `home` that follow from a tensor of their network."""
    trail: _Trail | None = None
    for name, cell in _written(book, network, layout, home):
        trail = trail or _Trail(book, network, layout, home)
        source = trail.source_of((home, cell))
        if source is not None:
            yield FedCell(name, cell, source, _block_at(book, (home, cell)))


def _written(
    book: LiftedWorkbook, network: Network, layout: Layout, home: int
) -> Iterator[tuple[str, Cell]]:
    """Yield the cells of parameters that hold formulas, with what they are called."""
    sheet = book.workbook.sheets[home]
    for tensor, place in enumerate(layout.places):
        for key, groups in place.tables.items():
            for plane in (plane for group in groups for plane in group):
                cells = book.calculation.indices(home, plane)
                there = np.flatnonzero(cells >= 0)
                for k in there[sheet.is_formula[cells[there]]].tolist():
                    cell = plane.cell(*divmod(k, plane.shape[1]))
                    yield f"{tensor_name(network, tensor)}.{key}", cell


def _block_at(book: LiftedWorkbook, at: _At) -> int:
    """Return the number of the block that computes a cell, -1 of none."""
    sheet, cell = at
    index = book.workbook.sheets[sheet].find(cell)
    return -1 if index is None else int(book.calculation.block_numbers[sheet][index])


class _Trail:
    """What cells follow from, back to the tensors of a network; each is looked at once."""

    def __init__(self, book: LiftedWorkbook, network: Network, layout: Layout, home: int) -> None:
        self._book = book
        self._planes = [
            (plane, tensor_name(network, tensor))
            for tensor, place in enumerate(layout.places) for plane in place.planes
        ]  # fmt: skip
        self._tensors = AreaIndex((home, plane.range) for plane, _ in self._planes)
        self._following = self._blocks_that_follow()
        self._seen: dict[_At, str | None] = {}

    def source_of(self, start: _At) -> str | None:
        """Return the first cell of a tensor that a cell follows from, in words; None of none."""
        waiting = [start]
        gone: set[_At] = set()
        while waiting:
            at = waiting.pop()
            if at in gone or (at in self._seen and self._seen[at] is None):
                continue
            gone.add(at)
            found = self._seen.get(at)
            for read in self._reads(at) if found is None else ():
                found = found or self._tensor_in(*read)
                waiting += self._formulas_in(*read)
            if found is not None:
                self._seen[start] = found
                return found
        self._seen |= dict.fromkeys(gone)
        return None

    def _reads(self, at: _At) -> list[tuple[int, Range]]:
        k = _block_at(self._book, at)
        if k not in self._following:
            return []
        block = self._book.calculation.blocks[k]
        inside = block.lattice.index_of(at[1])
        return [] if inside is None else _areas_of(single(block, *inside))

    def _tensor_in(self, sheet: int, area: Range) -> str | None:
        for k in self._tensors.touching(sheet, area):
            plane, name = self._planes[k]
            cell = _first_in(area, plane)
            if cell is not None:
                return f"{a1_name(cell)}, a cell of {name}"
        return None

    def _formulas_in(self, sheet: int, area: Range) -> list[_At]:
        cells = self._book.workbook.sheets[sheet]
        inside = self._book.calculation.grids[sheet].within(area) & cells.is_formula
        numbers = self._book.calculation.block_numbers[sheet]
        return [
            (sheet, (int(cells.rows[k]), int(cells.columns[k])))
            for k in np.flatnonzero(inside).tolist() if int(numbers[k]) in self._following
        ]  # fmt: skip

    def _blocks_that_follow(self) -> frozenset[int]:
        """Return the blocks that may follow from a tensor: some of their cells do."""
        blocks = self._book.calculation.blocks
        order = [k for knot in self._book.calculation.order for k in knot]
        index = AreaIndex((blocks[k].sheet, blocks[k].lattice.range) for k in order)
        found: set[int] = set()
        for k in order:
            if any(
                len(self._tensors.find(*read))
                or any(order[one] in found for one in index.touching(*read))
                for read in blocks[k].reads
            ):
                found.add(k)
        return frozenset(found)


def _areas_of(one: FormulaBlock) -> list[tuple[int, Range]]:
    """Return what a cell reads, without ranges of which only the size counts."""

    def area(reference: Ref | Area) -> tuple[int, Range]:
        return sheet_of(reference, one.sheet), range_reached(reference, (1, 1))

    if one.tree is None:
        return list(one.reads)
    sizes = set(map(area, references(one.tree))) - set(map(area, _valued(one.tree)))
    return [read for read in one.reads if read not in sizes]


def _valued(tree: Node) -> Iterator[Ref | Area]:
    """Yield the references of which the values count."""
    if isinstance(tree, Ref | Area):
        yield tree
        return
    is_size = isinstance(tree, Call) and tree.name in _SIZES
    for child in children(tree):
        if not (is_size and isinstance(child, Ref | Area)):
            yield from _valued(child)


def _first_in(area: Range, plane: Plane) -> Cell | None:
    """Return the first entry of a plane within an area."""
    if not area.overlaps(plane.range):
        return None
    rows, columns = plane.cells()
    inside = (rows >= area.top) & (rows <= area.bottom)
    inside &= (columns >= area.left) & (columns <= area.right)
    first = np.flatnonzero(inside)
    return (int(rows[first[0]]), int(columns[first[0]])) if len(first) else None
