"""The report of a verification as text for people: verdict, layers, findings by block.

Colours are the terminal's own codes, which click drops where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from shlex import quote

from click import style

from xlconv.network.summary import joined
from xlconv.plurals import counted, plural
from xlconv.report.causes import by_cause, others
from xlconv.report.layer_table import layer_lines
from xlconv.report.linked_parameters import link_lines
from xlconv.report.text_table import line_lines
from xlconv.runs.file_report import FileReport
from xlconv.runs.results import Result
from xlconv.runs.tally import VERDICTS, Tally
from xlconv.verification.findings import Finding, Severity

_COLORS = {
    "verified": "green", "findings": "red", "partly": "yellow", "unverified": "yellow",
    "unreadable": "red",
    Severity.ERROR: "red", Severity.WARNING: "yellow",
    Severity.UNVERIFIED: "yellow", Severity.INFO: "cyan",
}  # fmt: skip
_FIRST = 3
_MOST_SAMPLES = 4  # whose inputs are named each


class Detail(Enum):
    """How much is told of a file."""

    VERDICT = auto()
    FINDINGS = auto()  # the verdict and them
    LAYERS = auto()  # all that, and the table of its layers


def file_text(
    result: Result,
    detail: Detail = Detail.LAYERS,
    *,
    width: int | None = None,
    line_width: int | None = None,
) -> str:
    """Return a file's verdict, its findings, and its layers, as far as they are asked for.

    Tables are as wide as they are, or `width` at most; so are other lines with `line_width`.
    """
    lines = [verdict_line(result)]
    if detail is not Detail.VERDICT and not result.error:
        # Of a file that is one line among many, not even that where all is well.
        if result.report.against and (detail is Detail.LAYERS or result.verdict != "verified"):
            lines.append(f"  held against {result.report.against}")
        lines += finding_lines(result.told)
        if result.left_out:
            lines.append(f"       … {counted(result.left_out, 'finding')} not told")
    lines = [one for line in lines for one in line_lines(line, line_width)]
    if detail is not Detail.VERDICT and not result.error:
        lines += _next_commands(result)  # whole, so that they can be copied
    if detail is Detail.LAYERS and not result.error:
        lines += _layer_lines(result.report, width, line_width)
    return "\n".join([*lines, ""])


def _layer_lines(report: FileReport, width: int | None, line_width: int | None) -> Iterator[str]:
    for shown in joined((one.number, one.rows) for one in report.networks):
        yield from ("", *layer_lines(shown, width))
    more = [*_sample_lines(report), *link_lines(report.linked)]
    yield from [""] if more else []
    for line in more:
        yield from line_lines(f"  {line}", line_width)


def tally_line(tally: Tally, *, expected: int | None = None) -> str:
    """Return how many files a run checked, their verdicts, and the slowest.

    `expected` says how many there are, where not all of them were checked.
    """
    of = "" if expected in (None, tally.files) else f" of {expected:,}"
    parts = [
        style(f"{tally.verdicts[name]:,} {name}", _COLORS[name])
        for name in VERDICTS
        if tally.verdicts[name]
    ]
    text = f"{tally.files:,}{of} {plural(expected or tally.files, 'file')}"
    if parts:
        text += f": {', '.join(parts)}"
    if tally.kept:
        text += f"; {tally.kept:,} unchanged since they were checked"
    return f"{text}; slowest {tally.slowest} ({tally.seconds:.1f} s)" if tally.slowest else text


def _sample_lines(report: FileReport) -> Iterator[str]:
    """Yield how many samples a network is applied to, and where the others of them stand."""
    for one in report.networks:
        if one.samples:
            shown = one.samples
            names = ", ".join(
                shown if len(shown) <= _MOST_SAMPLES else [*shown[:2], "…", shown[-1]]
            )
            yield f"{len(shown):,} samples, each with cells of its own: inputs {names}"


def verdict_line(result: Result) -> str:
    """Return `path: verdict, and how many cells`."""
    text = f"{result.path}: {style(result.verdict, _COLORS[result.verdict], bold=True)}"
    report = result.report
    if result.error:
        return f"{text} ({result.error.removeprefix(result.path + ': ')})"
    text += f", {_verified(result)}"
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
    unstored = sum(one.count for one in result.findings if one.code == "V102")
    if unstored:
        parts.append(f"no stored value in {counted(unstored, 'cell')}: open and save it")
    if result.unselected:
        parts.append(f"{counted(result.unselected, 'error')} not selected")
    if result.known:
        parts.append(f"{counted(result.known, 'known finding')} accepted")
    if report.pinned:
        cells = plural(report.pinned, "cell")
        parts.append(f"{report.pinned:,} random or outside {cells} taken as stored")
    return f"{text}; {', '.join(parts)}" if parts else text


def _verified(result: Result) -> str:
    """Return how many formula cells are verified; of a network without some layers, those there."""
    report = result.report
    of = counted(report.connected, "formula cell")
    is_missing = any(one.root and one.code == "D701" for one in result.findings)
    if is_missing and 0 < report.verified == report.connected:
        return f"part of the network is missing: what is there, {of}, is verified"
    return f"{report.verified:,} of {of} verified"


def _next_commands(result: Result) -> Iterator[str]:
    """Yield a line with what to ask next about the first finding, where not all is well."""
    roots = [one for one in result.findings if one.root]
    if roots and all(one.code == "V102" for one in roots):
        # None of our own commands: whatever they wrote, it would be their formulas that are saved.
        asked = f"soffice --headless --convert-to xlsx --outdir saved {quote(result.path)}"
        yield f"  next: open and save it in a spreadsheet, or: {asked}"
    elif result.verdict != "verified" and roots:
        cell = roots[0].first_cell
        place = cell if result.report.sheets == 1 else f"{roots[0].sheet}!{cell}"
        asked = f"xlconv explain {quote(result.path)} {quote(place)}"
        yield f"  next: {asked}; xlconv rule {roots[0].code}"


def finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield the root findings by code and block: the first few cells of each, and a count."""
    for group in by_cause(findings):
        for one in group[:_FIRST]:
            word = style(f"{one.severity} {one.code}", _COLORS[one.severity])
            yield f"  {word} {one.place}: {one.message}"
        if len(group) > _FIRST:
            yield f"       … {others(group, _FIRST)}"
