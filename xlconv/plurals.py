"""Counts in words, for messages: `1 cell`, `1,234 cells`."""

from __future__ import annotations

_IRREGULAR = {"index": "indices", "axis": "axes"}


def plural(count: int, word: str) -> str:
    """Return the word for so many of a thing: `cell` of one, `cells` of any other number."""
    return word if count == 1 else _IRREGULAR.get(word, f"{word}s")


def counted(count: int, word: str) -> str:
    """Return `1 cell`, `1,234 cells`."""
    return f"{count:,} {plural(count, word)}"
