"""The sheets of an exercise while tasks are added to them, and the two workbooks in the end.

Each task leaves rows on the sheet of tasks, marks on the sheet of checks, and what it empties or
makes wrong on the network's. Knows no kind of task; stored values are calculated at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from xlconv.classroom.exercise_file import (
    CHECK_SHEET,
    Answer,
    Exercise,
    Task,
    cells_of,
)
from xlconv.classroom.exercises.doubts import doubts_of
from xlconv.classroom.exercises.language import Language
from xlconv.classroom.exercises.marks import Marks, add_marks, write_doubt
from xlconv.classroom.exercises.sheets.goal_sheet import GoalSheet
from xlconv.classroom.exercises.sheets.tasks_sheet import TasksSheet
from xlconv.classroom.exercises.sheets.tinted import show_right, tint
from xlconv.classroom.exercises.veil import Veil
from xlconv.errors import XlconvError
from xlconv.generation.generate import Made
from xlconv.layers.base.layer import Written
from xlconv.layout.naming_convention import check_name
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.editing.edited import emptied, retold, rewritten
from xlconv.spreadsheet.editing.recalculated import recalculated
from xlconv.spreadsheet.formula import Node
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.formatting import CellStyle, Comment, DataValidation, Formatting

_STATUS_ROW = 1  # of the network's sheet, below the titles
_STATUS = CellStyle(size=10, bold=True, align="left", color="#B45309")
_WORDS = 4  # columns that a status takes
_ROOM = 10  # rows, or columns, between marks of the network's cells and what else is checked


class Papers(Struct, dict=True):
    """The tasks of one exercise, in the order in which they are asked for.

    `taken` are the cells that are to be filled in, `changed` those that hold something wrong,
    and `told` leaves out of the exercise's texts what is asked for (they are in English still);
    `row` is the first one of the sheet of checks that is free below the marks of the network.
    """

    made: Made
    language: Language
    seed: int = 0
    title: str = ""  # by default the network's name
    tasks: list[Task] = field(default_factory=list)
    taken: set[Cell] = field(default_factory=set)
    changed: dict[Cell, str | float] = field(default_factory=dict)
    told: Callable[[str], str] = str  # what becomes of the words on the network's sheet
    checks: SheetBuilder = field(default_factory=SheetBuilder)
    row: int = 0
    _marked: dict[Cell, tuple[str, Range]] = field(default_factory=dict)
    _status: dict[Cell, str] = field(default_factory=dict)
    _veils: dict[tuple[Plane, ...], Veil] = field(default_factory=dict)

    def __post_init__(self) -> None:
        words = self.language.words
        taken = words["tasks"], CHECK_SHEET, words["goal"]
        if self.sheet.name.casefold() in map(str.casefold, taken):
            raise XlconvError(f"the network is called {self.sheet.name!r}, as a sheet of every "
                              "exercise is; expected another name")  # fmt: skip
        self.title = self.title or self.networks[0].network.name
        self.row = int(self.sheet.rows.max()) + _ROOM

    @cached_property
    def page(self) -> TasksSheet:
        """The sheet of tasks."""
        return TasksSheet(self.language, self.language.words["title"].format(name=self.title))

    @cached_property
    def goals(self) -> GoalSheet:
        """The sheet of what is to be reached, where anything is."""
        return GoalSheet(self.language.words["goal"])

    @property
    def networks(self) -> tuple[PlacedNetwork, ...]:
        """The networks on the sheet."""
        return self.made.networks

    @property
    def sheet(self) -> Sheet:
        """The network's sheet, as it should be."""
        return self.made.book.workbook.sheets[0]

    @property
    def look(self) -> Formatting:
        """How the network's sheet looks."""
        return self.made.book.formatting

    @property
    def exercise(self) -> Exercise:
        """What is asked for, as the grader reads it."""
        return Exercise(self.title, tuple(self.tasks), language=self.language.code)

    # -- what a task leaves --------------------------------------------------------------

    def mark(self, marks: Iterable[Marks]) -> None:
        """Write marks, and let their cells show which ones are right; each only once."""
        for one in marks:
            if one.block.lattice.origin not in self._marked:
                name = check_name(len(self._marked) + 1)
                self._marked[one.block.lattice.origin] = name, one.range
                add_marks([one], self.checks)

    def doubt(self, blocks: Sequence[Written]) -> dict[Cell, Node]:
        """Write what speaks against numbers that look right, of the right formulas of blocks.

        Return what the mark of such a number is, by the first cells of the blocks.
        """
        found, right = {}, int(self.sheet.columns.max()) + _ROOM
        doubts = doubts_of(blocks, self.sheet)
        for one in blocks:
            origin = one.block.lattice.origin
            if origin in doubts:
                at = self.row, 0
                found[origin] = write_doubt(doubts[origin], one, self.sheet, self.checks, at, right)
                self.row += doubts[origin].rows
        return found

    def veil(self, planes: tuple[Plane, ...]) -> Veil:
        """Hide the numbers of a parameter on the sheet of checks, once; return what hides them."""
        if planes not in self._veils:
            self._veils[planes] = veil = Veil(CHECK_SHEET, planes, self.sheet, self.seed)
            veil.hide(self.checks)
        return self._veils[planes]

    def check(self, formula: str) -> Range:
        """Write one check (without `=`) that gives 1 or 0; return its cell."""
        cell = self.row, 0
        self.checks.add(Kind.FORMULA, [cell[0]], [cell[1]], texts=[formula])
        self.row += 1
        return Range(*cell, *cell)

    def take(self, cells: Iterable[Range], remark: str, status: Cell) -> None:
        """Have cells filled in: the first bears the remark, and `status` counts above them."""
        areas = list(cells)
        for area in areas:
            self.taken.update(cells_of(area))
            tint(self.look, area)
        first = areas[0]
        origin = first.top, first.left
        known = {one.cell for one in self.look.comments}
        if origin not in known:
            self.look.comments.append(Comment(origin, remark))
        for cell in ((_STATUS_ROW, first.left), (first.bottom + 1, first.left)):
            if self._is_free(cell):
                self._status[cell] = f"{self.page.name}!{a1_name(status)}"
                self.look.canvas.fill(Range(*cell, *cell), _STATUS)
                break

    def _is_free(self, cell: Cell) -> bool:
        """Whether a few words have room in a cell and those right of it."""
        row, column = cell
        return cell not in self._status and all(
            self.sheet.find((row, right)) is None for right in range(column, column + _WORDS)
        )

    def show_right(self, marks: Iterable[Marks]) -> None:
        """Let cells be grey where they are right."""
        for one in marks:
            name, area = self._marked[one.block.lattice.origin]
            show_right(self.look, area, name)

    def as_seen(self) -> Sheet:
        """Return the network's sheet as it is handed out, with the values that it then has."""
        return recalculated(Workbook((emptied(self.sheet, self.taken),))).sheets[0]

    # -- the workbooks -------------------------------------------------------------------

    def handed_out(self) -> Workbook:
        """Return the workbook with what is to be filled in, and what is wrong."""
        sheet = rewritten(emptied(self.sheet, self.taken), self.changed)
        return self._book(retold(sheet, self.shown), {})

    def solved(self) -> Workbook:
        """Return the workbook with everything as it should be."""
        answers = {cell: one for task in self.tasks for cell, one in task.answers.items()}
        return self._book(retold(self.sheet, self.in_words), answers)

    def in_words(self, text: str) -> str:
        """Return a text of the network's sheet in the exercise's language; numbers stay."""
        return self.language.on_sheet(text)

    def formatting(self) -> Iterator[Formatting]:
        """Yield the looks of the sheets, in their order."""
        yield self.page.formatting
        yield replace(
            self.look,
            frozen_rows=_STATUS_ROW + 1 if self._status else self.look.frozen_rows,
            validations=[self._retold(one) for one in self.look.validations],
            comments=[
                replace(one, text="\n".join(map(self.shown, one.text.split("\n"))))
                for one in self.look.comments
            ],
        )
        if self.goals:
            yield self.goals.formatting
        yield Formatting(hidden=True)

    def _retold(self, one: DataValidation) -> DataValidation:
        return replace(one, title=self.shown(one.title), hint=self.shown(one.hint))

    def shown(self, text: str) -> str:
        """Return a text of the network's sheet as students see it."""
        return self.in_words(self.told(text))

    def _book(self, sheet: Sheet, answers: Mapping[Cell, Answer]) -> Workbook:
        own = self.made.book.workbook
        sheets = [self.page.answered(answers), rewritten(sheet, self._status)]
        if self.goals:
            sheets.append(self.goals.finished())
        sheets.append(self.checks.finish(CHECK_SHEET))
        names = tuple((name, ((CHECK_SHEET, area),)) for name, area in self._marked.values())
        book = Workbook(tuple(sheets), (*own.names, *names), own.properties)
        return recalculated(book)
