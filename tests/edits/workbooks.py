"""Has LibreOffice make the edited workbooks, one of its processes for all that are asked for."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.edits.bases import base
from tests.edits.edit import Edit

_RUN = Path(__file__).parent / "libreoffice" / "run.py"
_DRAWS = 2


class TableError(Exception):
    """LibreOffice could not make an edit: the table is wrong."""


def make(edits: Iterable[Edit], folder: Path, python: Path) -> dict[str, Path]:
    """Write the edited workbooks into a folder; return the path of each by the edit's name."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {one.name: folder / f"{one.name}.xlsx" for one in edits}
    jobs = [_job(one, folder, paths[one.name]) for one in edits]
    for told in _told(jobs, 0, folder, python):
        if told["error"]:
            raise TableError(f"{told['name']}: {told['error']}")
    return paths


def differences(
    edits: Iterable[Edit], folder: Path, python: Path
) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the name of each edit, and the tensors that are other than its base's.

    First those for the stored numbers, then those for each drawing of numbers.
    """
    jobs = [_job(one, folder, None) for one in edits]
    for told in _told(jobs, _DRAWS, folder, python):
        if told["error"]:
            raise TableError(f"{told['name']}: {told['error']}")
        yield told["name"], told["differ"]


def _job(edit: Edit, folder: Path, path: Path | None) -> dict[str, Any]:
    return {
        "name": edit.name,
        "base": str(base(edit.base, folder / "bases")),
        "steps": edit.steps if path is None else edit.all_steps(),
        "path": path and str(path),
    }


def _told(
    jobs: list[dict[str, Any]], draws: int, folder: Path, python: Path
) -> Iterator[dict[str, Any]]:
    asked, profile = folder / "jobs.json", folder / "profile"
    asked.write_text(json.dumps({"jobs": jobs, "draws": draws}))
    with subprocess.Popen([python, _RUN, asked, profile], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        count = 0
        for line in run.stdout:
            count += 1
            yield json.loads(line)
    shutil.rmtree(profile, ignore_errors=True)
    if run.returncode or count < len(jobs):
        raise TableError(
            f"LibreOffice ended with {run.returncode} after {count} of {len(jobs)} edits"
        )
