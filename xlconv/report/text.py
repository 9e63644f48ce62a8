"""The report as text for people: verdict, layers, findings by block."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.text import Text

from xlconv.findings import CODES, Finding, Severity
from xlconv.report.layers import layer_table
from xlconv.report.results import Result
from xlconv.summary import summary_of

_STYLES = {
    "verified": "bold green", "findings": "bold red",
    "unverified": "bold yellow", "unreadable": "bold red",
}  # fmt: skip
_COLORS = {
    Severity.ERROR: "red", Severity.WARNING: "yellow",
    Severity.UNVERIFIED: "yellow", Severity.INFO: "cyan",
}  # fmt: skip
_FIRST = 3


def print_results(console: Console, results: list[Result], *, quiet: bool = False) -> None:
    """Print every file's verdict; unless quiet, its layers and findings too."""
    for number, result in enumerate(results):
        if number and not quiet:
            console.print()
        console.print(verdict_line(result), soft_wrap=True)
        if not quiet and result.report is not None:
            for model in result.models:
                planes = model.planes(result.report.lifted)
                console.print(layer_table(summary_of(model.network, planes)))
            for line in finding_lines(result.findings):
                console.print(line, soft_wrap=True)


def verdict_line(result: Result) -> Text:
    """Return `path: verdict, and how many cells`."""
    text = Text(f"{result.path}: ")
    text.append(result.verdict, _STYLES[result.verdict])
    report = result.report
    if report is None:
        return text.append(f" ({result.error.removeprefix(result.path + ': ')})")
    text.append(f", {report.verified:,} of {report.formulas:,} formula cells verified")
    wrong = sum(one.root and one.severity is Severity.ERROR for one in result.findings)
    parts = []
    if wrong:
        parts.append(f"{wrong:,} {'error' if wrong == 1 else 'errors'}")
    if report.knock_on:
        cells = "cell" if report.knock_on == 1 else "cells"
        parts.append(f"{report.knock_on:,} {cells} wrong only because of others")
    return text.append(f"; {', '.join(parts)}") if parts else text


def finding_lines(findings: list[Finding]) -> Iterator[Text]:
    """Yield the root findings by code and block: the first few cells of each, and a count."""
    roots = [one for one in findings if one.root]
    for _, some in groupby(roots, key=lambda one: (one.code, one.sheet, one.block)):
        group = list(some)
        for one in group[:_FIRST]:
            text = Text("  ")
            text.append(one.code, _COLORS[one.severity])
            text.append(f" {one.place}: {one.message}")
            yield text
        if len(group) > _FIRST:
            where = f" in {group[0].block}" if group[0].block else ""
            yield Text(
                f"       … {len(group) - _FIRST:,} more{where} ({CODES[group[0].code].name})"
            )
