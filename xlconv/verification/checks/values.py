"""Values: what could not be calculated, what is stale, and what no other finding explains.

Looks at the three answers of formula cells; never at what a formula should be.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Mask
from xlconv.plurals import counted, plural
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.calculation.calculate import Status
from xlconv.spreadsheet.calculation.evaluate_block import evaluated
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, singles
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.values import BLANK, ERROR, ERRORS, Unsupported
from xlconv.verification.check import CheckResult
from xlconv.verification.collector import MOST_LISTED, Collector, listed
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding, Severity

_NOT_CALCULATED = (
    ("V103", Status.UNSUPPORTED, "not evaluated: {reason}"),
    ("V104", Status.CIRCULAR, "depends on itself"),
    ("V105", Status.PINNED, "a random or outside value; the stored one is an input"),
)


def not_calculated(facts: Facts) -> Iterator[Finding]:
    """Yield the blocks without a value of their own, and the sheets without stored ones."""
    for block in facts.blocks:
        status = facts.calculation.statuses[block.sheet]
        cells = block.cells[block.mask]
        for code, state, text in _NOT_CALCULATED:
            here = cells[status[cells] == state]
            if len(here):
                first = int(here[0])
                reason = facts.calculation.reasons.get((block.sheet, first), block.reason)
                message = text.format(reason=reason)
                yield facts.finding_at(block, first, code, message, len(here))
    for sheet in facts.workbook.sheets:
        missing = np.flatnonzero(sheet.is_formula & (sheet.cached == BLANK))
        if len(missing):
            first = int(missing[0])
            cell = a1_name((int(sheet.rows[first]), int(sheet.columns[first])))
            many = counted(len(missing), "cell")
            message = f"no stored value in {many}; open and save it in a spreadsheet"
            yield Finding("V102", sheet.name, cell, message, count=len(missing))


def displayed_precision(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find a workbook that calculates with what cells show: no formula is what it says, then."""
    found = Collector(facts, earlier)
    if facts.workbook.as_displayed:
        sheet = facts.workbook.sheets[0]
        message = (
            "this workbook calculates with numbers as displayed: programs round every cell to its "
            "format, so that none is held to its formula"
        )
        found.add(Finding("V107", sheet.name, "A1", message))
        for number, answers in enumerate(facts.answers):
            found.mark_wrong(number, np.flatnonzero(answers.formulas))
    return found.result()


def stale_values(facts: Facts) -> Iterator[Finding]:
    """Yield the cells whose stored value is not what the formula gives."""
    if not any(one.stale.any() for one in facts.answers):
        return
    pool = facts.calculation.pool
    stored = [ValueGrid(one, pool) for one in facts.workbook.sheets]
    for number, answers in enumerate(facts.answers):
        if answers.stale.any():
            for block in facts.blocks:
                if block.sheet == number:
                    yield from _stale(facts, block, answers.stale, stored)


def unexplained(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the first block whose formulas give something else than their layer.

    For where no other finding says why: a disagreement is never passed over. Where either of
    two formulas may be odd, what comes after them agrees with one of them.
    """
    if facts.lifted.ties or any(
        one.root and one.severity == Severity.ERROR for one in earlier.findings
    ):
        return CheckResult()
    return listed(facts, _first_that_differs(facts, earlier))


def _first_that_differs(facts: Facts, earlier: CheckResult) -> Iterator[Finding]:
    for block in (facts.blocks[k] for k in facts.order):
        answers, wrong = facts.answers[block.sheet], earlier.wrong.get(block.sheet)
        cells = block.cells[block.mask]
        differ = cells[answers.differ[cells] & ~facts.trials.proven[block.sheet][cells]]
        if wrong is not None:
            differ = differ[~wrong[differ]]
        if len(differ):
            index = int(differ[0])
            grid = facts.calculation.grids[block.sheet]
            formula = _shown(grid.numbers[index], grid.kinds[index], None)
            layer = f"{answers.network[index]:.10g}"
            message = f"the formula gives {formula}; its layer gives {layer}"
            found = facts.finding_at(block, index, "S201", message, len(differ))
            yield replace(found, found=formula, expected=layer)
            return


def _stale(
    facts: Facts, block: FormulaBlock, stale: Mask, stored: list[ValueGrid]
) -> Iterator[Finding]:
    """Yield stale cells; a root is stale even for the values stored in what it reads."""
    sheet, grid = facts.workbook.sheets[block.sheet], facts.calculation.grids[block.sheet]
    cells = block.cells[block.mask]
    here = cells[stale[cells]]
    if not len(here):
        return
    own = _stale_of_themselves(facts, block, stored)
    roots, area, last = own[stale[cells]], block.lattice.range.name, None
    for index, root in list(zip(here.tolist(), roots.tolist(), strict=True))[:MOST_LISTED]:
        cell = a1_name((int(sheet.rows[index]), int(sheet.columns[index])))
        was = _shown(sheet.numbers[index], sheet.cached[index], sheet.results.get(index))
        now = _shown(grid.numbers[index], grid.kinds[index], None)
        message = f"stored {was}; the formula gives {now}"
        last = Finding("V101", sheet.name, cell, message, was, now, area, root)
        yield last
    if last is not None and len(here) > MOST_LISTED:
        count, root = len(here) - MOST_LISTED, bool(roots[MOST_LISTED:].any())
        message = f"and {count:,} more {plural(count, 'cell')}"
        yield replace(last, message=message, count=count, root=root)


def _stale_of_themselves(facts: Facts, block: FormulaBlock, stored: list[ValueGrid]) -> Mask:
    """Return which cells are stale for the values that are stored in what they read."""
    sheet, cells = facts.workbook.sheets[block.sheet], block.cells[block.mask]
    own = np.zeros(len(cells), np.bool_)
    try:
        found = evaluated(block, stored, facts.calculation.pool)
    except Unsupported:  # ranges that differ from cell to cell, as when it was calculated
        for place, one in enumerate(singles(block) if len(cells) > 1 else ()):
            own[place] = _stale_of_themselves(facts, one, stored)[0]
        return own
    if found is not None:
        numbers, kinds = found[0][block.mask], found[1][block.mask]
        local = facts.tolerance.close(sheet.numbers[cells], numbers)
        own = ~(local & (kinds == sheet.cached[cells]))
    return own


def _shown(number: float, kind: int, text: str | None) -> str:
    if kind == ERROR:
        return text or ERRORS[int(number)]
    return text if text is not None else f"{number:.10g}"
