"""`xlconv view`."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from xlconv.errors import XlconvError
from xlconv.spreadsheet.xlsx.package import Budget

_FILE = click.Path(path_type=Path)


@click.command("view")
@click.argument("file", type=_FILE)
@click.option(
    "-o", "--output", type=_FILE, metavar="PAGE.html",
    help="Write the page there [default: the workbook's name with .html, here].",
)  # fmt: skip
@click.option("--open", "opens", is_flag=True, help="Show the page in the browser.")
@click.option("--force", is_flag=True, help="Replace PAGE.html if it exists.")
@click.option(
    "--against", type=_FILE, metavar="TEACHER.xlsx",
    help="Hold the workbook against this one, and mark what differs.",
)  # fmt: skip
@click.option(
    "--layers", metavar="NAME,...",
    help="Show these layers only, with what they depend on; for workbooks of many cells.",
)  # fmt: skip
@click.option("--max-cells", default=Budget().cells, show_default=True, help="Refuse larger files.")
def command(
    file: Path,
    output: Path | None,
    opens: bool,
    force: bool,
    against: Path | None,
    layers: str | None,
    max_cells: int,
) -> None:
    """Draw a workbook's network as a page that computes: one file that loads nothing.

    Every layer is a picture of its numbers. Point at a cell for its window, its arithmetic and
    its formula; paint on the input or change a number, and all that depends on it follows. What
    verify finds is marked. FILE is a workbook, or a model (.onnx, .npz) as `generate --model`
    takes it.

    \b
    Example:
      xlconv view conv-example.xlsx --open
      xlconv view submission.xlsx --against teacher.xlsx -o page.html
      xlconv view large.xlsx --layers input,conv1,pool1
      xlconv view model.onnx
    """
    from xlconv.interop import load_network  # noqa: PLC0415  slow, and --help needs none
    from xlconv.page.view import view  # noqa: PLC0415  as above

    budget = Budget(cells=max_cells, option="--max-cells")
    path = output or Path(f"{file.stem}.html")
    is_model = file.suffix.lower() in (".onnx", ".npz")
    source = load_network(file) if is_model else file
    names = None if layers is None else [one.strip() for one in layers.split(",")]
    page = view(source, against=against, layers=names, budget=budget)
    page.write(path, replace=force)
    click.echo(f"{path}: {len(page.html.encode()) / 1000:,.0f} kB")
    if opens and not webbrowser.open(path.resolve().as_uri()):
        raise XlconvError(f"{path}: no browser to open it in")
