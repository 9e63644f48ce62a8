"""A report is kept for as long as nothing changes that it depends on."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.helpers.many_files import Faulty, right_file, wrong_file
from tests.helpers.paths import WORKBOOKS
from tests.helpers.shipped import shipped
from xlconv.errors import FileError
from xlconv.runs import cache as caches
from xlconv.runs.cache import Cache
from xlconv.runs.check_file import Task, check_file
from xlconv.runs.crews.crew import Alone
from xlconv.runs.file_report import FileReport
from xlconv.runs.file_report_json import parse_report, render_report
from xlconv.runs.standard import Standard
from xlconv.runs.verify_many import reports, verify_many
from xlconv.verification.verify import wanted_network


def checked(
    folder: Path, path: Path, standard: Standard | None = None, meanwhile: str = ""
) -> FileReport:
    """Return a file's report by way of a cache; `meanwhile` is added to the file after it."""
    standards = (standard or Standard(),)
    cache = Cache(folder, standards)
    task = Task(0, str(path), 0)
    if not meanwhile:
        (report,) = reports([task], Alone(standards), cache)
        return report
    assert cache.find(task) is None
    report = check_file(task.path, standards[0])
    with path.open("a") as file:
        file.write(meanwhile)
    cache.keep(task, report)
    return report


@pytest.mark.many
@pytest.mark.parametrize("name", ["image-kernels", "matmul", "dropout", "fastai", "multi-label"])
def test_reports_are_written_and_read_back(name: str) -> None:
    report = check_file(shipped(name), Standard())
    again = parse_report(render_report(report), report.path)
    assert again == replace(report, seconds=0.0, is_kept=True)


def test_a_wrong_file_is_as_wrong_from_the_cache(tmp_path: Path) -> None:
    path = wrong_file(tmp_path / "wrong.xlsx")
    first, second = (checked(tmp_path / "cache", path) for _ in range(2))
    assert (first.is_kept, second.is_kept) == (False, True)
    assert first.verdict == "findings"
    assert second == replace(first, seconds=0.0, is_kept=True)


def test_the_same_content_at_another_place_and_time_is_known(tmp_path: Path) -> None:
    path = right_file(tmp_path / "a.xlsx")
    checked(tmp_path / "cache", path)
    moved = path.rename(tmp_path / "b.xlsx")
    os.utime(moved, (1, 1))
    found = checked(tmp_path / "cache", moved)
    assert (found.is_kept, found.path) == (True, str(moved))


@pytest.mark.many
@pytest.mark.parametrize("what", ["file", "tolerance", "cells", "wanted", "program", "entry"])
def test_whatever_a_report_depends_on_makes_it_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path, standard = right_file(tmp_path / "a.xlsx"), Standard()
    checked(tmp_path / "cache", path)
    if what == "file":
        wrong_file(path)
    elif what == "tolerance":
        standard = replace(standard, rtol=1e-3)
    elif what == "cells":
        standard = replace(standard, budget=replace(standard.budget, cells=3))
    elif what == "wanted":
        standard = replace(standard, wanted=wanted_network(WORKBOOKS / "edges.xlsx"))
    elif what == "program":
        monkeypatch.setattr(caches, "program", lambda: "another")
    else:
        (entry,) = (tmp_path / "cache").glob("??/*.json")
        entry.write_text(entry.read_text()[:-10])
    assert not checked(tmp_path / "cache", path, standard).is_kept


def test_what_could_not_be_checked_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "none.xlsx").write_text("no")
    path = right_file(tmp_path / "a.xlsx")
    for _ in range(2):
        assert not checked(tmp_path / "cache", tmp_path / "none.xlsx").is_kept
        assert not checked(tmp_path / "cache", tmp_path / "missing.xlsx").is_kept
        assert checked(tmp_path / "cache", path, Standard(model=Faulty())).crashed
    assert not list((tmp_path / "cache").glob("??/*.json"))


def test_a_file_that_changes_while_it_is_checked_is_not_kept(tmp_path: Path) -> None:
    path = right_file(tmp_path / "a.xlsx")
    content = path.read_bytes()
    assert checked(tmp_path / "cache", path, meanwhile="more").verdict == "verified"
    path.write_bytes(content)
    assert not checked(tmp_path / "cache", path).is_kept


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.xlsx"
    os.mkfifo(pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert checked(tmp_path / "cache", pipe).verdict == "unreadable"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="expected a folder to write to"):
        list(verify_many(right_file(tmp_path / "a.xlsx"), cache=tmp_path / "file" / "cache"))


def test_known_and_new_files_are_told_in_their_order(tmp_path: Path) -> None:
    paths = [right_file(tmp_path / f"{k}.xlsx") for k in range(2)]
    paths[1:1] = [wrong_file(tmp_path / "wrong.xlsx")]
    list(verify_many(paths[:1], cache=tmp_path / "cache"))
    found = list(verify_many(paths, jobs=0, cache=tmp_path / "cache"))
    assert [one.path for one in found] == list(map(str, paths))
    # The last is the first again.
    assert [one.is_kept for one in found] == [True, False, True]
