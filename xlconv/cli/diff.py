"""`xlconv diff`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from xlconv.analysis.diff import diff
from xlconv.cli.streams import line_columns, tell_data
from xlconv.cli.usage.choices import OneOf
from xlconv.report.diff import as_json, diff_lines
from xlconv.report.text_table import line_lines

_FILE = click.Path(path_type=Path)
_FIRST = 12


@click.command("diff")
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE)
@click.option(
    "--format", "format_", default="text", show_default=True, type=OneOf(["text", "json"]),
    help="How to report.",
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
    changes = diff(before, after)
    if format_ == "json":
        tell_data(as_json(changes), format_)
    else:
        width = line_columns()
        for line in diff_lines(changes, None if all_ else _FIRST, "--all shows them"):
            for part in line_lines(line, width):
                click.echo(part)
    sys.exit(1 if changes else 0)
