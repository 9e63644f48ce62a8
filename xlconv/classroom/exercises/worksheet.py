"""The exercise on paper: the network's cells, empty where a student computes, and its solution.

A workbook of one sheet made to be printed on one page, with squares to write into; no counters,
since paper has none. Says nothing that the sheet of tasks does not say, and shows no number that
follows from those to be computed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from xlconv.classroom.exercise_file import Answer, Task
from xlconv.classroom.exercises.language import Language
from xlconv.classroom.exercises.sheets.papers import Papers
from xlconv.classroom.exercises.targets import Between, between, target_of
from xlconv.errors import XlconvError
from xlconv.generation.generate import Made
from xlconv.layout.layout import Layout
from xlconv.lowering.book import Book, book_of
from xlconv.lowering.panel import tensor_title
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.editing.edited import emptied, retold
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
_HEAD = CellStyle(size=9, italic=True, align="left", color="#6B7280")
_BOX = Borders(THIN, THIN, THIN, THIN, "#6B7280")
_SQUARE = CellStyle("0.##", size=10, borders=_BOX)
_CELL, _LETTER = 40, 6.2  # pixels
_POINTS = 0.75  # of a pixel
_MOST = 40  # columns: more are no work for a pencil
_COLUMNS = 20  # at least: a line of words
_FIRST, _APART = 12, 2  # the column of the first square behind a text, and how far the next is
_OPEN, _TICKED = "☐", "☒"
_FILLED = ("formulas", "fill", "parameters")
_ON_PAPER = (*_FILLED, "shapes", "question")


class Worksheet(Struct, frozen=True):
    """What is printed: the same sheet for students and with the solution, and its look.

    `left_out` are the tasks that cannot be asked on paper, as the sheet says itself.
    """

    empty: Workbook
    solved: Workbook
    formatting: Formatting
    left_out: tuple[str, ...] = ()


class _Row(Struct, frozen=True):
    """A line of words, and the squares behind it; `heads` stand where squares would.

    `solved` is the line in the solution, where that is another.
    """

    text: str
    squares: tuple[Answer, ...] = ()
    heads: tuple[str, ...] = ()
    solved: str = ""


def worksheet_of(papers: Papers, paper: str) -> Worksheet:
    """Return the sheet to print, on one page of `paper` (a key of PAPERS).

    Raises XlconvError where no task can be done with a pencil: where all there is are formulas to
    be mended, or cells are to be filled in on a sheet of more than 40 columns.
    """
    asked = [one for one in papers.tasks if one.kind in _ON_PAPER]
    if not asked:
        raise XlconvError("--paper: no task for a pencil; expected --blank, --fill or --ask")
    filled = [one for one in asked if one.kind in _FILLED]
    sheet, look, area = _drawn(papers) if filled else _blank()
    gone = between(papers.networks, [one for one in filled if one.kind != "parameters"])
    cells = [cell for task in filled for cell in task.places]
    for cell in (*cells, *gone.needed):
        look.canvas.fill(Range(*cell, *cell), _SQUARE)
    left_out = tuple(one.id for one in papers.tasks if one not in asked)
    width = (area.right + 1) * _CELL
    rows = list(_rows(papers, asked, gone, left_out, width))
    bottom = area.bottom + 2 if filled else 0
    empty = _with_rows(emptied(sheet, (*cells, *gone.cells)), rows, bottom, look, solved=False)
    solved = _with_rows(sheet, rows, bottom, look, solved=True)
    whole = Range(0, 0, bottom + len(rows) - 1, area.right)
    look.pages = _page(whole, paper)
    return Worksheet(Workbook((empty,)), Workbook((solved,)), look, left_out)


def _drawn(papers: Papers) -> tuple[Sheet, Formatting, Range]:
    """Return the network's sheet in large squares, its look, and how far it goes."""
    book, layout = _bare(papers.made)
    last = max(area.right for area in layout.ranges())
    if last >= _MOST:
        raise XlconvError(
            f"--paper: {last + 1} columns; a page that can be written on has at most {_MOST}, "
            "as --preset first-convolution has"
        )
    look = book.formatting
    look.column_width = look.row_height = _CELL
    look.widths = dict.fromkeys(look.widths, _CELL)
    bottom = max(area.bottom for area in layout.ranges())
    area = Range(0, 0, bottom, max(last, _COLUMNS))
    return retold(book.workbook.sheets[0], papers.shown), look, area


def _blank() -> tuple[Sheet, Formatting, Range]:
    look = Formatting()
    look.column_width = look.row_height = _CELL
    return SheetBuilder().finish("paper"), look, Range(0, 0, 0, _COLUMNS)


