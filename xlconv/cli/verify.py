"""`xlconv verify`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from xlconv.arrays import Array
from xlconv.errors import FileError, ReadError, XlconvError
from xlconv.lifting.lifted_workbook import open_workbook
from xlconv.network.network import Network
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.verification.findings import CODES
from xlconv.verification.report import Report
from xlconv.verification.results import Result, Selection, exit_code, result_of
from xlconv.verification.tolerance import ATOL, RTOL
from xlconv.verification.verify import verify

_FILE = click.Path(path_type=Path)
INTERNAL_ERROR = 3


@click.command("verify")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--rtol", default=RTOL, show_default=True, help="Relative tolerance of values.")
@click.option("--atol", default=ATOL, show_default=True, help="Absolute tolerance of values.")
@click.option("--select", metavar="CODES", default="", help="Only these: S,V101 (with commas).")
@click.option("--ignore", metavar="CODES", default="", help="None of these: G401,L.")
@click.option("--strict", is_flag=True, help="Warnings fail a file too.")
@click.option(
    "--min-coverage", type=click.FloatRange(0, 1), default=1.0, show_default=True,
    help="The share of the formula cells connected with a network that must be verified.",
)  # fmt: skip
@click.option(
    "--format", "format_", default="text", show_default=True,
    type=click.Choice(["text", "json", "junit", "github", "sarif"]),
    help="How to report.",
)  # fmt: skip
@click.option("--output", type=_FILE, metavar="FILE", help="Write the report there.")
@click.option(
    "--annotate", type=_FILE, metavar="OUT.xlsx",
    help="Write a copy of the workbook with every finding coloured and commented.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace OUT.xlsx if it exists.")
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
@click.option("-q", "--quiet", is_flag=True, help="A line per file only.")
def command(
    files: tuple[Path, ...],
    rtol: float,
    atol: float,
    select: str,
    ignore: str,
    strict: bool,
    min_coverage: float,
    format_: str,
    output: Path | None,
    annotate: Path | None,
    force: bool,
    against: Path | None,
    spec: Path | None,
    model: Path | None,
    max_cells: int,
    quiet: bool,
) -> None:
    """Check every formula cell of workbooks: its value, and whether it is the right formula.

    What it should compute is told by --against, --spec or --model, or else by the file's own
    description, or else by what its formulas spell.

    Exit codes: 0 verified, 1 findings, 2 usage or unreadable file, 3 internal error,
    5 partly: not all that is connected with a network is proven, or no network found.

    \b
    Example:
      xlconv verify conv-example.xlsx
      xlconv verify submissions/*.xlsx --format json --output report.json
      xlconv verify net.xlsx --strict --ignore G401
      xlconv verify mine.xlsx --annotate mine-marked.xlsx
    """
    selection = Selection(
        _codes("--select", select), _codes("--ignore", ignore), strict, min_coverage
    )
    budget = Budget(cells=max_cells, option="--max-cells")
    if annotate is not None and len(files) != 1:
        raise XlconvError(f"--annotate {annotate}: {len(files)} files; expected one")
    state, network = _model(model)
    if spec is not None:
        network = _described(spec)
    book = None if against is None else open_workbook(against, budget)
    check = partial(
        verify,
        rtol=rtol,
        atol=atol,
        budget=budget,
        model=state,
        against=book,
        spec=network,
        described="D" not in selection.ignore,  # changed on purpose
    )
    results, has_failed = _results(files, check, selection)
    if annotate is not None:
        _annotate(results[0], files[0], annotate, force=force)
    _write(results, format_, output, quiet=quiet)
    sys.exit(INTERNAL_ERROR if has_failed else exit_code(results))


def _results(
    files: tuple[Path, ...], check: Callable[[Path], Report], selection: Selection
) -> tuple[list[Result], bool]:
    """Return every file's result, and whether any check failed by a fault of its own."""
    results, has_failed = [], False
    with _progress(len(files)) as step:
        for path in files:
            try:
                results.append(result_of(check(path), selection))
            except ReadError as error:
                results.append(Result(str(path), None, str(error), selection))
            except Exception:  # one file never stops the rest
                import traceback  # noqa: PLC0415  for a bug of ours only

                traceback.print_exc()
                results.append(Result(str(path), None, f"{path}: internal error", selection))
                has_failed = True
            step()
    return results, has_failed


def _annotate(result: Result, source: Path, target: Path, *, force: bool) -> None:
    if result.report is None or result.report.calculation is None:
        return
    from xlconv.report.annotate import annotate  # noqa: PLC0415  openpyxl is slow

    workbook = result.report.calculation.workbook
    for line in annotate(source, target, result.findings, workbook, replace=force):
        click.echo(f"{target}: {line}", err=True)


def _model(path: Path | None) -> tuple[dict[str, Array] | None, Network | None]:
    """Return a model's parameters, and its layers where the file has them."""
    if path is None:
        return None, None
    from xlconv.interop import load_network  # noqa: PLC0415  only if used
    from xlconv.interop.inputs import read_weights  # noqa: PLC0415
    from xlconv.interop.npz import describes_itself  # noqa: PLC0415

    if path.suffix.lower() != ".npz" or describes_itself(path):
        network = load_network(path)
        return network.state(), network
    return read_weights(path), None


def _described(path: Path) -> Network:
    from xlconv.network.spec import read_spec  # noqa: PLC0415  only if used

    return read_spec(path).network


def _codes(option: str, text: str) -> tuple[str, ...]:
    codes = tuple(code.strip().upper() for code in text.split(",") if code.strip())
    for code in codes:
        if not any(known.startswith(code) for known in CODES):
            raise XlconvError(f"{option} {code}: no such code; expected one of {', '.join(CODES)}")
    return codes


@contextmanager
def _progress(count: int) -> Iterator[Callable[[], None]]:
    """Give the step of a progress bar on stderr for many files, where that is a terminal."""
    if count < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=count, label="verifying", file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def _write(results: list[Result], format_: str, output: Path | None, *, quiet: bool) -> None:
    if format_ == "text":
        from xlconv.report.text import text_of  # noqa: PLC0415  only if used

        text = text_of(results, quiet=quiet)
    else:
        from xlconv.report.machine_formats import FORMATS  # noqa: PLC0415  only if used

        text = FORMATS[format_](results)
    if output is None:
        click.echo(text, nl=False, color=False if os.environ.get("NO_COLOR") else None)
        return
    try:
        output.write_text(click.unstyle(text), encoding="utf-8")
    except OSError as error:
        raise FileError(f"{output}: {error.strerror}; expected a file to write to") from None
