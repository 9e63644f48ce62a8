"""Options for all files and by pattern, from `xlconv.toml` or `pyproject.toml` ([tool.xlconv]).

    strict = true

    [[files]]
    pattern = "submissions/**"
    against = "teacher.xlsx"

Of all tables that fit a file the last one wins, and over them the command line. Patterns
and paths count from the folder of the file that they stand in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from xlconv.errors import XlconvError
from xlconv.runs.file_options import FileOptions, codes_of

_OWN, _SHARED = "xlconv.toml", "pyproject.toml"
# Looked for before the file is parsed, which most runs have no need of.
_TABLE = re.compile(r"^\s*\[\[?\s*tool\s*\.\s*[\"']?xlconv\b", re.M)
# What files are held against is one choice: the last one wins as a whole.
_INTENDED = dict.fromkeys(("against", "spec", "model"))
_WILDCARD = re.compile(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])")
_REGEX = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class Table(Struct, frozen=True):
    """Options for the files that fit any of some patterns."""

    patterns: tuple[re.Pattern[str], ...]
    options: Mapping[str, Any]

    def fits(self, place: str) -> bool:
        """Whether it is for a file at a place below the folder of the settings."""
        return any(one.fullmatch(place) for one in self.patterns)


class Settings(Struct, frozen=True):
    """Options for all files, and those for files whose path from `folder` fits a pattern."""

    folder: Path = Path()
    general: Mapping[str, Any] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()

    def options(self, path: str, given: Mapping[str, Any]) -> FileOptions:
        """Return a file's options, where `given` ones were asked for on the command line."""
        place = Path(os.path.relpath(path, self.folder)).as_posix() if self.tables else ""
        fitting = (one.options for one in self.tables if one.fits(place))
        merged: dict[str, Any] = {}
        for layer in (self.general, *fitting, given):
            merged |= (_INTENDED if layer.keys() & _INTENDED else {}) | dict(layer)
        return replace(FileOptions(), **merged)


def find_settings(start: Path) -> Settings:
    """Return the settings of a folder, or of the nearest one above that has any.

    Raises XlconvError for what cannot be read, or is no setting.
    """
    for folder in (start, *start.parents):
        if (folder / _OWN).is_file():
            return read_settings(folder / _OWN)
        shared = folder / _SHARED
        if shared.is_file() and _TABLE.search(_text(shared)):
            return read_settings(shared)
    return Settings()


def read_settings(path: Path) -> Settings:
    """Read settings. Raises XlconvError, with the place in front."""
    import tomllib  # noqa: PLC0415  only where there are settings

    try:
        table = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise XlconvError(f"{path}: {error}; expected TOML") from None
    place = str(path)
    if path.name == _SHARED:
        table, place = table.get("tool", {}).get("xlconv", {}), f"{path}: tool.xlconv"
    if not isinstance(table, dict):
        raise XlconvError(f"{place}: {table!r}; expected a table")
    tables = table.pop("files", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise XlconvError(f"{place}: files: {tables!r}; expected tables with a pattern each")
    folder = path.parent.absolute()
    return Settings(
        folder,
        _options(place, folder, table),
        tuple(_for_pattern(f"{place}: files {n}", folder, one) for n, one in enumerate(tables, 1)),
    )


def _for_pattern(place: str, folder: Path, table: dict[str, Any]) -> Table:
    given = table.pop("pattern", None)
    patterns = [given] if isinstance(given, str) else given
    if not isinstance(patterns, list) or not all(isinstance(one, str) for one in patterns):
        raise XlconvError(f"{place}: pattern: {given!r}; expected a text, or a list of texts")
    return Table(tuple(map(pattern_of, patterns)), _options(place, folder, table))


def pattern_of(text: str) -> re.Pattern[str]:
    """Return what paths fit: ** is any folders; without a slash it is for names, wherever."""
    if "/" not in text:
        text = f"**/{text}"
    elif text.endswith("/"):
        text += "**"
    parts = _WILDCARD.split(text.removeprefix("./").removeprefix("/"))
    return re.compile("".join(_REGEX.get(one) or _set_or_text(one) for one in parts))


def _set_or_text(part: str) -> str:
    if len(part) > 2 and part.startswith("[") and part.endswith("]"):
        return f"[^{part[2:]}" if part[1] == "!" else part
    return re.escape(part)


def _options(place: str, folder: Path, table: Mapping[str, Any]) -> dict[str, Any]:
    options = {}
    for key, value in table.items():
        if key not in _KINDS:
            known = ", ".join(_KINDS)
            raise XlconvError(f"{place}: {key}: no such option; expected one of {known}")
        words, fits, made = _KINDS[key]
        if not fits(value):
            raise XlconvError(f"{place}: {key}: {value!r}; expected {words}")
        options[key.replace("-", "_")] = made(f"{place}: {key}", folder, value)
    return options


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no UTF-8"
        raise XlconvError(f"{path}: {reason}; expected settings") from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_codes(value: object) -> bool:
    is_list = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return is_list or isinstance(value, str)


def _same(place: str, folder: Path, value: Any) -> Any:
    return value


def _path(place: str, folder: Path, value: str) -> Path:
    return folder / value


def _codes(place: str, folder: Path, value: str | Sequence[str]) -> tuple[str, ...]:
    return codes_of(place, value)


_Kind = tuple[str, Callable[[Any], bool], Callable[[str, Path, Any], Any]]
_NUMBER: _Kind = ("a number from 0 on", _is_number, _same)
_PATH: _Kind = ("the name of a file", lambda value: isinstance(value, str), _path)
_CODES: _Kind = ("codes in a list", _is_codes, _codes)
_KINDS: dict[str, _Kind] = {
    "select": _CODES,
    "ignore": _CODES,
    "strict": ("true or false", lambda value: isinstance(value, bool), _same),
    "rtol": _NUMBER,
    "atol": _NUMBER,
    "min-coverage": (
        "a number from 0 to 1", lambda value: _is_number(value) and value <= 1, _same
    ),
    "max-cells": (
        "a whole number", lambda value: _is_number(value) and isinstance(value, int), _same
    ),
    "against": _PATH,
    "spec": _PATH,
    "model": _PATH,
}  # fmt: skip
