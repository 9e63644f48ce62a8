"""`xlconv inspect`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from xlconv.analysis.inspection import inspect_workbook
from xlconv.cli.streams import console, tell_data
from xlconv.cli.usage.choices import OneOf
from xlconv.network.statistics import NEAR_ZERO
from xlconv.spreadsheet.xlsx.package import Budget


@click.command("inspect")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", default="text", show_default=True,
    type=OneOf(["text", "json"]), help="How to report.",
)  # fmt: skip
@click.option("--heatmap", is_flag=True, help="Draw every plane in the terminal's colours.")
@click.option(
    "--near-zero", default=NEAR_ZERO, show_default=True, type=click.FloatRange(min=0),
    help="Activations up to so far from 0 count as near zero.",
)  # fmt: skip
@click.option("--max-cells", default=Budget().cells, show_default=True, help="Refuse larger files.")
def command(file: Path, format_: str, heatmap: bool, near_zero: float, max_cells: int) -> None:
    """Tell the networks that a workbook spells: layers, sizes, costs, activations.

    Three tables: what each layer is and costs; how its output's size comes about; what one
    of its units sees of the input (how much, how far apart, from where) and how its
    activations are distributed (std is the sample's, as torch has it).

    Exit codes: 0 a network was found, 1 none, 2 usage or unreadable file.

    \b
    Example:
      xlconv inspect conv-example.xlsx
      xlconv inspect conv-example.xlsx --heatmap
      xlconv inspect net.xlsx --format json
    """
    from xlconv.report.inspection import as_json, print_inspection  # noqa: PLC0415  rich is slow

    found = inspect_workbook(
        file, near_zero=near_zero, budget=Budget(cells=max_cells, option="--max-cells")
    )
    if format_ == "json":
        tell_data(as_json(found), format_)
    else:
        print_inspection(console(), found, heatmap=heatmap)
    sys.exit(0 if found.networks else 1)
