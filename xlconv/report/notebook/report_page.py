"""A verification's report as HTML: the verdict, the causes of what is wrong, the layers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice

from click import unstyle
from msgspec.structs import replace

from xlconv.network.summary import joined
from xlconv.report.layer_table import NUMBERS, TITLES, row_of
from xlconv.report.linked_parameters import link_lines
from xlconv.report.notebook.markup import Markup, badge, page, table, tag
from xlconv.report.text import verdict_line
from xlconv.runs.file_report import FileReport
from xlconv.runs.results import Selection, result_of
from xlconv.verification.findings import CODES, Finding, Severity
from xlconv.verification.report import Report

_VERDICTS = {"verified": "good", "findings": "bad", "partly": "doubt", "unverified": "doubt",
             "unreadable": "bad"}  # fmt: skip
_SEVERITIES = {
    Severity.ERROR: "bad", Severity.WARNING: "doubt",
    Severity.UNVERIFIED: "doubt", Severity.INFO: "note",
}  # fmt: skip
_FIRST, _MOST = 3, 30  # cells of a cause, and causes, that have a line


def report_page(shown: Report | FileReport) -> str:
    """Return the report for a notebook."""
    result = result_of(shown, Selection())
    report = result.report
    line = unstyle(verdict_line(replace(result, report=replace(report, path=""))))
    said = line.removeprefix(f": {result.verdict}")
    parts = [tag("p", badge(result.verdict, _VERDICTS[result.verdict]), " ",
                 tag("b", report.path), said)]  # fmt: skip
    if report.against:
        parts.append(tag("p", f"held against {report.against}"))
    rows = list(islice(_causes(report.findings), _MOST + 1))
    if rows:
        titles = ("", "code", "cell", "what was found")
        parts.append(table(titles, rows[:_MOST]))
    if len(rows) > _MOST:
        count = sum(one.root for one in report.findings)
        parts.append(tag("p", f"… {count:,} findings in all: .findings, .to_frame()"))
    every = joined((one.number, one.rows) for one in report.networks)
    parts += [table(TITLES, map(row_of, lines), NUMBERS) for lines in every]
    parts += [tag("p", line) for line in link_lines(report.linked)]
    return page(*parts)


def _causes(findings: list[Finding]) -> Iterator[tuple[str, ...]]:
    """Yield a row for the first findings of every code and block, and one for how many more."""
    roots = (one for one in findings if one.root)
    for (code, _, block), some in groupby(roots, key=lambda one: (one.code, one.sheet, one.block)):
        group = list(some)
        for one in group[:_FIRST]:
            yield (
                badge(str(one.severity), _SEVERITIES[one.severity]),
                _explained(code), one.place, one.message,
            )  # fmt: skip
        if len(group) > _FIRST:
            more = f"… {len(group) - _FIRST:,} more" + (f" in {block}" if block else "")
            yield "", "", "", f"{more} ({CODES[code].name})"


def _explained(code: str) -> Markup:
    return tag("span", code, title=f"{CODES[code].name}: {CODES[code].meaning}")
