"""Cells that are not what the file declares of itself, by its description and its names.

What formulas spell is found out without it. But where a cell is wrong in a place too small
to show a pattern - the one cell of a prediction, a mean over a plane, a vector of two -
the file itself still says what the cell was. Never judges what was changed as a whole.
"""

from __future__ import annotations

import numpy as np

from xlconv.layers import Elementwise, Layer
from xlconv.layout.defined_names import compared_ranges
from xlconv.layout.layout import Layout
from xlconv.layout.links import PlaneComparison
from xlconv.layout.stages import halo_of
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane, halo_cells
from xlconv.spreadsheet.formula import render
from xlconv.spreadsheet.formula.equivalence import RETYPED
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.check import CheckResult
from xlconv.verification.checks.padding import held_around, odd_cells
from xlconv.verification.checks.patterns import what_stands
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.intended.intention import Intention
from xlconv.verification.pairs.same_functions import gives_another


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


def other_readouts(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find what stands beside the outputs and gives something else than in the wanted workbook.

    Only where the network stands as it does there. A blank cell is no finding.
    """
    found = Collector(facts, earlier)
    for one in facts.readouts:
        homes = [
            each.sheet for each in facts.intentions
            if each.layout.places[-1].planes == one.outputs
            and facts.workbook.sheets[each.sheet].name.casefold() == one.sheet.casefold()
        ]  # fmt: skip
        index = facts.workbook.sheets[homes[0]].find(one.cell) if homes else None
        if index is None or found.has_reported(homes[0], one.cell):
            continue
        sheet = facts.workbook.sheets[homes[0]]
        kind = Kind.ARRAY_FORMULA if one.is_array else Kind.FORMULA
        if sheet.formula(one.cell) is None:
            is_other = sheet.kinds[index] == Kind.NUMBER
        else:
            is_other = not RETYPED.holds(sheet.texts[index], one.text) and gives_another(
                facts.calculation, homes[0], one.cell, one.text, kind
            )
        if is_other:
            code, what = what_stands(sheet, index)
            expected = f"={one.text}"
            found.mark_wrong(homes[0], index)
            found.report(homes[0], one.cell)
            message = f"{what}; expected {expected}, as in {facts.against}"
            found.add(Finding(code, sheet.name, a1_name(one.cell), message, what, expected))
    return found.result()


def odd_halos(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find what stands in the halos around declared planes and does not belong there."""
    found = Collector(facts, earlier)
    for one in facts.intentions:
        _add_odd_halos(found, facts, one.sheet, one.layout)
        for tensor in range(len(one.layout.places)):
            _add_wrong_halo(found, facts, one, tensor)
    return found.result()


def _add_odd_halos(found: Collector, facts: Facts, number: int, layout: Layout) -> None:
    """Find what stands in the halos around planes and does not belong there."""
    for place in layout.places:
        if place.halo.is_empty or place.halo.repeats or place.halo.fill == "blank":
            continue
        for plane in place.planes:
            odd_cells(found, facts, number, _cells_around(plane, place.halo), plane)


def _add_wrong_halo(found: Collector, facts: Facts, one: Intention, tensor: int) -> None:
    """Find the halos that hold something else than their readers need, as a whole.

    Draws cannot tell: windows are not blamed for a halo, so they are tried on a right one.
    """
    wanted = halo_of(one.network, tensor)
    if wanted.is_empty or wanted.repeats:
        return
    sheet = facts.workbook.sheets[one.sheet]
    passing = {"text", "blank"} if isinstance(wanted.fill, str) else {"zero", "text", "blank"}
    if tensor and _is_never_negative(one.network.layers[tensor - 1]):
        passing.add("zero")  # where all else is 0 or more, no maximum is another for it
    expected = "a text" if isinstance(wanted.fill, str) else f"{wanted.fill:g}"
    for plane in one.layout.places[tensor].planes:
        cells = [
            cell for cell in _cells_around(plane, wanted)
            if min(cell) >= 0 and held_around(sheet, cell) not in passing
            and not found.has_reported(one.sheet, cell)
        ]  # fmt: skip
        if not cells:
            continue
        for cell in cells:
            found.report(one.sheet, cell)
            found.mark_wrong(one.sheet, sheet.find(cell))
        _, what = what_stands(sheet, sheet.find(cells[0]) or 0)
        many = f" in {counted(len(cells), 'cell')}" if len(cells) > 1 else ""
        message = f"{what}{many}; expected {expected}, as padding around {plane.range.name}"
        name = a1_name(cells[0])
        found.add(Finding("G403", sheet.name, name, message, what, expected, count=len(cells)))


def _cells_around(plane: Plane, halo: Halo) -> list[Cell]:
    rows, columns = (axis.astype(int).tolist() for axis in halo_cells(plane, halo))
    return list(zip(rows, columns, strict=True))


def _is_never_negative(layer: Layer) -> bool:
    """Whether an activation gives 0 or more for any number."""
    if not isinstance(layer, Elementwise):
        return False
    return bool((layer.forward(np.linspace(-9.0, 9.0, 37).reshape(1, 1, 37)) >= 0).all())
