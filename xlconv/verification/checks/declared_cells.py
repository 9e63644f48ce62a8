"""Cells that are not what the file declares of itself, by its description and its names.

What formulas spell is found out without it. But where a cell is wrong in a place too small
to show a pattern - the one cell of a prediction, a mean over a plane, a vector of two -
the file itself still says what the cell was. Never judges what was changed as a whole.
"""

from __future__ import annotations

from xlconv.layout.defined_names import compared_ranges
from xlconv.layout.layout import Layout
from xlconv.layout.links import PlaneComparison
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.blocks.plane import Plane, halo_cells
from xlconv.spreadsheet.formula import render
from xlconv.spreadsheet.formula.equivalence import RETYPED
from xlconv.verification.check import CheckResult
from xlconv.verification.checks.padding import odd_cells
from xlconv.verification.checks.patterns import what_stands
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding


def comparisons(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the cells that are named as comparing two planes, and do something else."""
    found = Collector(facts, earlier)
    workbook = facts.workbook
    sheets = [sheet.name for sheet in workbook.sheets]
    known = {(one.sheet, one.comparison) for one in facts.lifted.comparisons}
    for home, cell, *ends in compared_ranges(workbook.names):
        number = sheets.index(home) if home in sheets else -1
        one, other = (Plane((area.top, area.left), area.size) for area in ends)
        comparison = PlaneComparison((cell.top, cell.left), one, other)
        swapped = PlaneComparison(comparison.cell, other, one)
        if number >= 0 and not {(number, comparison), (number, swapped)} & known:
            _add_other_comparison(found, facts, number, comparison, swapped)
    return found.result()


def _add_other_comparison(
    found: Collector,
    facts: Facts,
    number: int,
    comparison: PlaneComparison,
    swapped: PlaneComparison,
) -> None:
    sheet = facts.workbook.sheets[number]
    wanted = [render(one.block().tree) for one in (comparison, swapped)]
    text = sheet.formula(comparison.cell) or ""
    if any(RETYPED.holds(text, one) for one in wanted):
        return  # what it compares is no tensor, for another reason
    index = sheet.find(comparison.cell)
    code, what = what_stands(sheet, -1 if index is None else index)
    expected = f"={wanted[0]}"
    found.mark_wrong(number, index)
    found.report(number, comparison.cell)
    name = a1_name(comparison.cell)
    message = f"{what}; expected {expected}"
    found.add(Finding(code, sheet.name, name, message, what, expected, name))


def odd_halos(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find what stands in the halos around declared planes and does not belong there."""
    found = Collector(facts, earlier)
    for one in facts.intentions:
        _add_odd_halos(found, facts, one.sheet, one.layout)
    return found.result()


def _add_odd_halos(found: Collector, facts: Facts, number: int, layout: Layout) -> None:
    """Find what stands in the halos around planes and does not belong there."""
    for place in layout.places:
        if place.halo.is_empty or place.halo.repeats or place.halo.fill == "blank":
            continue
        for plane in place.planes:
            axes = (axis.astype(int).tolist() for axis in halo_cells(plane, place.halo))
            odd_cells(found, facts, number, list(zip(*axes, strict=True)), plane)
