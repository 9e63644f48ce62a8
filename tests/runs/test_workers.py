"""Files are checked in processes: in order, each by itself, whatever becomes of a process."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.helpers.many_files import Deadly, Endless, Faulty, right_file, wrong_file
from tests.helpers.paths import ROOT
from tests.helpers.shipped import shipped
from xlconv.errors import XlconvError
from xlconv.presets import PRESETS
from xlconv.runs.check_file import Task, check_file
from xlconv.runs.crews.workers import Workers
from xlconv.runs.file_report import FileReport
from xlconv.runs.results import Selection, exit_code, result_of
from xlconv.runs.standard import Standard
from xlconv.runs.verify_many import local_crew, reports, verify_many
from xlconv.verification.verify import wanted_network

PLAIN = Standard()


def by_workers(
    files: list[tuple[Path, int]], *standards: Standard, timeout: float | None = None
) -> list[FileReport]:
    """Check files, each with the number of its standard, in two processes."""
    tasks = [Task(turn, str(path), number) for turn, (path, number) in enumerate(files)]
    return list(reports(tasks, Workers((PLAIN, *standards), 2, timeout)))


@pytest.mark.slow
def test_a_process_that_is_killed_costs_its_file_only(tmp_path: Path) -> None:
    path = right_file(tmp_path / "right.xlsx")
    found = by_workers([(path, 0), (path, 1), (path, 1), (path, 0)], Standard(model=Deadly()))
    assert [one.verdict for one in found] == [
        "verified", "unreadable", "unreadable", "verified"
    ]  # fmt: skip
    for one in found[1:3]:
        assert one.error == f"{path}: its process was ended by SIGKILL: out of memory?"
        assert one.crashed
    assert exit_code(result_of(one, Selection()) for one in found) == 3
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = right_file(tmp_path / "right.xlsx")
    begun = time.monotonic()
    endless = Standard(model=Endless())
    found = by_workers([(path, 0), (path, 1), (path, 0)], endless, timeout=2)
    assert time.monotonic() - begun < 60
    assert [one.verdict for one in found] == ["verified", "unreadable", "verified"]
    assert found[1].error == f"{path}: not checked within 2 s"


@pytest.mark.parametrize("jobs", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_fault_of_the_checks_is_told_with_its_trace(tmp_path: Path, jobs: int) -> None:
    path = right_file(tmp_path / "right.xlsx")
    tasks = [Task(turn, str(path), turn) for turn in range(2)]
    crew = local_crew((Standard(model=Faulty()), PLAIN), jobs, len(tasks))
    faulty, good = reports(tasks, crew)
    assert (faulty.error, faulty.crashed) == (f"{path}: internal error", True)
    assert "MemoryError: no room" in faulty.trace
    assert good.verdict == "verified"


@pytest.mark.slow
def test_processes_say_what_this_one_says_and_in_the_same_order(tmp_path: Path) -> None:
    for k in range(3):
        right_file(tmp_path / f"{k}-right.xlsx")
        wrong_file(tmp_path / f"{k}-wrong.xlsx")
        (tmp_path / f"{k}-none.xlsx").write_text("no")
    paths = sorted(tmp_path.iterdir(), reverse=True)
    many, one = (
        [report.to_frame().to_csv() + report.verdict for report in verify_many(paths, jobs=jobs)]
        for jobs in (2, 0)
    )
    assert many == one
    told = [report.path for report in verify_many(paths, jobs=2)]
    assert told == [str(path) for path in paths]


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_what_files_are_held_against_can_be_sent(name: str) -> None:
    path = shipped(name)
    standard = Standard(wanted=wanted_network(path))
    sent = pickle.loads(pickle.dumps(standard))
    here, there = (replace(check_file(path, one), seconds=0) for one in (standard, sent))
    assert here == there
    assert here.against == f"{name}.xlsx"


@pytest.mark.slow
def test_a_script_without_a_guard_is_told_so(tmp_path: Path) -> None:
    paths = [str(right_file(tmp_path / f"{k}.xlsx")) for k in range(2)]
    script = tmp_path / "script.py"
    script.write_text(f"from xlconv import verify_many\nprint(*verify_many({paths}))\n")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert 'guarded by `if __name__ == "__main__":`, or jobs=0' in done.stderr


@pytest.mark.slow
def test_a_run_that_is_left_ends_its_processes(tmp_path: Path) -> None:
    paths = [right_file(tmp_path / f"{k}.xlsx") for k in range(5)]
    found = verify_many(paths, jobs=2)
    assert next(found).verdict == "verified"
    assert multiprocessing.active_children()
    found.close()
    assert not multiprocessing.active_children()


def test_one_file_starts_no_process(tmp_path: Path) -> None:
    path = right_file(tmp_path / "right.xlsx")
    found = verify_many(path, jobs=2)
    assert next(found).verdict == "verified"
    assert not multiprocessing.active_children()
    with pytest.raises(XlconvError, match="expected at least one job"):
        verify_many([path], jobs=0, timeout=1)
