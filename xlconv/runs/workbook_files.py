"""Words -> files to check: files as they are, folders with all below, patterns, lists.

Looks at names only. What is named and not there stays, so that its absence is reported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path

from xlconv.errors import XlconvError

SUFFIXES = (".xlsx", ".xlsm")
LIST = "-"


def workbook_files(words: Iterable[str], listed: Callable[[], str] | None = None) -> list[str]:
    """Return the files that words name, in their order; those of folders by name.

    What a folder or a pattern holds that was named before is not there again.

    `listed` gives the text that the word `-` stands for: a word on each line (or with NULs
    between). Raises XlconvError for a folder or a list with nothing to check in it.
    """
    files: list[str] = []
    for word in words:
        before = set(files)
        files += [path for path in _named(word, listed) if path == word or path not in before]
    return files


def _named(word: str, listed: Callable[[], str] | None) -> Iterator[str]:
    if word == LIST and listed is not None:
        yield from (path for line in _lines(listed()) for path in _named(line, None))
    elif Path(word).is_dir():
        found = list(_below(word))
        if not found:
            raise XlconvError(f"{word}: no workbook in this folder; expected .xlsx or .xlsm")
        yield from found
    elif has_magic(word) and not os.path.lexists(word):
        yield from _fitting(word) or [word]
    else:
        yield word


def _lines(text: str) -> list[str]:
    words = [line for line in text.split("\0" if "\0" in text else "\n") if line.strip()]
    if not words:
        raise XlconvError("-: nothing on standard input; expected a file on each line")
    return [word.removesuffix("\r") for word in words]


def _fitting(pattern: str) -> list[str]:
    found = sorted(glob(pattern, recursive=True))  # noqa: PTH207  the path as it was spelled
    below = (path for one in found if Path(one).is_dir() for path in _below(one))
    return [*(one for one in found if is_workbook(one)), *below]


def _below(folder: str) -> Iterator[str]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        yield from (str(Path(root, name)) for name in sorted(names) if is_workbook(name))


def is_workbook(path: str) -> bool:
    """Whether a file's name is a workbook's, and not that of a lock or of a hidden file."""
    name = Path(path).name
    return name.lower().endswith(SUFFIXES) and not name.startswith((".", "~$"))
