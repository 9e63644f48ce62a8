"""Diff."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from xlconv.analysis.diff import Change

JSON_VERSION = 1


def as_json(before: str, after: str, changes: list[Change]) -> dict[str, Any]:
    """Return the differences as a table for JSON: version, before, after, changes."""
    return {
        "version": JSON_VERSION, "before": before, "after": after,
        "changes": [asdict(one) for one in changes],
    }  # fmt: skip


_TITLES = {
    "structure": "Structure", "weights": "Weights", "input": "Input", "output": "Output",
    "place": "Places", "finding": "Findings", "cells": "Other cells",
}  # fmt: skip


def _tell(changes: list[Change], names: str, most: int | None) -> None:
    if not changes:
        click.echo(f"{names}: no difference")
        return
    click.echo(f"{names}: {len(changes):,} {'change' if len(changes) == 1 else 'changes'}")
    for kind, title in _TITLES.items():
        some = [one for one in changes if one.kind == kind]
        if some:
            click.echo(f"{title}:")
        for one in some[:most]:
            at = f" ({one.cells})" if one.cells and one.cells != one.where else ""
            click.echo(f"  {one.where}: {one.message}{at}")
        if most is not None and len(some) > most:
            click.echo(f"  … {len(some) - most:,} more; --all shows them")
