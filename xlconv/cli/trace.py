"""`xlconv trace`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click

from xlconv.analysis.trace import Trace, trace
from xlconv.cli.streams import console, tell_data
from xlconv.cli.usage.choices import OneOf
from xlconv.errors import XlconvError
from xlconv.files import whole_file

_FILE = click.Path(path_type=Path)


@click.command("trace")
@click.argument("file", type=_FILE)
@click.argument("cell")
@click.option("--precedents", "dependents", flag_value=False, default=False,
              help="What the cell is computed from (default).")  # fmt: skip
@click.option("--dependents", "dependents", flag_value=True, help="What is computed from the cell.")
@click.option("--depth", type=click.IntRange(1), default=None, metavar="N",
              help="So many levels.  [default: 1]")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Every level, to the end.")
@click.option(
    "--format", "format_", default="text", show_default=True,
    type=OneOf(["text", "json", "dot", "svg"]),
    help="A tree, data, a Graphviz graph, or a picture of the sheet with arrows.",
)  # fmt: skip
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write it there.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def command(
    file: Path,
    cell: str,
    dependents: bool,
    depth: int | None,
    everything: bool,
    format_: str,
    output: Path | None,
    force: bool,
) -> None:
    """Follow a cell's precedents or dependents, range by range.

    CELL is A1, sheet!A1, a unit such as conv2[1,5,7], a parameter such as
    conv1.weight[0,0,1,1], or a defined name.

    \b
    Example:
      xlconv trace conv-example.xlsx BT38
      xlconv trace conv-example.xlsx "conv2[1, 5, 7]" --all
      xlconv trace conv-example.xlsx J11 --dependents --depth 2 --format json
      xlconv trace conv-example.xlsx FR4 --all --format svg --output trace.svg
    """
    if everything and depth is not None:
        raise XlconvError(f"--depth {depth} --all: expected one of them")
    levels = None if everything else depth or 1
    found = trace(file, cell, dependents=dependents, depth=levels)
    if output is None and format_ == "text":
        _print_tree(found)
        return
    text = _text(found, format_)
    if output is None:
        tell_data(text, format_)
        return
    with whole_file(output, replace=force) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _print_tree(found: Trace) -> None:
    from xlconv.report.trace.text import WIDE, draw_trace  # noqa: PLC0415  rich is slow

    # Where nobody looks at it on a screen, a line is as long as its formula.
    draw_trace(console(None if sys.stdout.isatty() else WIDE), found)


def _text(found: Trace, format_: str) -> str:
    if format_ == "svg":
        from xlconv.report.trace.svg import trace_svg  # noqa: PLC0415  only if used

        return trace_svg(found)
    if format_ in ("json", "dot"):
        from xlconv.report.trace.graph_formats import trace_dot, trace_json  # noqa: PLC0415

        return trace_json(found) if format_ == "json" else trace_dot(found)
    from xlconv.report.console import page_console  # noqa: PLC0415  rich is slow
    from xlconv.report.trace.text import WIDE, draw_trace  # noqa: PLC0415  as above

    page = io.StringIO()
    draw_trace(page_console(page, WIDE), found)
    return page.getvalue()
