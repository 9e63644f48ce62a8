"""Who grades does not matter: this process, others, or a cluster; and none waits for ever."""

from __future__ import annotations

import pytest

from tests.classroom.lessons import Lesson, blank, edited, lesson, small_book
from xlconv.classroom.exercise_file import load_exercise
from xlconv.classroom.grading.answer_key import AnswerKey, answer_key_of
from xlconv.classroom.grading.grade import Workforce, graded
from xlconv.classroom.grading.points import StudentResult
from xlconv.classroom.grading.submissions import Submission

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    book = small_book()
    return lesson(tmp_path_factory.mktemp("lesson"), book, blank(book, "relu1"))


@pytest.fixture(scope="module")
def key(one: Lesson) -> AnswerKey:
    return answer_key_of(load_exercise(one.toml))


@pytest.fixture(scope="module")
def handed_in(one: Lesson, tmp_path_factory: pytest.TempPathFactory) -> list[Submission]:
    folder = tmp_path_factory.mktemp("in")
    made = {
        "a": one.save(folder / "a.xlsx", one.solution),
        "b": None,
        "c": one.save(folder / "c.xlsx", edited(one.solution, {"L3": 1.0})),
        "d": folder / "d.xlsx",
        "e": one.save(folder / "e.xlsx", one.handed_out),
        "f": None,
    }
    (folder / "d.xlsx").write_bytes(b"PK\x03\x04")
    return [Submission(name, path=path) for name, path in made.items()]


def told(results: list[StudentResult]) -> list[tuple[object, ...]]:
    return [
        (one.submission.student, one.points, one.error, one.first_cause, one.notes,
         bool(one.graded and one.graded.copy))
        for one in results
    ]  # fmt: skip


def test_processes_give_what_this_one_gives(key: AnswerKey, handed_in: list[Submission]) -> None:
    alone = told(list(graded(key, handed_in, Workforce(jobs=0))))
    assert [one[:2] for one in alone] == [
        ("a", 10), ("b", 0), ("c", 9.69), ("d", 0), ("e", 0), ("f", 0)
    ]  # fmt: skip
    assert [one[-1] for one in alone] == [False, False, True, False, True, False]
    assert told(list(graded(key, handed_in, Workforce(jobs=2)))) == alone


def test_a_file_that_takes_too_long_is_told(key: AnswerKey, handed_in: list[Submission]) -> None:
    results = list(graded(key, handed_in[:3], Workforce(jobs=2, timeout=0.001)))
    assert [one.error for one in results] == [
        "not checked within 0.001 s", "nothing was handed in", "not checked within 0.001 s"
    ]  # fmt: skip


@pytest.mark.filterwarnings("default")  # of libraries that are not ours
def test_a_cluster_gives_the_same(key: AnswerKey, handed_in: list[Submission]) -> None:
    distributed = pytest.importorskip("distributed")
    alone = told(list(graded(key, handed_in, Workforce(jobs=0))))
    with distributed.LocalCluster(1, threads_per_worker=1, dashboard_address=None) as cluster:
        there = Workforce(scheduler=cluster.scheduler_address, send=True)
        assert told(list(graded(key, handed_in, there))) == alone
