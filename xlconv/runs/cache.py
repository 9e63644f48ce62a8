"""Reports that were found before, in a folder: by the file's content and all else they depend on.

The key is a hash of the file's bytes, of the program and of the standard it was held to,
so that nothing has to be thrown away when one of them changes; names and dates do not
matter. Never keeps what could not be read or checked: that may be another time.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from xlconv.errors import FileError
from xlconv.runs.check_file import Task
from xlconv.runs.file_report import FileReport
from xlconv.runs.file_report_json import parse_report, render_report
from xlconv.runs.program import program
from xlconv.runs.standard import Standard

_State = tuple[int, int, int]  # of a file: which one, how large, and when it was changed
_NOTES = {
    # What backups and version control make of the folder: nothing.
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n",
    ".gitignore": "*\n",
}


class Cache:
    """A folder of reports; made where there is none. Raises FileError where that cannot be."""

    def __init__(self, folder: Path, standards: Sequence[Standard]) -> None:
        self._folder = folder
        # A process that checks files is told no more than this of what they are held to.
        told = (f"{program()}\0".encode() + pickle.dumps(one, protocol=5) for one in standards)
        self._prefixes = [hashlib.sha256(one) for one in told]
        self._pending: dict[int, tuple[str, _State]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in _NOTES.items():
                if not (folder / name).exists():
                    (folder / name).write_text(text)
        except OSError as error:
            raise FileError(f"{folder}: {error.strerror}; expected a folder to write to") from None

    def find(self, task: Task) -> FileReport | None:
        """Return the report that is known of a file, None where it has to be checked."""
        with suppress(OSError, ValueError):
            state = _state(task.path)
            key = self._key(task)
            self._pending[task.turn] = key, state
            text = self._place(key).read_text(encoding="utf-8")
            report = parse_report(text, task.path)
            del self._pending[task.turn]
            return report
        return None

    def keep(self, task: Task, report: FileReport) -> None:
        """Keep the report of a file that was looked for, unless the file has changed since."""
        key, state = self._pending.pop(task.turn, ("", None))
        if not key or report.error:
            return
        with suppress(OSError):  # a full disk costs the next run its time, not this one its result
            if _state(task.path) == state:
                _write(self._place(key), render_report(report))

    def _key(self, task: Task) -> str:
        digest = self._prefixes[task.standard].copy()
        with Path(task.path).open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        digest.update(content)
        return digest.hexdigest()

    def _place(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key[2:]}.json"


def _state(path: str) -> _State:
    """Return by what a change is seen. Raises OSError for what is no ordinary file."""
    found = Path(path).stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError
    return found.st_ino, found.st_size, found.st_mtime_ns


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)
