"""Cells that show others' numbers, or compare them: tied cells, kernel menus, comparisons.

Each noun writes its formula (`block`) and reads it back (`match`). Only trees and
geometry: knows no layers, no values and no sheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from msgspec import Struct

from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.plane import Plane, fixed_ref
from xlconv.spreadsheet.formula import (
    Area,
    Axis,
    Call,
    Node,
    Number,
    Ref,
    corners,
    references,
    render_block,
)


class TiedCell(Struct, frozen=True):
    """A cell of parameters that shows the number of another: `=$G$3`, a tied weight."""

    cell: Cell
    number: Cell
    options: ClassVar[tuple[KernelOption, ...]] = ()

    def block(self) -> Block:
        """Return the formula."""
        return Block(Plane(self.cell, (1, 1)), fixed_ref(self.number))

    def holds(self, cell: Cell) -> bool:
        """Whether a cell is one of those that show another's number."""
        return cell == self.cell

    @classmethod
    def match(cls, tree: Node, lattice: Plane, i: int = 0, j: int = 0) -> TiedCell | None:
        """Return the tied cell that the formula of cell (i, j) of a block spells, or None."""
        if not isinstance(tree, Ref) or tree.sheet is not None:
            return None
        return cls(lattice.cell(i, j), (tree.row.at(i, j), tree.column.at(i, j)))


class KernelOption(Struct, frozen=True):
    """A kernel that a kernel menu offers by its name, with its numbers row by row."""

    name: str
    plane: Plane
    numbers: tuple[float, ...]


class KernelMenu(Struct, frozen=True):
    """A kernel that is chosen by name: `=INDEX(column, MATCH(key, names, 0))`, entry by entry.

    The kernels stand below each other, each with its name beside its first row: that of
    a name at row k of `names` begins k rows below `first`.
    """

    plane: Plane  # the kernel that follows the choice
    key: Cell
    names: Range  # one column
    first: Cell
    options: tuple[KernelOption, ...] = ()

    def block(self) -> Block:
        """Return the formula of the kernel that follows."""
        (row, column), last = self.first, self.names.bottom - self.names.top
        entries = Area(
            Ref(Axis(row, by_row=1), Axis(column, by_column=1)),
            Ref(Axis(row + last, by_row=1), Axis(column, by_column=1)),
        )
        names = Area(
            fixed_ref((self.names.top, self.names.left)),
            fixed_ref((self.names.bottom, self.names.right)),
        )
        match = Call("MATCH", (fixed_ref(self.key), names, Number(0)))
        return Block(self.plane, Call("INDEX", (entries, match)))

    def holds(self, cell: Cell) -> bool:
        """Whether a cell is one of those that show another's number."""
        return self.plane.index_of(cell) is not None

    def kernel_of(self, row: int) -> Plane:
        """Return the kernel whose name stands in a row of the sheet."""
        top = self.first[0] + row - self.names.top
        return Plane((top, self.first[1]), self.plane.shape)

    @classmethod
    def match(cls, tree: Node, plane: Plane) -> KernelMenu | None:
        """Return the kernel menu, without options, that the formula of a block spells, or None."""
        match tree:
            case Call(
                "INDEX", (Area(top, _), Call("MATCH", (Ref() as key, Area() as names, zero)))
            ):
                pass
            case _:
                return None
        head, foot = corners(names)
        still = (key, head, foot)
        found = cls(
            plane,
            (key.row.offset, key.column.offset),
            Range(head.row.offset, head.column.offset, foot.row.offset, foot.column.offset),
            (top.row.offset, top.column.offset),
        )
        same = _coordinates(found.block().tree) == _coordinates(tree) and zero == Number(0)
        return found if same and not any(map(_moves, still)) else None


class PlaneComparison(Struct, frozen=True):
    """A cell that compares two planes: the sum of the squares of their differences."""

    cell: Cell
    one: Plane
    other: Plane

    def block(self) -> Block:
        """Return the formula."""
        ends = (self.one.fixed(absolute=False), self.other.fixed(absolute=False))
        return Block(Plane(self.cell, (1, 1)), Call("SUMXMY2", ends))

    @classmethod
    def match(cls, tree: Node, cell: Cell) -> PlaneComparison | None:
        """Return the comparison that the formula of one cell spells, or None."""
        match tree:
            case Call("SUMXMY2", (Area() as one, Area() as other)):
                left, right = _plane_of(one), _plane_of(other)
                if left is not None and right is not None and left.shape == right.shape:
                    return cls(cell, left, right)
        return None


def formulas_of(links: Iterable[TiedCell | KernelMenu]) -> dict[Cell, str]:
    """Return the formula of every cell that takes its number from another."""
    found: dict[Cell, str] = {}
    for one in links:
        block = one.block()
        rows, columns = (axis.tolist() for axis in block.lattice.cells())
        found |= zip(
            zip(rows, columns, strict=True),
            render_block(block.tree, block.lattice.shape),
            strict=True,
        )
    return found


def _plane_of(area: Area) -> Plane | None:
    first, last = corners(area)
    if first.sheet is not None or _moves(first) or _moves(last):
        return None
    (top, left), (bottom, right) = ((one.row.offset, one.column.offset) for one in (first, last))
    return Plane((top, left), (bottom - top + 1, right - left + 1))


def _moves(ref: Ref) -> bool:
    return bool(ref.row.by_row or ref.row.by_column or ref.column.by_row or ref.column.by_column)


def _coordinates(tree: Node) -> list[tuple[object, ...]]:
    """Return where the references of a tree point, whatever dollars they have."""
    return [
        (one.sheet, one.row.offset, one.row.by_row, one.row.by_column,
         one.column.offset, one.column.by_row, one.column.by_column)
        for reference in references(tree)
        for one in corners(reference)
    ]  # fmt: skip
