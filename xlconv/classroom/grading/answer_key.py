"""An exercise and its solution -> where in the network each cell stands that was asked for.

By that, not by its address, a cell is found in what a student hands in: sheets get other names,
and rows are inserted. Never looks at a submission.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from xlconv.classroom.exercise_file import CHECK_SHEET, Exercise, ExerciseError, Task
from xlconv.layout.layout import Layout
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import Sheet, Workbook, number_at
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.facts import Scores
from xlconv.verification.intended.sources import Wanted, wanted_of
from xlconv.verification.trials.tried import OUTPUT


class TablePlane(Struct, frozen=True):
    """Which plane of which parameter: its name, the group, and the plane in that."""

    parameter: str
    group: int
    number: int


class PlaneOfNetwork(Struct, frozen=True):
    """A plane by what it is: of a network of the workbook, a tensor, and which one of that.

    `part` is OUTPUT with the `number` of a plane, the name of a helper, or a parameter's table.
    """

    network: int
    tensor: int
    part: str | TablePlane
    number: int = 0


class KeyedCells(Struct, frozen=True):
    """Cells of a task in one plane: `turns` are theirs in the task, `entries` in the plane."""

    plane: PlaneOfNetwork
    turns: tuple[int, ...]
    entries: tuple[int, ...]


class TaskKey(Struct, frozen=True):
    """Where the cells of a task stand; those in no plane (`loose`) are known by address only.

    `numbers` are the solution's, in the order of the task's cells, where numbers are asked for,
    and `formulas` (without `=`) where mistakes are.
    """

    task: Task
    groups: tuple[KeyedCells, ...]
    loose: tuple[int, ...] = ()
    numbers: tuple[float | None, ...] = ()
    formulas: tuple[str, ...] = ()


class AnswerKey(Struct, frozen=True):
    """All that submissions are held against: the tasks, and the network of the solution.

    `sheets` are the names of the solution's sheets that networks stand on, `aside` those of
    the exercise that are not, and that no formula of a network may lean on.
    """

    exercise: Exercise
    tasks: tuple[TaskKey, ...]
    wanted: Wanted
    sheets: tuple[str, ...]
    aside: tuple[str, ...]
    order: tuple[str, ...]  # of the exercise's sheets

    @property
    def networks(self) -> tuple[PlacedNetwork, ...]:
        """The solution's networks, each with its layout."""
        return tuple(
            PlacedNetwork(network, layout)
            for network, layout in self.wanted.networks if layout is not None
        )  # fmt: skip


def answer_key_of(exercise: Exercise) -> AnswerKey:
    """Read an exercise's two workbooks.

    Raises XlconvError where one cannot be read, the solution has no network, or a task is about
    cells that it does not have.
    """
    handed_out = read_xlsx(exercise.exercise_path)
    solution = read_xlsx(exercise.solution_path)
    order = tuple(sheet.name for sheet in handed_out.sheets)
    _expect_sheets(exercise, {sheet.name for sheet in solution.sheets})
    asked = {task.sheet for task in exercise.tasks if not task.answers}
    kept = asked or {sheet.name for sheet in solution.sheets} - {CHECK_SHEET}
    book = lift_workbook(only_sheets(solution, kept), str(exercise.solution_path))
    # Who takes the kernel from other cells takes the wrong ones, even if all formulas agree.
    wanted = replace(wanted_of(book, Scores(book)), same_tables=True)
    homes = tuple(layout.sheet for _, layout in wanted.networks if layout is not None)
    aside = tuple(name for name in order if name not in homes)
    tasks = tuple(_keyed(exercise, book, wanted, task) for task in exercise.tasks)
    return AnswerKey(exercise, tasks, wanted, tuple(dict.fromkeys(homes)), aside, order)


def _expect_sheets(exercise: Exercise, names: set[str]) -> None:
    for task in exercise.tasks:
        if not task.answers and task.sheet not in names:
            raise ExerciseError(
                f"{exercise.solution_path}: no sheet {task.sheet!r}, which task {task.id} is about"
            )


def only_sheets(workbook: Workbook, names: set[str]) -> Workbook:
    """Return a workbook with some of its sheets, by their names."""
    sheets = tuple(sheet for sheet in workbook.sheets if sheet.name in names)
    known = tuple(
        (name, ranges) for name, ranges in workbook.names
        if all(home in names for home, _ in ranges)
    )  # fmt: skip
    return Workbook(sheets, known, workbook.properties)


def _keyed(exercise: Exercise, book: LiftedWorkbook, wanted: Wanted, task: Task) -> TaskKey:
    if task.answers:
        return TaskKey(task, ())
    sheet = next(one for one in book.workbook.sheets if one.name == task.sheet)
    layouts = [layout for _, layout in wanted.networks if layout is not None]
    planes = [(one, plane) for k, layout in enumerate(layouts) if layout.sheet == task.sheet
              for one, plane in _planes(k, layout, is_table=task.kind == "parameters")]  # fmt: skip
    groups, loose = _grouped(task.places, planes)
    if task.kind == "mistakes":
        formulas = tuple(str(sheet.formula(cell) or "") for cell in task.places)
        return TaskKey(task, groups, loose, formulas=formulas)
    if task.kind != "parameters":
        return TaskKey(task, groups, loose)
    numbers = tuple(_number(exercise, sheet, task, cell) for cell in task.places)
    return TaskKey(task, groups, loose, numbers)


def _number(exercise: Exercise, sheet: Sheet, task: Task, cell: Cell) -> float:
    number = number_at(sheet, cell)
    if number is None:
        place = f"{exercise.solution_path}: {sheet.name}!{a1_name(cell)}"
        raise ExerciseError(f"{place}: no number, which task {task.id} asks for")
    return number


def _grouped(
    places: Sequence[Cell], planes: Sequence[tuple[PlaneOfNetwork, Plane]]
) -> tuple[tuple[KeyedCells, ...], tuple[int, ...]]:
    """Return the cells of a task by the planes that they stand in, and those in none."""
    found: dict[PlaneOfNetwork, list[tuple[int, int]]] = {}
    loose = []
    for turn, cell in enumerate(places):
        for one, plane in planes:
            at = plane.index_of(cell)
            if at is not None:
                found.setdefault(one, []).append((turn, at[0] * plane.shape[1] + at[1]))
                break
        else:
            loose.append(turn)
    groups = (KeyedCells(one, *_columns(pairs)) for one, pairs in found.items())
    return tuple(groups), tuple(loose)


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(turn for turn, _ in pairs), tuple(entry for _, entry in pairs)


def _planes(
    network: int, layout: Layout, *, is_table: bool
) -> Iterator[tuple[PlaneOfNetwork, Plane]]:
    for tensor, place in enumerate(layout.places):
        if is_table:
            for parameter, groups in place.tables.items():
                for group, planes in enumerate(groups):
                    for number, plane in enumerate(planes):
                        table = TablePlane(parameter, group, number)
                        yield PlaneOfNetwork(network, tensor, table), plane
            continue
        for number, plane in enumerate(place.planes):
            yield PlaneOfNetwork(network, tensor, OUTPUT, number), plane
        for name, plane in place.helpers.items():
            yield PlaneOfNetwork(network, tensor, name), plane
