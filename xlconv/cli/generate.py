"""`xlconv generate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlconv.cli.streams import columns
from xlconv.cli.usage.network_options import asked_for, network_options
from xlconv.generation.generate import Generated, written
from xlconv.lowering.book import Book
from xlconv.network.summary import joined, predicted, summary_of
from xlconv.plurals import counted
from xlconv.presets import PRESETS
from xlconv.report.layer_table import layer_lines
from xlconv.spreadsheet.xlsx.package import Budget

_READ = Budget().cells
_FILE = click.Path(path_type=Path)


@click.command("generate")
@click.argument("out", required=False, type=_FILE)
@network_options(PRESETS)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def command(
    out: Path | None,
    force: bool,
    **options: Any,
) -> None:
    """Write the workbook that computes a CNN: every activation is a live formula.

    OUT.xlsx is by default named after the network, in the current folder.

    \b
    Example:
      xlconv generate
      xlconv generate seven.xlsx --digit 7 --relu separate
      xlconv generate --stats --shapes
      xlconv generate --preset stride2 --seed 3 --init xavier
      xlconv generate --spec net.toml --weights net.npz --input cat.png --fit cover
      xlconv generate mine.xlsx --input photo.jpg --invert
      xlconv generate --model model.onnx
      xlconv generate --spec net.toml --training --seed 5
      xlconv generate folded.xlsx --preset batchnorm --fold-batchnorm
    """
    asked, look = asked_for(options)
    made = written(out, asked, look, replace=force)
    if made.remark:
        click.echo(made.remark)
    if made.warning:
        click.echo(f"warning: {made.warning}", err=True)
    _print_made(made)


def _print_made(generated: Generated) -> None:
    networks, made, path = generated.networks, generated.book, generated.path
    every = [
        (0, summary_of(one.network, [place.planes for place in one.layout.places]))
        for one in networks
    ]
    for lines in joined(every):
        click.echo("\n".join(["", *layer_lines(lines, columns()), ""]))
    formulas = int(made.workbook.sheets[0].is_formula.sum())
    for one, output in zip(networks, made.outputs, strict=True):
        if prediction := predicted(one.network, output):
            click.echo(prediction)
    click.echo(f"{path}: {counted(formulas, 'formula')}, each with its value\n")
    click.echo("next:")
    steps = (
        (f"libreoffice {path}", "or open it in Excel, and change a pixel"),
        (f"xlconv verify {path}{_more(made, path)}", "is every cell what it should be?"),
    )
    width = max(len(step) for step, _ in steps)
    for step, why in steps:
        click.echo(f"  {step:<{width}}  # {why}")


def _more(made: Book, path: Path) -> str:
    """Return the option with which a large workbook is read again, or ""; say so on stderr."""
    cells = sum(map(len, made.workbook.sheets))
    if cells <= _READ:
        return ""
    click.echo(
        f"note: {path}: {cells:,} cells; verify, inspect and explain read {_READ:,} "
        f"unless --max-cells {cells} asks for more",
        err=True,
    )
    return f" --max-cells {cells}"
