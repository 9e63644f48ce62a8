"""Results of students -> the folder of a report, file by file: tables, pages, feedback.

A student's files are written as soon as the result is there; what is about the class, at the
end. What was there of an earlier report is replaced, where that is asked for, and nothing else.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, field

from xlconv.classroom.grading.answer_key import AnswerKey
from xlconv.classroom.grading.grade import ClassResult, without_copy
from xlconv.classroom.grading.likeness import Likeness, likenesses
from xlconv.classroom.grading.output.feedback import feedback_text
from xlconv.classroom.grading.output.pages import index_page, student_page
from xlconv.classroom.grading.output.pictures import SheetPicture, sheet_pictures
from xlconv.classroom.grading.output.tables import IMPORTS, grades_csv
from xlconv.classroom.grading.points import StudentResult
from xlconv.errors import ExistsError, FileError

GRADES, INDEX = "grades.csv", "index.html"
_FEEDBACK, _STUDENTS = "feedback", "students"


class ReportFolder(Struct):
    """A folder that a report goes to; `add` every result, then `end`."""

    folder: Path
    key: AnswerKey
    left_out: tuple[str, ...] = ()
    compare: bool = False
    _students: list[StudentResult] = field(default_factory=list)
    _pictures: tuple[SheetPicture, ...] = ()

    def begin(self, *, replace: bool) -> None:
        """Make the folder. Raises ExistsError where something is in it that is not to go."""
        if self.folder.exists() and not self.folder.is_dir():
            raise FileError(f"{self.folder}: a file; expected a folder for the report")
        if self.folder.is_dir() and any(self.folder.iterdir()):
            if not replace:
                ask = ExistsError.ASK
                raise ExistsError(f"{self.folder}: is not empty; to replace it, expected {ask}")
            if (self.folder / GRADES).is_file():  # one of ours
                for name in (_FEEDBACK, _STUDENTS):
                    shutil.rmtree(self.folder / name, ignore_errors=True)
        for name in (_FEEDBACK, _STUDENTS):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._pictures = sheet_pictures(self.key)

    def add(self, one: StudentResult) -> None:
        """Write a student's files."""
        graded, bare = one.graded, ClassResult(self.key.exercise, ())
        if graded is not None and graded.copy:
            (self.folder / _FEEDBACK / f"{one.name}.xlsx").write_bytes(graded.copy)
        self._write(f"{_FEEDBACK}/{one.name}.md", feedback_text(self.key.exercise, one))
        page = student_page(bare, one, self._pictures)
        self._write(f"{_STUDENTS}/{one.name}.html", page)
        self._students.append(without_copy(one))

    def end(
        self, platforms: Iterable[str] = (), rows_of: Mapping[str, Mapping[str, str]] = {}
    ) -> tuple[ClassResult, tuple[Likeness, ...]]:
        """Write what is about the class, and return it; `platforms` are those to import it."""
        found = ClassResult(self.key.exercise, tuple(self._students), self.left_out)
        alike = likenesses(found.students) if self.compare else ()
        # Excel takes a table for UTF-8 by the mark in front only.
        self._write(GRADES, "\ufeff" + grades_csv(found))
        for name in platforms:
            self._write(f"grades-{name}.csv", IMPORTS[name](found, rows_of))
        self._write(INDEX, index_page(found, alike, compared=self.compare))
        return found, alike

    def _write(self, name: str, text: str) -> None:
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            file.write(text)
