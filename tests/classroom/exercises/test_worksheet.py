"""The exercise on paper: one page to write on, and its solution."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers.oracles import needs
from xlconv.classroom.exercise_file import cells_of
from xlconv.classroom.exercises import exercise as module
from xlconv.classroom.exercises.exercise import Wanted, papers_of, write_exercise
from xlconv.classroom.exercises.ready_made import READY_MADE
from xlconv.classroom.exercises.sheets.papers import Papers
from xlconv.classroom.exercises.worksheet import Worksheet, worksheet_of
from xlconv.errors import XlconvError
from xlconv.generation.generate import Look, made_book
from xlconv.generation.sources import Sources
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.workbook import Kind, Sheet, text_at
from xlconv.spreadsheet.xlsx.read import read_xlsx

READY = READY_MADE["first-convolution"]
PAPER = Look(relu="separate", paper="a4")


def test_the_squares_are_empty_and_the_solution_is_not() -> None:
    made = made_book(Sources(preset=READY.network), READY.look)
    papers = papers_of(made, replace(READY.wanted, language="de"))
    sheet = worksheet_of(papers, "a4")
    (empty,), (solved,) = sheet.empty.sheets, sheet.solved.sheets
    cells = [cell for task in papers.tasks for cell in task.places]
    assert len(cells) == 36
    assert all(empty.find(cell) is None for cell in cells)
    held = [solved.find(cell) for cell in cells]
    right = [papers.sheet.find(cell) for cell in cells]
    assert np.array_equal(solved.numbers[held], papers.sheet.numbers[right])
    words = [text_at(solved, (row, 0)) for row in range(int(solved.rows.max()) + 1)]
    assert any(word.startswith("1. Berechne conv1.") for word in words)
    assert not any("Probe" in word for word in words)


@pytest.mark.parametrize(
    ("preset", "wanted", "words"),
    [
        ("conv-example", Wanted(blank=("conv2",)), "columns; a page that can be written on"),
        ("conv-example", Wanted(mistakes=1), "no task for a pencil"),
    ],
)
def test_what_no_pencil_can_do_is_refused(preset: str, wanted: Wanted, words: str) -> None:
    made = made_book(Sources(preset=preset))
    papers = papers_of(made, wanted)
    with pytest.raises(XlconvError, match=words):
        worksheet_of(papers, "a4")


def worksheet(wanted: Wanted, preset: str = READY.network) -> tuple[Papers, Worksheet]:
    papers = papers_of(made_book(Sources(preset=preset), READY.look), wanted)
    return papers, worksheet_of(papers, "a4")


def words_on(sheet: Sheet) -> list[str]:
    return [text for kind, text in zip(sheet.kinds, sheet.texts, strict=True) if kind == Kind.TEXT]


def test_no_number_is_told_that_follows_from_those_to_be_computed() -> None:
    papers, found = worksheet(Wanted(blank=("conv1", "pool1")))
    (empty,), (solved,) = found.empty.sheets, found.solved.sheets
    relu = Range(2, 16, 5, 19)  # Q3:T6, between both
    assert all(empty.find(cell) is None for cell in cells_of(relu))
    assert all(solved.find(cell) is not None for cell in cells_of(relu))
    assert any("squares of relu1 are for what is needed" in text for text in words_on(empty))
    # Behind the last task there is nothing to compute, and nothing to see.
    _, first = worksheet(Wanted(blank=("conv1",)))
    assert not any("in between" in text for text in words_on(first.empty.sheets[0]))
    assert all(first.empty.sheets[0].find(cell) is None for cell in cells_of(relu))
    # A kernel is found from what its layer gives.
    _, hunt = worksheet(Wanted(blank=("conv1.weight",)))
    assert all(hunt.empty.sheets[0].find(cell) is not None for cell in cells_of(relu))
    assert papers.tasks


def test_sizes_and_kernels_are_asked_on_paper() -> None:
    papers, found = worksheet(Wanted(blank=("pool1",), shapes=True, kernels=True, mistakes=1))
    (empty,), (solved,) = found.empty.sheets, found.solved.sheets
    told, right = words_on(empty), words_on(solved)
    assert "    conv1 · Conv2d 3×3" in told
    assert not any("@4×4" in text for text in told)
    assert sum(text.strip().startswith("☐") for text in told) == 7
    (ticked,) = [text for text in right if "☒" in text]
    assert "edges between left and right" in ticked
    assert not any("☒" in text for text in told)
    answers = [one for task in papers.tasks if task.kind == "shapes" for one in task.answers]
    assert len(solved) - len(empty) == 4 + len(answers)
    assert found.left_out == ("mistakes",)
    assert "Not on paper: mistakes." in told


def test_sizes_alone_need_no_picture_of_the_network() -> None:
    _, found = worksheet(Wanted(shapes=True, language="de"), "stride2")
    told = words_on(found.empty.sheets[0])
    assert "    conv1 · Conv2d 3×3, Schrittweite 2, Rand 1" in told
    assert len(found.solved.sheets[0]) - len(found.empty.sheets[0]) == 33


@pytest.mark.slow
def test_without_libreoffice_there_are_workbooks_to_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "can_print", lambda: False)
    made = write_exercise(tmp_path, Sources(preset=READY.network), READY.wanted, PAPER)
    assert [path.name for path in made.printed] == ["worksheet.xlsx", "worksheet-solution.xlsx"]
    first, second = (len(read_xlsx(path).sheets[0]) for path in made.printed)
    assert second - first == 36


@pytest.mark.office
def test_it_is_one_page(tmp_path: Path) -> None:
    needs("soffice")
    made = write_exercise(tmp_path, Sources(preset=READY.network), READY.wanted, PAPER)
    for path in made.printed:
        told = subprocess.run(
            [needs("pdfinfo"), path], check=True, capture_output=True, text=True
        ).stdout
        assert "Pages:           1" in told
    assert made.printed[0].read_bytes() != made.printed[1].read_bytes()
