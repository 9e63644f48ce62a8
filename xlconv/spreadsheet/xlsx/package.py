"""The zip package of an .xlsx file, opened within bounds.

Says what parts there are and hands out their bytes; refuses what is no workbook, what
is encrypted, damaged or made to explode. Never reads XML; never follows a link out of
the package.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

import numpy as np
from msgspec import Struct

from xlconv.errors import ReadError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 1 << 18
_MIB = 1 << 20
_DIRECTORY = 10 * _MIB  # of the list of parts: 10,000 need below 2
# Of elements, attributes, entities, comments, instructions and lines.
_MARKS = {ord(mark): 3 if mark == "/" else 1 for mark in "/=&!?\n"}
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # ECMA-376 part 2, C.2


class Budget(Struct, frozen=True):
    """How much a file may ask for before it is refused; real workbooks stay far below.

    `ratio` is bytes out per byte in: real files stay under 17.
    """

    file_mib: int = 512
    part_mib: int = 1024
    total_mib: int = 2048
    ratio: int = 200
    entries: int = 10_000
    areas: int = 100_000  # of all defined names
    cells: int = 1_500_000
    text_mib: int = 160  # in cells and shared strings, in bytes as they are held
    small_mib: int = 64  # of a part that is neither a sheet nor the shared strings
    # In all parts that are read. A cell has three; so have nine attributes, entities, comments
    # or line breaks.
    elements: int = 12_000_000
    option: str = ""  # of the command line, with which `cells` is chosen

    @property
    def cells_allowed(self) -> str:
        """How many cells a file may have, and how to ask for more, for messages."""
        asked = f"; expected a larger {self.option}" if self.option else ""
        return f"the {self.cells:,} cells allowed{asked}"


class Package:
    """An open workbook file; close it, or use it in a `with`."""

    def __init__(self, path: Path, budget: Budget) -> None:
        self.budget = budget
        self._file = _opened(path, budget)
        self._spent = 0
        self._marks = 0  # an element has three
        self.text = 0  # bytes that were kept
        self._size = path.stat().st_size
        try:
            self._zip = _zip(self._file)
            self._parts = self._listed()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def _listed(self) -> dict[str, zipfile.ZipInfo]:
        entries = self._zip.infolist()
        if len(entries) > self.budget.entries:
            raise ReadError(f"{len(entries):,} parts; expected at most {self.budget.entries:,}")
        parts: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            # Part names are compared without regard to case (ECMA-376 part 2, 6.2.2).
            name = entry.filename.replace("\\", "/").lstrip("/").lower()
            if name in parts:
                raise ReadError(f"part {entry.filename} stands twice in the package")
            if entry.flag_bits & 1:
                raise ReadError("encrypted; expected a workbook without a password")
            if entry.compress_type not in _METHODS:
                raise ReadError(f"part {entry.filename} is compressed in a way workbooks are not")
            parts[name] = entry
        return parts

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    @property
    def text_left(self) -> int:
        """How many bytes of text may still be kept."""
        return self.budget.text_mib * _MIB - self.text

    def keep_text(self, size: int) -> None:
        """Count bytes of text that are kept. Raises ReadError where they are too many."""
        self.text += size
        if self.text > self.budget.text_mib * _MIB:
            raise ReadError(f"more text than the {self.budget.text_mib} MiB allowed")

    @property
    def handed_out(self) -> tuple[int, int]:
        """How much was handed out so far."""
        return self._spent, self._marks

    def take_back(self, handed_out: tuple[int, int]) -> None:
        """Count from what was handed out earlier: a part is read from its beginning again."""
        self._spent, self._marks = handed_out

    def _count_marks(self, chunk: bytes) -> None:
        # Before they are parsed: an element costs far more than its four bytes, an entity
        # or a line break more than its text. Single bytes, so that UTF-16 tells as much.
        found = np.frombuffer(chunk, np.uint8)
        self._marks += sum(
            weight * int(np.count_nonzero(found == mark)) for mark, weight in _MARKS.items()
        )
        if self._marks > 3 * self.budget.elements:
            raise ReadError(f"more than the {self.budget.elements:,} elements allowed")

    def small(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a part that says what others there are."""
        size = 0
        for chunk in self.chunks(name):
            size += len(chunk)
            if size > self.budget.small_mib * _MIB:
                raise ReadError(
                    f"part {name} is larger than the {self.budget.small_mib} MiB allowed"
                )
            yield chunk

    def declared(self, name: str) -> int:
        """Return how many bytes the package says that a part has; 0 where it has no such part."""
        entry = self._parts.get(name.lower())
        return entry.file_size if entry else 0

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a part. Raises ReadError where it is missing, damaged or too large."""
        entry = self._parts.get(name.lower())
        if entry is None:
            raise ReadError(f"part {name} is missing from the package")
        budget, size = self.budget, 0
        # What the package says of itself may be a lie; it cannot be more than there is.
        compressed = max(1, min(entry.compress_size, self._size - entry.header_offset))
        try:
            with self._zip.open(entry) as part:
                while chunk := part.read(_CHUNK):
                    size += len(chunk)
                    self._spent += len(chunk)
                    self._count_marks(chunk)
                    if (size > _MIB and size > budget.ratio * compressed) or (
                        self._spent > max(_MIB, budget.ratio * self._size)
                    ):
                        raise ReadError(
                            f"part {name} unpacks to over {budget.ratio} times its size"
                        )
                    if size > budget.part_mib * _MIB or self._spent > budget.total_mib * _MIB:
                        raise ReadError(
                            f"part {name} is larger than the {budget.part_mib} MiB allowed"
                        )
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            RuntimeError,
        ):
            raise ReadError(f"part {name} is damaged") from None


def _opened(path: Path, budget: Budget) -> IO[bytes]:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ReadError("a folder; expected an .xlsx file")
        if not stat.S_ISREG(mode):
            raise ReadError("not an ordinary file; expected an .xlsx file")
        if path.stat().st_size > budget.file_mib * _MIB:
            raise ReadError(f"larger than the {budget.file_mib} MiB allowed")
        return _File(path.open("rb", buffering=0))
    except ValueError:
        raise ReadError("not the name of a file") from None
    except OSError as error:
        raise ReadError(f"{error.strerror or error}") from None


class _File(io.BufferedReader):
    """A file of which zipfile reads no list of parts that is too long to keep."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _DIRECTORY:
            raise ReadError("too many parts to list")
        return super().read(size)


def _zip(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        head = file.read(8)
    except OSError as error:
        raise ReadError(f"{error.strerror or error}") from None
    if not head:
        raise ReadError("empty; expected an .xlsx file")
    if head == _OLE:
        raise ReadError(
            "an old .xls or an encrypted workbook; expected an .xlsx without a password"
        )
    if not head.startswith(b"PK"):
        raise ReadError("not a zip package; expected an .xlsx file")
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError, OverflowError):
        raise ReadError("a damaged or truncated zip package; expected an .xlsx file") from None
