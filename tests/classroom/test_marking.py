"""The state of each cell by itself: hinges, inserted rows, and who else's fault it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.classroom.lessons import (
    Lesson,
    area_of,
    blank,
    default_book,
    edited,
    lesson,
    names_in,
    taken,
)
from tests.mutations import refreshed
from xlconv.classroom.exercise_file import ExerciseError, load_exercise
from xlconv.classroom.grading.answer_key import answer_key_of
from xlconv.classroom.grading.graded_file import State, TaskMarks
from xlconv.classroom.grading.standard import GradingStandard, grading_standard
from xlconv.errors import ReadError
from xlconv.spreadsheet.workbook import Workbook


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    book = default_book()
    folder = tmp_path_factory.mktemp("lesson")
    return lesson(folder, book, blank(book, "relu1"), blank(book, "relu2"), blank(book, "pool1"))


@pytest.fixture(scope="module")
def standard(one: Lesson) -> GradingStandard:
    return grading_standard(answer_key_of(load_exercise(one.toml)), with_copies=False)


def marks(standard: GradingStandard, workbook: Workbook) -> tuple[TaskMarks, ...]:
    return standard.graded(refreshed(workbook), "made").marks


@pytest.mark.slow
def test_every_cell_of_a_wrong_layer_is_wrong_on_whatever_side_of_a_hinge(
    one: Lesson, standard: GradingStandard
) -> None:
    cells = names_in(*one.exercise.tasks[1].cells)
    changes = {name: str(text).replace("MAX(0,", "MAX(0.5,")
               for name, text in taken(one.solution, cells).items()}  # fmt: skip
    before, own, after = marks(standard, edited(one.solution, changes))
    assert own.count(State.WRONG) == len(cells) == 1152
    assert own.slip == "0.5 stands where 0 should"
    assert before.count(State.RIGHT) == 1352
    assert after.count(State.RIGHT) == 288


@pytest.mark.slow
def test_what_follows_an_empty_layer_is_right_by_itself(
    one: Lesson, standard: GradingStandard
) -> None:
    filled = [name for task in one.exercise.tasks[1:] for name in names_in(*task.cells)]
    found = marks(standard, edited(one.handed_out, taken(one.solution, filled)))
    assert [mark.count(State.RIGHT) for mark in found] == [0, 1152, 288]
    assert [mark.cause for mark in found] == ["nothing is filled in", "", ""]


@pytest.mark.slow
def test_two_mistakes_of_a_task_are_two_causes(one: Lesson, standard: GradingStandard) -> None:
    first, second = "AP9", "AP40"
    held = taken(one.solution, [first, second])
    wrong = {first: 1.25, second: str(held[second]).replace("MAX", "MIN")}
    relu1, *_ = marks(standard, edited(one.solution, wrong))
    assert relu1.states.count(State.PASTED) == relu1.states.count(State.WRONG) == 1
    assert relu1.others == 1
    assert first in relu1.cause or second in relu1.cause


@pytest.mark.slow
def test_a_task_about_cells_that_hold_no_number_is_told(tmp_path: Path) -> None:
    book = default_book()
    made = lesson(tmp_path, book, blank(book, "conv1_weight", kind="parameters"))
    text = made.toml.read_text().replace("AD11:AF13", "AD19:AF20")
    made.toml.write_text(text)
    with pytest.raises(ExerciseError, match=r"solution\.xlsx: conv-example!AD19: no number"):
        answer_key_of(load_exercise(made.toml))
    made.toml.write_text(text.replace('"conv-example"\ncells', '"other"\ncells'))
    with pytest.raises(ExerciseError, match="no sheet 'other'"):
        answer_key_of(load_exercise(made.toml))
    made.exercise.solution_path.unlink()
    with pytest.raises(ReadError, match=r"solution\.xlsx"):
        answer_key_of(load_exercise(made.toml))


def test_areas_by_name() -> None:
    assert names_in(area_of("A1:B2"), area_of("D4")) == ["A1", "B1", "A2", "B2", "D4"]
