"""One file's result, whether it could be read or not, with findings selected."""

from __future__ import annotations

from dataclasses import dataclass, field

from xlconv.lifting.networks import LiftedNetwork
from xlconv.verification.findings import Finding, Severity
from xlconv.verification.report import Report


@dataclass(frozen=True, slots=True)
class Selection:
    """Which findings count: `select` names codes or their beginnings, `ignore` takes some away."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    min_coverage: float = 1.0

    def takes(self, finding: Finding) -> bool:
        """Whether a finding is selected."""
        selected = not self.select or finding.code.startswith(self.select)
        return selected and not (self.ignore and finding.code.startswith(self.ignore))

    def fails(self, finding: Finding) -> bool:
        """Whether a finding makes a file fail."""
        severity = finding.severity
        return severity is Severity.ERROR or (self.strict and severity is Severity.WARNING)


@dataclass(frozen=True, slots=True)
class Result:
    """A file with its report, or with the reason that it could not be read."""

    path: str
    report: Report | None
    error: str = ""
    selection: Selection = Selection()
    findings: list[Finding] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """`verified`, `partly`, `findings`, `unverified` (no network) or `unreadable`."""
        if self.report is None:
            return "unreadable"
        if any(self.selection.fails(one) for one in self.findings):
            return "findings"
        if not self.report.connected:
            return "unverified"
        return "verified" if self.report.coverage >= self.selection.min_coverage else "partly"

    @property
    def networks(self) -> list[LiftedNetwork]:
        """The networks that were recovered."""
        return self.report.networks if self.report is not None else []


def result_of(report: Report, selection: Selection) -> Result:
    """Return the result of a file that was read."""
    findings = [one for one in report.findings if selection.takes(one)]
    return Result(report.path, report, "", selection, findings)


def shortfall(result: Result) -> str:
    """Return in words what is missing of a file that holds nothing wrong, "" of others."""
    report = result.report
    if report is None or result.verdict not in ("partly", "unverified"):
        return ""
    if not report.connected:
        return "no network was found"
    least = result.selection.min_coverage
    wanted = "" if least == 1 else f", {least:.1%} wanted"
    return (
        f"{report.verified:,} of {report.connected:,} connected formula cells are verified "
        f"({report.coverage:.1%}{wanted})"
    )


def exit_code(results: list[Result]) -> int:
    """Return 2 if a file could not be read, 1 for findings, 5 if not all is verified, or 0."""
    verdicts = {one.verdict for one in results}
    for verdict, code in (("unreadable", 2), ("findings", 1), ("partly", 5), ("unverified", 5)):
        if verdict in verdicts:
            return code
    return 0
