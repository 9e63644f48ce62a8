"""`xlconv verify`: its options; `verifying` does what they ask."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from xlconv.cli.usage.choices import OneOf
from xlconv.cli.verifying.run import RunOptions, run
from xlconv.runs.file_options import FileOptions, codes_of
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.verification.tolerance import ATOL, RTOL

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_FILE = click.Path(path_type=Path)
FILE_OPTIONS = set(FileOptions.__struct_fields__)


def _files(_context: click.Context, _argument: click.Parameter, begun: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem  # noqa: PLC0415  only where TAB is pressed

    return [CompletionItem(begun, type="file")]


class _Tolerance(click.FloatRange):
    """A number from 0 on; click alone lets NaN through, which is close to nothing."""

    name = "float"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, context))
        return (
            number if math.isfinite(number) else self.fail(f"{value} is no number", param, context)
        )


@click.command("verify")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE|FOLDER|PATTERN|-...", shell_complete=_files
)
@click.option(
    "--rtol", type=_Tolerance(0), default=RTOL, show_default=True,
    help="Relative tolerance of values.",
)  # fmt: skip
@click.option(
    "--atol", type=_Tolerance(0), default=ATOL, show_default=True,
    help="Absolute tolerance of values.",
)  # fmt: skip
@click.option("--select", metavar="CODES", default="", help="Only these: S,V101 (with commas).")
@click.option("--ignore", metavar="CODES", default="", help="None of these: G401,L.")
@click.option("--strict", is_flag=True, help="Warnings fail a file too.")
@click.option(
    "--min-coverage", type=click.FloatRange(0, 1), default=1.0, show_default=True,
    help="The share of the formula cells connected with a network that must be verified.",
)  # fmt: skip
@click.option(
    "--format", default="text", show_default=True,
    type=OneOf(["text", "json", "junit", "github", "sarif"]),
    help="How to report.",
)  # fmt: skip
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write the report there.")
@click.option(
    "--annotate", type=_FILE, metavar="OUT.xlsx",
    help="Write a copy of the workbook with every finding coloured and commented.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace the files to write if they exist.")
@click.option(
    "--against",
    type=_FILE,
    metavar="TEACHER.xlsx",
    help="Hold the cells against the network of this workbook.",
)
@click.option(
    "--spec", type=_FILE, metavar="FILE.toml", help="Hold the cells against this description."
)
@click.option(
    "--model", type=_FILE, metavar="FILE.npz|FILE.onnx",
    help="Compare weights and output with these, named or in order; of .onnx the layers too.",
)  # fmt: skip
@click.option("--max-cells", default=Budget().cells, show_default=True, help="Refuse larger files.")
@click.option("--max-findings", type=click.IntRange(0), help="Tell at most so many of a file.")
@click.option("--fail-fast", is_flag=True, help="End after the first file that does not pass.")
@click.option(
    "-j", "--jobs", type=click.IntRange(0), metavar="N",
    help="Check so many files at once, each in a process; 0: in this one.  [default: the cores]",
)  # fmt: skip
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS",
    help="Give a file up that takes longer.",
)  # fmt: skip
@click.option(
    "--scheduler", metavar="tcp://HOST:PORT",
    help="Check the files on the Dask cluster of this scheduler.",
)  # fmt: skip
@click.option("--send", is_flag=True, help="Send it the files, which its workers cannot see.")
@click.option(
    "--cache", type=_FILE, metavar="DIR",
    help="Keep reports there, and check again only what has changed.",
)  # fmt: skip
@click.option(
    "--baseline", type=_FILE, metavar="FILE", help="Accept the findings that stand there."
)
@click.option(
    "--write-baseline", type=_FILE, metavar="FILE",
    help="Write all findings there, and accept them.",
)  # fmt: skip
@click.option(
    "--config", type=_FILE, metavar="FILE.toml",
    help="Read settings there, not in the nearest xlconv.toml or pyproject.toml.",
)  # fmt: skip
@click.option(
    "--watch", is_flag=True,
    help="Check the one FILE again whenever it is saved, until Ctrl-C (pip install '.[watch]').",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="A line per file only.")
@click.option(
    "--layers", is_flag=True, help="The table of layers for each of several files, as for one."
)
@click.pass_context
def command(context: click.Context, /, files: tuple[str, ...], **given: Any) -> None:
    """Check every formula cell of workbooks: its value, and whether it is the right formula.

    What it should compute is told by --against, --spec or --model, or else by the file's own
    description, or else by what its formulas spell.

    Folders are searched for workbooks, quoted patterns may hold **, and - is a list on
    standard input, a file on each line.

    Exit codes: 0 verified, 1 findings, 2 usage or unreadable file, 3 internal error,
    5 partly: not all that is connected with a network is proven, or no network found,
    130 interrupted.

    \b
    Example:
      xlconv verify conv-example.xlsx
      xlconv verify submissions --format json --output report.json
      git ls-files '*.xlsx' | xlconv verify - --jobs 4
      xlconv verify net.xlsx --strict --ignore G401
      xlconv verify mine.xlsx --annotate mine-marked.xlsx
      xlconv verify mine.xlsx --watch
    """
    for name in ("select", "ignore"):
        given[name] = codes_of(f"--{name}", given[name])
    known = {name: given.pop(name) for name in list(given) if name in FILE_OPTIONS}
    if known["against"] is not None and known["spec"] is not None:
        raise click.UsageError("--against and --spec: expected one of them")
    # What has its default was not asked for: the settings may say otherwise.
    typed = {name: value for name, value in known.items() if _is_typed(context, name)}
    options = RunOptions(**given)
    if options.watch:
        from xlconv.cli.verifying.watch import watch  # noqa: PLC0415  only if used

        context.exit(watch(files, typed, options))
    context.exit(run(files, typed, options))


def _is_typed(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not ParameterSource.DEFAULT
