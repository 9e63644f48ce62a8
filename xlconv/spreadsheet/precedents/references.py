"""The references in a workbook's formulas: names replaced by what they stand for.

One for all cells of a block, affine in their place, also where a formula is outside
the language that is calculated. Knows nothing of regions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from xlconv.arrays import Mask
from xlconv.errors import FormulaError
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.pattern import Pattern
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, singles
from xlconv.spreadsheet.calculation.reads import is_moving
from xlconv.spreadsheet.calculation.unsettled import settled
from xlconv.spreadsheet.formula import Area, Axis, Node, Ref, corners, scan
from xlconv.spreadsheet.formula.nodes import Unknown, children
from xlconv.spreadsheet.formula.parse import operands
from xlconv.spreadsheet.workbook import Workbook

# Ranges that are worked out are told cell by cell, for blocks of so many cells.
_MOST_MOVING = 5_000


class FormulaReference(NamedTuple):
    """A reference of the cells of a lattice; `mask` says of which, None that of all."""

    block: FormulaBlock
    lattice: Plane
    mask: Mask | None
    reference: Ref | Area


class References:
    """The references of all formulas; `unfollowed` has the operands that stand for no cells."""

    def __init__(self, calculation: Calculation) -> None:
        self.calculation = calculation
        self.unfollowed: dict[int, list[str]] = defaultdict(list)  # block -> texts

    def all(self) -> Iterator[FormulaReference]:
        """Yield the references of every block; sheets by number."""
        patterns = {
            id(one.cells): one.pattern for some in self.calculation.found_blocks for one in some
        }
        for k, block in enumerate(self.calculation.blocks):
            moving = block.tree is not None and is_moving(block.tree)
            if moving and block.mask.sum() <= _MOST_MOVING:
                yield from self._moving(k, block)
                continue
            for reference in self._references(k, block, patterns.get(id(block.cells))):
                yield FormulaReference(block, block.lattice, block.mask, reference)
            yield from self._array(k, block)

    def _moving(self, k: int, block: FormulaBlock) -> Iterator[FormulaReference]:
        """Yield what OFFSET and its like reach, cell by cell: it follows no pattern."""
        for _ in self._references(k, block, None):
            pass  # notes which operands stand for no cells
        calculation = self.calculation
        for cell in [block] if block.spills else singles(block):
            known = not block.reached
            one = cell if known else settled(cell, calculation.grids, calculation.pool)
            mask = None if block.spills else one.mask
            for sheet, area in one.reads:
                yield FormulaReference(one, one.lattice, mask, _area(sheet, area))

    def _array(self, k: int, block: FormulaBlock) -> Iterator[FormulaReference]:
        """Yield what the other cells of an array formula read: the same as its first."""
        arrays = self.calculation.workbook.sheets[block.sheet].arrays
        if not arrays or not block.is_array:
            return
        for i, j in zip(*np.nonzero(block.mask), strict=True):
            area = arrays.get(int(block.cells[i, j]))
            if area is None or area.size == (1, 1):
                continue
            plane = Plane((area.top, area.left), area.size)
            for reference in self._references(k, block, None):
                first, last = (_moved(one, int(i), int(j)) for one in corners(reference))
                yield FormulaReference(block, plane, None, Area(first, last))

    def _references(
        self, k: int, block: FormulaBlock, pattern: Pattern | None
    ) -> Iterator[Ref | Area]:
        """Yield a block's references, names replaced by what they stand for; sheets by number."""
        workbook = self.calculation.workbook
        nodes: list[Node] = [] if block.tree is None else list(_leaves(block.tree))
        if block.tree is None:
            nodes = [_numbered(one, workbook) for one in self._operands(block, pattern)]
        for node in nodes:
            if isinstance(node, Ref | Area):
                yield node
            elif isinstance(node, Unknown):
                areas = _named(node.text, workbook)
                yield from areas
                if not areas and node.text not in self.unfollowed[k]:
                    self.unfollowed[k].append(node.text)

    def _operands(self, block: FormulaBlock, pattern: Pattern | None) -> list[Node]:
        """Return the references in the text of formulas that are outside the language."""
        texts = self.calculation.workbook.sheets[block.sheet].texts
        text = texts[int(block.cells[block.mask][0])]
        try:
            found = operands(text)
            if pattern is None:
                return [node for _, node in found]
            i, j = (int(one[0]) for one in np.nonzero(block.mask))
            return _affine(found, pattern, i, j)
        except FormulaError:
            return [Unknown(f"={text}")]


def _area(sheet: int, area: Range) -> Area:
    return Area(
        Ref(Axis(area.top), Axis(area.left), str(sheet)), Ref(Axis(area.bottom), Axis(area.right))
    )


def _leaves(tree: Node) -> Iterator[Node]:
    if isinstance(tree, Ref | Area | Unknown):
        yield tree
        return
    for child in children(tree):
        yield from _leaves(child)


def _affine(found: list[tuple[str, Node]], pattern: Pattern, i: int, j: int) -> list[Node]:
    """Return the references of cell (i, j) of a block as they move with its pattern.

    Whole columns and rows have no coordinates in a pattern and stay. Raises FormulaError.
    """
    expected = tuple(pattern.values(i, j))
    steps = list(zip(pattern.base, pattern.by_row, pattern.by_column, strict=True))
    nodes: list[Node] = []
    start = 0
    for text, node in found:
        values = scan(text).values
        moves = steps[start : start + len(values)]
        if expected[start : start + len(values)] != values:
            raise FormulaError("references that cannot be told apart")
        start += len(values)
        if not moves or not isinstance(node, Ref | Area):
            nodes.append(node)
            continue
        sheet = corners(node)[0].sheet
        ends = [
            Ref(Axis(*row), Axis(*column), sheet)
            for column, row in zip(moves[::2], moves[1::2], strict=True)
        ]
        nodes.append(ends[0] if len(ends) == 1 else Area(ends[0], ends[1]))
    return nodes


def _moved(reference: Ref, i: int, j: int) -> Ref:
    row, column = Axis(reference.row.at(i, j)), Axis(reference.column.at(i, j))
    return Ref(row, column, reference.sheet)


def _numbered(node: Node, workbook: Workbook) -> Node:
    """Return a reference with its sheet's number, as blocks have it; unknown if it has none."""
    if not isinstance(node, Ref | Area):
        return node
    first, last = corners(node)
    if first.sheet is None:
        return node
    for k, sheet in enumerate(workbook.sheets):
        if sheet.name.casefold() == first.sheet.casefold():
            first = Ref(first.row, first.column, str(k))
            return first if isinstance(node, Ref) else Area(first, last)
    return Unknown(f"{first.sheet}!")


def _named(text: str, workbook: Workbook) -> list[Area]:
    name = text.rpartition("!")[2].casefold()
    places = {sheet.name: k for k, sheet in enumerate(workbook.sheets)}
    for own, ranges in workbook.fixed_names:
        if own.casefold() == name:
            return [_area(places[sheet], area) for sheet, area in ranges if sheet in places]
    return []
