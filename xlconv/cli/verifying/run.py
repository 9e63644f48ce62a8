"""A run of `xlconv verify`: which files, by whom they are checked, and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import replace

from xlconv.cli import INTERRUPTED
from xlconv.cli.verifying.output import Output, progress
from xlconv.errors import XlconvError
from xlconv.report.text import Detail
from xlconv.runs.check_file import Task
from xlconv.runs.crews.crew import Crew
from xlconv.runs.file_options import FileOptions
from xlconv.runs.results import Result, result_of
from xlconv.runs.settings import find_settings, read_settings
from xlconv.runs.standard import Standard, standard_of
from xlconv.runs.verify_many import cache_of, cluster_of, local_crew, reports
from xlconv.runs.workbook_files import workbook_files


class RunOptions(Struct, frozen=True):
    """The options that are for all files together; named as on the command line."""

    format: str
    output: Path | None
    annotate: Path | None
    force: bool
    quiet: bool
    layers: bool
    max_findings: int | None
    fail_fast: bool
    jobs: int | None
    timeout: float | None
    scheduler: str | None
    send: bool
    cache: Path | None
    baseline: Path | None
    write_baseline: Path | None
    config: Path | None
    watch: bool


def run(words: Sequence[str], typed: Mapping[str, Any], asked: RunOptions) -> int:
    """Check the files, tell of each as it comes, and return the exit code.

    `typed` are the options for every file, whatever the settings say. Raises XlconvError
    for wrong usage; not for what is wrong with a file.
    """
    _expect_free(asked)  # before the work, not after it
    files = workbook_files(words, sys.stdin.read)
    if asked.annotate is not None and len(files) != 1:
        raise XlconvError(f"--annotate {asked.annotate}: {len(files)} files; expected one")
    settings = read_settings(asked.config) if asked.config else find_settings(Path.cwd())
    wanted = [(path, settings.options(path, typed)) for path in files]
    detail = _detail(asked, len(files))
    output = Output(asked.format, asked.output, asked.force, detail, len(files))
    is_interrupted = False
    with closing(_results(wanted, asked)) as results, progress(len(files)) as (step, pause):
        try:
            for result in results:
                output.add(result, pause)
                step()
                if asked.fail_fast and not result.passes:
                    break
        except KeyboardInterrupt:
            is_interrupted = True
        except XlconvError:
            if output.tally.files:  # what was found stays found
                output.end()
            raise
    output.end()
    if is_interrupted:
        click.echo(f"interrupted after {output.tally.files} of {len(files)} files", err=True)
    return INTERRUPTED if is_interrupted else output.tally.exit_code


def _detail(asked: RunOptions, files: int) -> Detail:
    """Return what is told of each file: the layers of one, or as asked for."""
    if asked.quiet:
        return Detail.VERDICT
    return Detail.LAYERS if asked.layers or files == 1 else Detail.FINDINGS


def _expect_free(asked: RunOptions) -> None:
    targets = [one for one in (asked.output, asked.annotate, asked.write_baseline) if one]
    if targets:
        from xlconv.files import expect_free  # noqa: PLC0415  only if used

        for one in targets:
            expect_free(one, replace=asked.force)


def _results(wanted: Sequence[tuple[str, FileOptions]], asked: RunOptions) -> Generator[Result]:
    """Yield the results of files with their options; at the end write what is asked for."""
    numbers = {held: k for k, held in enumerate(dict.fromkeys(one.held for _, one in wanted))}
    standards = [standard_of(held) for held in numbers]
    tasks = [Task(k, path, numbers[one.held]) for k, (path, one) in enumerate(wanted)]
    known = None if asked.cache is None else cache_of(asked.cache, standards)
    accept, end = _acceptance(asked)
    crew = _crew(standards, len(tasks), asked)
    with closing(reports(tasks, crew, known)) as found:
        for (_, options), report in zip(wanted, found, strict=True):
            result = accept(result_of(report, options.selection))
            if asked.annotate is not None:
                _annotate(result, asked.annotate, options, force=asked.force)
            yield replace(result, most=asked.max_findings)
    end()


def _crew(standards: Sequence[Standard], files: int, asked: RunOptions) -> Crew:
    """Return who checks the files."""
    if asked.scheduler is None:
        if asked.send:
            raise XlconvError("--send without --scheduler; expected both")
        return local_crew(standards, asked.jobs, files, asked.timeout)
    if asked.jobs is not None or asked.timeout is not None:
        raise XlconvError("--jobs or --timeout with --scheduler; expected the cluster's own")
    return cluster_of(asked.scheduler, standards, send=asked.send)


def _acceptance(asked: RunOptions) -> tuple[Callable[[Result], Result], Callable[[], None]]:
    """Return what takes the accepted findings out of a result, and what to do at the end."""
    if asked.baseline is not None and asked.write_baseline is not None:
        raise XlconvError("--baseline and --write-baseline; expected one of them")
    if asked.baseline is None and asked.write_baseline is None:
        return (lambda result: result), (lambda: None)
    from xlconv.runs.baseline import NewBaseline, read_baseline  # noqa: PLC0415  only if used

    if asked.baseline is not None:
        return read_baseline(asked.baseline).accept, (lambda: None)
    assert asked.write_baseline is not None
    new = NewBaseline(asked.write_baseline)
    return new.accept, new.write


def _annotate(result: Result, target: Path, options: FileOptions, *, force: bool) -> None:
    if result.error:
        return
    from xlconv.report.annotate import annotate  # noqa: PLC0415  openpyxl is slow
    from xlconv.spreadsheet.xlsx.package import Budget  # noqa: PLC0415
    from xlconv.spreadsheet.xlsx.read import read_xlsx  # noqa: PLC0415

    workbook = read_xlsx(result.path, Budget(cells=options.max_cells))
    source = Path(result.path)
    for line in annotate(source, target, list(result.findings), workbook, replace=force):
        click.echo(f"{target}: {line}", err=True)
