"""The action and the hook for other people's repositories, run as those would run them."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT, WORKBOOKS

yaml = pytest.importorskip("yaml")

BASH = shutil.which("bash")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a good workbook and broken ones, and `xlconv` on a path of its own."""
    for name in ("good.xlsx", "sub/in/good one.xlsx"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(WORKBOOKS / "edges.xlsx", tmp_path / name)
    (tmp_path / "broken one.xlsx").write_text("no workbook")
    (tmp_path / "broken.xlsx").write_bytes(_broken())
    program = tmp_path / "bin" / "xlconv"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m xlconv "$@"\n')
    program.chmod(0o755)
    return tmp_path


@cache
def _broken() -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book, target = openpyxl.load_workbook(WORKBOOKS / "edges.xlsx"), io.BytesIO()
    book.worksheets[0]["AP9"] = 1.25
    book.save(target)
    return target.getvalue()


def run(checkout: Path, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{checkout / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command, cwd=checkout, env=os.environ | {"PATH": path} | variables,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def action(checkout: Path, files: str, options: str = "") -> subprocess.CompletedProcess[str]:
    """Run the last step of the action as a runner runs it."""
    table = yaml.safe_load((ROOT / "action.yml").read_text())
    step = table["runs"]["steps"][-1]
    given = {"files": files, "options": options}
    assert set(table["inputs"]) == set(given)
    variables = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: given[match[1]], text)
        for name, text in step["env"].items()
    }
    script = checkout / "step.sh"
    script.write_text(step["run"])
    assert step["shell"] == "bash"
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return run(checkout, command, **variables)


needs_bash = pytest.mark.skipif(BASH is None, reason="no bash")


@pytest.mark.slow
@needs_bash
@pytest.mark.parametrize(
    ("files", "options", "code"),
    [
        ("good.xlsx", "", 0),
        ("good.xlsx\n", "--strict --min-coverage 1", 0),
        ("good.xlsx\nsub/**/*.xlsx\n", "", 0),
        ("sub/in/good one.xlsx", "--strict\n--ignore G401\n", 0),
        ("broken.xlsx", "", 1),
        ("good.xlsx\nbroken.xlsx", "", 1),
        ("broken.xlsx", "--select M", 0),
        ("broken one.xlsx", "", 2),
        ("*.xlsx", "", 2),
        ("nothing/*.xlsx", "", 2),
        ("good.xlsx", "--no-such-option", 2),
    ],
)
def test_the_action_ends_as_verify_does(
    checkout: Path, files: str, options: str, code: int
) -> None:
    done = action(checkout, files, options)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@needs_bash
def test_the_action_marks_what_it_finds(checkout: Path) -> None:
    done = action(checkout, "good.xlsx\nbroken.xlsx\nbroken one.xlsx")
    marks = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    assert any("file=broken.xlsx" in mark and "AP9" in mark for mark in marks)
    assert any("file=broken one.xlsx" in mark for mark in marks)
    assert "good.xlsx" not in "".join(marks)


def test_the_action_installs_this_package(checkout: Path) -> None:
    table = yaml.safe_load((ROOT / "action.yml").read_text())
    (install,) = (step["run"] for step in table["runs"]["steps"] if "pip" in step.get("run", ""))
    assert install == 'python -m pip install "$GITHUB_ACTION_PATH"'
    assert (ROOT / "pyproject.toml").is_file()


@pytest.mark.slow
def test_the_hook_ends_as_verify_does(checkout: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["language"] == "python"
    names = ["good.xlsx", "sub/in/good one.xlsx", "broken.xlsx", "macros.xlsm"]
    assert all(re.search(hook["files"], name) for name in names)
    assert not any(re.search(hook["files"], name) for name in ("a.xlsx.md", "notes.txt", "xlsx"))
    entry = hook["entry"].split()
    good = run(checkout, [*entry, *names[:2]])
    assert good.returncode == 0, good.stdout
    broken = run(checkout, [*entry, *names[:3]])
    assert broken.returncode == 1
    assert "S202" in broken.stdout
    assert "AP9" in broken.stdout
