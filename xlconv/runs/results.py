"""One file's result, whether it could be read or not, with findings selected.

Judges what a report tells; finds nothing itself.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from msgspec import Struct

from xlconv.runs.file_report import FileReport, file_report_of
from xlconv.verification.findings import Finding, Severity
from xlconv.verification.report import Report

CRASHED = 3  # the exit code where a check failed by a fault of its own


class Selection(Struct, frozen=True):
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


class Result(Struct, frozen=True):
    """What a file's report comes to: the findings that count, and the verdict.

    A baseline has accepted `known` findings that would fail the file, and `allowed` cells that
    are not proven; `unselected` errors were found and are not selected: that makes no file
    verified, but it passes. Reports tell at most `most` findings; the verdict is by all.
    """

    report: FileReport
    selection: Selection = Selection()
    findings: tuple[Finding, ...] = ()
    known: int = 0
    allowed: int = 0
    unselected: int = 0
    most: int | None = None

    @property
    def path(self) -> str:
        """The path as it was given."""
        return self.report.path

    @property
    def error(self) -> str:
        """Why the file could not be read, "" where it was."""
        return self.report.error

    @property
    def verdict(self) -> str:
        """`verified`, `partly`, `findings`, `unverified` (no network) or `unreadable`."""
        if self.error:
            return "unreadable"
        if any(self.selection.fails(one) for one in self.findings):
            return "findings"
        if not self.report.connected:
            return "unverified"
        is_proven = self._is_covered and not self.known and not self.unselected
        return "verified" if is_proven else "partly"

    @property
    def passes(self) -> bool:
        """Whether the file is verified, or holds no more than a baseline accepts."""
        missing = self.report.connected - self.report.verified
        is_accepted = missing <= self.allowed or (self.unselected > 0 and self._is_covered)
        return self.verdict == "verified" or (self.verdict == "partly" and is_accepted)

    @property
    def _is_covered(self) -> bool:
        return self.report.coverage >= self.selection.min_coverage

    @property
    def exit_code(self) -> int:
        """3 or 2 of a file that was not checked, 1 for findings, 5 for not all verified, or 0."""
        if self.passes:
            return 0
        if self.report.crashed:
            return CRASHED
        return {"unreadable": 2, "findings": 1}.get(self.verdict, 5)

    @property
    def told(self) -> tuple[Finding, ...]:
        """The findings to tell of."""
        return self.findings[: self.most]

    @property
    def left_out(self) -> int:
        """How many findings are not told."""
        return len(self.findings) - len(self.told)


def result_of(report: Report | FileReport, selection: Selection) -> Result:
    """Return the result of a report, whether the file could be read or not."""
    light = file_report_of(report) if isinstance(report, Report) else report
    taken = tuple(one for one in light.findings if selection.takes(one))
    return Result(light, selection, taken, unselected=_errors(light.findings) - _errors(taken))


def _errors(findings: Iterable[Finding]) -> int:
    return sum(one.root and one.severity is Severity.ERROR for one in findings)


def shortfall(result: Result) -> str:
    """Return in words what is missing of a file that holds nothing wrong, "" of others."""
    report = result.report
    if result.verdict not in ("partly", "unverified"):
        return ""
    if not report.connected:
        return "no network was found"
    least = result.selection.min_coverage
    wanted = "" if least == 1 else f", {least:.1%} wanted"
    return (
        f"{report.verified:,} of {report.connected:,} connected formula cells are verified "
        f"({report.coverage:.1%}{wanted})"
    )


def exit_code(results: Iterable[Result]) -> int:
    """Return the most urgent of all files' exit codes, or 0."""
    return most_urgent({one.exit_code for one in results})


def most_urgent(codes: Container[int]) -> int:
    """Return the exit code of a run from those of its files."""
    return next((code for code in (CRASHED, 2, 1, 5) if code in codes), 0)
