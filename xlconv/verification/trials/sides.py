"""Which sides of the hinges in formulas draws entered: of every IF, and MAX, MIN or ABS.

What a formula gives on a side that no draw entered is proven by nobody, so those are counted.
Some cells of a block stand for all of them: they have one formula. Compares nothing with what
a layer gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from msgspec import Struct, field

from xlconv.arrays import Integers
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.evaluate import evaluate
from xlconv.spreadsheet.calculation.evaluate_block import cells_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, part
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.formula import Binary, Call, Node, Number
from xlconv.spreadsheet.formula.nodes import every
from xlconv.spreadsheet.values import ERROR, Unsupported

# So many rows and columns of a block are looked at.
_LOOKED_AT = 8


class UnseenSide(Struct, frozen=True):
    """A part of a formula that has so many sides, of which draws entered only the `seen`."""

    sheet: int
    cell: Cell
    hinge: Call
    sides: int
    seen: frozenset[int]


class _Hinge(Struct):
    """A hinge in some cells of a block; `seen` grows with every draw."""

    block: FormulaBlock
    tree: Call
    parts: tuple[Node, ...]
    seen: set[int] = field(default_factory=set)

    @property
    def sides(self) -> int:
        return max(2, len(self.parts))

    def side(self, grids: list[ValueGrid], calculation: Calculation) -> Integers:
        """Return the side on which each cell is: of an IF 0 where it is false, 1 where true."""
        cells = cells_of(self.block, grids, calculation.pool)
        found = [evaluate(one, cells) for one in self.parts]
        known = ~np.any([np.asarray(kinds) == ERROR for _, kinds in found], axis=0)
        numbers = np.array([np.broadcast_to(one, known.shape) for one, _ in found])
        if self.tree.name == "IF":
            at = (numbers[0] != 0).astype(np.int64)
        elif self.tree.name == "MIN":
            at = numbers.argmin(axis=0)
        else:
            at = numbers.argmax(axis=0)
        entered: Integers = at[known]
        return entered


class Sides:
    """The hinges of the blocks that are tried, and which of their sides were entered so far."""

    def __init__(self) -> None:
        self._hinges: dict[tuple[int, Cell], list[_Hinge]] = {}

    def look(
        self, blocks: Iterable[FormulaBlock], grids: list[ValueGrid], calculation: Calculation
    ) -> None:
        """Look at one draw; the grids hold what blocks read of it."""
        for block in blocks:
            place = block.sheet, block.lattice.origin
            if place not in self._hinges:
                self._hinges[place] = list(_hinges_of(block))
            for one in self._hinges[place]:
                if len(one.seen) < one.sides:
                    try:
                        with np.errstate(all="ignore"):
                            one.seen.update(one.side(grids, calculation).tolist())
                    except Unsupported:
                        one.seen.update(range(one.sides))  # another check says so

    def unseen(self) -> tuple[UnseenSide, ...]:
        """Return the hinges with a side that no draw entered."""
        return tuple(
            UnseenSide(*place, one.tree, one.sides, frozenset(one.seen))
            for place, own in self._hinges.items() for one in own if len(one.seen) < one.sides
        )  # fmt: skip


def _hinges_of(block: FormulaBlock) -> Iterator[_Hinge]:
    if block.tree is None or block.spills or not block.mask.any():
        return
    rows, columns = (range(min(n, _LOOKED_AT)) for n in block.lattice.shape)
    some = part(block, rows, columns)
    assert some.tree is not None
    for one in every(some.tree):
        match one:
            case Call("IF", (condition, *_)):
                yield _Hinge(some, one, (condition,))
            case Call("MAX" | "MIN", (_, _, *_)):
                # A range of several cells is as large as the largest of them.
                yield _Hinge(some, one, tuple(Call(one.name, (each,)) for each in one.arguments))
            case Call("ABS", (inner,)):
                yield _Hinge(some, one, (inner, Binary("-", Number(0.0), inner)))
