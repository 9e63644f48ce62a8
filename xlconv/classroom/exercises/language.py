"""The words of an exercise, in one language: a file each in `texts/`.

What a layer is called there is the name of its kind. Knows no task.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from xlconv.layers import Layer

LANGUAGES = ("en", "de")


class Language(Struct, frozen=True):
    """Words and sentences by their keys."""

    code: str
    words: dict[str, Any]
    tasks: dict[str, str]
    paper: dict[str, str]
    layers: dict[str, str]
    kernels: dict[str, str]

    def of_layer(self, layer: Layer) -> str:
        """Return in a sentence what a cell of a layer is."""
        return self.layers.get(type(layer).__name__, layer.meaning)

    def listed(self, names: list[str]) -> str:
        """Return names in a row: `a, b and c`."""
        *most, last = names
        return f"{', '.join(most)} {self.words['and']} {last}" if most else last


@cache
def language_of(code: str) -> Language:
    """Return the words of a language of LANGUAGES."""
    text = files("xlconv.classroom.exercises").joinpath("texts", f"{code}.toml")
    return Language(code, **tomllib.loads(text.read_text(encoding="utf-8")))
