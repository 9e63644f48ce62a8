"""Answers about cells and changes as HTML: an explanation, a trace, a diff."""

from __future__ import annotations

import base64
import io

from xlconv.analysis.diff import Diff
from xlconv.analysis.explanation import Explanation
from xlconv.analysis.reproduction import Reproduction
from xlconv.analysis.trace import Trace
from xlconv.report.console import page_console
from xlconv.report.diff import by_kind, heading, words
from xlconv.report.explanation import dependents_row, field_row, print_worked_out
from xlconv.report.notebook.markup import Markup, badge, image, page, table, tag
from xlconv.report.notebook.screen import folded, without_middle
from xlconv.report.notebook.texts import trace_lines
from xlconv.report.reproduction import reproduction_lines
from xlconv.report.trace.svg import trace_svg

_WIDE = 110
_MOST_CHANGES, _MOST_LINES, _MOST_LETTERS = 40, 400, 200
_MOST_DRAWN = 10_000  # cells of a workbook whose sheet is drawn: more take seconds


def explanation_page(found: Explanation) -> str:
    """Return the cell worked out, what it sees, and what reads it."""
    text = io.StringIO()
    print_worked_out(page_console(text, _WIDE), found)
    worked = without_middle(text.getvalue().strip("\n").split("\n"), _MOST_LINES)
    parts = [tag("p", badge("attention", "bad"), f" {one}") for one in found.remarks]
    parts.append(tag("pre", "\n".join(worked)))
    for title, rows in (
        ("sees", [field_row(one) for one in found.fields]),
        ("is read by", [dependents_row(one) for one in found.dependents]),
    ):
        if rows:
            parts.append(table((title, "", "cells"), _first_rows(rows)))
    return page(*parts)


def _first_rows(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    if len(rows) <= _MOST_CHANGES:
        return rows
    return [*rows[:_MOST_CHANGES], (f"… {len(rows) - _MOST_CHANGES:,} more", "", "")]


def trace_page(trace: Trace) -> str:
    """Return the sheet with arrows, where it is not too large to be drawn, and the tree."""
    tree = tag("pre", "\n".join(folded(trace_lines(trace), _MOST_LINES)))
    return page(_sheet(trace), tree) if _fits(trace) else page(tree)


def _fits(trace: Trace) -> bool:
    return sum(map(len, trace.book.workbook.sheets)) <= _MOST_DRAWN


def _sheet(trace: Trace) -> Markup:
    # As an image: nothing in it can run, and its ids cannot meet those of another one.
    svg = base64.b64encode(trace_svg(trace).encode()).decode()
    return image(f"data:image/svg+xml;base64,{svg}", "the sheet with arrows", "sheet")


def reproduction_page(made: Reproduction) -> str:
    """Return how much is at its address again, and a table of what is not."""
    counts, *_ = reproduction_lines(made)
    kind, words = ("good", "the same again") if made.is_whole else ("bad", "differs")
    rows = [(one.what, f"{one.count:,}", f"{one.sheet}!{one.cells}", one.was, one.now)
            for one in made.differences[:_MOST_CHANGES]]  # fmt: skip
    more = len(made.differences) - _MOST_CHANGES
    parts = [tag("p", badge(words, kind), f" {counts}")]
    if rows:
        cut = [tuple(_shortened(text) for text in row) for row in rows]
        parts.append(table(("", "cells", "where", "was", "is now"), cut, (1,)))
    if more > 0:
        parts.append(tag("p", f"… {more:,} more: .differences"))
    return page(*parts)


def _shortened(words: str) -> str:
    return words if len(words) <= _MOST_LETTERS else f"{words[:_MOST_LETTERS]}…"


def diff_page(found: Diff) -> str:
    """Return a table for every kind of change."""
    parts = [tag("p", tag("b", heading(found)))]
    for title, some in by_kind(found):
        rows = [(one.where, words(one), "") for one in some[: _MOST_CHANGES + 1]]
        if len(some) > _MOST_CHANGES:
            rows = [*rows[:-1], (f"… {len(some) - _MOST_CHANGES:,} more: .changes", "", "")]
        parts.append(table((title, "", ""), rows))
    return page(*parts)
