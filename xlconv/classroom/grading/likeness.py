"""Two files with the same unusual wrong cells, or with the same person in their properties.

A hint for somebody who looks, and never a verdict: some mistakes are everybody's, and what
many have is not unusual. Reads nothing but what was found of each file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from msgspec import Struct

from xlconv.classroom.grading.points import StudentResult
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name

_FEWEST = 3  # cells that two files must share to be told
_RARE = 0.1  # of a class, or two students: what more of them have is usual
_Wrong = tuple[int, int, int]  # a task, a cell of it, and the print of what it holds


class Likeness(Struct, frozen=True):
    """What is alike in the files of some students: by their names, with the cells."""

    students: tuple[str, ...]
    hint: str
    cells: tuple[str, ...] = ()


def likenesses(students: Sequence[StudentResult]) -> tuple[Likeness, ...]:
    """Return what is alike, the most cells first."""
    return (*_same_cells(students), *_same_people(students))


def _same_cells(students: Sequence[StudentResult]) -> Iterator[Likeness]:
    wrong = {k: _wrong(one) for k, one in enumerate(students)}
    often = Counter(one for cells in wrong.values() for one in cells)
    most = max(2, int(_RARE * len(students)))
    holders: dict[_Wrong, list[int]] = {}
    for k, cells in wrong.items():
        for one in cells:
            if often[one] <= most:
                holders.setdefault(one, []).append(k)
    shared: dict[tuple[int, int], list[_Wrong]] = {}
    for one, who in holders.items():
        for pair in combinations(who, 2):
            shared.setdefault(pair, []).append(one)
    for (a, b), same in sorted(shared.items(), key=lambda both: -len(both[1])):
        if len(same) >= _FEWEST:
            names = students[a].submission.student, students[b].submission.student
            hint = f"identical in {counted(len(same), 'unusual cell')}"
            yield Likeness(names, hint, tuple(_name(students[a], one) for one in sorted(same)))


def _wrong(one: StudentResult) -> set[_Wrong]:
    return {
        (k, turn, found)
        for k, task in enumerate(one.tasks)
        for turn, found in enumerate(task.marks.contents) if found
    }  # fmt: skip


def _name(one: StudentResult, wrong: _Wrong) -> str:
    task, turn, _ = wrong
    return a1_name(one.tasks[task].task.places[turn])


def _same_people(students: Sequence[StudentResult]) -> Iterator[Likeness]:
    """Yield documents whose properties name somebody else of the class, or of another document."""
    saved: dict[str, list[str]] = {}
    for one in students:
        graded = one.graded
        person = graded.changed_by or graded.author if graded is not None else ""
        if person:
            saved.setdefault(person, []).append(one.submission.student)
    for person, names in saved.items():
        if 1 < len(names) <= max(2, _RARE * len(students)):
            yield Likeness(tuple(names), f"saved by the same person: {person}")
    known = {_words(one.submission.student): one.submission.student for one in students}
    for person, names in saved.items():
        other = known.get(_words(person))
        if other is not None and len(names) == 1 and names[0] != other:
            yield Likeness((names[0], other), f"the document's properties name {person}")


def _words(name: str) -> frozenset[str]:
    return frozenset(name.casefold().replace(",", " ").split())
