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
@click.option("--max-cells", default=Budget().cells, show_default=True, help="Refuse larger files.")
def command(
    file: Path, output: Path | None, opens: bool, force: bool, against: Path | None, max_cells: int
) -> None:
    """Draw a workbook's network as a page that computes: one file, no network, no server.

    Every layer is a picture of its numbers. Point at a cell for its window, its arithmetic and
    its formula; paint on the input or change a number, and all that depends on it follows. What
    verify finds is marked.

    \b
    Example:
      xlconv view conv-example.xlsx --open
      xlconv view submission.xlsx --against teacher.xlsx -o page.html
    """
    from xlconv.lifting.lifted_workbook import open_workbook  # noqa: PLC0415  as above
    from xlconv.page.view import page_of_workbook  # noqa: PLC0415  slow, and --help needs none

    budget = Budget(cells=max_cells, option="--max-cells")
    path = output or Path(f"{file.stem}.html")
    page = page_of_workbook(open_workbook(file, budget), against, budget)
    page.write(path, replace=force)
    click.echo(f"{path}: {len(page.html.encode()) / 1000:,.0f} kB")
    if opens and not webbrowser.open(path.resolve().as_uri()):
        raise XlconvError(f"{path}: no browser to open it in")
