"""The command line: one file per command, loaded only when it is called."""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import os
import sys
from typing import Any

import click

_COMMANDS = {
    "generate": "Write the workbook that computes a CNN, cell by cell.",
    "verify": "Check every formula cell of workbooks.",
    "inspect": "Tell the network that a workbook spells, layer by layer.",
    "view": "Draw a workbook's network as a page that computes.",
    "explain": "Tell what a cell computes, with its numbers.",
    "trace": "Follow a cell's precedents or dependents.",
    "extract": "Take the network out: .npz, .csv, .onnx or a PyTorch state dict.",
    "reproduce": "Read a workbook and write it again, cell for cell.",
    "diff": "Tell what changed between two workbooks.",
    "rule": "Explain a finding.",
    "presets": "List the ready networks.",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"xlconv.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # From the table, so that --help loads no command.
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        from xlconv.errors import ExistsError, XlconvError  # noqa: PLC0415

        _travel_light()

        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A console without these letters shows others, instead of failing.
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except ExistsError as error:
            click.echo(f"error: {error.for_command('--force')}", err=True)
            ctx.exit(2)
        except XlconvError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(2)


def _travel_light() -> None:
    """Leave out what costs a short process more than it gives; numpy is not yet imported."""
    # No product of matrices here is worth threads, which take longer to start than most runs.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Imports and workbooks make many objects and hardly a cycle: look for those rarely,
    # and not once more at the end.
    gc.set_threshold(100_000, 50, 50)
    atexit.register(gc.freeze)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xlconv", message="%(prog)s %(version)s")
def main() -> None:
    """Open a convolutional network in a spreadsheet.

    \b
    Example:
      xlconv generate
      xlconv generate my-net.xlsx --spec my-net.toml --digit 3
    """
