"""A graded class -> pages of HTML: one at a glance, and one for each student.

By Jinja2, which escapes whatever it is given. A page brings its style along, runs no script and
may load nothing: its policy says so to the browser.
"""

from __future__ import annotations

import hashlib
import statistics
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from xlconv.classroom.exercise_file import Exercise, Task
from xlconv.classroom.exercises.language import language_of, worded
from xlconv.classroom.grading.grade import ClassResult
from xlconv.classroom.grading.graded_file import State
from xlconv.classroom.grading.likeness import Likeness
from xlconv.classroom.grading.output.pictures import SheetPicture, drawn
from xlconv.classroom.grading.output.wording import (
    first_slip,
    more_than,
    name_of,
    points_of,
    remark_words,
    remarks_on,
    said_of,
)
from xlconv.classroom.grading.points import StudentResult, TaskResult, shown
from xlconv.errors import XlconvError

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_BINS = 10
_MOST_SLIPS = 12


class Bin(Struct, frozen=True):
    """A bar of the histogram: from which share of the points to which, and how many students."""

    low: float
    high: float
    students: int


class Slip(Struct, frozen=True):
    """A mistake, in which task, how many students made it, and of whom one may look."""

    task: Task
    said: str
    students: tuple[StudentResult, ...]


class TaskOfClass(Struct, frozen=True):
    """How a class did in a task: how many have all, a part, nothing right, and the mean share."""

    task: Task
    full: int
    part: int
    none: int
    share: float
    commonest: str


class ClassAtAGlance(Struct, frozen=True):
    """The numbers of the first page."""

    found: ClassResult
    bins: tuple[Bin, ...]
    tasks: tuple[TaskOfClass, ...]
    slips: tuple[Slip, ...]
    mean: float
    median: float

    @property
    def tallest(self) -> int:
        """The most students of a bar."""
        return max((one.students for one in self.bins), default=0) or 1


def at_a_glance(found: ClassResult) -> ClassAtAGlance:
    """Return what the first page shows."""
    points = [one.points for one in found.counted]
    return ClassAtAGlance(
        found, tuple(_bins(found)), tuple(_tasks(found)), tuple(_slips(found)),
        statistics.fmean(points) if points else 0.0, statistics.median(points) if points else 0.0,
    )  # fmt: skip


def index_page(found: ClassResult, alike: Sequence[Likeness] = (), *, compared: bool) -> str:
    """Return the page of a class."""
    at = at_a_glance(found)
    return _page("index.html", found.exercise, at=at, alike=alike, compared=compared)


def student_page(found: ClassResult, one: StudentResult, pictures: Sequence[SheetPicture]) -> str:
    """Return a student's page; the marked picture of each sheet where there is anything to mark."""
    words = language_of(found.exercise.language).feedback
    pictured = (
        () if one.error
        else tuple((each.sheet, drawn(each, one.tasks, words)) for each in pictures)
    )  # fmt: skip
    states = Counter(state for task in one.tasks for state in task.marks.states)
    legend = [(name, words[name], states[state])
              for state in State if states[state] for name in (state.name.lower(),)]  # fmt: skip
    return _page("student.html", found.exercise, one=one, pictures=pictured, legend=legend)


def _page(name: str, exercise: Exercise, **values: object) -> str:
    """Return a page in the language of the exercise."""
    language = language_of(exercise.language)

    def say(key: str, count: int | None = None, /, **held: object) -> str:
        if count is None:
            return language.feedback[key].format(**held)
        number = language.number(f"{count:,}")
        return worded(language.feedback, key, count).format(count=number, **held)

    return (
        _environment()
        .get_template(name)
        .render(
            **values,
            exercise=exercise,
            code=language.code,
            say=say,
            heard=language.of_grader,
            heard_all=lambda every: "; ".join(map(language.of_grader, every)),
            first_of=lambda one: first_slip(one, language),
            number=lambda count: language.number(f"{count:,}"),
            points=lambda number: language.number(shown(number)),
            name=lambda task: name_of(task, language),
            said_of=lambda task: said_of(task, language),
            told=lambda remark: remark_words(remark, language),
            more_than=lambda task: more_than(task, language),
            of=lambda points, total, key="points": points_of(points, total, language, key),
        )
    )


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  an extra
    except ImportError:
        raise XlconvError("pages need Jinja2: pip install '.[classroom]'") from None
    # The style is part of the page and named by its hash: nothing else may style it, either.
    style = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(
        style=style, share_of=share_of, remarks_on=remarks_on,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
               "form-action 'none'",
    )  # fmt: skip
    return environment


def share_of(one: TaskResult) -> float:
    """Return which share of a task's points there is; 1 of a task without points."""
    return one.points / one.task.points if one.task.points else 1.0


def slips_of(one: TaskResult) -> list[str]:
    """Return the mistakes of a task, each once: that nothing is filled in is none."""
    if one.is_empty:
        return []
    found = [remark.slip for remark in one.marks.remarks] or [one.marks.slip]
    return [slip for slip in dict.fromkeys(found) if slip]


def _bins(found: ClassResult) -> Iterator[Bin]:
    most = found.exercise.points or 1.0
    places = Counter(min(_BINS - 1, int(_BINS * one.points / most)) for one in found.counted)
    for k in range(_BINS):
        yield Bin(most * k / _BINS, most * (k + 1) / _BINS, places[k])


def _tasks(found: ClassResult) -> Iterator[TaskOfClass]:
    for k, task in enumerate(found.exercise.tasks):
        own = [one.tasks[k] for one in found.counted]
        full = sum(one.is_full for one in own)
        none = sum(not one.right for one in own)
        slips = Counter(slip for one in own for slip in slips_of(one))
        commonest = slips.most_common(1)[0][0] if slips else ""
        share = statistics.fmean(map(share_of, own)) if own else 0.0
        yield TaskOfClass(task, full, len(own) - full - none, none, share, commonest)


def _slips(found: ClassResult) -> Iterator[Slip]:
    tasks = {task.id: task for task in found.exercise.tasks}
    made: dict[tuple[str, str], list[StudentResult]] = {}
    for one in found.counted:
        for task in one.tasks:
            for slip in slips_of(task):
                made.setdefault((task.task.id, slip), []).append(one)
    often = sorted(made.items(), key=lambda both: -len(both[1]))
    for (task_id, said), who in often[:_MOST_SLIPS]:
        yield Slip(tasks[task_id], said, tuple(who))
