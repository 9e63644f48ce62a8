"""Cells that do not hold the formula that the block around them repeats.

Looks at the blocks that were found among formulas; never asks what a formula computes.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Index
from xlconv.plurals import plural
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.blocks.grouping.merging import OTHERS
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.calculate import Status
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.verification.check import CheckResult
from xlconv.verification.collector import MOST_LISTED, Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding, Severity


def deviants(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find every cell of a block that does not hold its pattern.

    Beside a network only where a block has to do with it: other tables may be as they like.
    Where there is none, an odd cell may be why; or it is no such workbook at all.
    """
    found = Collector(facts, earlier)
    is_bare = not any(one.any() for one in facts.connection.members)
    level = Severity.WARNING if is_bare else None
    for number, blocks in enumerate(facts.calculation.found_blocks):
        near = facts.connection.connected[number] | facts.connection.members[number]
        for block in blocks:
            if is_bare or near[block.cells[block.cells >= 0]].any():
                _add_deviants(found, facts, number, block, level)
    return found.result()


def _add_deviants(
    found: Collector, facts: Facts, number: int, block: FoundBlock, level: Severity | None
) -> None:
    places = _odd_places(found, facts, number, block)
    found.mark_wrong(number, block.cells[tuple(places.T)])
    last = None
    for i, j in places[:MOST_LISTED].tolist():
        found.report(number, block.lattice.cell(i, j))
        last = replace(_deviant(facts.workbook.sheets[number], block, i, j), level=level)
        found.add(last)
    if last is not None and len(places) > MOST_LISTED:
        count = len(places) - MOST_LISTED
        message = f"and {count:,} more {plural(count, 'cell')}"
        found.add(replace(last, message=message, count=count))


def _odd_places(found: Collector, facts: Facts, number: int, block: FoundBlock) -> Index:
    """Return where in a block (row, column) a cell is off the pattern, and nothing says why."""
    # Rows of metrics look like each other, but each has its own formula.
    places = np.argwhere(~block.regular & (block.cells != OTHERS))
    like = int(block.cells[block.regular][0]) if block.regular.any() else -1
    is_known = [
        (number, cell) in facts.metrics.cells
        or _is_unknown(facts, number, int(block.cells[i, j]))
        or found.has_reported(number, cell)
        or _is_read(block, i, j)
        or _is_labelled(facts, number, block, cell)
        or facts.is_declared(number, cell, int(block.cells[i, j]), like)
        for i, j in places.tolist()
        for cell in [block.lattice.cell(i, j)]
    ]
    return places[~np.array(is_known, np.bool_)]


def _is_unknown(facts: Facts, number: int, index: int) -> bool:
    """Whether nothing is known of what a cell computes: another check says so."""
    return index >= 0 and facts.calculation.statuses[number][index] == Status.UNSUPPORTED


def _is_read(block: FoundBlock, i: int, j: int) -> bool:
    """Whether a cell is what those around it show: by their pattern it would show itself."""
    shown = block.pattern.text(i, j).replace("$", "") if block.pattern.is_bare else ""
    return shown == a1_name(block.lattice.cell(i, j))


def _is_labelled(facts: Facts, number: int, block: FoundBlock, cell: Cell) -> bool:
    """Whether labels say that a cell is of another plane than its block, or of none.

    Of a plane that they tell of, all cells follow a pattern of their own.
    """
    near = [
        area for sheet, area in facts.lifted.labelled
        if sheet == number and area.overlaps(block.lattice.range)
    ]  # fmt: skip
    own = next((area for area in near if area.holds(Range(*cell, *cell))), None)
    if own is None:
        return bool(near)
    return any(
        tensor.sheet == number and own in [plane.range for plane in tensor.planes]
        and all(facts.blocks[k].mask.all() for k in tensor.blocks)
        for tensor in facts.lifted.tensors
    )  # fmt: skip


def _deviant(sheet: Sheet, block: FoundBlock, i: int, j: int) -> Finding:
    text = block.pattern.text(i, j)
    expected = f"{{={text}}}" if block.is_array else f"={text}"
    return other_formula(sheet, int(block.cells[i, j]), block.lattice, (i, j), expected)


def other_formula(
    sheet: Sheet, index: int, lattice: Plane, place: tuple[int, int], expected: str
) -> Finding:
    """Return the finding about a cell of a block where the formula `expected` should stand.

    `index` is the cell's on the sheet, -1 where it is blank; `place` is its row and column
    within the block.
    """
    code, what = what_stands(sheet, index)
    if code == "S201" and sheet.kinds[index] == Kind.ARRAY_FORMULA:
        what = f"{{{what}}}"
    stands, message = what if index >= 0 else "", f"{what}; expected {expected}"
    cell, area = a1_name(lattice.cell(*place)), lattice.range.name
    return Finding(code, sheet.name, cell, message, stands, expected, area)


def what_stands(sheet: Sheet, index: int) -> tuple[str, str]:
    """Return the code for what stands where a pattern's formula should, and what it is."""
    if index < 0:
        return "S203", "no formula"
    kind = sheet.kinds[index]
    if kind >= Kind.FORMULA:
        return "S201", f"={sheet.texts[index]}"
    if kind == Kind.NUMBER:
        return "S202", f"the number {sheet.numbers[index]:.10g}"
    if kind == Kind.TEXT:
        return "T302", f"the text {sheet.texts[index]!r}"
    return "S202", "a constant"
