"""The other side of `cluster`: a file is checked where a Dask worker runs.

Either the worker finds the file by its path, or its content came along. Names no scheduler.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from msgspec.structs import replace

from xlconv.errors import XlconvError
from xlconv.runs.check_file import check_file
from xlconv.runs.file_report import FileReport
from xlconv.runs.program import program
from xlconv.runs.standard import Standard


def check_there(path: str, content: bytes | None, standard: Standard, wanted: str) -> FileReport:
    """Return the report of a file, as if it had been checked where the path is from.

    Raises XlconvError where the program is not the `wanted` one: its report would be
    another's.
    """
    if program() != wanted:
        raise XlconvError(f"a worker has xlconv {program()}; expected {wanted}")
    if content is None:
        return check_file(path, standard)
    with tempfile.TemporaryDirectory(prefix="xlconv-") as folder:
        copy = Path(folder, "sent.xlsx")
        copy.write_bytes(content)
        return renamed(check_file(copy, standard), path)


def renamed(report: FileReport, path: str) -> FileReport:
    """Return the report of a file by another path."""
    error = report.error.removeprefix(f"{report.path}: ")
    return replace(report, path=path, error=error and f"{path}: {error}")


def known_there(standard: Standard) -> Standard:
    """Return a standard, as a task of its own: if a worker with it is lost, it is made again."""
    return standard
