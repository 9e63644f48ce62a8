"""Cells that layers read: weights and entries that are blank, texts, or point elsewhere.

Looks at what lifting found beside the numbers that it expected; never at values.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlconv.layout.links import KernelMenu
from xlconv.layout.naming_convention import INPUT
from xlconv.lifting.links import chosen
from xlconv.lifting.matching.tensors import Hole
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.values import BLANK, BOOLEAN, TEXT
from xlconv.spreadsheet.workbook import Kind, text_at
from xlconv.verification.causes.cell_ranges import PLANE, named_ranges_of
from xlconv.verification.check import CheckResult, SheetCell
from xlconv.verification.checks.patterns import what_stands
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.intended.intention import Origin

# Where so many pixels are blank, and one of so many, blanks are zeros that were not written.
_LEFT_BLANK = 4

_TRUTH = "TRUE or FALSE, which some count as 0 and some as a number"
_NO_NUMBERS = (
    ("T301", "blank", Kind.BLANK), ("T302", "a text", Kind.TEXT), ("T302", _TRUTH, Kind.BOOLEAN),
)  # fmt: skip


def strays(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the tied weights, and references to entries of a tensor, that point elsewhere."""
    found = Collector(facts, earlier)
    for stray in facts.lifted.strays:
        sheet = facts.workbook.sheets[stray.sheet]
        index = sheet.find(stray.cell)
        is_right = index is not None and facts.is_declared(stray.sheet, stray.cell, index, index)
        if is_right or found.has_reported(stray.sheet, stray.cell):
            continue
        code, what = what_stands(sheet, -1 if index is None else index)
        found.mark_wrong(stray.sheet, index)
        found.report(stray.sheet, stray.cell)
        message, cell = f"{what}; expected {stray.expected}", a1_name(stray.cell)
        found.add(Finding(code, sheet.name, cell, message, what, stray.expected, stray.block))
    return found.result()


def unknown_choices(facts: Facts) -> Iterator[Finding]:
    """Yield the cells that choose a kernel by a name that none has."""
    for link in facts.lifted.links:
        sheet = facts.workbook.sheets[link.sheet]
        if isinstance(link.what, KernelMenu) and chosen(link.what, sheet) is None:
            names = ", ".join(option.name for option in link.what.options)
            text = text_at(sheet, link.what.key)
            what = f"the text {text!r}" if text else "no name"
            message = f"{what}; expected one of {names}"
            yield Finding("T302", sheet.name, a1_name(link.what.key), message, what, names)


def holes(facts: Facts) -> Iterator[Finding]:
    """Yield the cells of inputs and parameters that hold no number, once each.

    Where blanks are how the author writes zeros, those of each kind are told together.
    """
    zeros: dict[tuple[int, str], list[Hole]] = {}
    if _writes_no_zeros(facts):
        for hole in facts.lifted.holes:
            if hole.kind == BLANK:
                zeros.setdefault((hole.sheet, hole.where), []).append(hole)
    known: set[SheetCell] = set()
    for (number, where), found in zeros.items():
        cells = {hole.cell for hole in found}
        known.update((number, cell) for cell in cells)
        name, first = facts.workbook.sheets[number].name, a1_name(min(cells))
        message = f"blank, which counts as 0 ({counted(len(cells), 'cell')} of {where})"
        yield Finding("T303", name, first, message, "blank", "a number", count=len(cells))
    for hole in facts.lifted.holes:
        if (hole.sheet, hole.cell) in known:
            continue
        known.add((hole.sheet, hole.cell))
        sheet = facts.workbook.sheets[hole.sheet]
        code, what = "T301", "blank"
        if hole.kind == TEXT:
            index = sheet.find(hole.cell)
            code, what = "T302", "a text" if index is None else f"the text {sheet.texts[index]!r}"
        elif hole.kind == BOOLEAN:
            code, what = "T302", _TRUTH
        message = f"{what}; expected a number of {hole.where}"
        yield Finding(code, sheet.name, a1_name(hole.cell), message, what, "a number")
    yield from _declared_holes(facts, known)


def _writes_no_zeros(facts: Facts) -> bool:
    """Whether so much of what is read is blank that this is how its author writes zeros.

    Only where nobody says what should stand there: a network that is described has its numbers.
    """
    if any(one.origin is not Origin.FORMULAS for one in facts.intentions):
        return False
    inputs = [one for one in facts.lifted.tensors if one.source < 0]
    size = sum(n * m for one in inputs for n, m in (plane.shape for plane in one.planes))
    places = AreaIndex((one.sheet, plane.range) for one in inputs for plane in one.planes)
    blank = {
        (hole.sheet, hole.cell)
        for hole in facts.lifted.holes
        if hole.kind == BLANK and places.holding(hole.sheet, hole.cell)
    }
    return len(blank) >= max(_LEFT_BLANK, size / _LEFT_BLANK)


def _declared_holes(facts: Facts, known: set[SheetCell]) -> Iterator[Finding]:
    """Yield what declared inputs and parameters lack, where lifting did not come so far."""
    for intention in facts.intentions:
        sheet = facts.workbook.sheets[intention.sheet]
        for one in named_ranges_of(intention):
            if one.kind == PLANE and one.owner != INPUT:
                continue
            cells = facts.calculation.indices(intention.sheet, one.plane)
            kinds = np.full(len(cells), Kind.BLANK, np.uint8)
            kinds[cells >= 0] = sheet.kinds[cells[cells >= 0]]
            for code, what, kind in _NO_NUMBERS:
                places = [
                    one.plane.cell(*divmod(k, one.plane.shape[1]))
                    for k in np.flatnonzero(kinds == kind).tolist()
                ]
                fresh = [cell for cell in places if (intention.sheet, cell) not in known]
                known.update((intention.sheet, cell) for cell in fresh)
                if fresh:
                    many = f" in {counted(len(fresh), 'cell')}" if len(fresh) > 1 else ""
                    message = f"{what}{many}; expected a number of {one.name}"
                    area = one.area.name if many else ""
                    yield Finding(code, sheet.name, a1_name(fresh[0]), message, what, "a number",
                                  area, count=len(fresh))  # fmt: skip
