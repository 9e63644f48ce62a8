"""`xlconv explain`."""

from __future__ import annotations

from pathlib import Path

import click

from xlconv.analysis.explanation import explain_cell
from xlconv.analysis.layer_explanation import LayerExplanation, explained_layer, layer_named
from xlconv.cli.streams import columns, console, tell_data
from xlconv.cli.usage.choices import OneOf
from xlconv.lifting.lifted_workbook import open_workbook
from xlconv.spreadsheet.xlsx.package import Budget


@click.command("explain")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("cell")
@click.option(
    "--format", "format_", default="text", show_default=True,
    type=OneOf(["text", "json"]), help="How to report.",
)  # fmt: skip
@click.option("--max-cells", default=Budget().cells, show_default=True, help="Refuse larger files.")
def command(file: Path, cell: str, format_: str, max_cells: int) -> None:
    """Tell what a cell computes, with its numbers: windows, kernels, products, sums.

    CELL is A1, sheet!A1, a unit such as conv2[1,5,7], a parameter such as
    conv1.weight[0,0,1,1], or a defined name. Then: what the cell sees in every
    layer before it, and which formulas read it.

    Or the name of a layer, conv2: what it reads and gives, where it stands, by which
    formula, with which parameters, and what reads it. (fc1 is the layer, FC1 the cell.)

    Exit codes: 0 explained, 2 usage, unreadable file or no such cell.

    \b
    Example:
      xlconv explain conv-example.xlsx BR9
      xlconv explain conv-example.xlsx "conv2[1, 5, 7]"
      xlconv explain conv-example.xlsx conv2
      xlconv explain net.xlsx "softmax[3]" --format json
    """
    book = open_workbook(file, Budget(cells=max_cells, option="--max-cells"))
    layer = layer_named(book, cell)
    if layer is not None:
        _tell_layer(explained_layer(book, *layer), format_)
        return
    from xlconv.report.explanation import as_json, print_explanation  # noqa: PLC0415  rich is slow

    found = explain_cell(book, cell)
    if format_ == "json":
        tell_data(as_json(found), format_)
    else:
        print_explanation(console(), found)


def _tell_layer(found: LayerExplanation, format_: str) -> None:
    from xlconv.report.layer_explanation import (  # noqa: PLC0415  rich is slow
        as_json,
        layer_explanation_lines,
    )

    if format_ == "json":
        tell_data(as_json(found), format_)
    else:
        click.echo("\n".join(layer_explanation_lines(found, columns())))
