"""Two hundred made submissions, each with the points that it should get and what went wrong.

What stands in the table follows from what was done to the solution, never from a grader.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import openpyxl
from msgspec import Struct
from msgspec.structs import replace

from tests.classroom.lessons import (
    Lesson,
    Value,
    blank,
    default_book,
    edited,
    lesson,
    names_in,
    pasted,
    small_book,
    taken,
)
from tests.classroom.slips import (
    CONVOLUTION,
    CONVOLUTION_SPELLINGS,
    POOL,
    POOL_SPELLINGS,
    SOFTMAX,
    SOFTMAX_SPELLINGS,
    Rewrite,
    Slip,
)
from tests.helpers.oracles import profile
from xlconv.presets import PRESETS
from xlconv.spreadsheet.workbook import Workbook

_RUN = Path(__file__).parents[1] / "edits" / "libreoffice" / "run.py"
SMALL, LARGE = "small", "large"
SINGLE = (0, 6, 25)  # cells of a plane of 4x4, and of the one after it, that are tried alone


class Made(Struct, frozen=True):
    """A submission: its lesson and name, what is in it, and what it should be given.

    `wrong` says how many cells of a task are not right; of a file that counts for nothing
    `error` is a word of why. `words` are those of which the cause must have one, at the cell
    `at`; both are for single mistakes. `by` says which programs have saved it.
    """

    lesson: str
    name: str
    workbook: Workbook | None = None
    wrong: tuple[tuple[str, int], ...] = ()
    words: tuple[str, ...] = ()
    at: str = ""
    error: str = ""
    by: tuple[str, ...] = ()
    steps: tuple[tuple[object, ...], ...] = ()
    content: bytes = b""
    book: str = ""  # of a preset, where it is another network's


def lessons(folder: Path) -> dict[str, Lesson]:
    small, large = small_book(), default_book()
    return {
        SMALL: lesson(
            folder / SMALL, small, blank(small, "relu1"), blank(small, "pool1", 5),
            blank(small, "softmax", 3), blank(small, "conv1_weight", 4, "parameters"),
        ),
        LARGE: lesson(folder / LARGE, large, blank(large, "relu2"), blank(large, "pool1", 5)),
    }  # fmt: skip


def table(every: dict[str, Lesson]) -> list[Made]:
    small, large = every[SMALL], every[LARGE]
    right = Made(SMALL, "right", small.solution)
    single = list(_single(small, SMALL, "relu1", CONVOLUTION, SINGLE))
    spelled = list(_spelled(small, SMALL, "relu1", CONVOLUTION_SPELLINGS))
    return [
        right,
        *single,
        *_single(small, SMALL, "pool1", POOL, (0, 4)),
        *_single(small, SMALL, "softmax", SOFTMAX, (1,)),
        *_single(large, LARGE, "relu2", CONVOLUTION, (30,)),
        *_whole(small, SMALL, "relu1", CONVOLUTION),
        # The window of the last cell of a plane grows into blank cells: its maximum is the same.
        *_whole(small, SMALL, "pool1", POOL, {"pool-grown": 2}),
        *_whole(small, SMALL, "softmax", SOFTMAX),
        *_whole(large, LARGE, "relu2", CONVOLUTION[:6]),
        *_whole(large, LARGE, "pool1", POOL, {"pool-grown": 2}),
        *spelled,
        *_spelled(small, SMALL, "pool1", POOL_SPELLINGS),
        *_spelled(small, SMALL, "softmax", SOFTMAX_SPELLINGS),
        *_spelled(large, LARGE, "relu2", CONVOLUTION_SPELLINGS),
        *_no_formula(small),
        *_numbers(small),
        *_parts(small),
        *_no_exercise(small),
        *_other_sheets(small, single),
        *(_again(one, "libreoffice") for one in (right, *spelled[::3], *single[::6])),
        *(_again(one, "openpyxl", "libreoffice") for one in (right, *spelled[1::4], *single[3::9])),
        *(_again(one, "openpyxl") for one in (right, *spelled[2::5])),
        *_moved(right),
        *(one for cell in single[1::12] for one in _moved(cell)),
    ]


def _cells(one: Lesson, task: str) -> list[str]:
    found = next(each for each in one.exercise.tasks if each.id == task)
    return names_in(*found.cells)


def _formulas(one: Lesson, task: str) -> dict[str, str]:
    found = taken(one.solution, _cells(one, task))
    return {name: text[1:] for name, text in found.items() if isinstance(text, str)}


def _written(text: str) -> str:
    return text if text.startswith("{=") else f"={text}"


def _single(
    one: Lesson, name: str, task: str, slips: Sequence[Slip], turns: Sequence[int]
) -> Iterator[Made]:
    cells, formulas = _cells(one, task), _formulas(one, task)
    for slip in slips:
        for turn in turns:
            text = slip.rewrite(formulas[cells[turn]])
            assert text is not None
            workbook = edited(one.solution, {cells[turn]: _written(text)})
            label = f"{task} {slip.name} in {cells[turn]}"
            yield Made(name, label, workbook, ((task, 1),), slip.words, cells[turn])


def _whole(
    one: Lesson,
    name: str,
    task: str,
    slips: Sequence[Slip],
    spared: Mapping[str, int] = MappingProxyType({}),
) -> Iterator[Made]:
    formulas = _formulas(one, task)
    for slip in slips:
        changes: dict[str, Value] = {}
        for cell, formula in formulas.items():
            text = slip.rewrite(formula)
            assert text is not None
            changes[cell] = _written(text)
        wrong = len(changes) - spared.get(slip.name, 0)
        yield Made(name, f"{task} {slip.name} in all", edited(one.solution, changes),
                   ((task, wrong),), slip.words)  # fmt: skip


def _spelled(one: Lesson, name: str, task: str, spellings: dict[str, Rewrite]) -> Iterator[Made]:
    formulas = _formulas(one, task)
    for label, rewrite in spellings.items():
        texts = {cell: rewrite(formula) for cell, formula in formulas.items()}
        changes = {cell: _written(text) for cell, text in texts.items() if text is not None}
        yield Made(name, f"{task} spelled {label}", edited(one.solution, changes))


def _no_formula(one: Lesson) -> Iterator[Made]:
    for task, turn in (("relu1", 9), ("pool1", 5), ("softmax", 0)):
        cell = _cells(one, task)[turn]
        kinds: tuple[tuple[str, Value, tuple[str, ...]], ...] = (
            ("a number", 3.5, ("the number 3.5", "values were pasted")),
            ("its value", pasted(one.solution, [cell])[cell], ("the number", "values were pasted")),
            ("a text", "0.5", ("the text '0.5'", "values were pasted")),
            ("nothing", None, ("no formula", "there are no formulas")),
        )
        for label, value, words in kinds:
            yield Made(SMALL, f"{task} {label} in {cell}", edited(one.solution, {cell: value}),
                       ((task, 1),), words, cell)  # fmt: skip
        cells = _cells(one, task)
        workbook = edited(one.solution, pasted(one.solution, cells))
        yield Made(
            SMALL, f"{task} pasted", workbook, ((task, len(cells)),), ("values were pasted",)
        )
        workbook = edited(one.solution, dict.fromkeys(cells))
        yield Made(
            SMALL, f"{task} empty", workbook, ((task, len(cells)),), ("nothing is filled in",)
        )


def _numbers(one: Lesson) -> Iterator[Made]:
    first, *_, last = _cells(one, "conv1_weight")
    for label, value in (("another", 9.0), ("blank", None), ("text", "abc")):
        workbook = edited(one.solution, {first: value})
        yield Made(SMALL, f"weight {label}", workbook, (("conv1_weight", 1),), ("1 of 18",), first)
    near = pasted(one.solution, [last])[last]
    assert isinstance(near, float)
    yield Made(SMALL, "weight near", edited(one.solution, {last: near + 1e-9}))


def _parts(one: Lesson) -> Iterator[Made]:
    yield Made(SMALL, "as handed out", one.handed_out,
               (("relu1", 32), ("pool1", 8), ("softmax", 2), ("conv1_weight", 18)),
               ("nothing is filled in",))  # fmt: skip
    cells = _cells(one, "relu1")
    filled = taken(one.solution, [name for task in ("relu1", "pool1", "softmax", "conv1_weight")
                                  for name in _cells(one, task)])  # fmt: skip
    for count in (1, 16, 31):
        left = {name: value for name, value in filled.items() if name not in cells[count:]}
        yield Made(SMALL, f"{count} of relu1", edited(one.handed_out, left),
                   (("relu1", 32 - count),), ("no formula",), cells[count])  # fmt: skip
    without = {name: value for name, value in filled.items() if name not in cells}
    workbook = edited(one.handed_out, without)
    yield Made(SMALL, "all but relu1", workbook, (("relu1", 32),), ("nothing is filled in",))


def _no_exercise(one: Lesson) -> Iterator[Made]:
    for preset in ("edges", "conv-example", "matmul"):
        yield Made(SMALL, f"preset {preset}", error="exercise", book=preset)
    for label, content, error in (
        ("empty file", b"", "empty"),
        ("no zip", b"hello", "not a zip"),
        ("cut off", b"PK\x03\x04" + b"\0" * 40, "damaged"),
        ("old", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old .xls"),
    ):
        yield Made(SMALL, label, error=error, content=content)
    other = replace(one.solution.sheets[1], name="notes")
    yield Made(SMALL, "only notes", Workbook((other,)), error="not the exercise")


def _other_sheets(one: Lesson, single: Sequence[Made]) -> Iterator[Made]:
    for made in (Made(SMALL, "right", one.solution), single[4], single[20]):
        assert made.workbook is not None
        yield replace(made, name=f"{made.name}, renamed", workbook=renamed(made.workbook, "mine"))
        yield replace(made, name=f"{made.name}, renamed by openpyxl", by=("openpyxl-rename",))
        nameless = Workbook(made.workbook.sheets)
        yield replace(made, name=f"{made.name}, without names", workbook=nameless)


def renamed(workbook: Workbook, name: str) -> Workbook:
    """Return a workbook whose first sheet has another name, which its names follow."""
    first, *others = workbook.sheets
    names = tuple(
        (one, tuple((name if home == first.name else home, area) for home, area in ranges))
        for one, ranges in workbook.names
    )
    return Workbook((replace(first, name=name), *others), names, workbook.properties)


def _again(one: Made, *by: str) -> Made:
    return replace(one, name=f"{one.name}, by {' and '.join(by)}", by=by)


def _moved(one: Made) -> Iterator[Made]:
    for label, steps in (
        ("rows on top", (("insert_rows", "A1", 2),)),
        ("a row between planes", (("insert_rows", "A9", 1),)),
        ("a column", (("insert_columns", "K1", 1),)),
    ):
        yield replace(one, name=f"{one.name}, {label}", steps=steps, at="")


# -- files -----------------------------------------------------------------------------------


def write(made: Sequence[Made], every: dict[str, Lesson], folder: Path, python: Path) -> list[Path]:
    """Write every submission, and have others save those that say so; return their paths."""
    paths = [folder / f"{k:03}.xlsx" for k in range(len(made))]
    folder.mkdir(parents=True, exist_ok=True)
    for one, path in zip(made, paths, strict=True):
        if one.workbook is not None:
            every[one.lesson].save(path, one.workbook)
        elif one.book:
            PRESETS[one.book].book().write(path)
        else:
            path.write_bytes(one.content)
    _edit([(path, one.steps) for one, path in zip(made, paths, strict=True) if one.steps], python)
    saved: dict[str, Callable[[list[Path]], None]] = {
        "openpyxl": _by_openpyxl, "openpyxl-rename": _renamed_by_openpyxl,
        "libreoffice": _by_libreoffice,
    }  # fmt: skip
    for program, save in saved.items():
        save([path for one, path in zip(made, paths, strict=True) if program in one.by])
    return paths


def _by_openpyxl(paths: list[Path]) -> None:
    for path in paths:
        openpyxl.load_workbook(path).save(path)


def _renamed_by_openpyxl(paths: list[Path]) -> None:
    for path in paths:
        book = openpyxl.load_workbook(path)
        book.worksheets[0].title = "my work"  # names that stood for its cells stay behind
        book.save(path)


def _by_libreoffice(paths: list[Path]) -> None:
    out = paths[0].parent / "saved"
    subprocess.run(
        ["soffice", profile(paths[0].parent), "--headless", "--norestore", "--convert-to", "xlsx",
         "--outdir", out, *paths],
        check=True, capture_output=True, timeout=600,
    )  # fmt: skip
    for path in paths:
        (out / path.name).replace(path)


def _edit(edits: list[tuple[Path, tuple[tuple[object, ...], ...]]], python: Path) -> None:
    folder = edits[0][0].parent
    jobs = [
        {"name": path.name, "base": str(path), "steps": steps,
         "path": str(path.with_suffix(".new.xlsx")), "draws": 1}
        for path, steps in edits
    ]  # fmt: skip
    asked = folder / "jobs.json"
    asked.write_text(json.dumps(jobs))
    words = [str(python), str(_RUN), str(asked), str(folder / "uno")]
    run = subprocess.run(words, check=True, capture_output=True, text=True, timeout=600)
    told = [json.loads(line) for line in run.stdout.splitlines()]
    assert not [one for one in told if one["error"]], told
    for path, _ in edits:
        path.with_suffix(".new.xlsx").replace(path)
    asked.unlink()
