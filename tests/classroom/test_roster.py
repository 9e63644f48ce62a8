"""Lists of students: as platforms export them, and matched with the names of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlconv.classroom.grading.roster import read_roster, with_lateness, with_roster
from xlconv.classroom.grading.submissions import Submission
from xlconv.errors import FileError

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Lesson (12)
    Points Possible,,,,,20
"Lovelace, Ada",123,s1,ada,A,
"Turing, Alan",124,s2,alan,A,
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade
Participant 123,Ada Lovelace,ada@example.org,Submitted,
Participant 124,Alan Turing,alan@example.org,Submitted,
"""
PLAIN = "first name;last name\nAda;Lovelace\nAlan;Turing\n"


def listed(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "students.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("text", [CANVAS, MOODLE, PLAIN, "\ufeff" + MOODLE])
@pytest.mark.parametrize("name", ["lovelaceada", "Ada Lovelace", "Lovelace, Ada", "ADA LOVELACE"])
def test_a_submission_finds_its_student(tmp_path: Path, text: str, name: str) -> None:
    roster = read_roster(listed(tmp_path, text))
    assert len(roster) == 2
    (one, student), (missing, other) = with_roster([Submission(name)], roster)
    assert student is roster[0]
    assert one.student == roster[0].name
    assert other is roster[1]
    assert missing.path is None
    assert missing.notes == ("nothing was handed in",)


def test_a_number_counts_more_than_a_name(tmp_path: Path) -> None:
    roster = read_roster(listed(tmp_path, MOODLE))
    found = with_roster([Submission("Ada Lovelace", "124")], roster)
    assert ("Alan Turing", "124") in [(one.student, one.id) for one, student in found if student]


def test_who_is_in_no_list_stays_and_is_told(tmp_path: Path) -> None:
    roster = read_roster(listed(tmp_path, MOODLE))
    found = with_roster([Submission("Eve")], roster)
    (eve,) = [one for one, student in found if student is None]
    assert eve.notes == ("not in the list of students",)
    assert len(found) == 3


def test_letters_of_windows_are_read(tmp_path: Path) -> None:
    (one,) = read_roster(listed(tmp_path, "name\nJörg Müller\n", "cp1252"))
    assert one.name == "Jörg Müller"


def test_being_late_is_carried_over(tmp_path: Path) -> None:
    late = read_roster(listed(tmp_path, "name,late\nAda Lovelace,2 days\nAlan Turing,no\n"))
    found = with_lateness([Submission("Ada Lovelace"), Submission("Alan Turing")], late)
    assert [one.late for one in found] == ["2 days", ""]
    every = read_roster(listed(tmp_path, "name\nAda Lovelace\n"))
    assert [one.late for one in with_lateness(found, every)] == ["late", ""]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "name\n"])
def test_what_is_no_list_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileError, match="no students"):
        read_roster(listed(tmp_path, text))
