"""Parameters whose formulas follow from the input or the tensors of their own network.

A parameter may be a formula and counts at its value; but one that changes with the picture
makes another function, unless the workbook that it is held against has it so. Never looks
at a value.
"""

from __future__ import annotations

from itertools import groupby

from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name
from xlconv.verification.check import CheckResult
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.intended.fed_parameters import FedCell, fed_cells


def fed_parameters(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the parameters that follow from what their network computes, one finding a block."""
    found = Collector(facts, earlier)
    for intention in facts.intentions:
        home = intention.sheet
        cells = [
            one for one in fed_cells(facts.book, intention.network, intention.layout, home)
            if one.name not in facts.fed and not found.has_reported(home, one.cell)
        ]  # fmt: skip
        for _, group in groupby(cells, key=lambda one: (one.name, one.block)):
            same = list(group)
            for one in same:
                found.mark_wrong(home, facts.workbook.sheets[home].find(one.cell))
                found.report(home, one.cell)
            found.add(_finding(facts, home, same[0], len(same)))
    return found.result()


def _finding(facts: Facts, home: int, one: FedCell, count: int) -> Finding:
    sheet = facts.workbook.sheets[home]
    index = sheet.find(one.cell)
    text = "" if index is None else f"={sheet.texts[index]}"
    many = f" and so on in {counted(count, 'cell')}" if count > 1 else ""
    message = f"{text}{many} follows from {one.source}; expected a number of {one.name}"
    return Finding("D706", sheet.name, a1_name(one.cell), message, text, "a number", count=count)
