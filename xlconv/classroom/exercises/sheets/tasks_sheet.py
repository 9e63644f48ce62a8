"""The sheet that a student reads first: each task with its words, its counter and its bar.

Rows are laid one after the other; what a task asks for in numbers and words is answered here
too. The checks that the counters count stand on another sheet.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from copy import deepcopy

from msgspec import Struct, field
from msgspec.structs import replace

from xlconv.classroom.exercise_file import CHECK_SHEET, Answer
from xlconv.classroom.exercises.language import Language, worded
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder
from xlconv.spreadsheet.xlsx.formatting import (
    THIN,
    Borders,
    CellStyle,
    ConditionalFormat,
    DataBar,
    DataValidation,
    Formatting,
)

# Of cells that are to be filled in: the probe, which one plays with, is yellow.
TO_FILL, EDGE = "#EBDDFC", "#7C3AED"
RIGHT, WRONG = CellStyle(color="#6B7280"), CellStyle(color="#DC2626", bold=True)
_NUMBER, _NAME, _COUNT, _BAR, _LAST = range(5)
_WIDTHS = {_NUMBER: 34, _NAME: 250, _COUNT: 190, _BAR: 190, _LAST: 190}
_LETTERS = 118  # in a line of text
_BAND = CellStyle(size=16, bold=True, align="left", color="#FFFFFF", fill="#475569")
_TITLE = CellStyle(size=12, bold=True, align="left", color="#1F2937")
_SMALL = CellStyle(size=10, align="left", color="#6B7280")
_TEXT = CellStyle(size=11, align="left", color="#1F2937")
_SHARE = CellStyle(number_format="0%", size=10, color="#374151")
_HEAD = CellStyle(size=10, italic=True, color="#6B7280")
INPUT = CellStyle(size=12, bold=True, fill=TO_FILL, borders=Borders(THIN, THIN, THIN, THIN, EDGE))


class Counter(Struct, frozen=True):
    """How many of `total` cells are right: a formula of the sheet (without `=`) that counts.

    `among` counts how many there are now, where that depends on the input. `what` is the key of
    the words for them: they are right, mended, or alike.
    """

    formula: str
    total: int
    among: str = ""
    what: str = "right"


class TasksSheet(Struct):
    """Lays the rows of tasks; `row` is the next one that is free."""

    language: Language
    title: str
    into: SheetBuilder = field(default_factory=SheetBuilder)
    formatting: Formatting = field(default_factory=Formatting)
    row: int = 0
    tasks: int = 0
    _listed: dict[tuple[str, ...], Range] = field(default_factory=dict)

    def __post_init__(self) -> None:
        look = self.formatting
        look.widths |= _WIDTHS
        look.zoom, look.row_height, look.frozen_rows = 110, 24, 1
        look.pages = replace(look.pages, paper="a4", landscape=False)
        self._text((0, 0), self.title, _BAND)
        look.canvas.fill(Range(0, 1, 0, _LAST), _BAND)
        self.row = 2
        for line in self.language.words["intro"]:
            self.lines(line, column=_NUMBER)
        self.row += 1

    @property
    def name(self) -> str:
        """What the sheet is called."""
        return str(self.language.words["tasks"])

    def head(self, name: str, points: float, counter: Counter) -> Cell:
        """Lay a task's head; return the cell that counts in words."""
        self.tasks += 1
        words, row = self.language.words, self.row
        self.into.add(Kind.NUMBER, [row], [_NUMBER], numbers=float(self.tasks))
        self.formatting.canvas.fill(_at((row, _NUMBER)), replace(_TITLE, align="center"))
        self._text((row, _NAME), name, _TITLE)
        share = f"{counter.formula}/{counter.among or counter.total}"
        bar = a1_name((row, _BAR), absolute=True)
        said = words[counter.what].format(count="\0", total=counter.total)
        before, after = said.split("\0")
        count = f"{_quoted(before)}&" * bool(before) + f"ROUND({bar}*{counter.total},0)"
        done = worded(words, f"all_{counter.what}", counter.total)
        all_of = _quoted(done.format(total=counter.total))
        self._formula((row, _COUNT), f"IF({bar}=1,{all_of},{count}&{_quoted(after)})", _TEXT)
        self._formula((row, _BAR), share, _SHARE)
        self.formatting.bars.append(DataBar(_at((row, _BAR)), "#8CCB9B"))
        self.formatting.conditional_formats.append(
            ConditionalFormat(
                _at((row, _COUNT)), f"={bar}=1", CellStyle(color="#15803D", bold=True)
            )
        )
        told = worded(words, "points", points).format(points=f"{points:g}")
        self._text((row, _LAST), told, _SMALL)
        self.row += 1
        return row, _COUNT

    def lines(self, text: str, column: int = _NAME) -> None:
        """Lay a text in as many lines as it needs."""
        for line in textwrap.wrap(text, _LETTERS):
            self._text((self.row, column), line, _TEXT)
            self.row += 1

    def trial(self) -> None:
        """Lay what to try when all is filled in."""
        self._text((self.row, _NAME), self.language.words["try"], _TITLE)
        self.row += 1
        for line in self.language.words["trial"]:
            self.lines(line)

    def space(self) -> None:
        """Leave a row free."""
        self.row += 1

    def table(self, heads: Sequence[str], rows: Sequence[str], last: int) -> list[list[Cell]]:
        """Lay a table of cells for whole numbers up to `last`; return its cells, row by row."""
        for k, head in enumerate(heads):
            self._text((self.row, _NAME + k), head, replace(_HEAD, align="center" if k else "left"))
        self.row += 1
        found = []
        for name in rows:
            self._text((self.row, _NAME), name, _TEXT)
            cells = [(self.row, _COUNT + k) for k in range(len(heads) - 1)]
            for cell in cells:
                self.formatting.canvas.fill(_at(cell), INPUT)
                self.formatting.validations.append(DataValidation(cell, last, "", ""))
            found.append(cells)
            self.row += 1
        return found

    def choice(self, options: Sequence[str], hint: str) -> Cell:
        """Lay a cell that takes one of the options, which are listed once; return it."""
        cell = self.row, _NAME
        area = Range(self.row, _NAME, self.row, _LAST)
        self.formatting.canvas.fill(area, replace(INPUT, align="left", size=11))
        self.row += 1
        listed = self._listed.get(tuple(options))
        if listed is None:
            listed = Range(self.row, _NAME, self.row + len(options) - 1, _NAME)
            self._listed[tuple(options)] = listed
            for option in options:
                self._text((self.row, _NAME), option, _SMALL)
                self.row += 1
        self.formatting.validations.append(DataValidation(cell, 0, hint, hint, source=listed))
        return cell

    def answered(self, answers: Mapping[Cell, Answer]) -> Sheet:
        """Return the sheet with these answers in its cells."""
        into = deepcopy(self.into)
        for (row, column), answer in answers.items():
            if isinstance(answer, str):
                into.add(Kind.TEXT, [row], [column], texts=[answer])
            else:
                into.add(Kind.NUMBER, [row], [column], numbers=answer)
        return into.finish(self.name)

    def _text(self, cell: Cell, text: str, style: CellStyle) -> None:
        self.into.add(Kind.TEXT, [cell[0]], [cell[1]], texts=[text])
        self.formatting.canvas.fill(_at(cell), style)

    def _formula(self, cell: Cell, text: str, style: CellStyle) -> None:
        self.into.add(Kind.FORMULA, [cell[0]], [cell[1]], texts=[text])
        self.formatting.canvas.fill(_at(cell), style)


def counted(ranges: Sequence[Range]) -> str:
    """Return the formula of how many marks are set."""
    return f"SUM({','.join(f'{CHECK_SHEET}!{area.absolute_name}' for area in ranges)})"


def _at(cell: Cell) -> Range:
    return Range(*cell, *cell)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
