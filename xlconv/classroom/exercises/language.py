"""The words of an exercise, in one language: a file each in `texts/`.

What a layer is called there is the name of its kind. Sentences that other packages make are
known by their English words, with braces for what differs. Knows no task.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from xlconv.layers import Layer

LANGUAGES = ("en", "de")
NAMES = {"english": "en", "englisch": "en", "german": "de", "deutsch": "de"}  # what people type
_HOLE = re.compile(r"\\\{(\w+)\\\}")


class Language(Struct, frozen=True):
    """Words and sentences by their keys.

    `sheet` are the texts of a network's sheet, and `said` what graders and readers say, both by
    their English words.
    """

    code: str
    titles: dict[str, str]
    words: dict[str, Any]
    tasks: dict[str, str]
    paper: dict[str, str]
    feedback: dict[str, str]
    layers: dict[str, str]
    kernels: dict[str, str]
    sheet: dict[str, str]
    said: dict[str, str]

    def of_layer(self, layer: Layer) -> str:
        """Return in a sentence what a cell of a layer is."""
        return self.layers.get(type(layer).__name__, layer.meaning)

    def listed(self, names: list[str]) -> str:
        """Return names in a row: `a, b and c`."""
        *most, last = names
        return f"{', '.join(most)} {self.words['and']} {last}" if most else last

    def number(self, text: str) -> str:
        """Return a number as people of the language write it: `1,352.5` with their signs."""
        return text.translate(str.maketrans(",.", self.words["signs"]))

    def on_sheet(self, text: str) -> str:
        """Return a text of a network's sheet; names of layers stay, and what has no words here."""
        # A title is made of parts: `input · 1@28×28`.
        parts = text.split(" · ")
        return " · ".join(_translated(one, self.sheet) or one for one in parts)

    def of_grader(self, text: str) -> str:
        """Return what was said in English of a file or a formula, as far as it has words here."""
        return _translated(text, self.said) or text


def worded(table: Mapping[str, str], key: str, count: float) -> str:
    """Return the words for so many: those of one by themselves, where there are such."""
    return table.get(f"{key}_one", table[key]) if count == 1 else table[key]


def _translated(text: str, table: Mapping[str, str]) -> str | None:
    """Return a text by the first pattern that is all of it, and so what stands in its holes."""
    if text in table:
        return table[text]
    for pattern, other in table.items():
        match = _compiled(pattern).fullmatch(text) if "{" in pattern else None
        if match is not None:
            held = {key: _translated(one, table) or one for key, one in match.groupdict().items()}
            return other.format(**held)
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_HOLE.sub(r"(?P<\1>.+?)", re.escape(pattern)), re.DOTALL)


@cache
def language_of(code: str) -> Language:
    """Return the words of a language of LANGUAGES; of one that is not there, the English ones."""
    code = code if code in LANGUAGES else LANGUAGES[0]
    text = files("xlconv.classroom.exercises").joinpath("texts", f"{code}.toml")
    return Language(code, **tomllib.loads(text.read_text(encoding="utf-8")))
