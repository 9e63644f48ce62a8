"""Exercises for tests: a network's workbook with blocks emptied, a sheet of tasks, its solution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tests.helpers.strategies import random_input, random_state
from tests.mutations import contents, refreshed
from xlconv.classroom.exercise_file import Exercise, Mistake, Task, cells_of
from xlconv.lowering.book import Book, book_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import Range, a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.formatting import Formatting
from xlconv.spreadsheet.xlsx.write import write_xlsx

Value = str | float | None
SMALL: dict[str, Any] = {
    "name": "small",
    "input": [1, 6, 6],
    "classes": ["cat", "dog"],
    "layers": [
        {"type": "Conv2d", "out_channels": 2, "kernel_size": 3},
        {"type": "ReLU"},
        {"type": "MaxPool2d", "kernel_size": 2},
        {"type": "Flatten"},
        {"type": "Linear", "out_features": 2},
        {"type": "Softmax"},
    ],
}
TASKS = "Tasks"
CHECK = "check"


class Lesson(Struct, frozen=True):
    """An exercise in its folder, with the two workbooks as they were written."""

    exercise: Exercise
    solution: Workbook
    handed_out: Workbook
    formatting: tuple[Formatting, ...]

    @property
    def toml(self) -> Path:
        return self.exercise.folder / "exercise.toml"

    def save(self, path: Path, workbook: Workbook) -> Path:
        """Write what a student saves, with the values of its formulas."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_xlsx(refreshed(workbook), path, *self.formatting, replace=True)
        return path


@cache
def small_book() -> Book:
    bare = network_of(SMALL)
    network = bare.with_state(random_state(bare, 1))
    return book_of(network, strip(network), random_input(network, 5))


@cache
def default_book() -> Book:
    return PRESETS["conv-example"].book()


def areas_of(book: Book, name: str) -> tuple[Range, ...]:
    """Return where a tensor's planes or a parameter's tables stand, by their names."""
    names = dict(book.workbook.names)
    if name in names:
        return (names[name][0][1],)
    return tuple(
        ranges[0][1] for one, ranges in book.workbook.names
        if one.rpartition("_")[0] == name and one.rpartition("_")[2].isdigit()
    )  # fmt: skip


def blank(book: Book, name: str, points: float = 10, kind: str = "formulas") -> Task:
    """Return the task to fill in a tensor, or to find a kernel."""
    (sheet,) = book.workbook.sheets
    return Task(name, kind, points, sheet.name, areas_of(book, name), f"Fill in {name}.")


def lesson(folder: Path, book: Book, *tasks: Task, wrong: Mapping[str, Value] = {}) -> Lesson:
    """Write an exercise; `wrong` are the formulas of a find-the-mistake."""
    folder.mkdir(parents=True, exist_ok=True)
    exercise = Exercise("A lesson", tasks, folder=folder)
    texts: dict[str, Value] = {"A1": "What to do"}
    sheets = (worksheet(TASKS, texts), worksheet(CHECK, {"A1": "=1+1"}))
    solution = replace(book.workbook, sheets=(*book.workbook.sheets, *sheets))
    asked = {
        a1_name(cell): None
        for task in tasks if task.kind in ("formulas", "fill", "parameters")
        for cell in task.places
    }  # fmt: skip
    handed_out = edited(solution, {**asked, **wrong})
    formatting = (book.formatting, Formatting(), Formatting())
    made = Lesson(exercise, solution, handed_out, formatting)
    made.save(exercise.solution_path, solution)
    made.save(exercise.exercise_path, handed_out)
    made.toml.write_text(exercise.toml(), encoding="utf-8")
    return made


def mistakes(book: Book, *slips: tuple[str, str], points: float = 4) -> Task:
    """Return the task to find mistakes, each the cells and what slipped."""
    (sheet,) = book.workbook.sheets
    found = tuple(Mistake((area_of(cells),), slip) for cells, slip in slips)
    areas = tuple(area for one in found for area in one.cells)
    return Task("mistakes", "mistakes", points, sheet.name, areas, "Mend it.", mistakes=found)


def area_of(name: str) -> Range:
    first, _, last = name.partition(":")
    return Range(*parse_a1(first), *parse_a1(last or first))


def names_in(*areas: Range) -> list[str]:
    return [a1_name(cell) for area in areas for cell in cells_of(area)]


def worksheet(name: str, cells: Mapping[str, Value]) -> Sheet:
    builder = SheetBuilder()
    _add(builder, {parse_a1(at): _content(value) for at, value in cells.items()})
    return builder.finish(name)


def edited(workbook: Workbook, changes: Mapping[str, Value], sheet: int = 0) -> Workbook:
    """Return a workbook with other formulas (`=...`, `{=...}`), texts, numbers or nothing."""
    cells = dict(contents(workbook.sheets[sheet]))
    for name, value in changes.items():
        if value is None:
            cells.pop(parse_a1(name), None)
        else:
            cells[parse_a1(name)] = _content(value)
    builder = SheetBuilder()
    _add(builder, cells)
    sheets = list(workbook.sheets)
    sheets[sheet] = builder.finish(sheets[sheet].name)
    return replace(workbook, sheets=tuple(sheets))


def taken(workbook: Workbook, cells: Iterable[str], sheet: int = 0) -> dict[str, Value]:
    """Return what cells hold, to be put elsewhere by `edited`."""
    held = contents(workbook.sheets[sheet])
    found: dict[str, Value] = {}
    for name in cells:
        kind, number, text = held[parse_a1(name)]
        found[name] = {Kind.FORMULA: f"={text}", Kind.ARRAY_FORMULA: f"{{={text}}}",
                       Kind.TEXT: text}.get(Kind(kind), number)  # fmt: skip
    return found


def pasted(workbook: Workbook, cells: Iterable[str]) -> dict[str, Value]:
    """Return the values of formulas, as `paste values` leaves them."""
    held = contents(workbook.sheets[0])
    return {name: held[parse_a1(name)][1] for name in cells}


def _content(value: Value) -> tuple[int, float, str]:
    if isinstance(value, str) and value.startswith("{="):
        return Kind.ARRAY_FORMULA, 0.0, value[2:-1]
    if isinstance(value, str) and value.startswith("="):
        return Kind.FORMULA, 0.0, value[1:]
    if isinstance(value, str):
        return Kind.TEXT, 0.0, value
    assert value is not None
    return Kind.NUMBER, value, ""


def _add(builder: SheetBuilder, cells: Mapping[tuple[int, int], tuple[int, float, str]]) -> None:
    for (row, column), (kind, number, text) in cells.items():
        texts = [text] if kind in (Kind.TEXT, Kind.FORMULA, Kind.ARRAY_FORMULA) else []
        builder.add(Kind(kind), [row], [column], numbers=number, texts=texts)
