"""Which sides of the hinges in formulas draws entered: of comparisons, IF, CHOOSE, MAX, MIN, ABS.

What a formula gives on a side that no draw entered is proven by nobody, so those are counted.
Some cells of a block stand for all of them: they have one formula. Compares nothing with what
a layer gives.
"""

from __future__ import annotations

from collections import Counter
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
# A formula of whole numbers, as of a class, gives the right one by chance now and then: a side
# of one is entered where so many cells were on it.
_OFTEN = 8


class UnseenSide(Struct, frozen=True):
    """A part of a formula that has so many sides, of which draws entered only the `seen`.

    On those that are `rare` a formula of whole numbers was tried so seldom that what it gave
    may be right by chance.
    """

    sheet: int
    cell: Cell
    hinge: Call
    sides: int
    seen: frozenset[int]
    rare: frozenset[int] = frozenset()


class _Hinge(Struct):
    """A hinge in some cells of a block; `seen` counts, by side, the cells that entered it."""

    block: FormulaBlock
    tree: Call
    parts: tuple[Node, ...]
    sides: int
    seen: Counter[int] = field(default_factory=Counter)
    is_whole: bool = True  # its block has given nothing but whole numbers

    def side(self, grids: list[ValueGrid], calculation: Calculation) -> Integers:
        """Return the side on which each cell is: of an IF 0 where it is false, 1 where true."""
        cells = cells_of(self.block, grids, calculation.pool)
        found = [evaluate(one, cells) for one in self.parts]
        known = ~np.any([np.asarray(kinds) == ERROR for _, kinds in found], axis=0)
        numbers = np.array([np.broadcast_to(one, known.shape) for one, _ in found])
        if self.tree.name == "IF":
            at = (numbers[0] != 0).astype(np.int64)
        elif self.tree.name == "CHOOSE":
            at = np.clip(numbers[0], 0, self.sides + 1).astype(np.int64) - 1
        elif self.tree.name == "IFS":  # where no part is true, what stands last
            is_true = np.concatenate([numbers != 0, np.ones_like(numbers[:1], np.bool_)])
            at = is_true.argmax(axis=0)
        elif self.tree.name == "MEDIAN":
            at = np.argsort(numbers, axis=0)[1]
        elif self.tree.name == "MIN":
            at = numbers.argmin(axis=0)
        else:
            at = numbers.argmax(axis=0)
        if known.shape == self.block.mask.shape:
            known &= self.block.mask
        entered: Integers = at[known & (at >= 0) & (at < self.sides)]
        return entered

    @property
    def rare(self) -> frozenset[int]:
        """The sides that were entered, and too seldom."""
        least = _OFTEN if self.is_whole else 1
        return frozenset(one for one, count in self.seen.items() if count < least)


class Sides:
    """The hinges of the blocks that are tried, and which of their sides were entered so far."""

    def __init__(self) -> None:
        self._hinges: dict[tuple[int, Cell], list[_Hinge]] = {}

    def look(
        self,
        blocks: Iterable[FormulaBlock],
        grids: list[ValueGrid],
        calculation: Calculation,
        *,
        is_stored: bool = True,
    ) -> None:
        """Look at one draw; the grids hold what blocks read of it.

        And what they give, where that `is_stored`.
        """
        for block in blocks:
            if not block.mask.any():
                continue
            place = block.sheet, block.lattice.cell(*_first_of(block))
            if place not in self._hinges:
                self._hinges[place] = list(_hinges_of(block))
            for one in self._hinges[place]:
                if one.is_whole:
                    one.is_whole = is_stored and _gives_whole_numbers(block, grids)
                if len(one.seen) < one.sides or one.rare:
                    try:
                        with np.errstate(all="ignore"):
                            one.seen.update(one.side(grids, calculation).tolist())
                    except Unsupported:  # another check says so
                        one.seen.update(dict.fromkeys(range(one.sides), _OFTEN))

    def unseen(self) -> tuple[UnseenSide, ...]:
        """Return the hinges with a side that no draw entered, or too few."""
        return tuple(
            UnseenSide(*place, one.tree, one.sides, frozenset(one.seen) - one.rare, one.rare)
            for place, own in self._hinges.items() for one in own
            if len(one.seen) < one.sides or one.rare
        )  # fmt: skip


def _first_of(block: FormulaBlock) -> tuple[int, int]:
    """Return the first cell of a block that it computes: others may stand in its corner."""
    i, j = np.argwhere(block.mask)[0].tolist()
    return i, j


def _gives_whole_numbers(block: FormulaBlock, grids: list[ValueGrid]) -> bool:
    numbers = grids[block.sheet].numbers[block.cells[block.mask]]
    return bool((numbers == np.rint(numbers)).all())


def _hinges_of(block: FormulaBlock) -> Iterator[_Hinge]:
    if block.tree is None or block.spills:
        return
    rows, columns = (
        range(start, min(n, start + _LOOKED_AT))
        for start, n in zip(_first_of(block), block.lattice.shape, strict=True)
    )
    some = part(block, rows, columns)
    assert some.tree is not None
    asked = {id(each) for one in every(some.tree) for given in _asked(one) for each in every(given)}
    for one in every(some.tree):
        match one:
            case Call("IF", (condition, *_)):
                yield _Hinge(some, one, (condition,), 2)
            case Binary("=" | "<>" | "<" | ">" | "<=" | ">=") if id(one) not in asked:
                # A factor of 0 or 1 is an IF by another name.
                yield _Hinge(some, Call("IF", (one,)), (one,), 2)
            case Call("MEDIAN", (first, second, third)):
                yield _Hinge(some, one, (first, second, third), 3)
            case Call("IFS", (_, _, *_)):
                conditions = one.arguments[::2]
                yield _Hinge(some, one, conditions, len(conditions))
            case Call("CHOOSE", (number, _, *options)):
                yield _Hinge(some, one, (number,), 1 + len(options))
            case Call("MAX" | "MIN", (_, _, *_)):
                # A range of several cells is as large as the largest of them.
                parts = tuple(Call(one.name, (each,)) for each in one.arguments)
                yield _Hinge(some, one, parts, len(parts))
            case Call("ABS", (inner,)):
                yield _Hinge(some, one, (inner, Binary("-", Number(0.0), inner)), 2)


def _asked(tree: Node) -> tuple[Node, ...]:
    """Return what an IF, IFS or CHOOSE asks for: its sides are counted there."""
    match tree:
        case Call("IF" | "CHOOSE", (condition, *_)):
            return (condition,)
        case Call("IFS"):
            return tree.arguments[::2]
    return ()
