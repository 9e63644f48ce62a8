"""`xlconv diff`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from xlconv.diffing import Change, as_json, diff
from xlconv.opened import open_workbook

_FILE = click.Path(path_type=Path)
_TITLES = {
    "structure": "Structure", "weights": "Weights", "input": "Input", "output": "Output",
    "place": "Places", "finding": "Findings", "cells": "Other cells",
}  # fmt: skip
_FIRST = 12


@click.command("diff")
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE)
@click.option(
    "--format", "format_", default="text", show_default=True, type=click.Choice(["text", "json"]),
    help="How to tell.",
)  # fmt: skip
@click.option(
    "--all", "all_", is_flag=True, help=f"Every change, not the first {_FIRST} of a kind."
)
def command(before: Path, after: Path, format_: str, all_: bool) -> None:
    """Tell what changed between two workbooks: layers, weights, places, patterns.

    Exit code 0 where they are alike, 1 where they differ, 2 where one cannot be read.

    \b
    Example:
      xlconv diff conv-example.xlsx mine.xlsx
    """
    changes = diff(open_workbook(before), open_workbook(after))
    if format_ == "json":
        table = as_json(str(before), str(after), changes)
        click.echo(json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _tell(changes, f"{before} → {after}", most=None if all_ else _FIRST)
    sys.exit(1 if changes else 0)


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
