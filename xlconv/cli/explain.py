"""`xlconv explain`."""

from __future__ import annotations

from pathlib import Path

import click

from xlconv.analysis.explanation import explain_cell
from xlconv.cli.streams import console, tell_data
from xlconv.spreadsheet.xlsx.package import Budget


@click.command("explain")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("cell")
@click.option(
    "--format", "format_", default="text", show_default=True,
    type=click.Choice(["text", "json"]), help="How to report.",
)  # fmt: skip
@click.option("--max-cells", default=Budget().cells, show_default=True, help="Refuse larger files.")
def command(file: Path, cell: str, format_: str, max_cells: int) -> None:
    """Tell what a cell computes, with its numbers: windows, kernels, products, sums.

    CELL is A1, sheet!A1, a unit such as conv2[1,5,7], a parameter such as
    conv1.weight[0,0,1,1], or a defined name. Then: what the cell sees in every
    layer before it, and which formulas read it.

    Exit codes: 0 explained, 2 usage, unreadable file or no such cell.

    \b
    Example:
      xlconv explain conv-example.xlsx BR9
      xlconv explain conv-example.xlsx "conv2[1, 5, 7]"
      xlconv explain net.xlsx "softmax[3]" --format json
    """
    from xlconv.report.explanation import as_json, print_explanation  # noqa: PLC0415  rich is slow

    found = explain_cell(file, cell, budget=Budget(cells=max_cells, option="--max-cells"))
    if format_ == "json":
        tell_data(as_json(found), format_)
    else:
        print_explanation(console(), found)
