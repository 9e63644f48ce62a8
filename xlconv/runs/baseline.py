"""Findings that are known and accepted, so that only new ones fail: a file beside the workbooks.

A file is still called what it is; it passes where nothing was found that is not known, and
no more of its cells are open than were. Paths count from the baseline's folder.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from xlconv.errors import FileError, XlconvError
from xlconv.files import whole_file
from xlconv.runs.results import Result
from xlconv.verification.findings import Finding

VERSION = 1
_FIELDS = ("code", "sheet", "cell", "count", "found")  # by these a finding is known again
_Key = tuple[str | int, ...]


class Known(Struct, frozen=True):
    """What is accepted of one file: its root findings, and how many connected cells are open."""

    findings: tuple[_Key, ...] = ()
    unproven: int = 0

    def accept(self, result: Result) -> Result:
        """Return the result without the findings that are known."""
        left, fails = Counter(self.findings), result.selection.fails
        known: list[Finding] = []
        new: list[Finding] = []
        for one in result.findings:
            if one.root:
                (known if left[_key(one)] > 0 else new).append(one)
                left[_key(one)] -= 1
        accepted = {id(one) for one in known if fails(one)}
        if not any(fails(one) for one in new):
            # Cells that are wrong because of known ones are known as well.
            accepted |= {id(one) for one in result.findings if accepted and not one.root}
        return replace(
            result,
            findings=tuple(one for one in result.findings if id(one) not in accepted),
            known=sum(fails(one) for one in known),
            allowed=0 if new else self.unproven,
        )


def known_of(result: Result) -> Known:
    """Return what has to be accepted for a file to pass as it is."""
    if result.passes:
        return Known()
    roots = tuple(sorted(_key(one) for one in result.findings if one.root))
    return Known(roots, result.report.connected - result.report.verified)


class Baseline(Struct, frozen=True):
    """What is accepted of each file, by its path from `folder`."""

    folder: Path
    files: Mapping[str, Known]

    def accept(self, result: Result) -> Result:
        """Return the result without what is known of its file."""
        return self.files.get(place_of(result.path, self.folder), Known()).accept(result)


class NewBaseline:
    """Accepts all that is found, and writes it down."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: dict[str, Known] = {}

    def accept(self, result: Result) -> Result:
        """Return the result without its findings, which are known from now on."""
        known = known_of(result)
        self._files[place_of(result.path, self._path.parent)] = known
        return known.accept(result)

    def write(self) -> None:
        """Write what was accepted. Raises FileError where that cannot be."""
        files = {
            place: _table(known) for place, known in sorted(self._files.items()) if known != Known()
        }
        text = json.dumps({"version": VERSION, "files": files}, indent=1, ensure_ascii=False)
        with whole_file(self._path, replace=True) as temporary:
            temporary.write_text(f"{text}\n", encoding="utf-8")


def place_of(path: str, folder: Path) -> str:
    """Return a path as a baseline in a folder names it."""
    return Path(os.path.relpath(path, folder)).as_posix()


def read_baseline(path: Path) -> Baseline:
    """Read what is accepted. Raises XlconvError for what is no baseline."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["version"] != VERSION:
            raise XlconvError(f"{path}: version {table['version']}; expected {VERSION}")
        files = {place: _known(held) for place, held in table["files"].items()}
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}; expected a baseline") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise XlconvError(f"{path}: no baseline; expected what --write-baseline wrote") from None
    return Baseline(path.parent, files)


def _key(one: Finding) -> _Key:
    return tuple(getattr(one, name) for name in _FIELDS)


def _table(known: Known) -> dict[str, Any]:
    found = [dict(zip(_FIELDS, one, strict=True)) for one in known.findings]
    return {"unproven": known.unproven, "findings": found}


def _known(table: Mapping[str, Any]) -> Known:
    found = tuple(tuple(one[name] for name in _FIELDS) for one in table["findings"])
    return Known(found, int(table["unproven"]))
