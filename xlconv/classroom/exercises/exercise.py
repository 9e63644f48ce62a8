"""What is asked for -> exercise.xlsx, solution.xlsx and exercise.toml.

Both workbooks have the network's sheet, the tasks and the hidden checks; they differ in what is
emptied, wrong or answered. Decides which cells those are; never judges any.
"""

from __future__ import annotations

import re
import secrets
import tempfile
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace as replaced

from xlconv.classroom.exercise_file import Exercise
from xlconv.classroom.exercises.language import LANGUAGES, language_of
from xlconv.classroom.exercises.printing import can_print, printed
from xlconv.classroom.exercises.sheets.papers import Papers
from xlconv.classroom.exercises.tasks.cell_tasks import ask_for_cells
from xlconv.classroom.exercises.tasks.kernel_questions import ask_kernels
from xlconv.classroom.exercises.tasks.mistake_task import put_mistakes
from xlconv.classroom.exercises.tasks.shape_task import ask_shapes
from xlconv.classroom.exercises.worksheet import worksheet_of
from xlconv.errors import FileError, XlconvError
from xlconv.files import exists, whole_file
from xlconv.generation.generate import Look, Made, made_book
from xlconv.generation.sources import Sources
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.formatting import Formatting
from xlconv.spreadsheet.xlsx.write import write_xlsx

HINTS = ("none", "example", "formula")
_PLAIN = Look()


class Wanted(Struct, frozen=True):
    """Which tasks: what is emptied, and what is asked for; see `xlconv exercise --help`.

    `seed` draws where mistakes stand; `hint` is one of HINTS.
    """

    blank: tuple[str, ...] = ()
    fill: tuple[str, ...] = ()
    mistakes: int = 0
    shapes: bool = False
    kernels: bool = False
    seed: int = 0
    hint: str = "none"
    language: str = "en"
    title: str = ""  # a ready exercise's, as the language's `titles` have it


class Written(Struct, frozen=True):
    """The three files, and what the exercise asks for; `lock` is the password of both workbooks."""

    exercise: Exercise
    folder: Path
    lock: str
    printed: tuple[Path, ...] = ()  # on paper: for students, and with the solution
    left_out: tuple[str, ...] = ()  # of paper: tasks that need the workbook

    @property
    def paths(self) -> tuple[Path, Path, Path]:
        """The exercise, the solution, and the file for the grader."""
        names = self.exercise.exercise, self.exercise.solution, "exercise.toml"
        first, second, third = (self.folder / name for name in names)
        return first, second, third


def write_exercise(
    folder: str | Path, asked: Sources, wanted: Wanted, look: Look = _PLAIN, *,
    replace: bool = False, lock: str | None = None,
) -> Written:  # fmt: skip
    """Write an exercise, its solution and exercise.toml into a folder, which may be new.

    `lock` is the password without which hidden sheets stay hidden, by default a drawn one.
    Raises XlconvError for what `generate` refuses, for a layer that is not there, and where
    nothing is asked for; FileError where a file exists and is not to be replaced. With
    `look.paper` there is also a page to print and its solution, as PDF where LibreOffice is.
    """
    made = made_book(asked, replaced(look, paper=None))
    papers = papers_of(made, wanted)
    found = Written(papers.exercise, Path(folder), lock or secrets.token_hex(4))
    sheet = None
    if look.paper is not None:
        sheet = worksheet_of(papers, look.paper)
        names = ("worksheet", "worksheet-solution")
        kind = "pdf" if can_print() else "xlsx"
        paths = tuple(found.folder / f"{name}.{kind}" for name in names)
        found = replaced(found, printed=paths, left_out=sheet.left_out)
    _prepare(found, replace=replace)
    formatting = list(papers.formatting())
    for path, book in zip(found.paths, (papers.handed_out(), papers.solved()), strict=False):
        write_xlsx(book, path, *formatting, replace=replace, lock=found.lock)
    with whole_file(found.paths[-1], replace=replace) as temporary:
        remark = f"# Hidden sheets of both workbooks can be shown with the password {found.lock}\n"
        temporary.write_text(remark + found.exercise.toml(), encoding="utf-8")
    if sheet is not None:
        for path, book in zip(found.printed, (sheet.empty, sheet.solved), strict=True):
            _print(book, sheet.formatting, path, replace=replace)
    return found


def _print(book: Workbook, look: Formatting, path: Path, *, replace: bool) -> None:
    """Write a workbook to be printed, as the PDF that it is on paper where that can be made."""
    if path.suffix == ".xlsx":
        write_xlsx(book, path, look, replace=replace)
        return
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"{path.stem}.xlsx"
        write_xlsx(book, draft, look)
        content = printed(draft)
    with whole_file(path, replace=replace) as temporary:
        temporary.write_bytes(content)


def papers_of(made: Made, wanted: Wanted) -> Papers:
    """Return the sheets with the tasks that are asked for.

    Raises XlconvError where there are none, or what is asked for is not there.
    """
    for option, value, known in (
        ("language", wanted.language, LANGUAGES), ("hint", wanted.hint, HINTS),
    ):  # fmt: skip
        if value not in known:
            raise XlconvError(f"{option} {value!r}: expected one of {', '.join(known)}")
    language = language_of(wanted.language)
    title = language.titles.get(wanted.title, wanted.title)
    papers = Papers(made, language, wanted.seed, title)
    asked = [(name, "formulas") for name in wanted.blank]
    asked += [(name, "fill") for name in wanted.fill]
    for name, kind in sorted(asked, key=lambda one: _place(papers, one[0])):
        ask_for_cells(papers, name, kind, wanted.hint)
    if wanted.shapes:
        ask_shapes(papers)
    if wanted.kernels:
        ask_kernels(papers)
    if wanted.mistakes:
        put_mistakes(papers, wanted.mistakes)
    if not papers.tasks:
        raise XlconvError("no tasks: expected --blank, --fill, --ask or --mistake")
    if asked and any(one.kind in ("formulas", "fill") for one in papers.tasks):
        papers.page.trial()
    return papers


def _place(papers: Papers, name: str) -> int:
    """Return which layer is asked for, from the input on; tasks come in that order."""
    names = papers.networks[0].network.names
    layer = re.split(r"[.\[]", name, maxsplit=1)[0]
    return names.index(layer) if layer in names else -1


def _prepare(found: Written, *, replace: bool) -> None:
    """Make the folder; see that nothing is replaced unasked, before anything is written."""
    try:
        found.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{found.folder}: {error.strerror}") from None
    for path in (*found.paths, *found.printed):
        if path.exists() and not replace:
            raise exists(path)
