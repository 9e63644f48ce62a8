"""Numbers that a student is to find, kept on the sheet of checks as others.

Each is the difference of two cells there: one at the address of the number, one as many columns
to the right as the network's sheet has. Nobody reads it off at a glance; who computes, can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

import numpy as np
from msgspec.structs import replace

from xlconv.errors import XlconvError
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Area, Binary, Node, Ref, area_of, corners, mapped, on_sheet
from xlconv.spreadsheet.formula.nodes import children, with_children
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder

_APART = 10  # columns


class Veil:
    """The numbers of some planes of a sheet, hidden on another, the `home` of checks.

    `seed` draws by how much they are changed.
    """

    def __init__(self, home: str, planes: Iterable[Plane], solution: Sheet, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._home, self._planes = home, tuple(planes)
        self._right = int(solution.columns.max()) + _APART
        self._kept: dict[Cell, float] = {}
        for plane in self._planes:
            for row, column in plane.entry_cells():
                index = solution.find((row, column))
                number = float(solution.numbers[index]) if index is not None else 0.0
                added = float(rng.integers(1, 90)) / 8  # exact in binary
                self._kept[row, column] = number + added
                self._kept[row, column + self._right] = added

    def hide(self, into: SheetBuilder) -> None:
        """Write the kept numbers to the sheet of checks."""
        for (row, column), number in self._kept.items():
            into.add(Kind.NUMBER, [row], [column], numbers=number)

    def over(self, block: Block) -> Node:
        """Return a block's formula with the kept numbers in place of those to be found.

        Raises XlconvError where it reads them together with other cells.
        """
        return self._over(block.tree, block.lattice.shape)

    def _over(self, tree: Node, shape: tuple[int, int]) -> Node:
        if not isinstance(tree, Area | Ref):
            inner = tuple(self._over(one, shape) for one in children(tree))
            return with_children(tree, inner)
        found = {any(plane.range.holds(area) for plane in self._planes)
                 for area in areas_read(tree, shape)}  # fmt: skip
        if found == {False} and not self._touches(tree, shape):
            return tree
        if found != {True}:
            raise XlconvError(
                f"{self._planes[0].range.name}: read together with other cells; "
                "expected numbers that formulas read by themselves"
            )
        there = on_sheet(tree, self._home)
        aside = mapped(there, lambda one: replace(
            one, column=replace(one.column, offset=one.column.offset + self._right)
        ))  # fmt: skip
        return Binary("-", there, aside)

    def _touches(self, tree: Area | Ref, shape: tuple[int, int]) -> bool:
        return any(
            plane.range.overlaps(area) for area in areas_read(tree, shape) for plane in self._planes
        )


def areas_read(reference: Area | Ref, shape: tuple[int, int]) -> Iterator[Range]:
    """Yield the ranges that a reference stands for in the cells of a block, each once."""
    axes = [axis for end in corners(reference) for axis in (end.row, end.column)]
    rows = range(shape[0] if any(axis.by_row for axis in axes) else 1)
    columns = range(shape[1] if any(axis.by_column for axis in axes) else 1)
    yield from dict.fromkeys(area_of(reference, i, j) for i, j in product(rows, columns))
