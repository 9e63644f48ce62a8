"""Hidden cells that say which cells of a task are right: 1 where one is, else 0.

A mark stands on the sheet of checks, at the address of the cell that it is of. It compares the
cell with what the network says of the very cells that it reads, spelled in another way: so it
follows every change of the input, and a wrong cell does not make those after it wrong. Where a
`Doubt` speaks against a number that looks right, its mark is a question mark, which nobody counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array
from xlconv.classroom.exercises.doubts import Doubt, Witness
from xlconv.classroom.exercises.respelling import respelled
from xlconv.classroom.exercises.veil import Veil
from xlconv.layers.base.layer import Written
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.blocks.block import Block, expand
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import (
    MAX_FORMULA_LENGTH,
    Binary,
    Call,
    Node,
    Number,
    area_of,
    on_sheet,
    references,
    render,
)
from xlconv.spreadsheet.formula.nodes import Text
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, indices_of, keys_of

_NO, _YES, _PERHAPS = Number(0.0), Number(1.0), Text("?")
_TOLERANCE = 1e-6  # of the largest number of a plane
_LONGEST = MAX_FORMULA_LENGTH - 100


class Marks(Struct, frozen=True):
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


def marks_of(
    blocks: Iterable[Written], sheet: Sheet, values: Sheet, right: Mapping[Cell, Node] = {}
) -> list[Marks]:
    """Return the marks of formulas that stand on `sheet`; `values` has the right values.

    `right` says by a block's first cell what the mark of a number is that looks right, if not 1.
    Blocks that give texts have none.
    """
    found = []
    for one in blocks:
        lattice = one.block.lattice
        places = indices_of(keys_of(values.rows, values.columns), *lattice.cells())
        if np.any(places < 0) or np.any(values.cached[places] != Kind.NUMBER):
            continue
        wanted = wanted_by(one.block, sheet, values)
        yes = right.get(lattice.origin, _YES)
        tree = _mark(lattice, wanted, sheet.name, tolerance_of(lattice, values), yes)
        found.append(Marks(Block(lattice, tree)))
    return found


def goal_marks(block: Block, goal: Plane, sheet: Sheet, values: Sheet) -> Marks:
    """Return marks of cells that should show what stands in the plane `goal` of the checks.

    Where that is 0 none is set: an empty kernel gives as much.
    """
    tolerance = tolerance_of(block.lattice, values)
    own = on_sheet(block.lattice.entry(), sheet.name)
    shown = goal.entry()
    apart = Call("ABS", (Binary("-", own, shown),))
    nothing = Binary("<=", Call("ABS", (shown,)), tolerance)
    asked = Call("IF", (Binary("<=", apart, tolerance), _YES, _NO))
    tree = Call("IF", (Call("ISNUMBER", (own,)), Call("IF", (nothing, _NO, asked)), _NO))
    return Marks(Block(block.lattice, Call("IFERROR", (tree, _NO))))


def tolerance_of(lattice: Plane, values: Sheet) -> Number:
    """Return how far a number of a plane may be off, by the largest of the right ones."""
    largest = float(np.abs(numbers_in(lattice, values)).max(initial=0.0)) or 1.0
    return Number(float(f"{_TOLERANCE * largest:.2g}"))


def numbers_in(lattice: Plane, values: Sheet) -> Array:
    """Return the numbers of a plane, row by row, all of whose cells hold something."""
    keys = keys_of(values.rows, values.columns)
    found: Array = values.numbers[indices_of(keys, *lattice.cells())]
    return found


def add_marks(marks: Iterable[Marks], into: SheetBuilder) -> None:
    """Write marks to the sheet of checks; what they are is calculated later."""
    for one in marks:
        expand(one.block, np.zeros(one.block.lattice.shape), into)


def wanted_by(block: Block, sheet: Sheet, values: Sheet, veil: Veil | None = None) -> Node:
    """Return what the cells of a block should compute, spelled anew and as another sheet sees it.

    `values` has the right values of the `sheet`, whose numbers a `veil` may hide.
    """
    tree = block.tree if veil is None else veil.over(block)
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


def write_doubt(
    doubt: Doubt, one: Written, sheet: Sheet, into: SheetBuilder, at: Cell, right: int
) -> Node:
    """Write what a doubt is known by, from the cell `at` on; return the mark of a right number.

    Below it a row for each wrong formula: whether its witnesses speak against it. Beside it a row
    for each sum of digits that a cell has: that sum, and how many of its formulas are spoken
    against. The sums of the block's cells stand `right` columns beside their marks. Only
    arithmetic: not every program takes functions of one number for those of a range.
    """
    (row, column), lattice = at, one.block.lattice
    wanted = {
        other.block.lattice.origin: wanted_by(other.block, sheet, sheet)
        for witnesses in doubt.witnesses for other, *_ in witnesses
    }  # fmt: skip
    for k, witnesses in enumerate(doubt.witnesses):
        said = [_verdict(each, wanted[each[0].block.lattice.origin], sheet) for each in witnesses]
        while sum(map(len, said)) > _LONGEST:
            said.pop()
        against = f"IF({'+'.join(said)}<=-{min(2, len(said))},1,0)"
        into.add(Kind.FORMULA, [row + k], [column], texts=[against])
    for k, digits in enumerate(doubt.sums):
        into.add(Kind.NUMBER, [row + k], [column + 1], numbers=float(digits))
        places = [at for at in range(len(doubt.witnesses)) if digits >> at & 1]
        text = "+".join(a1_name((row + at, column)) for at in places)
        into.add(Kind.FORMULA, [row + k], [column + 2], texts=[text])
    rows, columns = lattice.cells()
    into.add(Kind.NUMBER, rows, columns + right, numbers=doubt.digits.astype(np.float64).ravel())
    own = Plane((lattice.origin[0], lattice.origin[1] + right), lattice.shape, lattice.step)
    size = len(doubt.sums), 1
    known, spoken = (Plane((row, column + k), size).fixed() for k in (1, 2))
    here = Binary("*", Binary("=", known, own.entry()), spoken)
    return Call("IF", (Binary(">", Call("SUMPRODUCT", (here,)), _NO), _PERHAPS, _YES))


def _verdict(witness: Witness, wanted: Node, sheet: Sheet) -> str:
    """Return the formula of one witness: 1 where it is right, -1 where wrong, 0 while empty."""
    one, i, j = witness
    lattice = one.block.lattice
    own = render(on_sheet(lattice.entry(), sheet.name), i, j)
    close = f"ABS({own}-({render(wanted, i, j)}))<={render(tolerance_of(lattice, sheet))}"
    return f"IFERROR(IF(ISBLANK({own}),0,IF({close},1,-1)),-1)"


def _mark(lattice: Plane, wanted: Node, sheet: str, tolerance: Number, yes: Node) -> Node:
    """IFERROR(IF(ISNUMBER(cell),IF(ABS(cell-wanted)<=tolerance,yes,0),0),0)."""
    own = on_sheet(lattice.entry(), sheet)
    close = Binary("<=", Call("ABS", (Binary("-", own, wanted),)), tolerance)
    said = Call("IF", (close, yes, _NO))
    asked = Call("IF", (Call("ISNUMBER", (own,)), said, _NO))
    return Call("IFERROR", (asked, _NO))
