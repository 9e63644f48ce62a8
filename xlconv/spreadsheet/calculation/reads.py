"""What the formula of a block reads, as far as its text and its place tell.

`OFFSET($A$2,ROW()-3,COLUMN()-34,3,3)` depends on the cell's place only: where such a range
moves evenly with the cell it becomes the reference that says the same, so that all who look
at the tree see it; where it moves otherwise, the smallest range that holds them all is known.
INDEX by values of cells reads some of its whole range. OFFSET by values of cells, and a range
that ends at an INDEX by values, can reach any cell: what they reach is found once the cells
that they are worked out from are calculated (`Reads.waits`, `reached`). Never reads a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce

import numpy as np
from msgspec import Struct, field

from xlconv.arrays import Mask
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.cells import Cells
from xlconv.spreadsheet.calculation.evaluate import single_of, takes_arrays
from xlconv.spreadsheet.calculation.functions import OVER_RANGES
from xlconv.spreadsheet.calculation.place import Place, spanned
from xlconv.spreadsheet.calculation.places import PLACES, is_referring, located
from xlconv.spreadsheet.formula import nodes
from xlconv.spreadsheet.formula.nodes import Area, Node, Ref, children, with_children
from xlconv.spreadsheet.values import Pool, Unsupported, Value

# OFFSET by the array that ROW() is there: an array of ranges, with which some work and some not.
_DOUBTFUL = "a range by ROW() or COLUMN() in an array formula, which programs take differently"


class _NeedsCells(Unsupported):
    """A place that depends on the values of cells."""


class Where(Struct, frozen=True):
    """The cells of a block: their sheet and lattice, and which of its entries they are."""

    sheet: int
    lattice: Plane
    mask: Mask
    spills: bool = False
    is_array: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """The rows and columns that are evaluated: an array formula is one."""
        return (1, 1) if self.spills else self.lattice.shape


class Reads(Struct):
    """A block's tree with its ranges as references, and what it reads besides them.

    `areas` has everything that is known to be read. `waits` is what must be calculated
    before the rest is known, None where nothing is missing.
    """

    tree: Node
    areas: set[tuple[int, Range]] = field(default_factory=set)
    waits: set[tuple[int, Range]] | None = None


def is_moving(tree: Node) -> bool:
    """Whether a formula has ranges, or names, that are not written out."""
    if is_referring(tree) or (isinstance(tree, nodes.Call) and tree.name == "LET"):
        return True
    return any(is_moving(child) for child in children(tree))


def read_references(tree: Node) -> Iterator[Ref | Area]:
    """Yield the references whose cells are read: ROW(A1) asks for a place only."""
    match tree:
        case Ref() | Area():
            yield tree
        case nodes.Call(name, (Ref() | Area(),)) if name in PLACES:
            return
        case nodes.Call("OFFSET", (Ref() | Area(), *moves)):
            for one in moves:
                yield from read_references(one)
        case _:
            for child in children(tree):
                yield from read_references(child)


def plain_areas(tree: Node, where: Where) -> set[tuple[int, Range]]:
    """Return what the references that are written out reach, by sheet."""
    return {
        (sheet_of(one, where.sheet), range_reached(one, where.shape))
        for one in read_references(tree)
    }


def reads_of(tree: Node, where: Where, spend: Callable[[int], None] = lambda _: None) -> Reads:
    """Return what a formula without names of its own reads. Raises Unsupported."""
    return _Finder(where, _cells(where, spend)).found(tree)


def reached(tree: Node, where: Where, cells: Cells) -> set[tuple[int, Range]]:
    """Return what the ranges of a tree that depend on values reach; `cells` can read.

    Raises Unsupported where that cannot be said.
    """
    if is_referring(tree):
        place = located(tree, cells, single_of)
        if place is not None:
            return _bounds(place, where)
    return set().union(*(reached(child, where, cells) for child in children(tree)))


def _bounds(place: Place, where: Where) -> set[tuple[int, Range]]:
    area = place.bounds(where.mask if not where.spills else None)
    sheet = where.sheet if place.sheet is None else int(place.sheet)
    if area is None:
        return set()
    clipped = Range(
        max(area.top, 0), max(area.left, 0),
        min(area.bottom, MAX_ROWS - 1), min(area.right, MAX_COLUMNS - 1),
    )  # fmt: skip
    return {(sheet, clipped)} if clipped.top <= clipped.bottom else set()


def _cells(where: Where, spend: Callable[[int], None]) -> Cells:
    def read(*_: object, **__: object) -> Value:
        raise _NeedsCells("a place that depends on the values of cells")

    lines = [
        np.asarray(start + 1 + step * np.arange(count), np.float64)
        for start, step, count in zip(
            where.lattice.origin, where.lattice.step, where.lattice.shape, strict=True
        )
    ]
    axes = ((1, 1, -1, 1), (1, 1, 1, -1)) if where.spills else ((-1, 1, 1, 1), (1, -1, 1, 1))
    rows, columns = (line.reshape(shape) for line, shape in zip(lines, axes, strict=True))
    return Cells(where.shape, read, rows, columns, Pool(), spend=spend, gather=read)


class _Finder(Struct):
    where: Where
    cells: Cells

    def found(self, tree: Node, *, is_operand: bool = False, shielded: bool = False) -> Reads:
        """Return what a part reads; `is_operand` of what is worked out entry by entry.

        `shielded` is what stands in a function that does so by itself, as SUMPRODUCT.
        """
        if isinstance(tree, Ref | Area):
            return Reads(tree, plain_areas(tree, self.where))
        if is_referring(tree):
            doubtful = (
                is_operand and not shielded and self.where.is_array and _is_by_own_place(tree)
            )
            try:
                place = located(tree, self.cells, single_of)
            except _NeedsCells:
                if doubtful:
                    raise Unsupported(_DOUBTFUL) from None
                return self._by_values(tree)
            if place is not None:
                if doubtful and not place.is_single:
                    raise Unsupported(_DOUBTFUL)
                return self._known(tree, place)
        if not is_moving(tree):
            return Reads(tree, plain_areas(tree, self.where))
        entrywise = not (isinstance(tree, nodes.Call) and tree.name in OVER_RANGES)
        shielded |= isinstance(tree, nodes.Call) and takes_arrays(tree.name)
        inner = [
            self.found(child, is_operand=entrywise, shielded=shielded) for child in children(tree)
        ]
        return self._joined(tree, inner)

    def _known(self, tree: Node, place: Place) -> Reads:
        reference = None if self.where.spills else place.reference(self.where.mask)
        if reference is None:
            return Reads(tree, _bounds(place, self.where))
        return Reads(reference, plain_areas(reference, self.where))

    def _by_values(self, tree: Node) -> Reads:
        """Return what is known of a range that depends on values."""
        arguments = [self.found(one) for one in _arguments(tree)]
        if any(one.waits is not None for one in arguments):
            raise Unsupported("an OFFSET by what another OFFSET gives")
        areas = set().union(*(one.areas for one in arguments))
        try:
            whole = self._extent(tree)
        except _NeedsCells:
            return Reads(tree, areas, set(areas))
        return Reads(tree, areas if whole is None else areas | _bounds(whole, self.where))

    def _extent(self, tree: Node) -> Place | None:
        """Return a place that holds what a part of a formula may point to, whatever the values."""
        try:
            return located(tree, self.cells, single_of)
        except _NeedsCells:
            pass
        match tree:
            case nodes.Call("INDEX" | "SINGLE", (base, *_)):
                return self._extent(base)
            case nodes.Binary(":", _, _) | nodes.Call("IF" | "CHOOSE", _):
                ends = children(tree)[0 if isinstance(tree, nodes.Binary) else 1 :]
                places = [one for one in map(self._extent, ends) if one is not None]
                return reduce(spanned, places) if places else None
        raise _NeedsCells("a range that depends on the values of cells")

    def _joined(self, tree: Node, inner: list[Reads]) -> Reads:
        areas = set().union(*(one.areas for one in inner))
        waiting = [one.waits for one in inner if one.waits is not None]
        new = with_children(tree, tuple(one.tree for one in inner))
        return Reads(new, areas, set().union(*waiting) if waiting else None)


def _is_by_own_place(tree: Node) -> bool:
    """Whether a range moves by ROW() or COLUMN(), which are arrays in an array formula."""
    match tree:
        case nodes.Call("INDEX", (base, *_)):
            return _is_by_own_place(base)
        case nodes.Call("ROW" | "COLUMN", ()):
            return True
        case nodes.Call(name, _) if name in OVER_RANGES:
            return False
        case nodes.Binary(":", left, right):
            return any(map(_is_by_own_place, (*children(left), *children(right))))
    return any(map(_is_by_own_place, children(tree)))


def _arguments(tree: Node) -> Iterator[Node]:
    """Yield what a reference is worked out from: numbers and conditions, not where it begins."""
    match tree:
        case nodes.Call("OFFSET" | "INDEX" | "SINGLE", (base, *rest)):
            yield from _arguments(base)
            yield from rest
        case nodes.Binary(":", left, right):
            yield from _arguments(left)
            yield from _arguments(right)
        case nodes.Call("IF" | "CHOOSE", (condition, *branches)):
            yield condition
            for one in branches:
                yield from _arguments(one)
        case nodes.Call() | nodes.Unary() | nodes.Percent() | nodes.Binary():
            yield tree
