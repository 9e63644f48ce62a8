"""The report of a verification as text for people: verdict, layers, findings by block.

Colours are the terminal's own codes, which click drops where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from shlex import quote

from click import style

from xlconv.network.summary import joined, summary_of
from xlconv.plurals import counted, plural
from xlconv.report.layer_table import NUMBERS, TITLES, row_of
from xlconv.report.linked_parameters import link_lines
from xlconv.report.text_table import table_lines
from xlconv.verification.findings import CODES, Finding, Severity
from xlconv.verification.results import Result

_COLORS = {
    "verified": "green", "findings": "red", "partly": "yellow", "unverified": "yellow",
    "unreadable": "red",
    Severity.ERROR: "red", Severity.WARNING: "yellow",
    Severity.UNVERIFIED: "yellow", Severity.INFO: "cyan",
}  # fmt: skip
_FIRST = 3
_MOST_SAMPLES = 4  # whose inputs are named each


def text_of(results: list[Result], *, quiet: bool = False) -> str:
    """Return every file's verdict; unless quiet, its layers and findings too."""
    lines: list[str] = []
    for number, result in enumerate(results):
        if number and not quiet:
            lines.append("")
        lines.append(verdict_line(result))
        if not quiet and result.report is not None:
            if result.report.against:
                lines.append(f"  held against {result.report.against}")
            every = [
                (one.sheet, summary_of(one.network, one.planes(result.report.lifted)))
                for one in result.networks
            ]
            for shown in joined(every):
                rows = [row_of(line) for line in shown]
                lines += ["", *table_lines(TITLES, rows, right=NUMBERS), ""]
            lines += [f"  {line}" for line in _sample_lines(result)]
            lines += [f"  {line}" for line in link_lines(result.report, result.networks)]
            lines += finding_lines(result.findings)
            lines += _next_commands(result)
    return "\n".join([*lines, ""])


def _sample_lines(result: Result) -> Iterator[str]:
    """Yield how many samples a network is applied to, and where the others of them stand."""
    for one in result.networks if result.report is not None else ():
        if one.further and result.report is not None:
            first = [result.report.lifted.tensors[sample[0]].planes[0] for sample in one.samples]
            shown = [plane.range.name for plane in first]
            names = ", ".join(
                shown if len(shown) <= _MOST_SAMPLES else [*shown[:2], "…", shown[-1]]
            )
            yield f"{len(first):,} samples, each with cells of its own: inputs {names}"


def verdict_line(result: Result) -> str:
    """Return `path: verdict, and how many cells`."""
    text = f"{result.path}: {style(result.verdict, _COLORS[result.verdict], bold=True)}"
    report = result.report
    if report is None:
        return f"{text} ({result.error.removeprefix(result.path + ': ')})"
    text += f", {report.verified:,} of {counted(report.connected, 'formula cell')} verified"
    wrong = sum(one.root and one.severity is Severity.ERROR for one in result.findings)
    doubtful = sum(one.root and one.severity is Severity.WARNING for one in result.findings)
    parts = []
    if wrong:
        parts.append(f"{counted(wrong, 'error')}")
    if doubtful and result.selection.strict:
        parts.append(f"{counted(doubtful, 'warning')}")
    if result.verdict == "partly" and result.selection.min_coverage < 1:
        parts.append(f"{result.selection.min_coverage:.1%} wanted")
    if report.outside:
        parts.append(f"{report.outside:,} outside any network")
    if report.knock_on:
        parts.append(f"{counted(report.knock_on, 'cell')} wrong only because of others")
    if report.pinned:
        cells = plural(report.pinned, "cell")
        parts.append(f"{report.pinned:,} random or outside {cells} taken as stored")
    return f"{text}; {', '.join(parts)}" if parts else text


def _next_commands(result: Result) -> Iterator[str]:
    """Yield a line with what to ask next about the first finding, where not all is well."""
    roots = [one for one in result.findings if one.root]
    if result.verdict != "verified" and roots:
        cell = roots[0].cell.partition(":")[0].partition(",")[0]
        place = (
            cell if result.report is None or _sheets(result) == 1 else f"{roots[0].sheet}!{cell}"
        )
        asked = f"xlconv explain {quote(result.path)} {quote(place)}"
        yield f"  next: {asked}; xlconv rule {roots[0].code}"


def _sheets(result: Result) -> int:
    calculation = None if result.report is None else result.report.calculation
    return 1 if calculation is None else len(calculation.workbook.sheets)


def finding_lines(findings: list[Finding]) -> Iterator[str]:
    """Yield the root findings by code and block: the first few cells of each, and a count."""
    roots = [one for one in findings if one.root]
    for _, some in groupby(roots, key=lambda one: (one.code, one.sheet, one.block)):
        group = list(some)
        for one in group[:_FIRST]:
            word = style(f"{one.severity} {one.code}", _COLORS[one.severity])
            yield f"  {word} {one.place}: {one.message}"
        if len(group) > _FIRST:
            where = f" in {group[0].block}" if group[0].block else ""
            yield f"       … {len(group) - _FIRST:,} more{where} ({CODES[group[0].code].name})"
