"""Findings by their cause: what one slip made of many cells is told once, with a count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from xlconv.verification.findings import CODES, Finding


def by_cause(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Yield the root findings that follow each other with one code, in one block."""
    roots = (one for one in findings if one.root)
    for _, group in groupby(roots, key=lambda one: (one.code, one.sheet, one.block)):
        yield list(group)


def others(group: Sequence[Finding], shown: int) -> str:
    """Return how many more there are of a cause, and where, after the first few."""
    where = f" in {group[0].block}" if group[0].block else ""
    return f"{len(group) - shown:,} more{where} ({CODES[group[0].code].name})"


def cause_line(group: Sequence[Finding]) -> str:
    """Return the first finding of a cause with its place, and how many more there are."""
    text = f"{group[0].place}: {group[0].message}"
    return text if len(group) == 1 else f"{text}; and {others(group, 1)}"
