"""Formulas that stand alone, as planes of one cell and the last of two units do.

Their like stand further away, or should stand beside them. Yields what a cell would hold if
it were like another one; what makes a layer is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.islands.places import Island
from xlconv.lifting.matching.islands.ways import share_read
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Axis, Node, Ref, area_of, mapped, references

# Steps from plane to plane that are tried.
_MOST_JUMPS = 4

# Lines of so many cells may go on by one; and so many cells may be read one by one.
_LONGEST, _MOST_READ = 4, 16


def longer_lines(draft: Draft) -> Iterator[Island]:
    """Yield the lines of formulas with one more cell, at either end, that holds none."""
    for k, block in enumerate(draft.index.blocks):
        if not _is_line(draft, k) or draft.index.name_at(block):  # as long as its name says
            continue
        area = block.lattice.range
        owners = {
            block.lattice.cell(int(i), int(j)): (k, int(i), int(j))
            for i, j in zip(*block.mask.nonzero(), strict=True)
        }
        for down, right in ((1, 0), (0, 1)):
            if area.size[down] > 1:  # it goes the other way
                continue
            for sign in (1, -1):
                ends = (0, down, 0, right) if sign > 0 else (down, 0, right, 0)
                longer = area.grown(*ends)
                if min(longer.top, longer.left) >= 0 and draft.index.touched(
                    block.sheet, longer
                ) == [k]:
                    yield Island(block.sheet, longer, owners)


def _is_line(draft: Draft, k: int) -> bool:
    block = draft.index.blocks[k]
    known = block.tree is not None and not isinstance(block.tree, Ref) and bool(block.mask.all())
    n, m = block.lattice.shape
    short = min(n, m) == 1 and n * m <= _LONGEST and not block.spills
    return known and short and k not in draft.index.aside


def single_cells(draft: Draft) -> dict[tuple[int, Cell], int]:
    """Return the blocks of one cell, by sheet and cell."""
    return {
        (block.sheet, block.lattice.origin): k
        for k, block in enumerate(draft.index.blocks)
        if block.lattice.shape == (1, 1) and block.mask.all() and k not in draft.index.aside
        and block.tree is not None
    }  # fmt: skip


class Jumps:
    """How far formulas that stand alone are from each other, worked out once for each sheet."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._known: dict[int, list[int]] = {}

    def on(self, sheet: int) -> list[int]:
        """Return the steps in rows and columns, the shortest first."""
        if sheet not in self._known:
            self._known[sheet] = _jumps_between(self._draft, sheet)
        return self._known[sheet]


def _jumps_between(draft: Draft, sheet: int) -> list[int]:
    lines: dict[tuple[int, int], list[int]] = {}
    for home, cell in single_cells(draft):
        for axis in (0, 1) if home == sheet else ():
            lines.setdefault((axis, cell[axis]), []).append(cell[1 - axis])
    steps: set[int] = set()
    for line in map(sorted, lines.values()):
        for far in range(1, _MOST_JUMPS + 1):  # those further on are longer than as many others
            steps.update(b - a for a, b in zip(line, line[far:], strict=False))
    return sorted(steps)[:_MOST_JUMPS]


def read_beside(draft: Draft, singles: Mapping[tuple[int, Cell], int]) -> set[tuple[int, Cell]]:
    """Return the cells without a formula that are read one by one, as single formulas are."""
    found = set()
    for block in draft.index.blocks:
        if block.tree is None or int(block.mask.sum()) > _MOST_READ:
            continue
        cells = {
            (block.sheet, (area.top, area.left))
            for i, j in zip(*block.mask.nonzero(), strict=True)
            for one in references(block.tree) if isinstance(one, Ref) and one.sheet is None
            for area in [area_of(one, int(i), int(j))]
        }  # fmt: skip
        if cells & singles.keys():
            found |= {
                (sheet, cell) for sheet, cell in cells
                if not draft.index.touched(sheet, Range(*cell, *cell))
            }  # fmt: skip
    return found


