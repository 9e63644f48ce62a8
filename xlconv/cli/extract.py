"""`xlconv extract`."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from xlconv.analysis.extraction import extracted
from xlconv.arrays import by_shape
from xlconv.cli.usage.choices import OneOf
from xlconv.interop import FORMATS, format_of, save_network
from xlconv.lifting.lifted_workbook import open_workbook
from xlconv.plurals import counted
from xlconv.verification.findings import Severity
from xlconv.verification.verify import verify_lifted

_FILE = click.Path(path_type=Path)


@click.command("extract")
@click.argument("file", type=_FILE)
@click.option(
    "-o", "--output", type=_FILE, metavar="OUT", required=True,
    help="model.npz, model.onnx or model.pt; or, with --format csv, a folder.",
)  # fmt: skip
@click.option(
    "--format", "format_", type=OneOf(list(FORMATS)),
    help="What to write, whatever OUT ends in [by the ending].",
)  # fmt: skip
@click.option(
    "--network", "number", default=1, show_default=True, metavar="N",
    help="Which network, where the workbook has several: 1 is the longest.",
)  # fmt: skip
@click.option("--float32", is_flag=True, help="Round to float32, as many ONNX runtimes ask for.")
@click.option("--force", is_flag=True, help="Replace what exists.")
def command(
    file: Path, output: Path, format_: str | None, number: int, float32: bool, force: bool
) -> None:
    """Take the network out of a workbook: weights by PyTorch's names, and the layers.

    An .npz or .onnx file is a whole network, which `xlconv generate` takes back. A .pt
    file is a state dict for torch.load; csv is a folder with a table for each tensor.

    \b
    Example:
      xlconv extract conv-example.xlsx -o model.npz
      xlconv generate again.xlsx --weights model.npz
      xlconv extract conv-example.xlsx -o model.onnx --float32
      xlconv extract conv-example.xlsx -o tables --format csv
    """
    format_ = format_ or format_of(output)
    book = open_workbook(file)
    found = extracted(book, number)
    for remark in found.remarks:
        click.echo(f"{file}: {remark}", err=True)
    save_network(found.network, output, format_, float32=float32, replace=force)
    state = found.network.state()
    for key, value in state.items():
        click.echo(f"{key}  {by_shape(value.shape)}")
    count = sum(value.size for value in state.values())
    layers = counted(len(found.network.layers), "layer")
    click.echo(f"{output}: {layers}, {counted(count, 'parameter')}")
    errors = verify_lifted(book).count(Severity.ERROR)
    if errors:
        click.echo(
            f"warning: {file}: {counted(errors, 'error')}; taken all the same is the network that "
            f"its formulas spell: xlconv verify {quote(str(file))}",
            err=True,
        )
