"""Two hundred submissions are graded as the table says, and none that is right is marked down.

Every third of them, unless XLCONV_ALL is set: all take five minutes.
"""

from __future__ import annotations

import os

import pytest

from tests.classroom.lessons import Lesson
from tests.classroom.made_class import LARGE, SMALL, Made, lessons, table, write
from tests.helpers.oracles import needs_uno
from xlconv.classroom.exercise_file import load_exercise
from xlconv.classroom.grading.answer_key import answer_key_of
from xlconv.classroom.grading.grade import Workforce, graded
from xlconv.classroom.grading.points import StudentResult, rounded
from xlconv.classroom.grading.submissions import Submission

pytestmark = [pytest.mark.office, pytest.mark.slow]
STEP = 1 if os.environ.get("XLCONV_ALL") else 3
Both = list[tuple[Made, StudentResult]]


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lesson]:
    return lessons(tmp_path_factory.mktemp("lessons"))


@pytest.fixture(scope="module")
def results(every: dict[str, Lesson], tmp_path_factory: pytest.TempPathFactory) -> Both:
    python, made = needs_uno(), table(every)[::STEP]
    paths = write(made, every, tmp_path_factory.mktemp("class"), python)
    found: Both = []
    for name in (SMALL, LARGE):
        own = [(one, path) for one, path in zip(made, paths, strict=True) if one.lesson == name]
        handed_in = [Submission(one.name, path=path) for one, path in own]
        key = answer_key_of(load_exercise(every[name].toml))
        results = graded(key, handed_in, Workforce(jobs=2), with_copies=False)
        found += zip([one for one, _ in own], results, strict=True)
    return found


def expected_points(made: Made, one: StudentResult) -> list[float]:
    """Return what the table says: a share of the points, less than all while a cell is wrong."""
    wrong, points = dict(made.wrong), []
    for task in one.tasks:
        size, full = len(task.task.places), task.task.points
        missing = wrong.get(task.task.id, 0)
        share = rounded(full * (size - missing) / size)
        points.append(min(share, full - 0.01) if missing else full)
    return points


def test_there_are_two_hundred(every: dict[str, Lesson]) -> None:
    made = table(every)
    assert len(made) >= 200
    assert len({one.name for one in made if one.lesson == SMALL}) == sum(
        one.lesson == SMALL for one in made
    )


def test_every_grade_is_as_the_table_says(results: Both) -> None:
    odd = []
    for made, one in results:
        points = [task.points for task in one.tasks]
        wanted = [0.0] * len(points) if made.error else expected_points(made, one)
        if points != wanted or bool(one.error) != bool(made.error):
            odd.append((made.name, points, wanted, one.error, one.first_cause))
        elif made.error and made.error not in one.error:
            odd.append((made.name, one.error))
    assert not odd


def test_none_that_is_right_is_marked_down(results: Both) -> None:
    right = [(made, one) for made, one in results if not made.wrong and not made.error]
    assert len(right) > 40 // STEP
    for made, one in right:
        assert not one.first_cause, made.name
        assert all(task.is_full for task in one.tasks)


def test_the_first_cause_of_a_single_mistake_is_named(results: Both) -> None:
    single = [(made, one) for made, one in results if made.at]
    missed = [
        (made.name, one.first_cause) for made, one in single
        if not any(word in one.first_cause for word in made.words)
        or f"!{made.at}:" not in f"{next(task.marks.at for task in one.tasks if task.marks.at)}:"
    ]  # fmt: skip
    assert len(single) > 70 // STEP
    assert len(missed) <= 0.05 * len(single), missed


def test_the_cause_of_a_whole_layer_is_named(results: Both) -> None:
    whole = [(made, one) for made, one in results if made.words and not made.at and not made.steps]
    missed = [
        (made.name, one.first_cause) for made, one in whole
        if not any(word in one.first_cause for word in made.words)
    ]  # fmt: skip
    assert len(whole) > 30 // STEP
    assert len(missed) <= 0.05 * len(whole), missed
