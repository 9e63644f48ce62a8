"""The exercise on paper: one page to write on, and its solution."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.oracles import needs
from xlconv.classroom.exercises import exercise as module
from xlconv.classroom.exercises.exercise import Wanted, papers_of, write_exercise
from xlconv.classroom.exercises.language import language_of
from xlconv.classroom.exercises.ready_made import READY_MADE
from xlconv.classroom.exercises.worksheet import worksheet_of
from xlconv.errors import XlconvError
from xlconv.generation.generate import Look, made_book
from xlconv.generation.sources import Sources
from xlconv.spreadsheet.workbook import text_at
from xlconv.spreadsheet.xlsx.read import read_xlsx

READY = READY_MADE["first-convolution"]
PAPER = Look(relu="separate", paper="a4")


def test_the_squares_are_empty_and_the_solution_is_not() -> None:
    made = made_book(Sources(preset=READY.network), READY.look)
    papers = papers_of(made, READY.wanted)
    sheet = worksheet_of(made, papers.tasks, language_of("de"), "a4")
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
        ("first-convolution", Wanted(shapes=True), "no task of cells to fill in"),
    ],
)
def test_what_no_pencil_can_do_is_refused(preset: str, wanted: Wanted, words: str) -> None:
    made = made_book(Sources(preset=preset))
    papers = papers_of(made, wanted)
    with pytest.raises(XlconvError, match=words):
        worksheet_of(made, papers.tasks, language_of("en"), "a4")


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
