"""exercise.toml: read and written, and what is wrong in it told in one line."""

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from xlconv.classroom.exercise_file import (
    KINDS,
    Exercise,
    ExerciseError,
    Mistake,
    Rubric,
    Task,
    load_exercise,
)
from xlconv.errors import FileError
from xlconv.spreadsheet.addresses import Range

BY_HAND = """
version = 1
title = "conv-example"

[rubric]
partial = false

[[tasks]]
id = "conv2"
kind = "formulas"
points = 10
sheet = "conv-example"
cells = ["AP5:AQ6", "AP31"]
text = "Write the formulas of conv2"

[[tasks]]
id = "shapes"
kind = "shapes"
points = 2.5
sheet = "Tasks"
cells = ["C12:D12"]
answers = { "C12" = 2, "D12" = "26×26" }

[[tasks]]
id = "mistakes"
kind = "mistakes"
points = 4
sheet = "conv-example"
cells = ["AP9", "CL12:CL14"]
[[tasks.mistakes]]
cells = "AP9"
slip = "$ is missing"
[[tasks.mistakes]]
cells = ["CL12:CL14"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "exercise.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_by_hand_is_read(tmp_path: Path) -> None:
    found = load_exercise(written(tmp_path, BY_HAND))
    conv2, shapes, mistakes = found.tasks
    assert found.points == 16.5
    assert found.rubric == Rubric(partial=False)
    assert found.solution_path == tmp_path / "solution.xlsx"
    assert conv2.cells == (Range(4, 41, 5, 42), Range(30, 41, 30, 41))
    assert conv2.places == [(4, 41), (4, 42), (5, 41), (5, 42), (30, 41)]
    assert shapes.answers == {(11, 2): 2, (11, 3): "26×26"}
    assert [one.slip for one in mistakes.mistakes] == ["$ is missing", ""]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ranges = st.builds(
    lambda top, left, height, width: Range(top, left, top + height, left + width),
    *[st.integers(0, 999)] * 4,
)
areas = st.lists(ranges, min_size=1, max_size=3).map(tuple)
cells = st.tuples(st.integers(0, 99), st.integers(0, 99))
answers = st.dictionaries(cells, texts | st.integers() | st.floats(-1e9, 1e9), min_size=1)


@st.composite
def tasks(draw: st.DrawFn, number: int) -> Task:
    kind = draw(st.sampled_from(KINDS))
    return Task(
        f"{number}{draw(texts)}", kind, draw(st.floats(0, 100)), draw(texts) + "x", draw(areas),
        draw(texts), draw(answers) if kind in ("shapes", "question") else {},
        tuple(draw(st.lists(st.builds(Mistake, areas, texts), min_size=1, max_size=2)))
        if kind == "mistakes" else (),
    )  # fmt: skip


@given(st.data())
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, data) -> None:  # type: ignore[no-untyped-def]
    drawn = tuple(data.draw(tasks(number)) for number in range(2))
    rubric = data.draw(st.builds(Rubric, st.booleans(), st.floats(0, 1)))
    exercise = Exercise(data.draw(texts), drawn, rubric, data.draw(texts))
    path = written(tmp_path_factory.mktemp("exercise"), exercise.toml())
    assert load_exercise(path) == replace(exercise, folder=path.parent)


def test_it_can_be_sent_to_another_process(tmp_path: Path) -> None:
    exercise = load_exercise(written(tmp_path, BY_HAND))
    assert pickle.loads(pickle.dumps(exercise)) == exercise


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version = 1", "version = 2", "version 2; expected 1"),
        ('"formulas"', '"formula"', "task 1 (conv2): kind 'formula'; expected one of formulas,"),
        ("points = 10", "points = -1", "task 1 (conv2): points = -1; expected a number from 0 on"),
        ("points = 10", "points = true", "task 1 (conv2): points = True; expected a number"),
        ("points = 10", "points = nan", "task 1 (conv2): points = nan; expected a number"),
        ("AP5:AQ6", "AQ6:AP5", "task 1 (conv2): AQ6:AP5: expected its first cell above and left"),
        ("AP31", "A1B", "task 1 (conv2): 'A1B' is not a cell"),
        ('id = "shapes"', 'id = "conv2"', "task 2: id 'conv2' is another's"),
        ('answers = { "C12" = 2, "D12" = "26×26" }', "", "task 2 (shapes): 0 answers"),
        ("partial = false", "partial = 1", "rubric: partial = 1; expected true or false"),
        ('title = "conv-example"', "title = 3", "title = 3; expected a text"),
        ('kind = "mistakes"', 'kind = "fill"', "task 3 (mistakes): 2 mistakes of fill"),
        ("[rubric]", "[rubric", "not TOML"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in BY_HAND
    path = written(tmp_path, BY_HAND.replace(old, new, 1))
    with pytest.raises(ExerciseError) as caught:
        load_exercise(path)
    assert str(caught.value).startswith(f"{path}: {told}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.toml: No such file"):
        load_exercise(tmp_path / "none.toml")
