"""The command line: one file per command, loaded only when it is called."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
from copy import copy
from typing import TYPE_CHECKING, Any

import click

from xlconv.cli.streams import UnwritableError, color_option, own_streams
from xlconv.cli.usage.choices import meant
from xlconv.cli.usage.wrong_usage import told_in_a_line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

INTERRUPTED = 130  # 128 and the number of the signal, as shells have it

_COMPLETION = "_XLCONV_COMPLETE"
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
    "exercise": "Write an exercise that checks itself, and its solution.",
    "grade": "Grade a folder of submissions of an exercise.",
    "rule": "Explain a finding.",
    "presets": "List the ready networks.",
}


class _Program(click.Group):
    def main(self, *args: Any, **options: Any) -> Any:
        if _COMPLETION in os.environ:  # the shell reads that, as click writes it
            return super().main(*args, **options)
        with own_streams():
            return super().main(*args, **options)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        with told_in_a_line():
            return super().make_context(*args, **options)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"xlconv.cli.{cmd_name}")
        command: click.Command = copy(module.command)
        command.params = [*command.params, color_option()]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if word in _COMMANDS or word.startswith("-"):
            return super().resolve_command(ctx, args)
        raise click.UsageError(f"no command {word!r}; {meant(word, _COMMANDS)}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # From the table, so that --help loads no command.
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # From the table too: whoever presses TAB waits.
        from click.shell_completion import CompletionItem  # noqa: PLC0415  only then

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        fitting = {name: line for name, line in _COMMANDS.items() if name.startswith(incomplete)}
        return [CompletionItem(name, help=line) for name, line in fitting.items()]

    def invoke(self, ctx: click.Context) -> Any:
        from xlconv.errors import ExistsError, XlconvError  # noqa: PLC0415

        _travel_light()
        try:
            with told_in_a_line():
                return super().invoke(ctx)
        except ExistsError as error:
            message = error.for_command("--force")
        except XlconvError as error:
            message = str(error)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:  # as a file that was named
            raise UnwritableError from None
        except OSError as error:
            message = ": ".join(str(one) for one in (error.filename, error.strerror) if one)
        click.echo(f"error: {message}", err=True)
        ctx.exit(2)


def _travel_light() -> None:
    """Leave out what costs a short process more than it gives; numpy is not yet imported."""
    # No product of matrices here is worth threads, which take longer to start than most runs.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Imports and workbooks make many objects and hardly a cycle: look for those rarely,
    # and not once more at the end.
    gc.set_threshold(100_000, 50, 50)
    atexit.register(gc.freeze)


@click.group(
    cls=_Program,
    # Who drops colours is the stream: see streams.py.
    context_settings={"help_option_names": ["-h", "--help"], "color": True},
    params=[color_option()],
)
@click.version_option(
    None, "-V", "--version", package_name="xlconv", message="%(prog)s %(version)s"
)
def main() -> None:
    """Open a convolutional network in a spreadsheet.

    \b
    Example:
      xlconv generate
      xlconv generate my-net.xlsx --spec my-net.toml --digit 3
    """
