"""What is known of one file that was handed in: of each cell asked for whether it is right.

Light, so that it can be sent between processes: letters and words, no workbook. Gives no points.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from xlconv.runs.file_report import FileReport

EMPTY = "empty"  # the code of a task in which nothing is filled in
NOTHING = "nothing is filled in"


class State(StrEnum):
    """How a cell stands that was asked for, in a letter."""

    RIGHT = "r"
    WRONG = "w"  # another formula, or another answer
    BLANK = "b"
    PASTED = "p"  # a value where a formula was asked for
    UNKNOWN = "u"  # a formula that nobody can evaluate here
    LOST = "l"  # nobody knows where it would be


class Remark(Struct, frozen=True):
    """One thing that is wrong: where, which mistake it is, and what is there and should be.

    `slip` is the mistake in English words without its place, by which a class's are counted.
    """

    at: str
    slip: str
    found: str = ""
    expected: str = ""


class TaskMarks(Struct, frozen=True):
    """The states of a task's cells, a letter each, in the order of the task.

    `cause` is in words what went wrong first, at the student's cell `at`; `code` is the kind of
    finding, "" where it is none; `slip` the mistake without its place, by which a class's are
    counted. `others` is how many more causes there are. `contents` are prints of what wrong
    cells hold, 0 for others, by which two files are compared. `remarks` are all causes, for
    students: of mistakes to be found one for each that is left.
    """

    states: str
    cause: str = ""
    code: str = ""
    slip: str = ""
    at: str = ""
    others: int = 0
    contents: tuple[int, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in, which is no mistake."""
        return self.code == EMPTY

    def count(self, *states: State) -> int:
        """Return how many cells stand so."""
        return sum(self.states.count(one) for one in states)


class GradedFile(FileReport, frozen=True, kw_only=True):
    """A file's report with the marks of every task, in their order.

    `problem` says why nothing of it counts: another network, for example. `notes` are what a
    teacher should know besides, `author` whom the document's properties name. `copy` is the
    file with its causes marked, as bytes.
    """

    marks: tuple[TaskMarks, ...] = ()
    problem: str = ""
    notes: tuple[str, ...] = ()
    author: str = ""
    changed_by: str = ""
    copy: bytes = b""
