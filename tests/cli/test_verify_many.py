"""What verify prints of many files, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from tests.helpers.command import heeds_ctrl_c, run
from tests.helpers.many_files import right_file, wrong_file
from tests.helpers.paths import ROOT, WORKBOOKS
from xlconv.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A right file, a wrong one, no workbook, and a right one, by name."""
    right_file(tmp_path / "a.xlsx")
    wrong_file(tmp_path / "b.xlsx")
    (tmp_path / "c.xlsx").write_text("no")
    right_file(tmp_path / "in" / "d.xlsx")
    return tmp_path


def test_a_folder_is_told_file_by_file_with_a_sum(folder: Path) -> None:
    result = run("verify", folder, "-j", 0, "-q")
    *lines, last = result.output.splitlines()
    told = [line.removeprefix(f"{folder}/").split(",")[0].split(" (")[0] for line in lines]
    assert told == [
        "a.xlsx: verified", "b.xlsx: findings", "c.xlsx: unreadable", "in/d.xlsx: verified"
    ]  # fmt: skip
    assert last.startswith("4 files: 2 verified, 1 findings, 1 unreadable; slowest ")
    assert result.exit_code == 2
    assert "4 files" not in run("verify", folder / "a.xlsx", "-q").output


@pytest.mark.slow
def test_of_several_files_findings_are_told_and_layers_where_they_are_asked_for(
    folder: Path,
) -> None:
    def told(*words: object) -> list[str]:
        return run("verify", folder, "-j", 0, *words).output.splitlines()

    lines = [line.removeprefix(f"{folder}/").split(",")[0] for line in told()]
    first, second, *rest = lines
    assert (first, second) == ("a.xlsx: verified", "b.xlsx: findings")
    assert [line[:9] for line in rest[:-5]] and any("error S20" in line for line in rest)
    assert lines[-5].startswith("  next: xlconv explain")
    assert lines[-4].startswith("c.xlsx: unreadable")
    assert lines[-3:-1] == ["in/d.xlsx: verified", ""]
    assert not any(line.startswith(" name ") for line in lines)
    assert sum(line.startswith(" name ") for line in told("--layers")) == 3
    narrow = run("verify", folder, "-j", 0, "-q", columns=30).output
    assert len(narrow.splitlines()) == 5  # a line for each file
    alone = run("verify", folder / "a.xlsx").output
    assert alone == run("verify", folder / "a.xlsx", "--layers").output
    assert "\n name " in alone


@pytest.mark.slow
def test_every_format_holds_every_file(folder: Path) -> None:
    def told(form: str) -> str:
        return run("verify", folder, "-j", 0, "--format", form).output

    files = json.loads(told("json"))["files"]
    verdicts = ["verified", "findings", "unreadable", "verified"]
    assert [one["verdict"] for one in files] == verdicts
    suite = ET.fromstring(told("junit"))
    assert [suite.get(key) for key in ("tests", "failures", "errors")] == ["4", "1", "1"]
    assert told("github").count("::error file=") == 2
    (invocation,) = json.loads(told("sarif"))["runs"][0]["invocations"]
    assert invocation["exitCode"] == 2


def test_the_run_ends_with_the_first_file_that_does_not_pass(folder: Path) -> None:
    result = run("verify", folder, "-j", 0, "-q", "--fail-fast")
    *lines, last = result.output.splitlines()
    assert [line.partition(".xlsx: ")[2][:8] for line in lines] == ["verified", "findings"]
    assert last.startswith("2 of 4 files: ")
    assert result.exit_code == 1


def test_a_list_on_standard_input_is_checked(folder: Path) -> None:
    words = ["verify", "-", "-j", "0", "--format", "json"]
    told = CliRunner().invoke(main, words, input=f"{folder}/in\n{folder}/a.xlsx\n").output
    paths = [one["path"] for one in json.loads(told)["files"]]
    assert paths == [f"{folder}/in/d.xlsx", f"{folder}/a.xlsx"]


def test_findings_of_a_file_are_told_up_to_a_number(folder: Path) -> None:
    wrong_file(folder / "b.xlsx", "J3", 7.0)
    every = json.loads(run("verify", folder / "b.xlsx", "--format", "json").output)["files"][0]
    assert len(every["findings"]) >= 1
    result = run("verify", folder / "b.xlsx", "--format", "json", "--max-findings", 0)
    one = json.loads(result.output)["files"][0]
    assert (one["findings"], one["left_out"]) == ([], len(every["findings"]))
    assert (one["verdict"], result.exit_code) == ("findings", 1)
    text = run("verify", folder / "b.xlsx", "--max-findings", 0).output
    assert f"… {len(every['findings'])} finding" in text


@pytest.mark.slow
def test_ctrl_c_ends_at_once_with_what_was_found(tmp_path: Path) -> None:
    paths = [right_file(tmp_path / "a.xlsx"), *(_copy(tmp_path / f"{k}.xlsx") for k in range(21))]
    words = [sys.executable, "-m", "xlconv", "verify", *map(str, paths), "-j", "2"]
    process = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
        preexec_fn=heeds_ctrl_c,  # noqa: PLW1509  no thread runs
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first.startswith(f"{paths[0]}: verified")
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    # The pipes end when the last process that could write to them has.
    out, err = process.communicate(timeout=5)
    assert process.returncode == 130
    assert out.splitlines()[-1].startswith("1 of 22 files: 1 verified")
    assert err == "interrupted after 1 of 22 files\n"


@pytest.mark.slow
@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_line_of_progress_is_for_terminals_only(folder: Path, is_terminal: bool) -> None:
    ours, theirs = os.openpty()
    words = [sys.executable, "-m", "xlconv", "verify", str(folder), "-j", "0", "-q"]
    done = subprocess.run(
        words, cwd=ROOT, stdout=subprocess.PIPE, check=False, text=True,
        stderr=theirs if is_terminal else subprocess.PIPE,
    )  # fmt: skip
    assert (len(done.stdout.splitlines()), done.stdout.count("\x1b")) == (5, 0)
    os.close(theirs)
    if is_terminal:
        assert "4/4" in os.read(ours, 100_000).decode()
    else:
        assert done.stderr == ""
    os.close(ours)


def _copy(path: Path) -> Path:
    path.write_bytes((WORKBOOKS / "stride2.xlsx").read_bytes())
    return path
