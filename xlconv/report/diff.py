"""The changes between two workbooks as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import click

from xlconv.analysis.comparison.changes import Change
from xlconv.plurals import counted

JSON_VERSION = 1
_TITLES = {
    "structure": "Structure", "weights": "Weights", "input": "Input", "output": "Output",
    "place": "Places", "finding": "Findings", "cells": "Other cells",
}  # fmt: skip


def print_diff(before: str, after: str, changes: list[Change], most: int | None = None) -> None:
    """Print the changes by kind: of each up to `most`, and how many more there are."""
    names = f"{before} → {after}"
    if not changes:
        click.echo(f"{names}: no difference")
        return
    click.echo(f"{names}: {counted(len(changes), 'change')}")
    for kind, title in _TITLES.items():
        some = [one for one in changes if one.kind == kind]
        if some:
            click.echo(f"{title}:")
        for line in _lines(some, most):
            click.echo(f"  {line}")


def _lines(changes: list[Change], most: int | None) -> Iterator[str]:
    for one in changes[:most]:
        at = f" ({one.cells})" if one.cells and one.cells != one.where else ""
        yield f"{one.where}: {one.message}{at}"
    if most is not None and len(changes) > most:
        yield f"… {len(changes) - most:,} more; --all shows them"


def as_json(before: str, after: str, changes: list[Change]) -> str:
    """Return the JSON contract, version 1; it holds no NaN.

    {"version", "before", "after", "changes": [{"kind", "where", "message", "cells"}]}
    """
    table = {
        "version": JSON_VERSION, "before": before, "after": after,
        "changes": [asdict(one) for one in changes],
    }  # fmt: skip
    return json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