def _bare(made: Made) -> tuple[Book, Layout]:
    """Return the network's workbook without its panel and probe."""
    (placed, *_) = made.networks
    bottom = max(area.bottom for area in placed.layout.ranges())
    labels = tuple(one for one in placed.layout.labels if one.cell[0] <= bottom)
    layout = replace(placed.layout, labels=labels, probe=None)
    shown = made.book.activations[0]
    return book_of(placed.network, layout, shown), layout


# -- words -----------------------------------------------------------------------------------


def _rows(
    papers: Papers, asked: Sequence[Task], gone: Between, left_out: Sequence[str], width: int
) -> Iterator[_Row]:
    words = papers.language
    yield _Row(words.paper["student"])
    yield _Row("")
    if any(one.kind in _FILLED for one in asked):
        yield _Row(words.paper["zero"])
    for number, task in enumerate(asked, 1):
        indent = " " * 4
        text = f"{number}. {_text(papers, task)}"
        for line in textwrap.wrap(text, int(width / _LETTER), subsequent_indent=indent):
            yield _Row(line)
        yield from _asked_for(papers, task)
    if gone.names:
        yield _Row(words.paper["between"].format(names=words.listed(list(gone.names))))
    if left_out:
        yield _Row(words.paper["left_out"].format(names=words.listed(list(left_out))))


def _text(papers: Papers, task: Task) -> str:
    """Return a task in words for paper, which has no names of cells."""
    language: Language = papers.language
    if task.kind == "shapes":
        return language.paper["shapes"]
    if task.kind == "question":
        name, _, number = task.id.removesuffix("]?").rpartition("[")
        return language.paper["question"].format(name=name, number=number)
    target = target_of(task.id, papers.networks)
    network, stage = target.placed.network, target.lowered.stage
    kind = "find" if target.parameter else "compute"
    layers = network.layers[stage.first : stage.last + 1]
    told = language.paper[kind].format(name=target.name, layer=network.names[stage.last])
    return " ".join([told, *map(language.of_layer, layers)])


def _asked_for(papers: Papers, task: Task) -> Iterator[_Row]:
    """Yield the lines below a task that is answered in words or numbers."""
    answers, words = list(task.answers.values()), papers.language.words
    if task.kind == "question":
        for one in papers.language.kernels.values():
            mark = _TICKED if one in answers else _OPEN
            yield _Row(f"    {_OPEN} {one}", solved=f"    {mark} {one}")
    if task.kind == "shapes":
        network = papers.networks[0].network
        title = papers.shown(tensor_title("input", network.input_shape))
        heads = tuple(str(words[key]) for key in ("channels", "rows", "columns"))
        yield _Row(f"    {title}", heads=heads)
        for k, (name, layer) in enumerate(zip(network.names, network.layers, strict=True)):
            line = papers.language.on_sheet(f"{name} · {layer.title}")
            yield _Row(f"    {line}", squares=tuple(answers[3 * k : 3 * k + 3]))


def _with_rows(
    sheet: Sheet, rows: Sequence[_Row], top: int, look: Formatting, *, solved: bool
) -> Sheet:
    into = SheetBuilder()
    for kind in sorted(set(sheet.kinds.tolist())):
        held = (sheet.kinds == kind).nonzero()[0]
        texts = [sheet.texts[k] for k in held.tolist()]
        numbers = sheet.numbers[held]
        into.add(Kind(kind), sheet.rows[held], sheet.columns[held], numbers=numbers, texts=texts)
    for at, one in enumerate(rows, top):
        text = (solved and one.solved) or one.text
        look.canvas.fill(Range(at, 0, at, 0), _LINE)
        if text:
            into.add(Kind.TEXT, [at], [0], texts=[text])
        for cell, head in zip(_places(at), one.heads, strict=False):
            look.canvas.fill(Range(*cell, *cell), _HEAD)
            into.add(Kind.TEXT, [cell[0]], [cell[1]], texts=[head])
        for cell, answer in zip(_places(at), one.squares, strict=False):
            look.canvas.fill(Range(*cell, *cell), _SQUARE)
            if solved and not isinstance(answer, str):
                into.add(Kind.NUMBER, [cell[0]], [cell[1]], numbers=answer)
    return into.finish(sheet.name)


def _places(row: int) -> Iterator[Cell]:
    """Yield the cells of the squares of a row."""
    column = _FIRST
    while True:
        yield row, column
        column += _APART


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
