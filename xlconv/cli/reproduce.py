"""`xlconv reproduce`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from xlconv.errors import XlconvError
from xlconv.opened import open_workbook
from xlconv.reproducing import Reproduction, reproduce
from xlconv.wording import counted

_FILE = click.Path(path_type=Path)
_SHOWN = 60  # characters of a cell's content


@click.command("reproduce")
@click.argument("file", type=_FILE)
@click.option("-o", "--output", type=_FILE, metavar="OUT.xlsx", help="Write the workbook there.")
@click.option("--check", is_flag=True, help="Exit with 1 unless every formula and number is again.")
@click.option("--force", is_flag=True, help="Replace OUT.xlsx if it exists.")
def command(file: Path, output: Path | None, check: bool, force: bool) -> None:
    """Read a workbook's network and write it again, every cell where it stood.

    What no layer explains is listed, and not written.

    \b
    Example:
      xlconv reproduce conv-example.xlsx -o again.xlsx
      xlconv reproduce submission.xlsx --check
    """
    if output is None and not check and file.exists():  # a missing file is told first
        raise XlconvError("nothing to do: expected -o OUT.xlsx, or --check")
    made = reproduce(open_workbook(file))
    if output is not None:
        made.write(output, replace=force)
    _tell(made, str(file), None if output is None else str(output))
    if check and not made.is_whole:
        sys.exit(1)


def _tell(made: Reproduction, source: str, target: str | None) -> None:
    counts = (
        f"{made.same_formulas:,} of {counted(made.formulas, 'formula')}, "
        f"{made.same_numbers:,} of {counted(made.numbers, 'number')} and "
        f"{made.same_texts:,} of {counted(made.texts, 'text')} are at their addresses again"
    )
    # Rounded down: 100 % is said of all cells, and of nothing less.
    share = int(made.share * 1000) / 10
    click.echo(f"{target or source}: {counts} ({share:g} % of formulas and numbers)")
    for one in made.differences:
        cells = one.cells if len(one.cells) <= _SHOWN else f"{one.cells[:_SHOWN]}…"
        was, now = _short(one.was), _short(one.now)
        click.echo(f"  {one.count:,} × {one.what}: {one.sheet}!{cells}; {was} is now {now}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
