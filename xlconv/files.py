"""Writes files whole or not at all: first beside their place, then into it at one stroke.

Knows nothing of what is in them, and never leaves a temporary file behind.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xlconv.errors import ExistsError, FileError


@contextmanager
def whole_file(path: Path, *, replace: bool) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place when all went well.

    The change is atomic: whoever looks, and whatever is killed, sees the old file or
    the new one. Raises ExistsError where `path` exists and is not to be replaced, and
    FileError where it cannot be written.
    """
    if path.is_dir():
        raise FileError(f"{path}: is a folder; expected a file name")
    if not replace and os.path.lexists(path):
        raise _exists(path)
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{path.name[:80]}.", suffix=".tmp", dir=path.parent
        )
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}; expected a folder to write to") from None
    temporary = Path(name)
    try:
        os.fchmod(handle, 0o666 & ~_umask())
        os.close(handle)
        yield temporary
        _flush(temporary)
        if replace:
            temporary.replace(path.resolve())
        else:
            # A hard link fails where someone made the file meanwhile; a rename would not.
            _link(temporary, path)
    except OSError as error:
        raise FileError(f"{path}: {error.strerror or error}; nothing was written") from None
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _link(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError:  # a file system without hard links
        temporary.replace(path)


def _exists(path: Path) -> ExistsError:
    return ExistsError(f"{path}: exists; to replace it, expected {ExistsError.ASK}")


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
