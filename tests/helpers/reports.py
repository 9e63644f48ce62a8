"""What a report finds, in a form to compare."""

from __future__ import annotations

from xlconv.verification.report import Report


def codes(report: Report, *, root: bool = True) -> set[tuple[str, str]]:
    return {(one.code, one.cell) for one in report.findings if one.root or not root}
