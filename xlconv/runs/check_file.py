"""One file in, one report out, whatever the file is: the unit of work of every run.

Never raises for what a file holds, or for a fault of the checks: both are told.
"""

from __future__ import annotations

import time
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from xlconv.errors import ReadError
from xlconv.runs.file_report import FileReport
from xlconv.runs.standard import Standard


class Task(Struct, frozen=True):
    """A file to check: its turn, its path as given, and the number of its standard."""

    turn: int
    path: str
    standard: int


def check_file(path: str | Path, standard: Standard) -> FileReport:
    """Return what is told of a file; of one that cannot be read or checked, why."""
    begun = time.perf_counter()
    return replace(_checked(str(path), standard), seconds=time.perf_counter() - begun)


def lost(path: str, reason: str) -> FileReport:
    """Return the report of a file whose check did not come to an end."""
    return FileReport(path=path, error=f"{path}: {reason}", crashed=True)


def _checked(path: str, standard: Standard) -> FileReport:
    try:
        return standard.report(path)
    except ReadError as error:
        return FileReport(path=path, error=str(error))
    except Exception:  # one file never stops the rest
        import traceback  # noqa: PLC0415  for a bug of ours only

        return replace(lost(path, "internal error"), trace=traceback.format_exc())
