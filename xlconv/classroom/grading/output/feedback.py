"""What a student gets back in words: a page of Markdown, beside the marked copy of the workbook.

Whatever stands in it of the student's own is quoted: a formula or a name is never markup. In the
language of the exercise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlconv.classroom.exercise_file import Exercise
from xlconv.classroom.exercises.language import Language, language_of
from xlconv.classroom.grading.output.wording import (
    more_than,
    name_of,
    points_of,
    remark_words,
    remarks_on,
    said_of,
)
from xlconv.classroom.grading.points import StudentResult, TaskResult

# What is markup wherever it stands: code, emphasis, tags, entities, links. In the middle of a
# word an underscore is none, and a bracket is one before a link's address only.
_MARKUP = re.compile(r"[\\`*]|(?<!\w)_|_(?!\w)|<(?=[A-Za-z/!?])|&(?=#?\w+;)|~(?=~)|(?<=~)~")
_BEGINS = re.compile(r"#{1,6}(?:\s|$)|[>|]|[+-](?:\s|$)|\[|[=-]{2,}\s*$")
_RUN = re.compile(r"`+")


def feedback_text(exercise: Exercise, one: StudentResult) -> str:
    """Return a student's feedback as Markdown."""
    return "\n".join(_lines(exercise, one, language_of(exercise.language))) + "\n"


def _lines(exercise: Exercise, one: StudentResult, language: Language) -> Iterator[str]:
    words = language.feedback
    yield f"# {quoted(exercise.title or words['exercise'])}"
    yield ""
    points = points_of(one.points, exercise.points, language)
    yield f"{quoted(one.submission.student)}: **{points}**"
    yield ""
    if one.error:
        yield f"{words['not_graded']} {quoted(language.of_grader(one.error))}"
    for task in one.tasks if not one.error else ():
        yield from _of_task(task, language)
    if one.graded is not None and one.graded.copy:
        yield words["copy"]


def _of_task(task: TaskResult, language: Language) -> Iterator[str]:
    given = points_of(task.points, task.task.points, language, "of")
    yield f"## {quoted(name_of(task.task, language))}: {given}"
    yield ""
    yield f"{said_of(task, language)}."
    yield ""
    remarks = remarks_on(task)
    for remark in remarks:
        yield f"- {remark_words(remark, language, as_code, quoted)}"
    if more := more_than(task, language):
        yield f"- {more}"
    if remarks:
        yield ""


def quoted(text: str) -> str:
    """Return a text whose letters mean themselves in Markdown, wherever in a line it stands."""
    text = " ".join(text.split())
    shown = _MARKUP.sub(r"\\\g<0>", text)
    if "](" in shown:
        shown = shown.replace("[", "\\[")
    first = _BEGINS.match(shown)
    if first is not None:
        return f"\\{shown}"
    return re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", shown)


def as_code(text: str) -> str:
    """Return a text as a span of code, whatever backticks are in it."""
    text = " ".join(text.split())
    fence = "`" * (1 + max((len(run) for run in _RUN.findall(text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"
