"""Parameters whose formulas follow from the input or the tensors of their own network.

A parameter may be a formula and counts at its value; but one that changes with the picture
makes another function. Looks at what formulas read, through others too; never at a value.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlconv.layout.metric_names import tensor_name
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, single
from xlconv.spreadsheet.formula import Area, Call, Node, Ref, references
from xlconv.spreadsheet.formula.nodes import children
from xlconv.verification.check import CheckResult, SheetCell
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.intended.intention import Intention

# How many cells there are is the same for every picture.
_SIZES = ("COUNT", "COUNTA", "COUNTBLANK", "ROWS", "COLUMNS")


def fed_parameters(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the parameters that follow from what their network computes, one finding a block."""
    found = Collector(facts, earlier)
    for intention in facts.intentions:
        known: dict[int, tuple[str, list[SheetCell], Cell, str]] = {}
        trail: _Trail | None = None
        for name, cell in _written(facts, intention):
            trail = trail or _Trail(facts, intention)
            source = trail.source_of((intention.sheet, cell))
            if source is not None and not found.has_reported(intention.sheet, cell):
                k = _block_at(facts, (intention.sheet, cell))
                known.setdefault(k, (name, [], cell, source))[1].append((intention.sheet, cell))
        for name, cells, cell, source in known.values():
            for home, one in cells:
                found.mark_wrong(home, facts.workbook.sheets[home].find(one))
                found.report(home, one)
            found.add(_finding(facts, intention, name, cell, source, len(cells)))
    return found.result()


def _finding(
    facts: Facts, intention: Intention, name: str, cell: Cell, source: str, count: int
) -> Finding:
    sheet = facts.workbook.sheets[intention.sheet]
    text = f"={sheet.texts[sheet.find(cell) or 0]}"
    many = f" in {counted(count, 'cell')}" if count > 1 else ""
    message = f"{text}{many} follows from {source}; expected a number of {name}"
    return Finding("D706", sheet.name, a1_name(cell), message, text, "a number", count=count)


def _written(facts: Facts, intention: Intention) -> Iterator[tuple[str, Cell]]:
    """Yield the cells of parameters that hold formulas, with what they are called."""
    sheet = facts.workbook.sheets[intention.sheet]
    for tensor, place in enumerate(intention.layout.places):
        for key, groups in place.tables.items():
            for plane in (plane for group in groups for plane in group):
                cells = facts.calculation.indices(intention.sheet, plane)
                there = np.flatnonzero(cells >= 0)
                for k in there[sheet.is_formula[cells[there]]].tolist():
                    cell = plane.cell(*divmod(k, plane.shape[1]))
                    yield f"{tensor_name(intention.network, tensor)}.{key}", cell


def _block_at(facts: Facts, at: SheetCell) -> int:
    """Return the number of the block that computes a cell, -1 of none."""
    sheet, cell = at
    index = facts.workbook.sheets[sheet].find(cell)
    return -1 if index is None else int(facts.calculation.block_numbers[sheet][index])


class _Trail:
    """What cells follow from, back to the tensors of a network; each is looked at once."""

    def __init__(self, facts: Facts, intention: Intention) -> None:
        self._facts = facts
        self._planes = [
            (plane, tensor_name(intention.network, tensor))
            for tensor, place in enumerate(intention.layout.places) for plane in place.planes
        ]  # fmt: skip
        self._sheet = intention.sheet
        self._tensors = AreaIndex((self._sheet, plane.range) for plane, _ in self._planes)
        self._following = self._blocks_that_follow()
        self._seen: dict[SheetCell, str | None] = {}

    def source_of(self, start: SheetCell) -> str | None:
        """Return the first cell of a tensor that a cell follows from, in words; None of none."""
        waiting = [start]
        gone: set[SheetCell] = set()
        while waiting:
            at = waiting.pop()
            if at in gone or (at in self._seen and self._seen[at] is None):
                continue
            gone.add(at)
            found = self._seen.get(at)
            for read in self._reads(at) if found is None else ():
                found = found or self._tensor_in(*read)
                waiting += self._formulas_in(*read)
            if found is not None:
                self._seen[start] = found
                return found
        self._seen |= dict.fromkeys(gone)
        return None

    def _reads(self, at: SheetCell) -> list[tuple[int, Range]]:
        k = _block_at(self._facts, at)
        if k not in self._following:
            return []
        block = self._facts.calculation.blocks[k]
        inside = block.lattice.index_of(at[1])
        return [] if inside is None else _areas_of(single(block, *inside))

    def _tensor_in(self, sheet: int, area: Range) -> str | None:
        for k in self._tensors.touching(sheet, area):
            plane, name = self._planes[k]
            cell = _first_in(area, plane)
            if cell is not None:
                return f"{a1_name(cell)}, a cell of {name}"
        return None

    def _formulas_in(self, sheet: int, area: Range) -> list[SheetCell]:
        cells = self._facts.workbook.sheets[sheet]
        inside = self._facts.calculation.grids[sheet].within(area) & cells.is_formula
        numbers = self._facts.calculation.block_numbers[sheet]
        return [
            (sheet, (int(cells.rows[k]), int(cells.columns[k])))
            for k in np.flatnonzero(inside).tolist() if int(numbers[k]) in self._following
        ]  # fmt: skip

    def _blocks_that_follow(self) -> frozenset[int]:
        """Return the blocks that may follow from a tensor: some of their cells do."""
        blocks = self._facts.calculation.blocks
        order = [k for knot in self._facts.calculation.order for k in knot]
        index = AreaIndex((blocks[k].sheet, blocks[k].lattice.range) for k in order)
        found: set[int] = set()
        for k in order:
            if any(
                len(self._tensors.find(*read))
                or any(order[one] in found for one in index.touching(*read))
                for read in blocks[k].reads
            ):
                found.add(k)
        return frozenset(found)


def _areas_of(one: FormulaBlock) -> list[tuple[int, Range]]:
    """Return what a cell reads, without ranges of which only the size counts."""

    def area(reference: Ref | Area) -> tuple[int, Range]:
        return sheet_of(reference, one.sheet), range_reached(reference, (1, 1))

    if one.tree is None:
        return list(one.reads)
    sizes = set(map(area, references(one.tree))) - set(map(area, _valued(one.tree)))
    return [read for read in one.reads if read not in sizes]


def _valued(tree: Node) -> Iterator[Ref | Area]:
    """Yield the references of which the values count."""
    if isinstance(tree, Ref | Area):
        yield tree
        return
    is_size = isinstance(tree, Call) and tree.name in _SIZES
    for child in children(tree):
        if not (is_size and isinstance(child, Ref | Area)):
            yield from _valued(child)


def _first_in(area: Range, plane: Plane) -> Cell | None:
    """Return the first entry of a plane within an area."""
    if not area.overlaps(plane.range):
        return None
    rows, columns = plane.cells()
    inside = (rows >= area.top) & (rows <= area.bottom)
    inside &= (columns >= area.left) & (columns <= area.right)
    first = np.flatnonzero(inside)
    return (int(rows[first[0]]), int(columns[first[0]])) if len(first) else None
