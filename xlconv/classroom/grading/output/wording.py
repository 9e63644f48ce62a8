"""What students are told of a task, in the exercise's language: how far it is, and what is wrong.

Plain sentences without codes; markup is for those who write files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xlconv.classroom.exercise_file import Task
from xlconv.classroom.exercises.language import Language, worded
from xlconv.classroom.grading.graded_file import NOTHING, Remark, State
from xlconv.classroom.grading.output.remarks import MOST, remark_of
from xlconv.classroom.grading.points import StudentResult, TaskResult, shown
from xlconv.verification.findings import Finding

_NOUNS = {"shapes": "answers", "question": "answers", "parameters": "numbers"}
_ANSWER = "another answer"
Quoted = Callable[[str], str]


def _bare(text: str) -> str:
    return text


def name_of(task: Task, language: Language) -> str:
    """Return what a task is called: its cells by their names, others in a word."""
    if task.kind == "shapes":
        return str(language.words["sizes"])
    if task.kind == "mistakes":
        return worded(language.words, "mistakes", len(task.mistakes))
    return task.id.removesuffix("?")


def said_of(task: TaskResult, language: Language) -> str:
    """Return how far a task is done: `412 of 676 cells right, 20 empty`."""
    words, noun = language.feedback, _NOUNS.get(task.task.kind, "cells")
    noun = "mistakes" if task.task.mistakes else noun
    if task.is_full:
        one = "right_one" if task.total == 1 else f"all_{noun}"
        return words[one].format(total=language.number(f"{task.total:,}"))
    if task.is_empty:
        return words["nothing"]
    right, total = (language.number(f"{count:,}") for count in (task.right, task.total))
    said = words[noun].format(right=right, total=total)
    blank = 0 if task.task.mistakes else task.marks.count(State.BLANK)
    return (
        f"{said}, {words['empty'].format(count=language.number(f'{blank:,}'))}" if blank else said
    )


def remarks_on(task: TaskResult) -> Sequence[Remark]:
    """Return the remarks that are told: of mistakes to be found all, else the first few."""
    return task.marks.remarks if task.task.mistakes else task.marks.remarks[:MOST]


def more_than(task: TaskResult, language: Language) -> str:
    """Return how many remarks are not told, in words; "" where all are."""
    left = len(task.marks.remarks) - len(remarks_on(task))
    return worded(language.feedback, "more", left).format(count=left) if left else ""


def remark_words(
    remark: Remark, language: Language, code: Quoted = _bare, text: Quoted = _bare
) -> str:
    """Return a remark in a line; `code` quotes what cells hold, `text` words."""
    words = language.feedback
    parts = []
    if remark.slip != _ANSWER:  # what is there and what is right say it all
        parts.append(text(language.of_grader(remark.slip)))
    if remark.found:
        parts.append(words["found"].format(found=code(remark.found)))
    if remark.expected:
        parts.append(words["expected"].format(expected=code(remark.expected)))
    return f"{text(remark.at.rpartition('!')[2])}: {'; '.join(parts)}"


def comment_on(some: Sequence[Finding], language: Language) -> str:
    """Return the comment on a cell for findings of one cause: of the first, and how many more."""
    said = remark_words(remark_of(some[0]), language)
    left = len(some) - 1
    more = worded(language.feedback, "more_cells", left).format(count=left)
    return f"{said}; {more}" if left else said


def first_slip(one: StudentResult, language: Language) -> str:
    """Return the first mistake without its formulas, and how many tasks have others.

    A task in which nothing is filled in has no mistake: where there is none, it is told so.
    """
    slips = [task for task in one.tasks if task.marks.slip and not task.is_empty]
    if not slips:
        empty = [name_of(task.task, language) for task in one.tasks if task.is_empty]
        said = language.of_grader(NOTHING)
        return said if len(empty) == len(one.tasks) else f"{', '.join(empty)}: {said}" * bool(empty)
    said = f"{name_of(slips[0].task, language)}: {language.of_grader(slips[0].marks.slip)}"
    more = language.feedback["more_slips"].format(count=len(slips) - 1)
    return f"{said} {more}" if len(slips) > 1 else said


def points_of(points: float, total: float, language: Language, key: str = "points") -> str:
    """Return `8.13 of 10 points`."""
    return language.feedback[key].format(
        points=language.number(shown(points)), total=language.number(shown(total))
    )
