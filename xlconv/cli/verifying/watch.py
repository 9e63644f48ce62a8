"""`xlconv verify FILE --watch`: checks a file again whenever it is saved, until Ctrl-C.

What tells that it was saved is the file itself, however a program saves it: into the file,
or into another that takes its place. Events of the folder (of lock files too) only wake.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from xlconv.cli import INTERRUPTED
from xlconv.cli.verifying.run import RunOptions, run
from xlconv.errors import XlconvError
from xlconv.runs.workbook_files import LIST, workbook_files

_TICK = 1000  # milliseconds: where a folder gives no events, as some on a network, it is looked at
_PATIENCE = 2.0  # seconds that a file may be half written
_PAUSE = 0.1
_State = tuple[int, int, int] | None


def watch(words: Sequence[str], typed: Mapping[str, Any], asked: RunOptions) -> int:
    """Check a file, and again whenever it is saved; return 0 when Ctrl-C ends it.

    Raises XlconvError for wrong usage, and without the package that is told of changes.
    """
    files = [] if LIST in words else workbook_files(words)
    if len(files) != 1 or not Path(files[0]).is_file():
        raise XlconvError(f"{' '.join(words)} --watch: expected one file that is there")
    path = Path(files[0])

    def check(*, is_first: bool) -> int:
        # What it wrote before is its own.
        return run(files, typed, replace(asked, jobs=0, force=asked.force or not is_first))

    try:
        watch_with(path, check, _wakings(path))
    except KeyboardInterrupt:
        click.echo(err=True)
    return 0


def watch_with(path: Path, check: Callable[..., int], wakings: Iterable[object]) -> None:
    """Check a file, and at each waking again if it is another than before.

    Ends with the wakings, or where a check is interrupted.
    """
    seen: _State = None
    is_first = True
    for _ in chain((None,), wakings):
        now = _state(path)
        if now == seen or now is None:  # gone: another is about to take its place
            continue
        seen = _settled(path, now)
        click.clear()
        if check(is_first=is_first) == INTERRUPTED:
            return
        is_first = False
        clock = time.strftime("%H:%M:%S")
        click.echo(f"\n{clock}: waiting for {path} to be saved; Ctrl-C ends", err=True)


def _settled(path: Path, state: _State) -> _State:
    """Return a file's state when it is whole and stays as it is, or when that takes too long."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        time.sleep(_PAUSE)
        before, state = state, _state(path)
        if state == before and state is not None and zipfile.is_zipfile(path):
            break
    return state


def _state(path: Path) -> _State:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _wakings(path: Path) -> Iterable[object]:
    try:
        from watchfiles import watch as watch_folder  # noqa: PLC0415  an extra
    except ImportError:
        raise XlconvError("--watch: expected watchfiles; pip install '.[watch]'") from None
    folder = path.resolve().parent
    wakings: Iterable[object] = watch_folder(
        folder, recursive=False, rust_timeout=_TICK, yield_on_timeout=True
    )
    return wakings
