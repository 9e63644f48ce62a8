"""Cells that are named as metrics of a network, and hold something else.

Looks at the cells that have such a name; what they should hold is a fact. Never computes one.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from xlconv.spreadsheet.addresses import Range, a1_name
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.verification.check import CheckResult
from xlconv.verification.checks.patterns import what_stands
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding, Severity
from xlconv.verification.metric_answers import KnownMetric


def wrong_metrics(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the cells with the name of a metric that do not hold it, and those of no network."""
    found = Collector(facts, earlier)
    for metric in facts.metrics.known:
        sheet = facts.workbook.sheets[metric.sheet]
        if not metric.expected:
            for one in _wrong_number(facts, sheet, metric):
                found.add(one)
        elif not metric.is_right:
            found.mark_wrong(metric.sheet, metric.index)
            found.add(_wrong_formula(sheet, metric))
    for number, cell in facts.metrics.unknown:
        sheet = facts.workbook.sheets[number]
        index = sheet.find(cell)
        if index is not None and sheet.kinds[index] >= Kind.FORMULA:
            message = "it has the name of a metric, but there is no such tensor or layer"
            found.add(Finding("L601", sheet.name, a1_name(cell), message))
    return found.result()


def _wrong_number(facts: Facts, sheet: Sheet, metric: KnownMetric) -> Iterator[Finding]:
    index, wanted = metric.index, metric.cell.content
    held = None if index < 0 else facts.calculation.grids[metric.sheet].numbers[index]
    if index < 0 or sheet.kinds[index] != Kind.NUMBER or held != wanted:
        what = "blank" if index < 0 else _held(sheet, index)
        message = f"{what}; {metric.title} is {wanted:g}"
        level = None
        if _misleads(facts, metric):  # one cause: what those formulas give is not told besides
            message += "; the sizes that follow from it are others"
            level = Severity.ERROR
        place = a1_name(metric.cell.cell)
        found = Finding("G404", sheet.name, place, message, what, f"{wanted:g}")
        yield replace(found, level=level)


def _misleads(facts: Facts, metric: KnownMetric) -> bool:
    """Whether a number is read by a formula of a metric that is right, and gives another one."""
    area = Range(*metric.cell.cell, *metric.cell.cell)
    numbers = facts.calculation.block_numbers[metric.sheet]
    differ = facts.answers[metric.sheet].differ
    return any(
        home == metric.sheet and read.holds(area)
        for one in facts.metrics.known
        if one.sheet == metric.sheet and one.is_right and one.expected
        and differ[one.index] and numbers[one.index] >= 0
        for home, read in facts.calculation.blocks[int(numbers[one.index])].reads
    )  # fmt: skip


def _wrong_formula(sheet: Sheet, metric: KnownMetric) -> Finding:
    code, what = what_stands(sheet, metric.index)
    expected, place = f"={metric.expected}", a1_name(metric.cell.cell)
    message = f"{what}; expected {expected}, {metric.title}"
    return Finding(code, sheet.name, place, message, what, expected, place)


def _held(sheet: Sheet, index: int) -> str:
    """Return what a cell holds where a number is written down."""
    if sheet.kinds[index] >= Kind.FORMULA:
        return f"={sheet.texts[index]}"
    if sheet.kinds[index] == Kind.TEXT:
        return repr(sheet.texts[index])
    return f"{sheet.numbers[index]:.10g}"
