"""exercise.toml <-> Exercise: what was asked for, where, for how many points, and the rubric.

`load_exercise` and `Exercise.toml` are inverse. Written beside the exercise and its solution,
and made to be changed by hand: what is wrong in it is told in one line. Opens no workbook.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field
from msgspec.structs import force_setattr

from xlconv.errors import FileError, XlconvError
from xlconv.spreadsheet.addresses import Cell, Range, a1_name, parse_a1

VERSION = 1
TASKS_SHEET = "Tasks"  # the texts, the counters and what is answered in words and numbers
CHECK_SHEET = "check"  # the live checks; nobody sees it, and nothing on it is graded
KINDS = ("formulas", "fill", "parameters", "shapes", "mistakes", "question")
_ANSWERED = ("shapes", "question")  # those that have answers

Answer = float | str


class ExerciseError(XlconvError):
    """A file that tells of no exercise, or contradicts itself."""


class Rubric(Struct, frozen=True):
    """How points are given: by the share of right cells (`partial`), or all or nothing.

    Numbers that are asked for may be off by `tolerance` times the largest of the answer.
    """

    partial: bool = True
    tolerance: float = 1e-6


class Mistake(Struct, frozen=True):
    """Wrong formulas that the exercise holds: their cells, and in words what slipped."""

    cells: tuple[Range, ...]
    slip: str = ""


class Task(Struct, frozen=True):
    """What is asked for: `cells` of a sheet, of one of the KINDS, for so many points.

    `id` is how it was asked for (`conv2`, `relu1[0]`, `conv1.weight`). `answers` are those of
    `shapes` and `question`, by cell; `mistakes` those to be found, which have the same cells.
    """

    id: str
    kind: str
    points: float
    sheet: str
    cells: tuple[Range, ...]
    text: str = ""
    answers: Mapping[Cell, Answer] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "answers", MappingProxyType(dict(self.answers)))

    def __reduce__(self) -> tuple[type[Task], tuple[object, ...]]:
        # A view of a mapping cannot be sent to another process; what it shows can.
        own = self.id, self.kind, self.points, self.sheet, self.cells, self.text
        return Task, (*own, dict(self.answers), self.mistakes)

    @property
    def places(self) -> list[Cell]:
        """Every cell of it once, in the order of its ranges, row by row."""
        return list(dict.fromkeys(cell for area in self.cells for cell in cells_of(area)))


class Exercise(Struct, frozen=True):
    """Tasks with their rubric; `exercise` and `solution` are files in `folder`."""

    title: str
    tasks: tuple[Task, ...]
    rubric: Rubric = Rubric()
    language: str = "en"
    exercise: str = "exercise.xlsx"
    solution: str = "solution.xlsx"
    folder: Path = Path()

    @property
    def points(self) -> float:
        """The points of all tasks together."""
        return math.fsum(one.points for one in self.tasks)

    @property
    def exercise_path(self) -> Path:
        """Where the workbook is that is handed out."""
        return self.folder / self.exercise

    @property
    def solution_path(self) -> Path:
        """Where the solution is."""
        return self.folder / self.solution

    def toml(self) -> str:
        """Return the text of the file."""
        head = {
            "version": VERSION, "title": self.title, "language": self.language,
            "exercise": self.exercise, "solution": self.solution,
        }  # fmt: skip
        rubric = {"partial": self.rubric.partial, "tolerance": self.rubric.tolerance}
        lines = ["# Written by xlconv exercise. Points and the rubric may be changed by hand."]
        lines += [*_lines(head), "", "[rubric]", *_lines(rubric)]
        for task in self.tasks:
            lines += ["", "[[tasks]]", *_lines(_table(task))]
            for one in task.mistakes:
                lines += ["", "[[tasks.mistakes]]"]
                lines += _lines({"cells": [area.name for area in one.cells], "slip": one.slip})
        return "\n".join(lines) + "\n"


def load_exercise(path: str | Path) -> Exercise:
    """Read what was asked for.

    Raises FileError for what cannot be read and ExerciseError for what is no exercise, both
    with the file's name in front.
    """
    import tomllib  # noqa: PLC0415  only where there is an exercise

    path = Path(path)
    path = path / "exercise.toml" if path.is_dir() else path
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise FileError(f"{path}: {reason}; expected an exercise.toml") from None
    except tomllib.TOMLDecodeError as error:
        raise ExerciseError(f"{path}: not TOML: {error}") from None
    try:
        return _exercise(table, path.parent)
    except ExerciseError as error:
        raise error.at(path) from None


def cells_of(area: Range) -> Iterator[Cell]:
    """Yield the cells of a range, row by row."""
    for row in range(area.top, area.bottom + 1):
        for column in range(area.left, area.right + 1):
            yield row, column


# -- writing ---------------------------------------------------------------------------------


def _table(task: Task) -> dict[str, object]:
    own: dict[str, object] = {
        "id": task.id, "kind": task.kind, "points": task.points, "sheet": task.sheet,
        "cells": [area.name for area in task.cells], "text": task.text,
    }  # fmt: skip
    if task.answers:
        own["answers"] = {a1_name(cell): answer for cell, answer in task.answers.items()}
    return own


def _lines(table: Mapping[str, object]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # A text of JSON is one of TOML, but for the one letter that JSON leaves as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        inside = ", ".join(f'"{key}" = {_value(one)}' for key, one in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_value, value))}]"
    return repr(int(value) if isinstance(value, float) and value.is_integer() else value)


# -- reading ---------------------------------------------------------------------------------


def _exercise(table: Mapping[str, Any], folder: Path) -> Exercise:
    version = table.get("version")
    if version != VERSION:
        raise ExerciseError(f"version {version!r}; expected {VERSION}")
    tasks = table.get("tasks")
    if not isinstance(tasks, list) or not tasks:
        raise ExerciseError("no [[tasks]]; expected at least one")
    found = tuple(_task(number, one) for number, one in enumerate(tasks, 1))
    for number, one in enumerate(found):
        if one.id in [other.id for other in found[:number]]:
            raise ExerciseError(f"task {number + 1}: id {one.id!r} is another's; expected its own")
    texts = {
        key: _text("", table, key, default)
        for key, default in (
            ("title", ""), ("language", "en"),
            ("exercise", "exercise.xlsx"), ("solution", "solution.xlsx"),
        )
    }  # fmt: skip
    rubric = _rubric(table.get("rubric", {}))
    return Exercise(tasks=found, rubric=rubric, folder=folder, **texts)


def _rubric(table: object) -> Rubric:
    if not isinstance(table, dict):
        raise ExerciseError("rubric: expected a table [rubric]")
    partial = table.get("partial", True)
    if not isinstance(partial, bool):
        raise ExerciseError(f"rubric: partial = {partial!r}; expected true or false")
    return Rubric(partial, _number("rubric", table, "tolerance", Rubric().tolerance))


def _task(number: int, table: object) -> Task:
    place = f"task {number}"
    if not isinstance(table, dict):
        raise ExerciseError(f"{place}: expected a table [[tasks]]")
    name = _text(place, table, "id")
    place = f"{place} ({name})"
    kind = _text(place, table, "kind")
    if kind not in KINDS:
        raise ExerciseError(f"{place}: kind {kind!r}; expected one of {', '.join(KINDS)}")
    cells = _areas(place, table.get("cells"))
    points = _number(place, table, "points")
    sheet, text = _text(place, table, "sheet"), _text(place, table, "text", "")
    answers, mistakes = _answers(place, table), _mistakes(place, table)
    if bool(answers) != (kind in _ANSWERED):
        wanted = "answers" if kind in _ANSWERED else "none"
        raise ExerciseError(
            f"{place}: {len(answers)} answers of a task of {kind}; expected {wanted}"
        )
    if bool(mistakes) != (kind == "mistakes"):
        wanted = "[[tasks.mistakes]]" if kind == "mistakes" else "none"
        raise ExerciseError(f"{place}: {len(mistakes)} mistakes of {kind}; expected {wanted}")
    return Task(name, kind, points, sheet, cells, text, answers, mistakes)


def _answers(place: str, table: Mapping[str, Any]) -> dict[Cell, Answer]:
    answers = table.get("answers", {})
    if not isinstance(answers, dict):
        raise ExerciseError(f"{place}: answers: expected a table of cells")
    for cell, answer in answers.items():
        is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
        if not isinstance(answer, str) and not (is_number and math.isfinite(answer)):
            raise ExerciseError(f"{place}: the answer of {cell}: expected a number or a text")
    return {_cell(place, cell): answer for cell, answer in answers.items()}


def _mistakes(place: str, table: Mapping[str, Any]) -> tuple[Mistake, ...]:
    mistakes = table.get("mistakes", [])
    if not isinstance(mistakes, list) or not all(isinstance(one, dict) for one in mistakes):
        raise ExerciseError(f"{place}: mistakes: expected tables [[tasks.mistakes]]")
    return tuple(
        Mistake(_areas(place, one.get("cells")), _text(place, one, "slip", "")) for one in mistakes
    )


def _areas(place: str, cells: object) -> tuple[Range, ...]:
    names = [cells] if isinstance(cells, str) else cells
    if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
        raise ExerciseError(f'{place}: cells: expected ranges, as in cells = ["AP5:BM28"]')
    return tuple(_area(place, one) for one in names)


def _area(place: str, name: str) -> Range:
    first, _, last = name.partition(":")
    (top, left), (bottom, right) = _cell(place, first), _cell(place, last or first)
    if bottom < top or right < left:
        raise ExerciseError(f"{place}: {name}: expected its first cell above and left of the last")
    return Range(top, left, bottom, right)


def _cell(place: str, name: str) -> Cell:
    try:
        return parse_a1(name)
    except ValueError as error:
        raise ExerciseError(f"{place}: {error}") from None


def _text(place: str, table: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (default is None and not value):
        where = f"{place}: " if place else ""
        raise ExerciseError(f"{where}{key} = {value!r}; expected a text")
    return value


def _number(place: str, table: Mapping[str, Any], key: str, default: float | None = None) -> float:
    value = table.get(key, default)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value < math.inf:
        raise ExerciseError(f"{place}: {key} = {value!r}; expected a number from 0 on")
    return float(value)
