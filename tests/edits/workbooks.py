"""Has LibreOffice make the edited workbooks, one of its processes for hundreds of them."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.edits.bases import base
from tests.edits.edit import Edit

_RUN = Path(__file__).parent / "libreoffice" / "run.py"
# One that is right must be so twice; what is wrong for few inputs only needs more.
_FEW, _MANY = 2, 40
_AT_ONCE = 200  # a LibreOffice keeps some of what it has closed


def make(edits: Iterable[Edit], folder: Path, python: Path) -> dict[str, str]:
    """Write NAME.xlsx of every edit into a folder; return what LibreOffice could not do."""
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [
        _job(one, folder) | {"steps": one.all_steps(), "path": str(folder / f"{one.name}.xlsx")}
        for one in edits
    ]
    return {told["name"]: told["error"] for told in _told(jobs, folder, python) if told["error"]}


def differences(
    edits: Iterable[Edit], folder: Path, python: Path
) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the name of each edit, and the tensors that are other than its base's.

    First those for the stored numbers, then those for each drawing of numbers. Raises
    RuntimeError where LibreOffice could not make the edit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for told in _told([_job(one, folder) for one in edits], folder, python):
        if told["error"]:
            raise RuntimeError(f"{told['name']}: {told['error']}")
        yield told["name"], told["differ"]


def _job(edit: Edit, folder: Path) -> dict[str, Any]:
    path = base(edit.base, folder / "bases").resolve()
    draws = _MANY if edit.changes == "function" else _FEW
    return {
        "name": edit.name, "base": str(path), "steps": edit.steps, "path": None, "draws": draws,
    }  # fmt: skip


def _told(jobs: list[dict[str, Any]], folder: Path, python: Path) -> Iterator[dict[str, Any]]:
    for begin in range(0, len(jobs), _AT_ONCE):
        yield from _told_by_one(jobs[begin : begin + _AT_ONCE], folder, python)


def _told_by_one(
    jobs: list[dict[str, Any]], folder: Path, python: Path
) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory(dir=folder) as held:
        asked = Path(held).resolve() / "jobs.json"
        asked.write_text(json.dumps(jobs))
        words = [python, _RUN, asked, asked.parent / "profile"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            yield from map(json.loads, run.stdout)
    if run.returncode:
        raise RuntimeError(f"LibreOffice ended with {run.returncode}")
