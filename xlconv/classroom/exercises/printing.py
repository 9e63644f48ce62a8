"""Workbook -> PDF, by LibreOffice where it is installed.

In a profile of its own, so that an open LibreOffice is not in the way. Formats nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from xlconv.errors import FileError

_PROGRAMS = ("soffice", "libreoffice")
_PATIENCE = 180  # seconds


def can_print() -> bool:
    """Whether there is a program that prints."""
    return any(shutil.which(one) for one in _PROGRAMS)


def printed(workbook: Path) -> bytes:
    """Return a workbook as PDF. Raises FileError where LibreOffice does not make one."""
    program = next((path for one in _PROGRAMS if (path := shutil.which(one))), "")
    with tempfile.TemporaryDirectory() as folder:
        profile = (Path(folder) / "profile").as_uri()
        command = [
            program, f"-env:UserInstallation={profile}", "--headless", "--norestore",
            "--convert-to", "pdf", "--outdir", folder, str(workbook.resolve()),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE)
            return (Path(folder) / f"{workbook.stem}.pdf").read_bytes()
        except (OSError, subprocess.SubprocessError):
            raise FileError(f"{workbook}: LibreOffice made no PDF of it") from None
