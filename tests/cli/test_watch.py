"""`verify --watch`: a file is checked again whenever it was saved, however it is saved."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers.command import heeds_ctrl_c, refused
from tests.helpers.marks import missing
from tests.helpers.paths import ROOT, WORKBOOKS
from xlconv.cli import INTERRUPTED
from xlconv.cli.verifying import watch

BOOK, OTHER = WORKBOOKS / "edges.xlsx", WORKBOOKS / "matmul.xlsx"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watch, "_PAUSE", 0.002)
    return Path(shutil.copy(BOOK, tmp_path / "mine.xlsx"))


def checks_of(path: Path, steps: list, code: int = 0) -> list[bytes]:
    """Return the content of a file at each check, while steps are taken between wakings."""
    seen: list[bytes] = []

    def check(*, is_first: bool) -> int:
        assert is_first == (not seen)
        seen.append(path.read_bytes())
        return code

    def wakings() -> Iterator[None]:
        for step in steps:
            step()
            yield

    watch.watch_with(path, check, wakings())
    return seen


def test_a_file_is_checked_at_once_and_after_every_save(path: Path) -> None:
    def over() -> None:
        path.write_bytes(OTHER.read_bytes())

    def by_rename() -> None:
        fresh = path.with_suffix(".tmp")
        fresh.write_bytes(BOOK.read_bytes())
        fresh.replace(path)

    found = checks_of(path, [over, by_rename])
    assert found == [BOOK.read_bytes(), OTHER.read_bytes(), BOOK.read_bytes()]


def test_other_files_of_the_folder_wake_for_nothing(path: Path) -> None:
    def lock() -> None:
        (path.parent / ".~lock.mine.xlsx#").write_text("student")
        (path.parent / "~$mine.xlsx").write_text("student")

    def unlock() -> None:
        (path.parent / ".~lock.mine.xlsx#").unlink()

    assert len(checks_of(path, [lock, unlock, lambda: None])) == 1


def test_a_file_that_is_gone_for_a_while_is_waited_for(path: Path) -> None:
    def back() -> None:
        path.write_bytes(OTHER.read_bytes())

    assert len(checks_of(path, [path.unlink, lambda: None, back])) == 2


def test_a_file_that_is_half_written_is_waited_for(path: Path) -> None:
    whole = OTHER.read_bytes()

    def begin() -> None:
        path.write_bytes(whole[: len(whole) // 2])
        threading.Timer(0.1, path.write_bytes, [whole]).start()

    assert checks_of(path, [begin]) == [BOOK.read_bytes(), whole]


def test_a_file_that_stays_broken_is_told_to_be(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_PATIENCE", 0.02)
    assert checks_of(path, [lambda: path.write_bytes(b"no zip")])[-1] == b"no zip"


def test_a_check_that_is_interrupted_is_the_last(path: Path) -> None:
    def over() -> None:
        path.write_bytes(OTHER.read_bytes())

    assert len(checks_of(path, [over], INTERRUPTED)) == 1


@pytest.mark.parametrize("words", [["a.xlsx", "b.xlsx"], ["-"], ["none.xlsx"]])
def test_only_one_file_is_watched(words: list[str]) -> None:
    assert refused("verify", "--watch", *words).endswith("expected one file that is there")


def test_without_the_package_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert refused("verify", "--watch", BOOK).endswith("pip install '.[watch]'")


@pytest.mark.slow
def test_the_command_watches_until_it_is_interrupted(tmp_path: Path) -> None:
    if find_spec("watchfiles") is None:
        missing("watchfiles")
    path, told = Path(shutil.copy(BOOK, tmp_path / "mine.xlsx")), tmp_path / "told.txt"
    command = [sys.executable, "-m", "xlconv", "verify", str(path), "--watch", "-o", str(told)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeds_ctrl_c,  # noqa: PLW1509  no thread runs
    ) as running:
        try:
            assert running.stderr is not None
            for book, formulas in ((None, "2,704"), (OTHER, "80"), (BOOK, "2,704")):
                if book is not None:
                    fresh = tmp_path / "fresh.tmp"
                    shutil.copy(book, fresh)
                    fresh.replace(path)
                while "waiting for" not in (line := running.stderr.readline()):
                    assert line, running.wait()
                assert f" of {formulas} formula cells verified" in told.read_text()
            time.sleep(0.2)
            os.kill(running.pid, signal.SIGINT)
            assert running.wait(10) == 0
            assert "Traceback" not in running.stderr.read()
        finally:
            running.kill()
