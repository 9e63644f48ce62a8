"""The changes between two workbooks as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from msgspec.structs import asdict

from xlconv.analysis.comparison.changes import Change
from xlconv.analysis.diff import Diff
from xlconv.plurals import counted

JSON_VERSION = 1
_TITLES = {
    "structure": "Structure", "weights": "Weights", "input": "Input", "output": "Output",
    "place": "Places", "finding": "Findings", "cells": "Other cells",
}  # fmt: skip


def diff_lines(found: Diff, most: int | None, remedy: str) -> Iterator[str]:
    """Yield the changes by kind: of each up to `most`; `remedy` says where the others are."""
    yield heading(found)
    for title, some in by_kind(found):
        yield f"{title}:"
        for one in some[:most]:
            yield f"  {one.where}: {words(one)}"
        if most is not None and len(some) > most:
            yield f"  … {len(some) - most:,} more; {remedy}"


def heading(found: Diff) -> str:
    """Return which workbooks are compared, and how many changes there are."""
    count = counted(len(found), "change") if found else "no difference"
    return f"{found.before} → {found.after}: {count}"


def by_kind(found: Diff) -> Iterator[tuple[str, list[Change]]]:
    """Yield the changes of every kind that there is, with its title."""
    for kind, title in _TITLES.items():
        some = [one for one in found if one.kind == kind]
        if some:
            yield title, some


def words(change: Change) -> str:
    """Return what changed, and in which cells where that is not said already."""
    at = f" ({change.cells})" if change.cells and change.cells != change.where else ""
    return f"{change.message}{at}"


def as_json(found: Diff) -> str:
    """Return the JSON contract, version 1; it holds no NaN.

    {"version", "before", "after", "changes": [{"kind", "where", "message", "cells"}]}
    """
    table = {
        "version": JSON_VERSION, "before": found.before, "after": found.after,
        "changes": [asdict(one) for one in found],
    }  # fmt: skip
    return json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