class Siblings:
    """Formulas that stand alone, and what a cell would hold if it were like one of them.

    `singles` are their blocks, by sheet and cell.
    """

    def __init__(self, draft: Draft, singles: Mapping[tuple[int, Cell], int]) -> None:
        self._draft, self._singles = draft, singles
        self._jumps: dict[int, list[Cell]] = {}
        self._below: dict[int, frozenset[int]] = {}

    def formulas(self, sheet: int, cell: Cell, k: int | None) -> dict[Node, list[int]]:
        """Return what a cell may hold that is block k, or none, and which blocks speak for it."""
        blocks = self._draft.index.blocks
        own = None if k is None else blocks[k].tree
        found: dict[Node, list[int]] = {}
        for (home, _), other in self._singles.items():
            if home == sheet and other != k:
                for tree in _as_sibling(blocks[other], cell, own, self._jumps_of(other)):
                    if k is None or self._may_be_like(k, other, tree):
                        found.setdefault(tree, []).append(other)
        return found

    def _may_be_like(self, k: int, other: int, wanted: Node) -> bool:
        """Whether block k looks as if it should hold what another one says.

        It is spelled as that one, or reads what it should. Where one rests on the other, as an
        error does on the unit that it is of, they are no siblings, but for a slip in a formula
        that reads all that it should, and no more.
        """
        blocks = self._draft.index.blocks
        own, like = blocks[k].tree, blocks[other].tree
        if own is None or like is None or _spelling(own) == _spelling(like):
            return True
        share = share_read(own, wanted, (0, 0))
        if k in self._all_below(other) or other in self._all_below(k):
            return share == 1 == share_read(wanted, own, (0, 0))
        return share > 0

    def _all_below(self, k: int) -> frozenset[int]:
        """Return the blocks that a block rests on: those that it reads, and those that these do."""
        if k not in self._below:
            index, found, edge = self._draft.index, set[int](), [k]
            while edge:
                for read in index.blocks[edge.pop()].reads:
                    fresh = set(index.touched(*read)) - found
                    found |= fresh
                    edge += fresh
            self._below[k] = frozenset(found)
        return self._below[k]

    def _jumps_of(self, k: int) -> list[Cell]:
        """Return how far blocks are from those that a formula reads, of the same size."""
        if k not in self._jumps:
            blocks, like = self._draft.index.blocks, self._draft.index.blocks[k]
            alike = [block.lattice for block in blocks if block.sheet == like.sheet]
            found: dict[Cell, None] = {}
            for read in like.reads:
                for number in self._draft.index.touched(*read):
                    one = blocks[number].lattice
                    for other in alike:
                        if other.shape == one.shape and other.origin != one.origin:
                            (top, left), (row, column) = one.origin, other.origin
                            found[row - top, column - left] = None
            self._jumps[k] = list(found)[:_MOST_JUMPS]
        return self._jumps[k]


def _as_sibling(
    like: FormulaBlock, cell: Cell, own: Node | None, jumps: Sequence[Cell]
) -> Iterator[Node]:
    """Yield what a cell holds if it is like a block of one cell in its row or its column.

    What the other reads stays, moves as the cell does, or by one of the `jumps` from plane to
    plane; what has dollars moves along or not.
    """
    (top, left), (row, column) = like.lattice.origin, cell
    if like.tree is None or isinstance(like.tree, Ref) or (top != row and left != column):
        return
    far = (row - top, column - left)
    ways = [(far, far), (far, (0, 0)), ((0, 0), far)]
    ways += [(jump, fixed) for jump in jumps for fixed in ((0, 0), far)]
    found: dict[Node, None] = {}
    for way in ways:
        found[mapped(like.tree, partial(_shifted, by=way))] = None
    yield from (one for one in found if one != own)


def _spelling(tree: Node) -> Node:
    """Return a formula without its coordinates."""
    return mapped(tree, lambda one: replace(one, row=Axis(0), column=Axis(0)))


def _is_fixed(one: Ref) -> bool:
    return one.row.absolute and one.column.absolute


def _shifted(one: Ref, by: tuple[Cell, Cell]) -> Ref:
    down, right = by[_is_fixed(one)]
    return replace(
        one,
        row=replace(one.row, offset=max(0, one.row.offset + down)),
        column=replace(one.column, offset=max(0, one.column.offset + right)),
    )
