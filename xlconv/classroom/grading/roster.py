"""A list of students in a CSV file -> who they are, and what the list says of being late.

Canvas's gradebook, Moodle's grading worksheet, or any table with a name or a number for each.
Matches names of lists with those of files; never opens a workbook.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from xlconv.classroom.grading.submissions import Submission
from xlconv.errors import FileError

_IDS = ("id", "identifier", "studentid", "idnumber", "participant", "userid", "number")
_NAMES = ("student", "name", "fullname", "studentname")
_LATES = ("late", "dayslate", "verspätet", "islate")
_FIRST, _LAST = ("firstname", "givenname"), ("lastname", "surname", "familyname")
_NO = ("", "0", "no", "false", "n", "-")


class Student(Struct, frozen=True):
    """A student of a list: name, number, whether late, and the row as it stands there."""

    name: str
    id: str = ""
    late: str = ""
    row: Mapping[str, str] = field(default_factory=dict)


def read_roster(path: Path) -> list[Student]:
    """Read a list of students. Raises FileError for what is no table with names or numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="cp1252", errors="replace")
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}; expected a list of students (CSV)") from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.DictReader(text.splitlines(), delimiter=delimiter, restval=""))
    except csv.Error as error:
        raise FileError(f"{path}: {error}; expected a list of students (CSV)") from None
    columns = {_key(name): name for name in (rows[0] if rows else ()) if name}
    found = [one for row in rows if (one := _student(row, columns)) is not None]
    if not found:
        raise FileError(f"{path}: no students; expected a row with the names of columns, "
                        "of which one is name or id")  # fmt: skip
    return found


def _student(row: Mapping[str, str], columns: Mapping[str, str]) -> Student | None:
    row = {key: value or "" for key, value in row.items() if isinstance(value, str | None) and key}

    def held(keys: Sequence[str]) -> str:
        return next((row[columns[one]].strip() for one in keys if one in columns), "")

    name = held(_NAMES) or f"{held(_FIRST)} {held(_LAST)}".strip()
    number = re.sub(r"^participant\s+", "", held(_IDS), flags=re.IGNORECASE)
    if (not name and not number) or name.lower() == "points possible":
        return None
    late = held(_LATES) if any(one in columns for one in _LATES) else "late"
    return Student(name or number, number, "" if late.casefold() in _NO else late, row)


def _key(name: str) -> str:
    return "".join(one for one in name.casefold() if one.isalpha())


def with_roster(
    submissions: Iterable[Submission], roster: Sequence[Student]
) -> list[tuple[Submission, Student | None]]:
    """Return every submission with its student, and those students who handed nothing in.

    Submissions of whom the list does not know stay, and are told so.
    """
    left, found = list(roster), list[tuple[Submission, Student | None]]()
    for one in submissions:
        student = match(one, left)
        if student is None:
            note = "not in the list of students"
            found.append((replace(one, notes=(*one.notes, note)) if roster else one, None))
            continue
        left.remove(student)
        found.append((replace(one, student=student.name, id=student.id or one.id), student))
    missing = (
        (Submission(one.name, one.id, notes=("nothing was handed in",)), one) for one in left
    )
    every = [*found, *missing]
    return sorted(every, key=lambda both: (both[0].student.casefold(), both[0].id))


def with_lateness(submissions: Iterable[Submission], late: Sequence[Student]) -> list[Submission]:
    """Return submissions with what a list says of being late."""
    found = []
    for one in submissions:
        student = match(one, late)
        found.append(one if student is None else replace(one, late=student.late or one.late))
    return found


def match(one: Submission, students: Sequence[Student]) -> Student | None:
    """Return the student of a list that a submission is of: by number, or by a name."""
    if one.id:
        for student in students:
            if student.id == one.id:
                return student
    names = _spellings(one.student)
    fitting = [student for student in students if names & _spellings(student.name)]
    return fitting[0] if len(fitting) == 1 else None


def _spellings(name: str) -> set[str]:
    """Return a name in the forms that platforms make of it: `Doe, Jane`, `Jane Doe`, `doejane`."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    turned = (words[k:] + words[:k] for k in range(len(words)))
    return {"".join(one) for one in turned}
