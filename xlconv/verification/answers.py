"""The three answers of a formula cell - cached, formula, network - and where they agree.

The only place where they are put side by side, for a whole sheet and for one cell. Never
says why they differ.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array, Mask
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.calculation.calculate import Status
from xlconv.spreadsheet.values import BLANK, ERROR, ERRORS, NUMBER, TEXT, Pool
from xlconv.spreadsheet.workbook import Sheet
from xlconv.verification.network_values import network_values
from xlconv.verification.tolerance import Tolerance

Value = tuple[float, int]  # a number and its kind, as a grid has them

# Stands for a stored error that no formula gives: it is like none of those that they give.
UNKNOWN_ERROR = -1


class SheetAnswers(Struct, frozen=True):
    """How the answers of a sheet's cells compare, in the order of its arrays.

    `network` is NaN where no layer gives a number. The masks are of formula cells: `pinned`
    ones are taken as inputs; of those that were calculated some are `current` (their cached
    value is the formula's), some `stale` (it is another), and some `unstored` (there is none:
    nothing is said that could be wrong). Of the first and the last some are `proven` (the answers
    that are there are the same, the network's among them), and some of all `differ` (the formula
    gives something else than the layer).
    """

    network: Array
    formulas: Mask
    pinned: Mask
    current: Mask
    stale: Mask
    unstored: Mask
    proven: Mask
    differ: Mask


class CellAnswers(Struct, frozen=True):
    """One formula cell's answers; None where there is none."""

    cached: Value
    formula: Value | None
    network: float | None


def answers_of(
    book: LiftedWorkbook, number: int, network: Array, tolerance: Tolerance
) -> SheetAnswers:
    """Return the answers of a sheet's cells; `network` is the third of them."""
    sheet, calculation = book.workbook.sheets[number], book.calculation
    grid, status = calculation.grids[number], calculation.statuses[number]
    formulas, has_cached = sheet.is_formula, sheet.cached != BLANK
    known = formulas & (status == Status.CALCULATED)
    cached = cached_numbers(sheet, calculation.pool)
    current = (sheet.cached == grid.kinds) & tolerance.close(cached, grid.numbers)
    agree = tolerance.close(network, grid.numbers) & (grid.kinds == NUMBER)
    return SheetAnswers(
        network,
        formulas,
        pinned=_frozen(formulas & (status == Status.PINNED)),
        current=_frozen(known & has_cached & current),
        stale=_frozen(known & has_cached & ~current),
        unstored=_frozen(known & ~has_cached),
        proven=_frozen(known & (current | ~has_cached) & agree),
        differ=_frozen(known & ~np.isnan(network) & ~agree),
    )


def answers_at(book: LiftedWorkbook, number: int, index: int) -> CellAnswers:
    """Return the answers of one formula cell, by its index in the sheet's arrays."""
    sheet, calculation = book.workbook.sheets[number], book.calculation
    grid = calculation.grids[number]
    known = calculation.statuses[number][index] in (Status.CALCULATED, Status.TAINTED)
    formula = float(grid.numbers[index]), int(grid.kinds[index])
    network = float(network_values(book).cells[number][index])
    return CellAnswers(
        cached=(_cached_number(sheet, index, calculation.pool), int(sheet.cached[index])),
        formula=formula if known else None,
        network=None if np.isnan(network) else network,
    )


def cached_numbers(sheet: Sheet, pool: Pool) -> Array:
    """Return the cached values with errors and texts as their numbers, as a grid has them."""
    numbers = sheet.numbers.copy()
    others = sheet.is_formula & ((sheet.cached == ERROR) | (sheet.cached == TEXT))
    for index in np.flatnonzero(others).tolist():
        numbers[index] = _cached_number(sheet, index, pool)
    return numbers


def _cached_number(sheet: Sheet, index: int, pool: Pool) -> float:
    text = sheet.results.get(index, "")
    if sheet.cached[index] == TEXT:
        return pool.index(text)
    if sheet.cached[index] == ERROR:
        return ERRORS.index(text) if text in ERRORS else UNKNOWN_ERROR
    return float(sheet.numbers[index])


def _frozen(mask: Mask) -> Mask:
    mask.flags.writeable = False
    return mask
