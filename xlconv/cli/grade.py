"""`xlconv grade`."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from xlconv.cli.streams import tell_data
from xlconv.cli.usage.choices import OneOf
from xlconv.cli.verifying.output import progress
from xlconv.plurals import counted

_FILE = click.Path(path_type=Path)


class Asked(Struct, frozen=True):
    """The options, named as on the command line."""

    exercise: Path
    output: Path | None
    jobs: int | None
    timeout: float
    scheduler: str | None
    send: bool
    late: Path | None
    students: Path | None
    platforms: tuple[str, ...]
    compare: bool
    check: bool
    format: str
    force: bool
    quiet: bool


@click.command("grade")
@click.argument("folder", required=False, type=_FILE, metavar="[FOLDER|ZIP|XLSX]")
@click.option(
    "--exercise", required=True, type=_FILE, metavar="DIR/exercise.toml",
    help="What was asked for: what xlconv exercise wrote, beside the exercise and its solution.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=_FILE, metavar="DIR", help="Write the report there [report]."
)  # fmt: skip
@click.option(
    "-j", "--jobs", type=click.IntRange(0), metavar="N",
    help="Grade so many files at once, each in a process; 0: in this one.  [default: the cores]",
)  # fmt: skip
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", default=120.0,
    show_default=True, help="Give a file up that takes longer.",
)  # fmt: skip
@click.option(
    "--scheduler", metavar="tcp://HOST:PORT",
    help="Grade the files on the Dask cluster of this scheduler.",
)  # fmt: skip
@click.option("--send", is_flag=True, help="Send it the files, which its workers cannot see.")
@click.option(
    "--late", type=_FILE, metavar="FILE.csv",
    help="Who was late: names or numbers, and a column late with what to say of each.",
)  # fmt: skip
@click.option(
    "--students", type=_FILE, metavar="FILE.csv",
    help="All students: a gradebook of Canvas, a grading worksheet of Moodle, or names.",
)  # fmt: skip
@click.option(
    "--for", "platforms", multiple=True, type=OneOf(["canvas", "moodle"]),
    help="Write grades to import there, too.",
)  # fmt: skip
@click.option(
    "--compare", is_flag=True,
    help="Tell of files with the same unusual mistakes, or saved by the same person: as a hint.",
)  # fmt: skip
@click.option(
    "--check", is_flag=True,
    help="Grade the solution, the empty exercise and made mistakes, before a class does.",
)  # fmt: skip
@click.option(
    "--format", default="text", show_default=True, type=OneOf(["text", "json", "junit"]),
    help="What to print.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace the report if it exists.")
@click.option("-q", "--quiet", is_flag=True, help="A line at the end only.")
@click.pass_context
def command(context: click.Context, /, folder: Path | None, **given: Any) -> None:
    """Grade a folder, a zip or one workbook, handed in as learning platforms export them.

    Every cell that was asked for is proven or refuted by itself: any spelling that computes
    the right function is right, and a cell that is only wrong because of an earlier one as
    well. DIR gets index.html, a page and feedback for each student, and grades.csv.

    Exit codes: 0 graded, 2 usage or unreadable exercise, 130 interrupted; of --check 1
    where something is not graded as it should be. A file that cannot be read stops nothing.

    \b
    Example:
      xlconv grade submissions.zip --exercise lesson/exercise.toml -o report
      xlconv grade submissions --exercise lesson/exercise.toml --for moodle --compare
      xlconv grade --check --exercise lesson/exercise.toml
    """
    asked = Asked(**given)
    if asked.check == (folder is not None):
        raise click.UsageError("a FOLDER or a ZIP, or else --check: expected one of them")
    context.exit(_checked(asked) if folder is None else _graded(folder, asked))


def _graded(folder: Path, asked: Asked) -> int:
    from xlconv.classroom.exercise_file import load_exercise  # noqa: PLC0415  after the help
    from xlconv.classroom.grading.answer_key import answer_key_of  # noqa: PLC0415
    from xlconv.classroom.grading.grade import Workforce, graded  # noqa: PLC0415
    from xlconv.classroom.grading.output.report_folder import ReportFolder  # noqa: PLC0415
    from xlconv.classroom.grading.submissions import file_names, submissions_in  # noqa: PLC0415

    key = answer_key_of(load_exercise(asked.exercise))
    with tempfile.TemporaryDirectory(prefix="xlconv-") as scratch:
        submissions, left_out = submissions_in(folder, Path(scratch))
        submissions, rows = _listed(submissions, asked)
        rows_of = dict(zip(file_names(submissions), rows, strict=True))
        report = ReportFolder(
            asked.output or Path("report"), key, tuple(left_out), compare=asked.compare
        )
        report.begin(replace=asked.force)
        workforce = Workforce(asked.jobs, asked.timeout, asked.scheduler, asked.send)
        with (
            closing(graded(key, submissions, workforce)) as results,
            progress(len(submissions)) as (step, pause),
        ):
            for one in results:
                report.add(one)
                step()
                if asked.format == "text" and not asked.quiet:
                    line = _line(one, key.exercise.points)
                    pause(lambda line=line: click.echo(line))  # type: ignore[misc]
        found, alike = report.end(asked.platforms, rows_of)
    _tell(found, alike, asked, report.folder)
    return 0


def _listed(submissions: Sequence[Any], asked: Asked) -> tuple[list[Any], list[Mapping[str, str]]]:
    """Return the submissions as lists of students have them, and the rows of those lists."""
    from xlconv.classroom.grading.roster import (  # noqa: PLC0415
        read_roster,
        with_lateness,
        with_roster,
    )

    roster = read_roster(asked.students) if asked.students else []
    both = with_roster(submissions, roster)
    found = [one for one, _ in both]
    if asked.late:
        found = with_lateness(found, read_roster(asked.late))
    return found, [student.row if student else {} for _, student in both]


def _line(one: Any, most: float) -> str:
    said = one.error or one.first_cause
    from xlconv.classroom.grading.points import shown  # noqa: PLC0415  after the help

    points = f"{shown(one.points)} of {shown(most)}"
    return f"{one.submission.student}: {points}" + (f"; {said}" if said else "")


def _tell(found: Any, alike: Any, asked: Asked, folder: Path) -> None:
    from xlconv.classroom.grading.output.machine_formats import FORMATS  # noqa: PLC0415

    if asked.format != "text":
        tell_data(FORMATS[asked.format](found, alike), asked.format)
        return
    for one in found.left_out:
        click.echo(f"left out: {one}", err=True)
    for one in alike:
        click.echo(f"hint: {' and '.join(one.students)}: {one.hint}")
    click.echo(f"{folder / 'index.html'}: {_summary(found)}")


def _summary(found: Any) -> str:
    """Return how a class did in a line: whose mean it is, and who is not in it."""
    from xlconv.classroom.grading.points import shown  # noqa: PLC0415  after the help

    parts = [counted(len(found.students), "student")]
    points = [one.points for one in found.counted]
    if points:
        mean = f"{shown(sum(points) / len(points))} of {shown(found.exercise.points)}"
        whose = "whose file counts" if found.failed else "that handed in"
        parts.append(f"mean of {len(points)} {whose}: {mean} points")
    if found.missing:
        parts.append(f"{len(found.missing)} handed nothing in")
    if found.failed:
        files = counted(len(found.failed), "file")
        parts.append(f"{files} {'does' if len(found.failed) == 1 else 'do'} not count")
    return "; ".join(parts)


def _checked(asked: Asked) -> int:
    from xlconv.classroom.exercise_file import load_exercise  # noqa: PLC0415
    from xlconv.classroom.grading.answer_key import answer_key_of  # noqa: PLC0415
    from xlconv.classroom.grading.points import shown  # noqa: PLC0415
    from xlconv.classroom.grading.self_check import self_check  # noqa: PLC0415

    wrong = total = 0
    for one in self_check(answer_key_of(load_exercise(asked.exercise))):
        total, wrong = total + 1, wrong + (not one.is_right)
        if asked.quiet and one.is_right:
            continue
        said = "as it should be" if one.is_right else f"expected {shown(one.expected)}"
        remark = f"; {one.remark}" if one.remark else ""
        cause = f"\n    {one.cause}" if one.cause else ""
        mark = "ok   " if one.is_right else "WRONG"
        click.echo(f"{mark} {one.what}: {shown(one.given)} points, {said}{remark}{cause}")
    told = f"{wrong} not graded as they should be" if wrong else "all graded as they should be"
    click.echo(f"{counted(total, 'made submission')}: {told}")
    return 1 if wrong else 0
