"""An exercise counts what is right: nothing when it is handed out, all in its solution."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from msgspec.structs import replace

from xlconv.classroom.exercise_file import CHECK_SHEET, TASKS_SHEET, load_exercise
from xlconv.classroom.exercises.exercise import Wanted, papers_of, write_exercise
from xlconv.classroom.exercises.language import LANGUAGES, language_of
from xlconv.classroom.exercises.ready_made import READY_MADE
from xlconv.classroom.exercises.sheets.papers import Papers
from xlconv.errors import FileError, XlconvError
from xlconv.generation.generate import made_book
from xlconv.generation.sources import Sources
from xlconv.layers import LAYERS
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lifting.matching.looking_on import blocks_looking_on
from xlconv.spreadsheet.addresses import Cell, parse_a1
from xlconv.spreadsheet.editing.edited import rewritten
from xlconv.spreadsheet.editing.recalculated import recalculated
from xlconv.spreadsheet.workbook import Kind, Sheet, Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.verify import verify, verify_workbook

ALL = Wanted(
    blank=("conv2", "softmax"), fill=("pool1",), shapes=True, mistakes=3, seed=4, hint="example"
)
COUNTS = re.compile(r"(\d+) (?:of|von) (\d+) (?:right|mended|cells|richtig|behoben|Zellen)|✓")


@cache
def ready_made(name: str) -> Papers:
    ready = READY_MADE[name]
    return papers_of(made_book(Sources(preset=ready.network), ready.look), ready.wanted)


def wanted_papers(wanted: Wanted, preset: str = "conv-example") -> Papers:
    return papers_of(made_book(Sources(preset=preset)), wanted)


def counters(book: Workbook, name: str = TASKS_SHEET) -> list[str]:
    """Return what the sheet of tasks says of each task."""
    sheet = sheet_of(book, name)
    return [text for k, text in sorted(sheet.results.items()) if COUNTS.search(text)]


def sheet_of(book: Workbook, name: str) -> Sheet:
    (sheet,) = (one for one in book.sheets if one.name == name)
    return sheet


def with_cells(book: Workbook, name: str, contents: dict[Cell, str | float]) -> Workbook:
    """Return a workbook with other contents of some cells, calculated anew."""
    sheets = [rewritten(one, contents) if one.name == name else one for one in book.sheets]
    return recalculated(replace(book, sheets=tuple(sheets)))


@pytest.mark.slow
@pytest.mark.parametrize("name", READY_MADE)
def test_a_ready_exercise_begins_at_nothing_and_ends_at_all(name: str) -> None:
    papers = ready_made(name)
    begun, ended = counters(papers.handed_out()), counters(papers.solved())
    assert len(begun) == len(ended) == len(papers.tasks)
    assert all(text.startswith("0 of ") for text in begun)
    assert all(text.startswith("✓ ") for text in ended)


@pytest.mark.slow
@pytest.mark.parametrize("name", READY_MADE)
def test_a_solution_is_verified_whole(name: str) -> None:
    report = verify_workbook(ready_made(name).solved())
    assert (report.verdict, report.coverage) == ("verified", 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_task_in_one_exercise(language: str) -> None:
    papers = wanted_papers(replace(ALL, language=language))
    assert [one.kind for one in papers.tasks] == [
        "formulas", "fill", "formulas", "shapes", "mistakes",
    ]  # fmt: skip
    assert [one.id for one in papers.tasks[:3]] == ["conv2", "pool1", "softmax"]
    begins = {"en": "0 of ", "de": "0 von "}[language]
    said = counters(papers.handed_out(), str(language_of(language).words["tasks"]))
    assert len(said) == 5
    assert all(text.startswith(begins) for text in said)
    report = verify_workbook(papers.handed_out())
    assert report.verdict == "findings"
    wrong = {one.cells[0].name for one in papers.tasks[-1].mistakes}
    assert wrong <= {one.cell for one in report.findings}


@pytest.mark.slow
def test_each_right_formula_is_counted_and_each_wrong_one_is_not() -> None:
    papers = ready_made("first-convolution")
    book, solved = papers.handed_out(), sheet_of(papers.solved(), "first-convolution")
    formulas: dict[Cell, str | float] = {}
    for number, cell in enumerate(papers.tasks[0].places, 1):
        formulas[cell] = str(solved.formula(cell))
        again = with_cells(book, "first-convolution", formulas)
        said = counters(again)[0]
        assert said == ("✓ all 16 right" if number == 16 else f"{number} of 16 right")
    wrong = dict(formulas) | {parse_a1("M4"): "SUMPRODUCT(B3:D5,$H$3:$J$5)"}
    assert counters(with_cells(book, "first-convolution", wrong))[0] == "15 of 16 right"


def test_the_count_follows_the_input_and_pasted_numbers_fall_behind() -> None:
    papers = ready_made("first-convolution")
    solved = papers.solved()
    pixel: dict[Cell, str | float] = {parse_a1("C4"): 7.0}
    assert counters(with_cells(solved, "first-convolution", pixel)) == counters(solved)
    sheet = sheet_of(solved, "first-convolution")
    cells = papers.tasks[0].places
    pasted: dict[Cell, str | float] = {
        cell: float(sheet.numbers[sheet.find(cell)]) for cell in cells
    }  # fmt: skip
    assert counters(with_cells(solved, "first-convolution", pasted))[0] == "✓ all 16 right"
    said = counters(with_cells(solved, "first-convolution", pasted | pixel))[0]
    assert int(said.split()[0]) < 16


def test_a_wrong_layer_makes_none_after_it_wrong() -> None:
    solved = ready_made("first-convolution").solved()
    wrong: dict[Cell, str | float] = {parse_a1("L3"): 40.0}
    said = counters(with_cells(solved, "first-convolution", wrong))
    assert said == ["15 of 16 right", "✓ all 16 right", "✓ all 4 right"]


def test_another_spelling_counts() -> None:
    solved = ready_made("first-convolution").solved()
    by_hand = "+".join(
        f"{a}{r}*{b}{r + 1}" for a, b in zip("ABC", "HIJ", strict=True) for r in (2, 3, 4)
    )
    other: dict[Cell, str | float] = {parse_a1("L3"): f"{by_hand}+H7"}
    assert counters(with_cells(solved, "first-convolution", other))[0] == "✓ all 16 right"


@pytest.mark.slow
def test_an_empty_kernel_is_not_right_where_the_picture_is_empty() -> None:
    papers = ready_made("kernel-hunt")
    first = papers.tasks[0].places
    halfway: dict[Cell, str | float] = dict.fromkeys(first, 0.0)
    said = counters(with_cells(papers.handed_out(), "edges", halfway))
    assert said[0].startswith("0 of ")


def test_hidden_numbers_are_not_those_to_be_found() -> None:
    papers = ready_made("kernel-hunt")
    book = papers.handed_out()
    hidden, sheet = sheet_of(book, CHECK_SHEET), papers.sheet
    for cell in (cell for task in papers.tasks for cell in task.places):
        kept, wanted = hidden.find(cell), sheet.find(cell)
        assert kept is not None
        assert wanted is not None
        assert hidden.numbers[kept] != sheet.numbers[wanted]


@pytest.mark.slow
def test_the_checks_hold_no_formula_of_the_solution() -> None:
    papers = wanted_papers(ALL)
    checks = sheet_of(papers.handed_out(), CHECK_SHEET)
    texts = "\n".join(checks.texts[k].replace("'conv-example'!", "")
                      for k in np.flatnonzero(checks.is_formula).tolist())  # fmt: skip
    for cell in papers.tasks[0].places[:5]:
        assert str(papers.sheet.formula(cell)) not in texts
        assert str(papers.sheet.formula(cell)).removeprefix("MAX(0,")[:-1] not in texts


@pytest.mark.slow
def test_mistakes_are_seen_and_only_the_grader_knows_where() -> None:
    papers = ready_made("find-the-mistake")
    book = papers.handed_out()
    (task,) = papers.tasks
    assert len(task.mistakes) == 5
    for number, one in enumerate(task.mistakes, 1):
        cells = [(one.cells[0].top, one.cells[0].left) for one in task.mistakes[:number]]
        mended = {cell: str(papers.sheet.formula(cell)) for cell in cells}
        said = counters(with_cells(book, "conv-example", dict(mended)))[0]
        assert said == ("✓ all 5 mended" if number == 5 else f"{number} of 5 mended")
        assert one.slip


@pytest.mark.slow
def test_three_files_are_written_and_read_back(tmp_path: Path) -> None:
    made = write_exercise(tmp_path / "new", Sources(), ALL, lock="secret")
    exercise, solution, told = made.paths
    again = load_exercise(told)
    assert again == replace(made.exercise, folder=again.folder)
    assert again.solution_path == solution
    assert verify(solution).verdict == "verified"
    assert counters(read_xlsx(exercise)) == counters(wanted_papers(ALL).handed_out())
    first = [path.read_bytes() for path in made.paths]
    again_made = write_exercise(tmp_path / "new", Sources(), ALL, lock="secret", replace=True)
    assert [path.read_bytes() for path in again_made.paths] == first
    with pytest.raises(FileError, match="exists; to replace it"):
        write_exercise(tmp_path / "new", Sources(), ALL)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(), "no tasks: expected --blank, --fill, --ask or --mistake"),
        (Wanted(blank=("conv2", "relu2[0]")), "another task asks for BM4:CJ27"),
        (Wanted(kernels=True), "no kernel blurs, sharpens or finds edges"),
        (Wanted(mistakes=1, language="xx"), "language 'xx': expected one of en, de"),
    ],
)
def test_what_cannot_be_asked_is_refused(wanted: Wanted, words: str) -> None:
    with pytest.raises(XlconvError, match=re.escape(words)):
        wanted_papers(wanted)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_all_words_and_every_layer(code: str) -> None:
    one, english = language_of(code), language_of("en")
    for part in ("titles", "words", "tasks", "paper", "feedback", "layers", "kernels"):
        mine, theirs = getattr(one, part), getattr(english, part)
        assert mine.keys() == theirs.keys()
        for key in mine:
            assert holes(mine[key]) == holes(theirs[key]), key
    assert set(one.titles) == set(READY_MADE)
    assert set(one.layers) == set(LAYERS)
    for english_words, words in (one.sheet | one.said).items():
        assert holes(words) <= holes(english_words)


def holes(text: object) -> set[str]:
    return set(re.findall(r"{(\w+)", str(text)))


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["padding", "matmul", "multi-label", "residual", "batchnorm"])
def test_every_layer_of_other_networks_can_be_asked_for(preset: str) -> None:
    made = made_book(Sources(preset=preset))
    names = [
        name
        for placed in made.networks[:1]
        for k, name in enumerate(placed.network.names)
        if placed.layout.places[k + 1].planes
    ]
    papers = papers_of(made, Wanted(blank=tuple(names)))
    assert all(text.startswith("✓ all ") for text in counters(papers.solved()))
    assert not any(text.startswith("✓") for text in counters(papers.handed_out()))
    assert verify_workbook(papers.solved()).verdict == "verified"


def test_questions_have_one_right_answer() -> None:
    papers = wanted_papers(Wanted(kernels=True), "edges")
    book = papers.handed_out()
    task = papers.tasks[0]
    assert task.kind == "question"
    ((cell, answer),) = task.answers.items()
    assert answer == language_of("en").kernels["horizontal"]
    assert counters(papers.solved())[0] == "✓ right"
    sheets = list(book.sheets)
    assert all(sheet.kinds[index] != Kind.TEXT for sheet in sheets[:1]
               if (index := sheet.find(cell)) is not None)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answers_to_choose_from_stand_on_the_sheet(tmp_path: Path, language: str) -> None:
    wanted = Wanted(kernels=True, language=language)
    written = write_exercise(tmp_path, Sources(preset="edges"), wanted)
    page = openpyxl.load_workbook(written.paths[0])[language_of(language).words["tasks"]]
    lists = [one for one in page.data_validations.dataValidation if one.type == "list"]
    assert len(lists) == len(written.exercise.tasks) == 1
    listed = [cell.value for (cell,) in page[lists[0].formula1.replace("$", "")]]
    assert listed == list(language_of(language).kernels.values())


def test_sizes_that_are_asked_for_are_not_told() -> None:
    papers = wanted_papers(Wanted(shapes=True))
    told, solved = (
        {text for kind, text in zip(sheet.kinds, sheet.texts, strict=True) if kind == Kind.TEXT}
        for sheet in (papers.handed_out().sheets[1], papers.solved().sheets[1])
    )
    assert "conv2 + relu2 · Conv2d 3×3 · 2@24×24" in solved - told
    assert {"conv2 + relu2 · Conv2d 3×3", "fc1 · Linear · 2,890 parameters"} <= told
    assert "input · 1@28×28" in told
    sizes = r"· (2@26×26|2@24×24|2@12×12|288|10)\b(?! param)"
    assert not [text for text in told if re.search(sizes, text)]


@pytest.mark.slow
def test_checks_are_no_part_of_the_network() -> None:
    papers = ready_made("find-the-mistake")
    book = papers.solved()
    lifted = lift_workbook(book)
    aside = lifted.calculation.blocks
    looking = blocks_looking_on(lifted.calculation)
    assert {book.sheets[aside[k].sheet].name for k in looking} == {TASKS_SHEET, CHECK_SHEET}
    report = verify_workbook(book)
    assert report.outside == sum(int(one.is_formula.sum()) for one in book.sheets) - 2823


def test_a_network_that_reads_its_checks_is_not_verified_by_them() -> None:
    """Who has a layer computed by the hidden sheet has not written it."""
    book = ready_made("first-convolution").solved()
    hidden: dict[Cell, str | float] = {
        parse_a1(f"{'LMNO'[j]}{80 + i}"): f"SUMPRODUCT('first-convolution'!{'ABCDEF'[j]}{2 + i}:"
        f"{'ABCDEF'[j + 2]}{4 + i},'first-convolution'!$H$3:$J$5)+1"
        for i in range(4) for j in range(4)
    }  # fmt: skip
    leaning: dict[Cell, str | float] = {
        parse_a1(f"{'LMNO'[j]}{3 + i}"): f"{CHECK_SHEET}!{'LMNO'[j]}{80 + i}"
        for i in range(4) for j in range(4)
    }  # fmt: skip
    wrong = with_cells(with_cells(book, CHECK_SHEET, hidden), "first-convolution", leaning)
    assert verify_workbook(wrong).verdict == "findings"


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["fc1.weight", "fc1.weight[3]", "conv2.bias", "conv2.weight[1]"])
def test_the_numbers_of_any_layer_can_be_asked_for(asked: str) -> None:
    papers = wanted_papers(Wanted(blank=(asked,)))
    assert counters(papers.solved())[0].startswith("✓ all ")
    assert not counters(papers.handed_out())[0].startswith("✓")
    other: dict[Cell, str | float] = dict.fromkeys(papers.tasks[0].places, 5.5)
    assert not counters(with_cells(papers.solved(), "conv-example", other))[0].startswith("✓")
