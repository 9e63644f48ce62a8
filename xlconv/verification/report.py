"""What verification knows of one workbook: counts of cells, and findings with root causes first.

Put together from facts and the results of all checks. Never looks at a cell again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct, field
from msgspec.structs import asdict, replace

from xlconv.lifting.matching.tensors import Lifted
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.network import Network
from xlconv.network.shown import Shown
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.verification.check import CheckResult, merged
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding, Severity

if TYPE_CHECKING:
    import pandas as pd

_BEGIN = re.compile(r"([A-Z]+)(\d+)")


class CellCounts(Struct, frozen=True, kw_only=True):
    """How many formula cells of a workbook are right, and what was found; root causes first.

    `pinned` cells are random and taken as inputs, `connected` ones have to do with a network,
    those random ones left out, and `verified` ones of these compute what they should;
    `knock_on` ones are only wrong because of others.
    """

    path: str
    formulas: int = 0
    pinned: int = 0
    connected: int = 0
    verified: int = 0
    knock_on: int = 0
    against: str = ""  # what it was held against, "" where nothing says what it should compute
    findings: list[Finding] = field(default_factory=list)

    @property
    def coverage(self) -> float:
        """Verified cells over those that have to do with a network; 0 where none does."""
        return self.verified / self.connected if self.connected else 0.0

    @property
    def outside(self) -> int:
        """How many formula cells have nothing to do with a network."""
        return self.formulas - self.pinned - self.connected

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a table, a row each."""
        import pandas as pd  # noqa: PLC0415  slow to import, and rarely used

        rows = [asdict(one) | {"severity": str(one.severity)} for one in self.findings]
        columns = [*Finding.__struct_fields__, "severity"]
        return pd.DataFrame(rows, columns=columns)

    def count(self, severity: Severity) -> int:
        """Return how many findings have a severity, knock-on ones left out."""
        return sum(one.severity == severity and one.root for one in self.findings)

    @property
    def verdict(self) -> str:
        """`verified`, `partly`, `findings`, or `unverified` where there is no network."""
        if self.count(Severity.ERROR):
            return "findings"
        if not self.connected:
            return "unverified"
        return "verified" if self.verified == self.connected else "partly"

    @property
    def strict_verdict(self) -> str:
        """The verdict where warnings weigh as errors do."""
        return "findings" if self.count(Severity.WARNING) else self.verdict


class Report(Shown, CellCounts, frozen=True, kw_only=True):
    """What is known of a workbook, cell by cell: the counts, and what they were counted in."""

    networks: list[LiftedNetwork] = field(default_factory=list)
    lifted: Lifted = field(default_factory=Lifted)
    calculation: Calculation | None = None

    @property
    def network(self) -> Network | None:
        """The longest network that the workbook spells."""
        return self.networks[0].network if self.networks else None


def report_of(facts: Facts, results: Iterable[CheckResult]) -> Report:
    """Return the report; findings that weigh alike stay in the order of the results."""
    found = merged(results)
    findings = sorted(found.findings, key=_weight)
    has_errors = any(one.root and one.severity is Severity.ERROR for one in findings)
    counts: Counter[str] = Counter()
    for number, (answers, standing) in enumerate(zip(facts.answers, facts.standing, strict=True)):
        fine = ~found.wrong.get(number, np.zeros(len(answers.formulas), np.bool_))
        # Whose numbers are wrong because of others compute the right thing of wrong numbers.
        knock_on = (answers.differ | answers.stale) & fine if has_errors else np.zeros_like(fine)
        counts["formulas"] += int(answers.formulas.sum())
        counts["pinned"] += int(answers.pinned.sum())
        counts["connected"] += int(standing.connected.sum())
        counts["verified"] += int((standing.verified & fine & ~knock_on).sum())
        counts["knock_on"] += int(knock_on.sum())
    return Report(
        path=facts.book.path,
        findings=findings,
        networks=facts.networks,
        lifted=facts.lifted,
        calculation=facts.calculation,
        against=facts.against,
        **counts,
    )


def because_of(report: Report, causes: Sequence[Finding], without: Report) -> Report:
    """Return a report with some causes as its roots, and what is found `without` them too."""
    known = {one.code for one in without.findings}
    others = (one if one.code in known else replace(one, root=False) for one in report.findings)
    findings = sorted((*causes, *others), key=_weight)
    # Of a network that is torn apart, not all cells are known to have to do with one.
    connected = max(report.connected, without.connected)
    return replace(
        report, findings=findings, connected=connected, knock_on=connected - report.verified
    )


def following(report: Report, cause: Finding, explains: Callable[[Finding], bool]) -> Report:
    """Return a report with a cause as the root of all findings that it explains."""
    others = (replace(one, root=one.root and not explains(one)) for one in report.findings)
    findings = sorted((cause, *others), key=_weight)
    return replace(report, findings=findings, knock_on=report.connected - report.verified)


def as_without(report: Report, without: Report) -> Report:
    """Return a report with the verdict that it has `without` lines that change no formula."""
    known = {one.code for one in without.findings}
    stay = [one for one in report.findings if one.code in known or one.code[0] == "V"]
    if any(one.severity is Severity.ERROR for one in stay):
        return report
    return replace(report, findings=stay, verified=report.connected, knock_on=0)


def _weight(one: Finding) -> tuple[object, ...]:
    begin = _BEGIN.match(one.block)
    letters, row = begin.groups() if begin else ("", "0")
    place = len(letters), letters, int(row), one.block
    return not one.root, list(Severity).index(one.severity), one.code, one.sheet, place
