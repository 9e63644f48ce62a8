"""`xlconv generate`."""

from __future__ import annotations

from pathlib import Path

import click

from xlconv.cli.streams import columns
from xlconv.cli.usage.choices import OneOf
from xlconv.generation.generate import Generated, Look, written
from xlconv.generation.sources import Sources
from xlconv.interop.pictures import FITS, Fit
from xlconv.lowering.book import Book
from xlconv.network.initialise import ALIASES, METHODS
from xlconv.network.summary import joined, predicted, summary_of
from xlconv.plurals import counted
from xlconv.presets import DEFAULT, PRESETS
from xlconv.report.layer_table import layer_lines
from xlconv.spreadsheet.xlsx.formatting import PAPERS
from xlconv.spreadsheet.xlsx.package import Budget

_READ = Budget().cells
_FILE = click.Path(path_type=Path)


@click.command("generate")
@click.argument("out", required=False, type=_FILE)
@click.option("--preset", type=OneOf(list(PRESETS)), help=f"A ready network [{DEFAULT}].")
@click.option("--spec", type=_FILE, metavar="FILE.toml", help="A network described in TOML.")
@click.option("--weights", type=_FILE, metavar="FILE.npz", help="Its weights, by torch's names.")
@click.option(
    "--model", type=_FILE, metavar="FILE.onnx",
    help="A network with its weights: an ONNX model, or an .npz file that xlconv extract wrote.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0),
    help="Draw the weights from this seed; with --training the masks too, or only they where "
    "--weights or --model gives the weights.",
)  # fmt: skip
@click.option(
    "--init",
    type=OneOf([*METHODS, *ALIASES]),
    help="How to draw them, by torch's definitions [kaiming]. kaiming-a-sqrt5 is what torch "
    "itself does by default; torch-default is another name for it.",
)
@click.option("--digit", type=click.IntRange(0, 9), help="Show a sample digit as the input.")
@click.option(
    "--input", "input_", type=_FILE, metavar="FILE",
    help="Show another input: .npy, .npz, .csv, or a .png or .jpg, which is resized and scaled.",
)  # fmt: skip
@click.option(
    "--fit",
    type=OneOf(FITS),
    help="How a picture becomes as large as the input: with room at two sides, cut off at two "
    "sides, or out of proportion. By default contain where samples are digits, and the digit is "
    "then cut out and centred by its mass as MNIST's are; else stretch.",
)
@click.option("--invert", is_flag=True, help="Turn a picture's light into dark: a photo of ink.")
@click.option(
    "--style",
    type=OneOf(["sumproduct", "array"]),
    help="Spell convolutions as SUMPRODUCT or as array formulas [sumproduct].",
)
@click.option(
    "--relu",
    type=OneOf(["fused", "separate"]),
    help="Put a ReLU into the formula before it, or in cells of its own [fused].",
)
@click.option("--stats", is_flag=True, help="Add live statistics of every tensor.")
@click.option("--shapes", is_flag=True, help="Add the rule for every output's size, live.")
@click.option(
    "--probe", metavar="LAYER",
    help="Let the probe show what a unit of this layer sees [the last convolution].",
)  # fmt: skip
@click.option(
    "--paper", type=OneOf(list(PAPERS)),
    help="Print on pages of it, with whole planes on each [all on one page].",
)  # fmt: skip
@click.option(
    "--training",
    is_flag=True,
    help="Write every Dropout as it is in training, with random cells as its masks.",
)
@click.option(
    "--fold-batchnorm", "fold", is_flag=True,
    help="Multiply every BatchNorm2d into the convolution before it.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def command(
    out: Path | None,
    preset: str | None,
    spec: Path | None,
    weights: Path | None,
    model: Path | None,
    seed: int | None,
    init: str | None,
    digit: int | None,
    input_: Path | None,
    fit: Fit | None,
    invert: bool,
    style: str | None,
    relu: str | None,
    stats: bool,
    shapes: bool,
    probe: str | None,
    paper: str | None,
    training: bool,
    fold: bool,
    force: bool,
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
    asked = Sources(
        preset, spec, weights, seed, init, digit, input_, model, training, fold, fit, invert
    )
    made = written(out, asked, Look(style, relu, stats, shapes, probe, paper), replace=force)
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
