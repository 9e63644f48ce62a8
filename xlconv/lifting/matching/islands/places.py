"""Where islands are: rectangles of a few formulas, as they stand or as others read them.

Only places: what the formulas are is all the same, but that cells which only show others
make none: borders and vectors of references have patterns of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

from msgspec import Struct
from msgspec.structs import replace

from xlconv.lifting.matching.block_index import BlockIndex
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, single
from xlconv.spreadsheet.formula import Node, Ref, corners, references

# Larger planes have enough cells to tell their patterns.
MOST_CELLS = 16

# Planes that are interleaved have so many rows and columns.
_INTERLEAVED = 4

# Of so few cells, each may be the odd one.
_FEW = 2

# Blocks of so many cells together are looked through.
_MOST_LOOKED_AT = 20_000


class Island(Struct, frozen=True):
    """A rectangle of a sheet, and what its cells with formulas are of: number and place.

    Of a plane that is interleaved from several, it has every so many rows and columns.
    """

    sheet: int
    area: Range
    owners: dict[Cell, tuple[int, int, int]]  # block, row and column in it
    step: tuple[int, int] = (1, 1)

    @property
    def lattice(self) -> Plane:
        """Where its cells stand."""
        shape = ((n - 1) // step + 1 for n, step in zip(self.area.size, self.step, strict=True))
        height, width = shape
        return Plane((self.area.top, self.area.left), (height, width), self.step)

    @property
    def blocks(self) -> frozenset[int]:
        """The numbers of the blocks of its cells."""
        return frozenset(k for k, _, _ in self.owners.values())

    def cells(self, blocks: tuple[FormulaBlock, ...]) -> dict[tuple[int, int], FormulaBlock]:
        """Return its cells as blocks of their own, by row and column in the island.

        What could not be worked out is as it is written.
        """
        (down, right), (top, left) = self.step, self.lattice.origin
        cells = {
            ((row - top) // down, (column - left) // right): single(blocks[k], i, j)
            for (row, column), (k, i, j) in self.owners.items()
        }
        return {at: replace(one, tree=one.tree or one.written) for at, one in cells.items()}

    def trees(self, blocks: tuple[FormulaBlock, ...]) -> dict[tuple[int, int], Node]:
        """Return the formulas of its cells, none where only some of these are arrays."""
        cells = self.cells(blocks)
        if len({one.is_array for one in cells.values()}) > 1:
            return {}
        return {place: one.tree for place, one in cells.items() if one.tree is not None}


def islands(index: BlockIndex, *, odd: bool = False) -> list[Island]:
    """Return the islands that are of several blocks: no cell of those lies beyond.

    Where some cell of them may be `odd`, it may only show another, or read itself.
    """
    owners = _owners(index, shown=odd)
    found: dict[tuple[int, Range], Island] = {}
    for sheet, area in (*_standing(owners), *_read(index), *_within(owners, _read(index))):
        if (sheet, area) in found or not 1 < area.size[0] * area.size[1] <= MOST_CELLS:
            continue
        own = {cell: owners[sheet, cell] for cell in _cells(area) if (sheet, cell) in owners}
        one = Island(sheet, area, own)
        whole = sum(int(index.blocks[k].mask.sum()) for k in one.blocks) == len(own)
        is_one = len(own) == area.size[0] * area.size[1] and len(one.blocks) == 1
        is_one = is_one and not any(moves_fixed(index.blocks[k].tree) for k in one.blocks)
        if odd and len(own) == _FEW:  # of which one may be odd, as if both followed a pattern
            is_one = False
        others = set(index.touched(sheet, area)) - one.blocks
        knot = not odd and any(
            home == sheet and other.overlaps(area)
            for k in one.blocks for home, other in index.blocks[k].reads
        )  # fmt: skip
        if own and whole and not is_one and not others and not knot:
            found[sheet, area] = one
    stepped = _interleaved(index, owners) if odd else ()
    return [*found.values(), *stepped]


def _interleaved(
    index: BlockIndex, owners: dict[tuple[int, Cell], tuple[int, int, int]]
) -> Iterator[Island]:
    """Yield every second row and column of small planes, as strided layers interleave them."""
    for sheet, area in _standing(owners):
        if min(area.size) < _INTERLEAVED or area.size[0] * area.size[1] > MOST_CELLS:
            continue
        if any(n % 2 for n in area.size):
            continue
        for down in (0, 1):
            for right in (0, 1):
                part = area.grown(-down, down - 1, -right, right - 1)
                cells = [
                    (row, column) for row in range(part.top, part.bottom + 1, 2)
                    for column in range(part.left, part.right + 1, 2)
                ]  # fmt: skip
                own = {cell: owners[sheet, cell] for cell in cells if (sheet, cell) in owners}
                one = Island(sheet, part, own, (2, 2))
                whole = sum(int(index.blocks[k].mask.sum()) for k in one.blocks) == len(own)
                if own and whole and len(one.blocks) > 1:
                    yield one


def _owners(index: BlockIndex, *, shown: bool) -> dict[tuple[int, Cell], tuple[int, int, int]]:
    """Return which cell of which small block is where, by sheet and cell."""
    found: dict[tuple[int, Cell], tuple[int, int, int]] = {}
    for k, block in enumerate(index.blocks):
        small = block.mask.size <= MOST_CELLS and not block.spills and k not in index.aside
        few = shown and block.mask.sum() <= _FEW  # may be odd, whatever they are
        if small and (few or not (block.tree is None or isinstance(block.tree, Ref))):
            for i, j in zip(*block.mask.nonzero(), strict=True):
                at = block.lattice.cell(int(i), int(j))
                found[block.sheet, at] = k, int(i), int(j)
        if len(found) > _MOST_LOOKED_AT:
            return {}
    return found


def _standing(owners: dict[tuple[int, Cell], tuple[int, int, int]]) -> Iterator[tuple[int, Range]]:
    """Yield the rectangles around cells that stand side by side."""
    left = dict.fromkeys(owners)
    while left:
        sheet, start = next(iter(left))
        edge, area = [start], Range(*start, *start)
        del left[sheet, start]
        while edge:
            row, column = edge.pop()
            area = area.union(Range(row, column, row, column))
            beside = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
            for cell in beside:
                if (sheet, cell) in left:
                    del left[sheet, cell]
                    edge.append(cell)
        yield sheet, area


def _read(index: BlockIndex) -> Iterator[tuple[int, Range]]:
    for k, block in enumerate(index.blocks):
        if k not in index.aside:
            yield from block.reads


def _within(
    owners: dict[tuple[int, Cell], tuple[int, int, int]], read: Iterable[tuple[int, Range]]
) -> Iterator[tuple[int, Range]]:
    """Yield the rectangles of formulas in areas that begin or end with a line of numbers."""
    for sheet, area in read:
        if 1 < area.size[0] * area.size[1] <= 2 * MOST_CELLS:
            held = [Range(*cell, *cell) for cell in _cells(area) if (sheet, cell) in owners]
            if held:
                yield sheet, reduce(Range.union, held)


def moves_fixed(tree: Node | None) -> bool:
    """Whether a coordinate after a dollar moves from cell to cell, as copying leaves none."""
    ends = (end for one in references(tree) for end in corners(one)) if tree is not None else ()
    axes = (axis for end in ends for axis in (end.row, end.column) if axis.absolute)
    return any(axis.by_row or axis.by_column for axis in axes)


def _cells(area: Range) -> list[Cell]:
    return [
        (row, column)
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    ]
