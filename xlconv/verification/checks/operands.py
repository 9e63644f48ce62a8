"""Cells that layers read: weights and entries that are blank, texts, or point elsewhere.

Looks at what lifting found beside the numbers that it expected; never at values.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.layout.links import KernelMenu
from xlconv.lifting.links import chosen
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.values import TEXT
from xlconv.spreadsheet.workbook import text_at
from xlconv.verification.check import CheckResult, SheetCell
from xlconv.verification.checks.patterns import what_stands
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding


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
    """Yield the cells of inputs and parameters that hold no number, once each."""
    known: set[SheetCell] = set()
    for hole in facts.lifted.holes:
        if (hole.sheet, hole.cell) in known:
            continue
        known.add((hole.sheet, hole.cell))
        sheet = facts.workbook.sheets[hole.sheet]
        code, what = "T301", "blank"
        if hole.kind == TEXT:
            index = sheet.find(hole.cell)
            code, what = "T302", "a text" if index is None else f"the text {sheet.texts[index]!r}"
        message = f"{what}; expected a number of {hole.where}"
        yield Finding(code, sheet.name, a1_name(hole.cell), message, what, "a number")
