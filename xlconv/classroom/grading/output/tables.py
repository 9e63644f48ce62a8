"""A class's points as CSV: for people, and as Canvas and Moodle take grades in.

A text that a spreadsheet would take for a formula gets an apostrophe in front: who opens the
file runs nothing that a student has called himself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from xlconv.classroom.exercises.language import Language, language_of
from xlconv.classroom.grading.grade import ClassResult
from xlconv.classroom.grading.output.wording import (
    name_of,
    points_of,
    remark_words,
    remarks_on,
    said_of,
)
from xlconv.classroom.grading.points import StudentResult, shown

Value = str | float
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


def grades_csv(found: ClassResult) -> str:
    """Return a row for each student: points by task, their sum, and what went wrong first."""
    tasks = found.exercise.tasks
    head = ["student", "id", "file", "points", "of", *(one.id for one in tasks)]
    rows: list[Sequence[Value]] = [[*head, "late", "first cause", "notes"]]
    for one in found.students:
        handed_in = one.submission
        rows.append([
            handed_in.student, handed_in.id, handed_in.shown, one.points, found.exercise.points,
            *(task.points for task in one.tasks), handed_in.late,
            one.error or one.first_cause, "; ".join(one.notes),
        ])  # fmt: skip
    return _csv(rows)


def canvas_csv(found: ClassResult, rows_of: Mapping[str, Mapping[str, str]]) -> str:
    """Return what Canvas's gradebook imports; `rows_of` are its own rows, by a result's name."""
    title = found.exercise.title or "exercise"
    first: list[Value] = ["    Points Possible", "", "", "", "", found.exercise.points]
    rows: list[Sequence[Value]] = [[*_CANVAS, title], first]
    for one in found.students:
        known = rows_of.get(one.name, {})
        own = {"Student": one.submission.student, "ID": one.submission.id} | {
            key: value for key, value in known.items() if value
        }
        rows.append([*(own.get(key, "") for key in _CANVAS), one.points])
    return _csv(rows)


def moodle_csv(found: ClassResult, rows_of: Mapping[str, Mapping[str, str]]) -> str:
    """Return a grading worksheet as Moodle imports it, with feedback; `rows_of` are its own."""
    head = ("Identifier", "Full name", "Email address", "Grade", "Maximum Grade",
            "Feedback comments")  # fmt: skip
    rows: list[Sequence[Value]] = [head]
    language = language_of(found.exercise.language)
    for one in found.students:
        known, number = rows_of.get(one.name, {}), one.submission.id
        rows.append([
            known.get("Identifier") or (f"Participant {number}" if number else ""),
            known.get("Full name") or one.submission.student, known.get("Email address", ""),
            one.points, found.exercise.points, _comment(one, language),
        ])  # fmt: skip
    return _csv(rows)


def _comment(one: StudentResult, language: Language) -> str:
    """Return feedback in a line, as students read it."""
    if one.error:
        return language.of_grader(one.error)
    lines = []
    for task in one.tasks:
        points = points_of(task.points, task.task.points, language, "of")
        said = [remark_words(remark, language) for remark in remarks_on(task)]
        said = said or ([] if task.is_full else [said_of(task, language)])
        lines.append(
            f"{name_of(task.task, language)}: {points}" + (f" - {'; '.join(said)}" if said else "")
        )
    return " | ".join(lines)


def _csv(rows: Sequence[Sequence[Value]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_plain(one) if isinstance(one, str) else shown(one) for one in row])
    return out.getvalue()


def _plain(text: str) -> str:
    shown = "".join(one for one in text if one.isprintable() or one in "\n\t")
    # Spaces before it do not keep every program from taking it for a formula.
    return (
        f"'{shown}" if shown.startswith(_FORMULA) or shown.lstrip().startswith(_FORMULA) else shown
    )


IMPORTS = {"canvas": canvas_csv, "moodle": moodle_csv}
