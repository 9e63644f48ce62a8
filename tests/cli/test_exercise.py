"""`xlconv exercise`: three files, and what is told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.command import good, run
from tests.helpers.open_xml import audit, broken_rules
from xlconv.classroom.exercise_file import load_exercise
from xlconv.classroom.exercises.ready_made import READY_MADE


@pytest.mark.slow
def test_the_default_is_a_first_convolution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = good("exercise")
    assert "conv1: 16 cells, 10 points" in told
    assert "first-convolution/exercise.xlsx: to hand out" in told
    assert "xlconv grade FOLDER --exercise first-convolution/exercise.toml" in told
    again = run("exercise")
    assert again.exit_code == 2
    assert "exists; to replace it, expected --force" in again.output
    good("exercise", "--force")


@pytest.mark.slow
def test_options_say_what_is_asked(tmp_path: Path) -> None:
    options = ("--preset", "conv-example", "--blank", "conv2", "--fill", "pool1", "--ask", "shapes")
    good("exercise", *options, "--mistake", "2", "--seed", "5", "-o", str(tmp_path / "out"))
    exercise = load_exercise(tmp_path / "out" / "exercise.toml")
    assert [one.id for one in exercise.tasks] == ["conv2", "pool1", "shapes", "mistakes"]
    # The seed says where mistakes stand: the weights are the trained ones.
    assert good("verify", "-q", str(tmp_path / "out" / "solution.xlsx")) is not None


@pytest.mark.slow
def test_another_seed_puts_the_mistakes_elsewhere(tmp_path: Path) -> None:
    found = []
    for seed in ("1", "1", "2"):
        folder = tmp_path / f"{len(found)}"
        good("exercise", "--preset", "find-the-mistake", "--seed", seed, "-o", str(folder))
        found.append(load_exercise(folder / "exercise.toml").tasks)
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--blank", "conv9"], "no layer 'conv9' has cells; did you mean conv1?"),
        (["--preset", "nothing"], "nothing"),
        (["--preset", "conv-example"], "no tasks: expected --blank, --fill, --ask or --mistake"),
    ],
)
def test_what_is_not_there_is_a_line(options: list[str], words: str, tmp_path: Path) -> None:
    found = run("exercise", *options, "-o", str(tmp_path / "out"))
    assert found.exit_code == 2
    assert words in found.output
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", READY_MADE)
def test_excel_would_open_them(name: str, tmp_path: Path) -> None:
    good("exercise", "--preset", name, "-o", str(tmp_path))
    for path in sorted(tmp_path.glob("*.xlsx")):
        assert not audit(path)
        assert not broken_rules(path)
