"""Error values in what has to do with a network, each told at the cell that it comes from.

A cell that only passes an error on is no source of it. Looks at values and at who reads whom.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlconv.arrays import Mask
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.blocks.reach import range_reached, sees_any, sheet_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import references
from xlconv.spreadsheet.values import ERROR, ERRORS
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.check import CheckResult
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding


def error_values(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the cells where errors begin that a network has to do with."""
    found = Collector(facts, earlier)
    total = sum(int(one.errors.sum()) for one in facts.standing)
    if not total:
        return found.result()
    masks = [grid.kinds == ERROR for grid in facts.calculation.grids]
    for finding in (*_typed(facts, masks), *_computed(facts, masks)):
        number = [sheet.name for sheet in facts.workbook.sheets].index(finding.sheet)
        sheet = facts.workbook.sheets[number]
        cell = parse_a1(finding.cell)
        if not found.has_reported(number, cell):
            found.add(finding)
        found.mark_wrong(number, sheet.find(cell))
        found.report(number, cell)
    return found.result()


def _typed(facts: Facts, masks: Sequence[Mask]) -> Iterator[Finding]:
    """Yield the error values that were typed in where a network reads."""
    for number, (sheet, mask) in enumerate(zip(facts.workbook.sheets, masks, strict=True)):
        own = mask & facts.connection.members[number] & (sheet.kinds < Kind.FORMULA)
        for index in np.flatnonzero(own).tolist():
            yield _finding(facts, number, index, masks, 1)


def _computed(facts: Facts, masks: Sequence[Mask]) -> Iterator[Finding]:
    """Yield the first of the formulas of each block that make an error of sound cells."""
    blocks, before = facts.calculation.blocks, facts.connection.before
    for k in (k for knot in facts.calculation.order for k in knot):
        block = blocks[k]
        cells = block.cells[block.mask]
        wanted = facts.standing[block.sheet].errors[cells]
        if k in before:
            wanted = wanted | masks[block.sheet][cells]
        if not wanted.any() or block.tree is None:
            continue
        passed = _reads_error(facts, block, masks)[block.mask]
        first = cells[wanted & ~passed]
        if len(first):
            yield _finding(facts, block.sheet, int(first[0]), masks, len(first))


def _reads_error(facts: Facts, block: FormulaBlock, masks: Sequence[Mask]) -> Mask:
    """Return which cells of a block read an error value."""
    touched = np.zeros(block.lattice.shape, np.bool_)
    assert block.tree is not None
    for reference in references(block.tree):
        number = sheet_of(reference, block.sheet)
        grid, area = facts.calculation.grids[number], range_reached(reference, block.lattice.shape)
        rows, columns = grid.rows[masks[number]], grid.columns[masks[number]]
        inside = (rows >= area.top) & (rows <= area.bottom)
        inside &= (columns >= area.left) & (columns <= area.right)
        if inside.any():
            touched |= sees_any(reference, block.lattice.shape, rows[inside], columns[inside])
    return touched


def _finding(facts: Facts, number: int, index: int, masks: Sequence[Mask], count: int) -> Finding:
    sheet, grid = facts.workbook.sheets[number], facts.calculation.grids[number]
    error = ERRORS[int(grid.numbers[index])]
    holds = f"={sheet.texts[index]}" if sheet.kinds[index] >= Kind.FORMULA else "it"
    total = sum(int(mask.sum()) for mask in masks) - count
    more = f", and so {'does' if total == 1 else 'do'} {counted(total, 'cell')} after it"
    many = f" ({counted(count, 'cell')})" if count > 1 else ""
    message = f"{holds} gives {error}{many}{more if total > 0 else ''}"
    cell = a1_name((int(sheet.rows[index]), int(sheet.columns[index])))
    return Finding("V106", sheet.name, cell, message, error, "a number", count=count)
