"""Cells that do not hold what the block around them, or the weights they belong to, want."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from xlconv.layout.links import KernelMenu
from xlconv.lifting.links import chosen
from xlconv.plurals import plural
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.blocks.merging import OTHERS
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.values import TEXT
from xlconv.spreadsheet.workbook import Kind, Sheet, text_at
from xlconv.verification.facts import MOST_LISTED, Facts
from xlconv.verification.findings import Finding


def deviants(facts: Facts) -> Iterator[Finding]:
    """Yield a finding for every cell of a block that does not hold its pattern."""
    for number, groups in enumerate(facts.calculation.found_blocks):
        for one in groups:
            yield from _deviants(facts, number, one)


def _deviants(facts: Facts, number: int, one: FoundBlock) -> Iterator[Finding]:
    sheet, block = facts.calculation.workbook.sheets[number], one.lattice.range.name
    # Rows of measures look like each other, but each has its own formula.
    places = np.argwhere(~one.regular & (one.cells != OTHERS))
    like = int(one.cells[one.regular][0]) if one.regular.any() else -1
    right = [
        (number, cell) in facts.metric_cells
        or (number, cell) in facts.reported
        or facts.is_declared(number, cell, int(one.cells[i, j]), like)
        for i, j in places.tolist()
        for cell in [one.lattice.cell(i, j)]
    ]
    places = places[~np.array(right, np.bool_)]
    indices = one.cells[tuple(places.T)]
    facts.wrong[number][indices[indices >= 0]] = True
    last = None
    for i, j in places[:MOST_LISTED].tolist():
        index = int(one.cells[i, j])
        mark = ("{=", "}") if one.is_array else ("=", "")
        expected = f"{mark[0]}{one.pattern.text(i, j)}{mark[1]}"
        code, what = what_stands(sheet, index)
        if code == "S201":
            array = sheet.kinds[index] == Kind.ARRAY_FORMULA
            what = f"{{={what}}}" if array else f"={what}"
        found = what if index >= 0 else ""
        message = f"{what}; expected {expected}"
        facts.reported.add((number, one.lattice.cell(i, j)))
        cell = a1_name(one.lattice.cell(i, j))
        last = Finding(code, sheet.name, cell, message, found, expected, block)
        yield last
    if last is not None and len(places) > MOST_LISTED:
        count = len(places) - MOST_LISTED
        yield replace(last, message=f"and {count:,} more {plural(count, 'cell')}", count=count)


def strays(facts: Facts) -> Iterator[Finding]:
    """Yield the tied weights, and references to entries of a tensor, that point elsewhere."""
    for one in facts.lifted.strays:
        sheet = facts.calculation.workbook.sheets[one.sheet]
        index = sheet.find(one.cell)
        is_right = index is not None and facts.is_declared(one.sheet, one.cell, index, index)
        if is_right or (one.sheet, one.cell) in facts.reported:
            continue
        code, what = what_stands(sheet, -1 if index is None else index)
        what = f"={what}" if code == "S201" else what
        if index is not None:
            facts.wrong[one.sheet][index] = True
        facts.reported.add((one.sheet, one.cell))
        message = f"{what}; expected {one.expected}"
        cell = a1_name(one.cell)
        yield Finding(code, sheet.name, cell, message, what, one.expected, one.block)


def choices(facts: Facts) -> Iterator[Finding]:
    """Yield the cells that choose a kernel by a name that none has."""
    for one in facts.lifted.links:
        sheet = facts.calculation.workbook.sheets[one.sheet]
        if isinstance(one.what, KernelMenu) and chosen(one.what, sheet) is None:
            names = ", ".join(option.name for option in one.what.options)
            text = text_at(sheet, one.what.key)
            what = f"the text {text!r}" if text else "no name"
            message = f"{what}; expected one of {names}"
            yield Finding("T302", sheet.name, a1_name(one.what.key), message, what, names)


def holes(facts: Facts) -> Iterator[Finding]:
    seen = set()
    for hole in facts.lifted.holes:
        if (hole.sheet, hole.cell) in seen:
            continue
        seen.add((hole.sheet, hole.cell))
        code = "T302" if hole.kind == TEXT else "T301"
        what = "blank"
        if hole.kind == TEXT:
            sheet = facts.calculation.workbook.sheets[hole.sheet]
            index = sheet.find(hole.cell)
            what = f"the text {sheet.texts[index]!r}" if index is not None else "a text"
        message = f"{what}; expected a number of {hole.where}"
        place = a1_name(hole.cell)
        yield Finding(code, facts.sheet_name(hole.sheet), place, message, what, "a number")


def what_stands(sheet: Sheet, index: int) -> tuple[str, str]:
    """Return the code for what stands where a pattern's formula should, and what it is."""
    if index < 0:
        return "S203", "no formula"
    kind = sheet.kinds[index]
    if kind >= Kind.FORMULA:
        return "S201", sheet.texts[index]
    if kind == Kind.NUMBER:
        return "S202", f"the number {sheet.numbers[index]:.10g}"
    if kind == Kind.TEXT:
        return "T302", f"the text {sheet.texts[index]!r}"
    return "S202", "a constant"
