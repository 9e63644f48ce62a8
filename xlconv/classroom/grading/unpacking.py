"""A zip of submissions -> its workbooks in a folder, and the names of what else was in it.

Strangers made it: nothing is written outside of the folder, and what unpacks to more than is
reasonable is refused as a whole. Only workbooks are written at all.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct

from xlconv.errors import ReadError
from xlconv.runs.workbook_files import is_workbook

_CHUNK = 1 << 20


class Limits(Struct, frozen=True):
    """How much a zip may hold: entries, bytes of one workbook and of all, and how dense."""

    entries: int = 20_000
    file_bytes: int = 256 << 20
    all_bytes: int = 4 << 30
    ratio: int = 200  # of what is unpacked to what is there; of small files more is allowed
    small: int = 8 << 20


class Unpacked(Struct, frozen=True):
    """Paths of workbooks below a folder, names of other files, and what was left out and why."""

    workbooks: tuple[PurePosixPath, ...]
    others: tuple[PurePosixPath, ...] = ()
    left_out: tuple[str, ...] = ()


def unpack(path: Path, folder: Path, limits: Limits = Limits()) -> Unpacked:
    """Write the workbooks of a zip into a folder.

    Raises ReadError, with the path in front, for what is no zip or unpacks without bound.
    """
    try:
        with zipfile.ZipFile(path) as parts:
            entries = [one for one in parts.infolist() if not one.is_dir()]
            if len(entries) > limits.entries:
                raise ReadError(f"{len(entries):,} files; expected at most {limits.entries:,}")
            return _unpacked(parts, entries, folder, limits, path.stat().st_size)
    except ReadError as error:
        raise error.at(path) from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError):
        raise ReadError(f"{path}: a damaged zip; expected a folder or a zip of files") from None
    except OSError as error:
        raise ReadError(f"{path}: {error.strerror or error}; expected a folder or a zip") from None


def _unpacked(
    parts: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path, limits: Limits, size: int
) -> Unpacked:
    workbooks, others, left_out = [], [], []
    taken: set[str] = set()
    left = min(limits.all_bytes, max(limits.small, limits.ratio * size))
    for entry in entries:
        name, reason = _safe(entry)
        if name is None:
            left_out.append(f"{printable(entry.filename)}: {reason}")
        elif not is_workbook(name.name):
            others.append(name)
        elif str(name).casefold() in taken:
            left_out.append(f"{printable(entry.filename)}: a second file of this name")
        else:
            taken.add(str(name).casefold())
            try:
                left -= _write(parts, entry, folder / name, limits, left)
                workbooks.append(name)
            except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
                left_out.append(f"{printable(entry.filename)}: damaged or encrypted in the zip")
                (folder / name).unlink(missing_ok=True)
    return Unpacked(tuple(workbooks), tuple(others), tuple(left_out))


def _write(
    parts: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, limits: Limits, left: int
) -> int:
    """Write an entry, and return how many bytes it has. Raises ReadError for more than `left`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with target.open("xb") as out:
        for chunk in _chunks(parts, entry, limits):
            written += len(chunk)
            if written > left:
                raise ReadError("unpacks to more than is allowed")
            out.write(chunk)
    return written


def _chunks(parts: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    size = 0
    with parts.open(entry) as part:
        while chunk := part.read(_CHUNK):
            size += len(chunk)
            if size > limits.file_bytes:
                raise ReadError(f"{printable(entry.filename)} unpacks to more than is allowed")
            yield chunk


def _safe(entry: zipfile.ZipInfo) -> tuple[PurePosixPath | None, str]:
    """Return the path of an entry below any folder; None where it has none, and why."""
    name = entry.filename.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or ":" in parts[0] or ".." in parts:
        return None, "a place outside of the zip's folder"
    if any(len(part.encode()) > 200 or "\0" in part or not part.isprintable() for part in parts):
        return None, "no name that a file can have"
    mode = entry.external_attr >> 16
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        return None, "a link; expected a file"
    path = PurePosixPath(*(part for part in parts if part not in ("", ".")))
    return (path, "") if path.parts else (None, "no name")


def printable(text: str) -> str:
    """Return a name as a line of printable letters."""
    shown = "".join(one if one.isprintable() else "�" for one in text)
    return shown if len(shown) <= 120 else f"{shown[:100]}…"
