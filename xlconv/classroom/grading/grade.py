"""Submissions, a key and a crew -> a result for each student, in their order and as they come.

Brings together who handed what in, who checks it, and what that is worth. Opens no workbook and
writes no file.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing

from msgspec import Struct
from msgspec.structs import replace

from xlconv.classroom.exercise_file import Exercise
from xlconv.classroom.grading.answer_key import AnswerKey
from xlconv.classroom.grading.points import StudentResult, student_result
from xlconv.classroom.grading.standard import grading_standard
from xlconv.classroom.grading.submissions import Submission, file_names
from xlconv.errors import XlconvError
from xlconv.runs.check_file import Task
from xlconv.runs.crews.crew import Crew
from xlconv.runs.verify_many import cluster_of, local_crew, reports

TIMEOUT = 120.0  # seconds for a file: far more than any exercise takes


class Workforce(Struct, frozen=True):
    """Who checks the files: processes of this machine, or a cluster."""

    jobs: int | None = None
    timeout: float | None = TIMEOUT
    scheduler: str | None = None
    send: bool = False


class ClassResult(Struct, frozen=True):
    """All students of a class with their points, and what of a zip could not be taken."""

    exercise: Exercise
    students: tuple[StudentResult, ...]
    left_out: tuple[str, ...] = ()

    @property
    def counted(self) -> tuple[StudentResult, ...]:
        """Those whose file counts."""
        return tuple(one for one in self.students if not one.error)

    @property
    def missing(self) -> tuple[StudentResult, ...]:
        """Those who handed in no workbook at all."""
        return tuple(one for one in self.students if one.submission.path is None)

    @property
    def failed(self) -> tuple[StudentResult, ...]:
        """Those whose file does not count: it cannot be read, or is another network."""
        return tuple(one for one in self.students if one.error and one.submission.path is not None)


def graded(
    key: AnswerKey,
    submissions: Sequence[Submission],
    workforce: Workforce = Workforce(),
    *,
    with_copies: bool = True,
) -> Generator[StudentResult]:
    """Yield the result of every submission, in their order.

    Raises XlconvError where no processes can be started, or no scheduler answers.
    """
    names = list(file_names(submissions))
    files = [(k, one.path) for k, one in enumerate(submissions) if one.path is not None]
    tasks = [Task(turn, str(path), 0) for turn, (_, path) in enumerate(files)]
    crew = _crew(key, len(files), workforce, with_copies=with_copies)
    waiting = iter(range(len(submissions)))
    with closing(reports(tasks, crew)) as found:
        for (k, _), report in zip(files, found, strict=True):
            for before in waiting:
                own = report if before == k else None
                yield student_result(key.exercise, submissions[before], names[before], own)
                if before == k:
                    break
    for k in waiting:
        yield student_result(key.exercise, submissions[k], names[k], None)


def without_copy(one: StudentResult) -> StudentResult:
    """Return a result without the bytes of the marked copy, once that is written."""
    if one.graded is None or not one.graded.copy:
        return one
    return replace(one, report=replace(one.graded, copy=b""))


def _crew(key: AnswerKey, files: int, workforce: Workforce, *, with_copies: bool) -> Crew:
    standards = (grading_standard(key, with_copies=with_copies),)
    if workforce.scheduler is not None:
        return cluster_of(workforce.scheduler, standards, send=workforce.send)
    if workforce.send:
        raise XlconvError("--send without --scheduler; expected both")
    # In this process nobody could watch the time.
    timeout = None if workforce.jobs == 0 else workforce.timeout
    return local_crew(standards, workforce.jobs, files, timeout)
