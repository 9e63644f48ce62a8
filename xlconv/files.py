"""Writes files whole or not at all: first beside their place, then into it at one stroke.

Knows nothing of what is in them, and never leaves a temporary file behind.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xlconv.errors import ExistsError, FileError


def expect_free(path: Path, *, replace: bool) -> None:
    """Raise ExistsError where there is a file that is not to be replaced.

    Nothing is lost in a device or a pipe: those are written to without asking. Raises
    FileError where there is a folder, or none to write to.
    """
    if path.is_dir():
        raise FileError(f"{path}: is a folder; expected a file name")
    if not replace and os.path.lexists(path) and not _is_device(path):
        raise exists(path)
    if not path.parent.is_dir():
        raise FileError(f"{path}: {os.strerror(errno.ENOENT)}; expected a folder to write to")


@contextmanager
def whole_file(path: Path, *, replace: bool) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place when all went well.

    The change is atomic: whoever looks, and whatever is killed, sees the old file or
    the new one. A device or a pipe stays what it is, and is written to. Raises ExistsError
    where `path` exists and is not to be replaced, and FileError where it cannot be written.
    """
    expect_free(path, replace=replace)
    is_device = _is_device(path)
    folder = tempfile.gettempdir() if is_device else path.parent
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".tmp", dir=folder)
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}; expected a folder to write to") from None
    temporary = Path(name)
    try:
        os.fchmod(handle, 0o666 & ~_umask())
        os.close(handle)
        yield temporary
        if is_device:
            with temporary.open("rb") as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
            return
        _flush(temporary)
        if replace:
            temporary.replace(path.resolve())
        else:
            # A hard link fails where someone made the file meanwhile; a rename would not.
            _link(temporary, path)
    except BrokenPipeError:
        raise  # whoever read it has read enough
    except OSError as error:
        raise FileError(f"{path}: {error.strerror or error}; nothing was written") from None
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _is_device(path: Path) -> bool:
    try:
        return not stat.S_ISREG(path.stat().st_mode) and not path.is_dir()
    except OSError:  # nothing there, or nothing that one may look at
        return False


def _link(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise exists(path) from None
    except OSError:  # a file system without hard links
        temporary.replace(path)


def exists(path: Path) -> ExistsError:
    """Return the error of a file that is there and not to be replaced."""
    return ExistsError(f"{path}: exists; to replace it, expected {ExistsError.ASK}")


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
