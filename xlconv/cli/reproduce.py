"""`xlconv reproduce`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from xlconv.analysis.reproduction import reproduce
from xlconv.errors import XlconvError
from xlconv.report.reproduction import print_reproduction

_FILE = click.Path(path_type=Path)


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
    if output is None and not check and file.exists():  # a missing file is reported first
        raise XlconvError("nothing to do: expected -o OUT.xlsx, or --check")
    made = reproduce(file)
    if output is not None:
        made.write(output, replace=force)
    print_reproduction(made, str(output or file))
    if check and not made.is_whole:
        sys.exit(1)
