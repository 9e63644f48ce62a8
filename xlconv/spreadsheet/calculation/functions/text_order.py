"""Texts compared: without regard to case, in Excel's order, and by patterns with * and ?.

Texts are numbers here, places in the pool.
"""

from __future__ import annotations

import re

import numpy as np

from xlconv.arrays import Mask
from xlconv.spreadsheet.values import TEXT, Kinds, Numbers, Pool

_WILD = re.compile(r"~[*?~]|[*?]")


def by_rank(numbers: Numbers, kinds: Kinds, ranked: Numbers) -> Numbers:
    """Return numbers with texts as their ranks."""
    texts = kinds == TEXT
    if not texts.any():
        return numbers
    result: Numbers = np.where(texts, ranked[np.where(texts, numbers, 0).astype(int)], numbers)
    return result


def is_wild(text: str) -> bool:
    """Whether a text that is looked for has wildcards, or marks that they are none."""
    return _WILD.search(text) is not None


def fitting(pattern: str, numbers: Numbers, kinds: Kinds, pool: Pool) -> Mask:
    """Return which values are texts that a pattern fits: * is any text, ? any character."""
    pool.spend(0)  # not begun where nothing is left
    texts = kinds == TEXT
    some = np.unique(numbers[texts]).astype(int)
    pool.spend(sum(len(pool.texts[k]) + len(pattern) for k in some.tolist()))
    parts = _parts(pattern.casefold())
    fits = [k for k in some.tolist() if _fits(parts, pool.texts[k].casefold())]
    found: Mask = texts & np.isin(numbers, fits)
    return found


def _parts(pattern: str) -> list[str | None]:
    """Return the characters of a pattern: None is any one, "*" (of two characters) any text."""
    parts: list[str | None] = []
    end = 0
    for match in _WILD.finditer(pattern):
        parts += pattern[end : match.start()]
        mark = match[0]
        parts.append("**" if mark == "*" else None if mark == "?" else mark[1])
        end = match.end()
    return [*parts, *pattern[end:]]


def _fits(parts: list[str | None], text: str) -> bool:
    """Whether a pattern fits a whole text; goes back to the last * only."""
    at, star, mark = 0, -1, 0
    k = 0
    while k < len(text):
        if at < len(parts) and (parts[at] is None or parts[at] == text[k]):
            at, k = at + 1, k + 1
        elif at < len(parts) and parts[at] == "**":
            star, mark, at = at, k, at + 1
        elif star >= 0:
            mark += 1
            at, k = star + 1, mark
        else:
            return False
    return all(part == "**" for part in parts[at:])
