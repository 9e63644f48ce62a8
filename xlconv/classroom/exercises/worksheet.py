"""The exercise on paper: the network's cells, empty where a student computes, and its solution.

A workbook of one sheet made to be printed on one page, with squares to write into; no counters,
since paper has none. Says nothing that the sheet of tasks does not say.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from xlconv.classroom.exercise_file import Task
from xlconv.classroom.exercises.language import Language
from xlconv.classroom.exercises.targets import target_of
from xlconv.errors import XlconvError
from xlconv.generation.generate import Made
from xlconv.layout.layout import Layout
from xlconv.lowering.book import Book, book_of
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.editing.edited import emptied
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.formatting import (
    PAPERS,
    THIN,
    Borders,
    CellStyle,
    Formatting,
    PageSetup,
)

_LINE = CellStyle(size=11, align="left", color="#1F2937")
_BOX = Borders(THIN, THIN, THIN, THIN, "#6B7280")
_CELL, _LETTER = 40, 6.2  # pixels
_POINTS = 0.75  # of a pixel
_MOST = 40  # columns: more are no work for a pencil
_ON_PAPER = ("formulas", "fill", "parameters")


class Worksheet(Struct, frozen=True):
    """What is printed: the same sheet for students and with the solution, and its look."""

    empty: Workbook
    solved: Workbook
    formatting: Formatting


def worksheet_of(
    made: Made, tasks: Sequence[Task], language: Language, paper: str
) -> Worksheet:  # fmt: skip
    """Return the sheet to print, on one page of `paper` (a key of PAPERS).

    Raises XlconvError where no task can be done with a pencil: where cells of the sheet are to
    be filled in, and it has at most 40 columns.
    """
    asked = [one for one in tasks if one.kind in _ON_PAPER]
    if not asked:
        raise XlconvError("--paper: no task of cells to fill in; expected --blank or --fill")
    book, layout = _bare(made)
    last = max(area.right for area in layout.ranges())
    if last >= _MOST:
        raise XlconvError(
            f"--paper: {last + 1} columns; a page that can be written on has at most {_MOST}, "
            "as --preset first-convolution has"
        )
    look = book.formatting
    look.column_width = look.row_height = _CELL
    look.widths = dict.fromkeys(look.widths, _CELL)
    bottom = max(area.bottom for area in layout.ranges()) + 2
    texts = [_text(made, one, language) for one in asked]
    lines = list(_lines(texts, language, (last + 1) * _CELL))
    sheet = _with_lines(book.workbook.sheets[0], lines, bottom, look)
    cells = [cell for task in asked for cell in task.places]
    for row, column in cells:
        look.canvas.fill(Range(row, column, row, column), CellStyle("0.##", size=10, borders=_BOX))
    area = Range(0, 0, bottom + len(lines) - 1, last)
    look.pages = _page(area, paper)
    return Worksheet(Workbook((emptied(sheet, cells),)), Workbook((sheet,)), look)


def _bare(made: Made) -> tuple[Book, Layout]:
    """Return the network's workbook without its panel and probe."""
    (placed, *_) = made.networks
    bottom = max(area.bottom for area in placed.layout.ranges())
    labels = tuple(one for one in placed.layout.labels if one.cell[0] <= bottom)
    layout = replace(placed.layout, labels=labels, probe=None)
    shown = made.book.activations[0]
    return book_of(placed.network, layout, shown), layout


def _text(made: Made, task: Task, language: Language) -> str:
    """Return a task in words for paper, which has no names of cells."""
    target = target_of(task.id, made.networks)
    network, stage = target.placed.network, target.lowered.stage
    kind = "find" if target.parameter else "compute"
    layers = network.layers[stage.first : stage.last + 1]
    told = language.paper[kind].format(name=target.name, layer=network.names[stage.last])
    return " ".join([told, *map(language.of_layer, layers)])


def _lines(texts: Sequence[str], language: Language, width: int) -> Iterator[str]:
    yield language.paper["student"]
    yield ""
    yield language.paper["zero"]
    for number, text in enumerate(texts, 1):
        indent = " " * 4
        yield from textwrap.wrap(
            f"{number}. {text}", int(width / _LETTER), subsequent_indent=indent
        )


def _with_lines(sheet: Sheet, lines: list[str], row: int, look: Formatting) -> Sheet:
    into = SheetBuilder()
    for kind in sorted(set(sheet.kinds.tolist())):
        held = (sheet.kinds == kind).nonzero()[0]
        texts = [sheet.texts[k] for k in held.tolist()]
        numbers = sheet.numbers[held]
        into.add(Kind(kind), sheet.rows[held], sheet.columns[held], numbers=numbers, texts=texts)
    for k, line in enumerate(lines):
        look.canvas.fill(Range(row + k, 0, row + k, 0), _LINE)
        if line:
            into.add(Kind.TEXT, [row + k], [0], texts=[line])
    return into.finish(sheet.name)


def _page(area: Range, paper: str) -> PageSetup:
    """Return the page on which an area is as large as it can be."""
    height, width = (n * _CELL * _POINTS for n in area.size)
    best = []
    for landscape in (False, True):
        across, down = PAPERS[paper].inner(landscape=landscape)
        best.append((min(across / width, down / height), landscape))
    scale, landscape = max(best)
    percent = min(400, max(10, int(90 * scale)))
    return PageSetup(paper, landscape=landscape, percent=percent, areas=(area,))
