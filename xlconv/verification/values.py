"""Values: what could not be calculated, what is stale, and how many cells are verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xlconv.plurals import counted, plural
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.calculation.calculate import Status
from xlconv.spreadsheet.calculation.evaluate_block import evaluated
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, singles
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.values import BLANK, ERROR, ERRORS, NUMBER, TEXT, Unsupported
from xlconv.verification.facts import MOST_LISTED, Facts
from xlconv.verification.findings import Finding


def statuses(facts: Facts) -> Iterator[Finding]:
    for unit in facts.calculation.blocks:
        status = facts.calculation.statuses[unit.sheet]
        cells = unit.cells[unit.mask]
        for code, state, text in (
            ("V103", Status.UNSUPPORTED, "not evaluated: {reason}"),
            ("V104", Status.CIRCULAR, "depends on itself"),
            ("V105", Status.PINNED, "a random or outside value; the stored one is an input"),
        ):
            here = cells[status[cells] == state]
            if len(here):
                reason = facts.calculation.reasons.get((unit.sheet, int(here[0])), unit.reason)
                yield facts.at(unit, int(here[0]), code, text.format(reason=reason), len(here))
    for number, sheet in enumerate(facts.calculation.workbook.sheets):
        missing = np.flatnonzero(sheet.is_formula & (sheet.cached == BLANK))
        if len(missing):
            first = int(missing[0])
            cell = a1_name((int(sheet.rows[first]), int(sheet.columns[first])))
            message = f"no stored value in {counted(len(missing), 'cell')}"
            yield Finding("V102", facts.sheet_name(number), cell, message, count=len(missing))


def values(facts: Facts) -> Iterator[Finding]:
    """Compare the three answers; yield stale values, and count what is verified."""
    fresh: list[ValueGrid] | None = None
    for number, sheet in enumerate(facts.calculation.workbook.sheets):
        grid, status = facts.calculation.grids[number], facts.calculation.statuses[number]
        formula = sheet.is_formula
        facts.formulas += int(formula.sum())
        facts.pinned += int((formula & (status == Status.PINNED)).sum())
        known = formula & (status == Status.CALCULATED)
        has_cache = sheet.cached != BLANK
        same = (sheet.cached == grid.kinds) & facts.tolerance.close(
            _cached_errors(facts, number), grid.numbers
        )
        stale = known & has_cache & ~same
        if stale.any():
            if fresh is None:
                pool = facts.calculation.pool
                fresh = [ValueGrid(one, pool) for one in facts.calculation.workbook.sheets]
            yield from _stale(facts, number, stale, fresh)
        agrees = facts.tolerance.close(facts.network_values[number], grid.numbers)
        agrees &= grid.kinds == NUMBER
        verified = known & (same | ~has_cache) & agrees & has_cache & ~facts.wrong[number]
        facts.verified += int(verified.sum())
        off = known & ~np.isnan(facts.network_values[number]) & ~agrees & ~facts.wrong[number]
        facts.off[number] = off
        facts.knock_on += int((off | (stale & ~facts.wrong[number])).sum())


def unexplained(facts: Facts) -> Iterator[Finding]:
    """Yield the first block whose formulas give something else than their layer.

    For where no other finding says why: a disagreement is never passed over.
    """
    for k in (k for knot in facts.calculation.order for k in knot):
        unit = facts.calculation.blocks[k]
        cells = unit.cells[unit.mask]
        off = cells[facts.off[unit.sheet][cells]]
        if len(off):
            index = int(off[0])
            grid = facts.calculation.grids[unit.sheet]
            formula = _shown(grid.numbers[index], grid.kinds[index], None)
            layer = f"{facts.network_values[unit.sheet][index]:.10g}"
            message = f"the formula gives {formula}; its layer gives {layer}"
            yield replace(
                facts.at(unit, index, "S201", message, len(off)), found=formula, expected=layer
            )
            return


def _cached_errors(facts: Facts, number: int) -> NDArray[np.float64]:
    """Return the cached values with errors as their numbers, as the grid has them."""
    sheet = facts.calculation.workbook.sheets[number]
    numbers = sheet.numbers.copy()
    for index in np.flatnonzero(sheet.is_formula & (sheet.cached == ERROR)).tolist():
        code = sheet.results.get(index, "")
        numbers[index] = ERRORS.index(code) if code in ERRORS else -1
    for index in np.flatnonzero(sheet.is_formula & (sheet.cached == TEXT)).tolist():
        numbers[index] = facts.calculation.pool.index(sheet.results.get(index, ""))
    return numbers


def _stale(
    facts: Facts, number: int, stale: NDArray[np.bool_], fresh: list[ValueGrid]
) -> Iterator[Finding]:
    """Yield stale cells; a root is stale even for the values stored in what it reads."""
    sheet, grid = facts.calculation.workbook.sheets[number], facts.calculation.grids[number]
    for unit in facts.calculation.blocks:
        if unit.sheet != number:
            continue
        cells = unit.cells[unit.mask]
        here = cells[stale[cells]]
        if not len(here):
            continue
        own = _stale_of_themselves(facts, unit, fresh)
        roots, block, last = own[stale[cells]], unit.lattice.range.name, None
        for index, root in list(zip(here.tolist(), roots.tolist(), strict=True))[:MOST_LISTED]:
            cell = a1_name((int(sheet.rows[index]), int(sheet.columns[index])))
            was = _shown(sheet.numbers[index], sheet.cached[index], sheet.results.get(index))
            now = _shown(grid.numbers[index], grid.kinds[index], None)
            message = f"stored {was}; the formula gives {now}"
            last = Finding("V101", sheet.name, cell, message, was, now, block, root)
            yield last
        if last is not None and len(here) > MOST_LISTED:
            count, root = len(here) - MOST_LISTED, bool(roots[MOST_LISTED:].any())
            yield replace(
                last, message=f"and {count:,} more {plural(count, 'cell')}", count=count, root=root
            )


def _stale_of_themselves(
    facts: Facts, unit: FormulaBlock, fresh: list[ValueGrid]
) -> NDArray[np.bool_]:
    """Return which cells are stale for the values that are stored in what they read."""
    sheet, cells = facts.calculation.workbook.sheets[unit.sheet], unit.cells[unit.mask]
    own = np.zeros(len(cells), np.bool_)
    try:
        found = evaluated(unit, fresh, facts.calculation.pool)
    except Unsupported:  # ranges that differ from cell to cell, as when it was calculated
        for place, one in enumerate(singles(unit) if len(cells) > 1 else ()):
            own[place] = _stale_of_themselves(facts, one, fresh)[0]
        return own
    if found is not None:
        numbers, kinds = found[0][unit.mask], found[1][unit.mask]
        local = facts.tolerance.close(sheet.numbers[cells], numbers)
        own = ~(local & (kinds == sheet.cached[cells]))
    return own


def _shown(number: float, kind: int, text: str | None) -> str:
    if kind == ERROR:
        return text or ERRORS[int(number)]
    return text if text is not None else f"{number:.10g}"
