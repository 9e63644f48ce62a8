"""Hidden cells that say which cells of a task are right: 1 where one is, else 0.

A mark stands on the sheet of checks, at the address of the cell that it is of. It compares the
cell with what the network says of the very cells that it reads, spelled in another way: so it
follows every change of the input, and a wrong cell does not make those after it wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from xlconv.classroom.exercises.respelling import respelled
from xlconv.layers.base.layer import Written
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.block import Block, expand
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import (
    MAX_FORMULA_LENGTH,
    Area,
    Binary,
    Call,
    Node,
    Number,
    Ref,
    area_of,
    on_sheet,
    references,
    render,
)
from xlconv.spreadsheet.formula.nodes import Array, children, with_children
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, indices_of, keys_of

_TOLERANCE = 1e-6  # of the largest number of a plane


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one block of cells: `block` is their formulas, on the sheet of checks."""

    block: Block

    @property
    def range(self) -> Range:
        """The rectangle that holds them."""
        return self.block.lattice.range

    @property
    def count(self) -> int:
        """How many there are."""
        height, width = self.block.lattice.shape
        return height * width


class Veil:
    """Numbers that a student is to find, kept on the sheet of checks as others.

    A number is that in its cell there, less one that stands in the formula.
    """

    def __init__(self, sheet: str, planes: Iterable[Plane], solution: Sheet, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._sheet, self._planes = sheet, tuple(planes)
        self._hidden: dict[Cell, float] = {}
        self._kept: dict[Cell, float] = {}
        for plane in self._planes:
            rows, columns = plane.cells()
            for cell in zip(rows.tolist(), columns.tolist(), strict=True):
                index = solution.find(cell)
                number = float(solution.numbers[index]) if index is not None else 0.0
                self._hidden[cell] = float(rng.integers(1, 90)) / 8  # exact in binary
                self._kept[cell] = number + self._hidden[cell]

    def hide(self, into: SheetBuilder) -> None:
        """Write the kept numbers to the sheet of checks."""
        for (row, column), number in self._kept.items():
            into.add(Kind.NUMBER, [row], [column], numbers=number)

    def over(self, tree: Node) -> Node:
        """Return a formula that reads the kept numbers instead of those to be found."""
        if isinstance(tree, Area | Ref):
            return self._reading(tree)
        return with_children(tree, tuple(self.over(one) for one in children(tree)))

    def _reading(self, reference: Area | Ref) -> Node:
        area = area_of(reference)
        if not any(plane.range.holds(area) for plane in self._planes):
            return reference
        there = on_sheet(reference, self._sheet)
        rows = [
            tuple(Number(self._hidden[row, column]) for column in range(area.left, area.right + 1))
            for row in range(area.top, area.bottom + 1)
        ]
        taken: Node = rows[0][0] if len(rows) == len(rows[0]) == 1 else Array(tuple(rows))
        return Binary("-", there, taken)


def marks_of(
    blocks: Iterable[Written], sheet: Sheet, values: Sheet, veil: Veil | None = None
) -> list[Marks]:
    """Return the marks of formulas that stand on `sheet`; `values` has the right values.

    Blocks that give texts have none.
    """
    found = []
    for one in blocks:
        lattice = one.block.lattice
        places = indices_of(keys_of(values.rows, values.columns), *lattice.cells())
        if np.any(places < 0) or np.any(values.cached[places] != Kind.NUMBER):
            continue
        largest = float(np.abs(values.numbers[places]).max(initial=0.0))
        wanted = wanted_by(one.block, sheet, values, veil)
        tree = _mark(lattice, wanted, sheet.name, _TOLERANCE * (largest or 1.0))
        found.append(Marks(Block(lattice, tree)))
    return found


def add_marks(marks: Iterable[Marks], into: SheetBuilder) -> None:
    """Write marks to the sheet of checks; what they are is calculated later."""
    for one in marks:
        expand(one.block, np.zeros(one.block.lattice.shape), into)


def wanted_by(block: Block, sheet: Sheet, values: Sheet, veil: Veil | None = None) -> Node:
    """Return what the cells of a block should compute, spelled anew and as another sheet sees it.

    `values` has the right values of the `sheet`, whose numbers a `veil` may hide.
    """
    tree = block.tree if veil is None else veil.over(block.tree)
    other = tree if _reads_words(block, values) else respelled(tree)
    if len(render(other)) > MAX_FORMULA_LENGTH // 4:
        other = tree
    return on_sheet(other, sheet.name)


def _reads_words(block: Block, values: Sheet) -> bool:
    """Whether a formula reads texts, which products pass over and sums of squares do not."""
    texts = np.flatnonzero(values.kinds == Kind.TEXT)
    rows, columns = values.rows[texts], values.columns[texts]
    height, width = block.lattice.shape
    for reference in references(block.tree):
        area = area_of(reference).union(area_of(reference, height - 1, width - 1))
        inside = (rows >= area.top) & (rows <= area.bottom)
        if np.any(inside & (columns >= area.left) & (columns <= area.right)):
            return True
    return False


def _mark(lattice: Plane, wanted: Node, sheet: str, tolerance: float) -> Node:
    """IFERROR(IF(ISNUMBER(cell),IF(ABS(cell-wanted)<=tolerance,1,0),0),0)."""
    own = on_sheet(lattice.entry(), sheet)
    apart = Call("ABS", (Binary("-", own, wanted),))
    close = Binary("<=", apart, Number(float(f"{tolerance:.2g}")))
    yes, no = Number(1.0), Number(0.0)
    asked = Call("IF", (Call("ISNUMBER", (own,)), Call("IF", (close, yes, no)), no))
    return Call("IFERROR", (asked, no))
