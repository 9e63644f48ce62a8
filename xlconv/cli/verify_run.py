"""A run of `xlconv verify`: which files, by whom they are checked, and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import click

from xlconv.cli.verify_output import Output, progress
from xlconv.errors import XlconvError
from xlconv.runs.check_file import Task
from xlconv.runs.file_options import FileOptions
from xlconv.runs.results import Result, result_of
from xlconv.runs.standard import standard_of
from xlconv.runs.verify_many import cache_of, local_crew, reports
from xlconv.runs.workbook_files import workbook_files

INTERRUPTED = 130  # 128 and the number of the signal, as shells have it


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options that are for all files together; named as on the command line."""

    format: str
    output: Path | None
    annotate: Path | None
    force: bool
    quiet: bool
    max_findings: int | None
    fail_fast: bool
    jobs: int | None
    timeout: float | None
    cache: Path | None


def run(words: Sequence[str], options: FileOptions, asked: RunOptions) -> int:
    """Check the files, tell of each as it comes, and return the exit code.

    Raises XlconvError for wrong usage; not for what is wrong with a file.
    """
    files = workbook_files(words, sys.stdin.read)
    if asked.annotate is not None and len(files) != 1:
        raise XlconvError(f"--annotate {asked.annotate}: {len(files)} files; expected one")
    output = Output(asked.format, asked.output, asked.quiet, len(files))
    is_interrupted = False
    with closing(_results(files, options, asked)) as results, progress(len(files)) as (step, pause):
        try:
            for result in results:
                if asked.annotate is not None:
                    _annotate(result, asked.annotate, options, force=asked.force)
                output.add(result, pause)
                step()
                if asked.fail_fast and not result.passes:
                    break
        except KeyboardInterrupt:
            is_interrupted = True
    output.end()
    if is_interrupted:
        click.echo(f"interrupted after {output.tally.files} of {len(files)} files", err=True)
    return INTERRUPTED if is_interrupted else output.tally.exit_code


def _results(files: Sequence[str], options: FileOptions, asked: RunOptions) -> Generator[Result]:
    standards = (standard_of(options),)
    crew = local_crew(standards, asked.jobs, len(files), asked.timeout)
    tasks = [Task(turn, path, 0) for turn, path in enumerate(files)]
    known = None if asked.cache is None else cache_of(asked.cache, standards)
    for report in reports(tasks, crew, known):
        yield replace(result_of(report, options.selection), most=asked.max_findings)


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
