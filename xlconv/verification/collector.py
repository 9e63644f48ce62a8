"""Gathers what one check finds, while it runs: findings up to a bound, and marks of cells.

Lives only as long as its check; what comes out of it is frozen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Index, Mask
from xlconv.spreadsheet.addresses import Cell
from xlconv.verification.check import CheckResult, SheetCell
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding

# Findings of one sort that are listed one by one.
MOST_LISTED = 10_000


class Collector:
    """Of very many findings it keeps the first, and one that counts the others."""

    def __init__(self, facts: Facts, earlier: CheckResult | None = None) -> None:
        self._sizes = [len(sheet) for sheet in facts.workbook.sheets]
        self._earlier: frozenset[SheetCell] = earlier.reported if earlier else frozenset()
        self._listed: list[Finding] = []
        self._last: Finding | None = None
        self._others, self._has_root = 0, False
        self._reported: set[SheetCell] = set()
        self._wrong: dict[int, Mask] = {}

    def add(self, finding: Finding) -> None:
        """Keep a finding, or count it."""
        if len(self._listed) < MOST_LISTED:
            self._listed.append(finding)
            return
        self._last = finding
        self._others += 1
        self._has_root = self._has_root or finding.root

    def report(self, sheet: int, cell: Cell) -> None:
        """Note that a finding names a cell as not what it should be."""
        self._reported.add((sheet, cell))

    def mark_wrong(self, sheet: int, indices: int | Index | None) -> None:
        """Mark cells, by their index, as wrong by themselves; None and -1 are no cell."""
        found = np.atleast_1d(np.asarray(-1 if indices is None else indices))
        if sheet not in self._wrong:
            self._wrong[sheet] = np.zeros(self._sizes[sheet], np.bool_)
        self._wrong[sheet][found[found >= 0]] = True

    def has_reported(self, sheet: int, cell: Cell) -> bool:
        """Whether this check, or one that it needs, names a cell already."""
        return (sheet, cell) in self._reported or (sheet, cell) in self._earlier

    def result(self) -> CheckResult:
        """Return what was found."""
        findings = self._listed
        if self._last is not None:
            message = f"and {self._others:,} more, which are not listed"
            last = replace(self._last, message=message, root=self._has_root, count=self._others)
            findings = [*findings, last]
        for mask in self._wrong.values():
            mask.flags.writeable = False
        wrong = MappingProxyType(self._wrong)
        return CheckResult(tuple(findings), wrong, frozenset(self._reported))


def without_marks(
    findings_of: Callable[[Facts], Iterator[Finding]],
) -> Callable[[Facts, CheckResult], CheckResult]:
    """Return the check that lists findings, needs no other and marks no cell."""

    def run(facts: Facts, earlier: CheckResult) -> CheckResult:
        return listed(facts, findings_of(facts))

    return run


def listed(facts: Facts, findings: Iterator[Finding]) -> CheckResult:
    """Return findings as a result that marks no cell."""
    found = Collector(facts)
    for one in findings:
        found.add(one)
    return found.result()
