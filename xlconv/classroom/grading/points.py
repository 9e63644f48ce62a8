"""Marks of cells and the rubric -> points of each task, and of each student.

Partial credit is the share of right cells; of mistakes to be found, of mended ones. Never asks
why a cell is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from xlconv.classroom.exercise_file import Exercise, Task, cells_of
from xlconv.classroom.grading.graded_file import NOTHING, GradedFile, State, TaskMarks
from xlconv.classroom.grading.submissions import Submission
from xlconv.runs.file_report import FileReport

_CENT = Decimal("0.01")


def rounded(points: float) -> float:
    """Return points to two digits, a half up: the one rule of everything that shows points."""
    return float(Decimal(repr(float(points))).quantize(_CENT, ROUND_HALF_UP))


def shown(points: float) -> str:
    """Return points as they are written anywhere: `8.13`, `8.5`, `8`."""
    return f"{rounded(points):.2f}".rstrip("0").rstrip(".")


class TaskResult(Struct, frozen=True):
    """Points of one task: `right` of `total` cells (or mistakes) are as they should be."""

    task: Task
    points: float
    right: int
    total: int
    marks: TaskMarks

    @property
    def is_full(self) -> bool:
        """Whether nothing is missing."""
        return self.right == self.total

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return self.marks.is_empty

    @property
    def unknown(self) -> int:
        """How many cells nobody could judge: somebody should look."""
        return self.marks.count(State.UNKNOWN)


class StudentResult(Struct, frozen=True):
    """What a student's file is worth; `error` says why it counts for nothing, "" where it counts.

    `name` is that of the files about the student.
    """

    submission: Submission
    name: str
    tasks: tuple[TaskResult, ...]
    error: str = ""
    report: FileReport | None = None

    @property
    def points(self) -> float:
        """The points of all tasks together."""
        return rounded(math.fsum(one.points for one in self.tasks))

    @property
    def graded(self) -> GradedFile | None:
        """What is known of the file, None where it could not be read."""
        return self.report if isinstance(self.report, GradedFile) else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a teacher should know besides the points."""
        unknown = sum(one.unknown for one in self.tasks)
        more = (f"{unknown} cells could not be evaluated: please look",) if unknown else ()
        own = self.graded.notes if self.graded else ()
        return (*self.submission.notes, *own, *more)

    @property
    def first_cause(self) -> str:
        """What went wrong first in the first task that is not full, "" where all are.

        Of tasks in which nothing is filled in that is told, where there is no other cause.
        """
        empty = [one.task.id for one in self.tasks if one.is_empty]
        wrong = (one.marks.cause for one in self.tasks if one.marks.cause and not one.is_empty)
        told = NOTHING if len(empty) == len(self.tasks) else f"{', '.join(empty)}: {NOTHING}"
        return next(wrong, told if empty else "")


def student_result(
    exercise: Exercise, submission: Submission, name: str, report: FileReport | None
) -> StudentResult:
    """Return what a file is worth; None is for what was not handed in."""
    if report is None:
        said = submission.notes[-1] if submission.notes else "nothing was handed in"
        return StudentResult(submission, name, tuple(_nothing(exercise)), said)
    if not isinstance(report, GradedFile) or report.error:
        error = report.error.removeprefix(f"{report.path}: ")
        return StudentResult(submission, name, tuple(_nothing(exercise)), error, report)
    if report.problem:
        return StudentResult(submission, name, tuple(_nothing(exercise)), report.problem, report)
    tasks = zip(exercise.tasks, report.marks, strict=True)
    results = tuple(_result(exercise, task, marks) for task, marks in tasks)
    return StudentResult(submission, name, results, report=report)


def _nothing(exercise: Exercise) -> Iterator[TaskResult]:
    for task in exercise.tasks:
        yield TaskResult(task, 0.0, 0, _units(task), TaskMarks(""))


def _units(task: Task) -> int:
    return len(task.mistakes) or len(task.answers) or len(task.places)


def _result(exercise: Exercise, task: Task, marks: TaskMarks) -> TaskResult:
    total = _units(task)
    right = _mended(task, marks) if task.mistakes else marks.count(State.RIGHT)
    share = right / total if exercise.rubric.partial else float(right == total)
    # Not rounded up to the full number while a cell is missing.
    points = task.points if right == total else min(
        rounded(task.points * share), max(0.0, task.points - float(_CENT))
    )  # fmt: skip
    return TaskResult(task, points, right, total, marks)


def _mended(task: Task, marks: TaskMarks) -> int:
    states = dict(zip(task.places, marks.states, strict=True))
    # A cell that a mistake names and the task does not is nobody's: it is not mended.
    return sum(
        all(states.get(cell) == State.RIGHT for area in one.cells for cell in cells_of(area))
        for one in task.mistakes
    )
