"""A few formulas that do not fit each other, where as much says that one is odd as another.

Looks at what lifting weighed; never at a value, and never says which of them is wrong.
"""

from __future__ import annotations

from xlconv.spreadsheet.addresses import Range, a1_name
from xlconv.verification.check import CheckResult
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding


def ties(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the cells of which some are odd, one finding for all that may be; none is proven."""
    found = Collector(facts, earlier)
    for tie in facts.lifted.ties:
        cells = [one.cell for strays in tie.candidates for one in strays]
        if any(found.has_reported(tie.sheet, cell) for cell in cells):
            continue
        sheet = facts.workbook.sheets[tie.sheet]
        for block in facts.calculation.blocks:
            for i, j in zip(*block.mask.nonzero(), strict=True):
                cell = block.lattice.cell(int(i), int(j))
                if block.sheet == tie.sheet and tie.area.holds(Range(*cell, *cell)):
                    found.mark_wrong(tie.sheet, int(block.cells[i, j]))
                    found.report(tie.sheet, cell)
        first = min(cells)
        found.add(Finding("S205", sheet.name, a1_name(first), tie.reason, block=tie.area.name))
    return found.result()
