"""Words of the command line become files: folders, patterns and lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from xlconv.errors import XlconvError
from xlconv.runs.workbook_files import workbook_files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "b.xlsx", "a.XLSM", "~$b.xlsx", ".hidden.xlsx", "notes.txt", "sub/deep/c.xlsx",
        ".git/d.xlsx", "sub/[1].xlsx",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (["."], ["a.XLSM", "b.xlsx", "sub/[1].xlsx", "sub/deep/c.xlsx"]),
        (["sub/deep", "b.xlsx"], ["sub/deep/c.xlsx", "b.xlsx"]),
        (["b.xlsx", "."], ["b.xlsx", "a.XLSM", "sub/[1].xlsx", "sub/deep/c.xlsx"]),
        (["sub/**/*.xlsx"], ["sub/[1].xlsx", "sub/deep/c.xlsx"]),
        (["su*"], ["sub/[1].xlsx", "sub/deep/c.xlsx"]),
        (["sub/[1].xlsx"], ["sub/[1].xlsx"]),
        (["notes.txt", "missing.xlsx"], ["notes.txt", "missing.xlsx"]),
        (["none/*.xlsx"], ["none/*.xlsx"]),
    ],
)
def test_words_name_files(folder: Path, words: list[str], files: list[str]) -> None:
    assert workbook_files(words) == files


@pytest.mark.parametrize("text", ["b.xlsx\nsub\n", "b.xlsx\0sub\0", "b.xlsx\r\nsub"])
def test_a_list_stands_for_its_lines(folder: Path, text: str) -> None:
    found = workbook_files(["-", "a.XLSM"], lambda: text)
    assert found == ["b.xlsx", "sub/[1].xlsx", "sub/deep/c.xlsx", "a.XLSM"]


@pytest.mark.parametrize(
    ("words", "listed", "error"),
    [
        (["empty"], None, "empty: no workbook in this folder; expected .xlsx or .xlsm"),
        (["-"], lambda: "\n", "-: nothing on standard input; expected a file on each line"),
    ],
)
def test_nothing_to_check_is_no_success(
    folder: Path, words: list[str], listed: Callable[[], str] | None, error: str
) -> None:
    with pytest.raises(XlconvError) as told:
        workbook_files(words, listed)
    assert str(told.value) == error
