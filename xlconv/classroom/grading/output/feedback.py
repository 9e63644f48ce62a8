"""What a student gets back in words: a page of Markdown, beside the marked copy of the workbook.

Whatever stands in it of the student's own is quoted: a formula or a name is never markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlconv.classroom.exercise_file import Exercise
from xlconv.classroom.grading.graded_file import State
from xlconv.classroom.grading.points import StudentResult, TaskResult

WORDS = {
    State.RIGHT: "right", State.WRONG: "wrong", State.BLANK: "empty",
    State.PASTED: "a value where a formula belongs", State.UNKNOWN: "not evaluated",
    State.LOST: "not found",
}  # fmt: skip
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")


def feedback_text(exercise: Exercise, one: StudentResult) -> str:
    """Return a student's feedback as Markdown."""
    return "\n".join(_lines(exercise, one)) + "\n"


def _lines(exercise: Exercise, one: StudentResult) -> Iterator[str]:
    yield f"# {_quoted(exercise.title or 'Exercise')}"
    yield ""
    yield f"{_quoted(one.submission.student)}: **{one.points:g} of {exercise.points:g} points**"
    yield ""
    if one.error:
        yield f"The file could not be graded: {_quoted(one.error)}"
    for task in one.tasks if not one.error else ():
        yield f"## {_quoted(task.task.id)}: {task.points:g} of {task.task.points:g}"
        yield ""
        yield f"{said_of(task)}."
        if task.marks.cause:
            yield ""
            yield f"> {_quoted(task.marks.cause)}"
            if task.marks.others:
                yield ""
                yield f"and {task.marks.others} more in this task"
        yield ""
    if one.graded is not None and one.graded.copy:
        yield "The marked copy of the workbook shows the places in colour, with comments."


def said_of(task: TaskResult) -> str:
    """Return in words how far a task is done: `412 of 676 cells right`."""
    what = "mistakes mended" if task.task.mistakes else (
        "answers right" if task.task.answers else "cells right"
    )  # fmt: skip
    if task.is_full:
        return f"All {task.total:,} {what}" if task.total > 1 else "Right"
    return f"{task.right:,} of {task.total:,} {what}"


def _quoted(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
