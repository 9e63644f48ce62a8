"""The references in a workbook's formulas: names replaced by what they stand for.

One for all cells of a block, affine in their place, also where a formula is outside
the language that is calculated. Knows nothing of regions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xlconv.errors import FormulaError
from xlconv.spreadsheet.blocks.pattern import FoundBlock, Pattern
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Area, Axis, Node, Ref, corners, scan
from xlconv.spreadsheet.formula.nodes import Unknown, children
from xlconv.spreadsheet.formula.parse import operands
from xlconv.spreadsheet.workbook import Workbook


class Told(NamedTuple):
    """A reference of the cells of a lattice; `mask` tells of which, None that of all."""

    unit: FormulaBlock
    lattice: Plane
    mask: NDArray[np.bool_] | None
    reference: Ref | Area


class References:
    """Tells the references of all formulas; `untold` has the operands that stand for no cells."""

    def __init__(self, calculation: Calculation) -> None:
        self.calculation = calculation
        self.untold: dict[int, list[str]] = defaultdict(list)  # unit -> texts

    def all(self) -> Iterator[Told]:
        """Yield the references of every unit; sheets by number."""
        groups = {id(one.cells): one for some in self.calculation.found_blocks for one in some}
        for k, unit in enumerate(self.calculation.blocks):
            for reference in self._references(k, unit, groups.get(id(unit.cells))):
                yield Told(unit, unit.lattice, unit.mask, reference)
            yield from self._array(k, unit)

    def _array(self, k: int, unit: FormulaBlock) -> Iterator[Told]:
        """Yield what the other cells of an array formula read: the same as its first."""
        arrays = self.calculation.workbook.sheets[unit.sheet].arrays
        if not arrays or not unit.is_array:
            return
        for i, j in zip(*np.nonzero(unit.mask), strict=True):
            area = arrays.get(int(unit.cells[i, j]))
            if area is None or area.size == (1, 1):
                continue
            plane = Plane((area.top, area.left), area.size)
            for reference in self._references(k, unit, None):
                first, last = (_moved(one, int(i), int(j)) for one in corners(reference))
                yield Told(unit, plane, None, Area(first, last))

    def _references(
        self, k: int, unit: FormulaBlock, group: FoundBlock | None
    ) -> Iterator[Ref | Area]:
        """Yield a unit's references, names replaced by what they stand for; sheets by number."""
        workbook = self.calculation.workbook
        nodes: list[Node] = [] if unit.tree is None else list(_leaves(unit.tree))
        if unit.tree is None:
            nodes = [_numbered(one, workbook) for one in self._operands(unit, group)]
        for node in nodes:
            if isinstance(node, Ref | Area):
                yield node
            elif isinstance(node, Unknown):
                areas = _named(node.text, workbook)
                yield from areas
                if not areas and node.text not in self.untold[k]:
                    self.untold[k].append(node.text)

    def _operands(self, unit: FormulaBlock, group: FoundBlock | None) -> list[Node]:
        """Return the references in the text of formulas that are outside the language."""
        texts = self.calculation.workbook.sheets[unit.sheet].texts
        text = texts[int(unit.cells[unit.mask][0])]
        try:
            found = operands(text)
            if group is None:
                return [node for _, node in found]
            i, j = (int(one[0]) for one in np.nonzero(unit.mask))
            return _affine(found, group.pattern, i, j)
        except FormulaError:
            return [Unknown(f"={text}")]


def _leaves(tree: Node) -> Iterator[Node]:
    if isinstance(tree, Ref | Area | Unknown):
        yield tree
        return
    for child in children(tree):
        yield from _leaves(child)


def _affine(found: list[tuple[str, Node]], law: Pattern, i: int, j: int) -> list[Node]:
    """Return the references of cell (i, j) of a block as they move with its law.

    Whole columns and rows have no coordinates in a law and stay. Raises FormulaError.
    """
    expected = tuple(law.values(i, j))
    steps = list(zip(law.base, law.by_row, law.by_column, strict=True))
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
    """Return a reference with its sheet's number, as units have it; unknown if it has none."""
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
    for own, ranges in workbook.names:
        if own.casefold() == name:
            return [
                Area(
                    Ref(Axis(area.top), Axis(area.left), str(places[sheet])),
                    Ref(Axis(area.bottom), Axis(area.right)),
                )
                for sheet, area in ranges
                if sheet in places
            ]
    return []
