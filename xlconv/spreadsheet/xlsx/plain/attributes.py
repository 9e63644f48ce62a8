"""The attributes of tags, as bytes -> names and values, each spelling looked at once.

What a tag says is mostly what the tag before it says, so tags are taken in runs that agree.
Only what is certainly well-formed: no entity, no letter beyond ASCII, no undeclared prefix.
"""

from __future__ import annotations

import re

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.arrays import Index, Mask
from xlconv.spreadsheet.xlsx.plain.tags import NotPlainError, Tags

_ATTRIBUTE = re.compile(rb' ([A-Za-z][A-Za-z0-9]*:)?([A-Za-z][A-Za-z0-9]*)="([^"&<>]*)"')
_DECLARED = re.compile(rb' xmlns:([A-Za-z][A-Za-z0-9]*)="[^"&<]+"')
_LONGEST = 32  # bytes, in runs
_MOST_KNOWN = 10_000
_ELSEWHERE = ("r", "xmlns")  # before what is looked at here, and nowhere in a plain row
_LOW = [(1 << 8 * k) - 1 for k in range(9)]
LOW_BYTES = np.array(_LOW, np.uint64)  # the first k bytes of a word


class Said(Struct, frozen=True):
    """What some tags say: the attributes of run k, and of which run each tag is."""

    attributes: list[dict[str, str]]
    run: Index

    def of(self, k: int) -> dict[str, str]:
        """Return the attributes of tag k."""
        return self.attributes[int(self.run[k])]

    def where(self, name: str, *values: str | None) -> Mask:
        """Return which tags have one of some values for an attribute, None where it is not."""
        found = np.array([one.get(name) in values for one in self.attributes], np.bool_)
        mask: Mask = found[self.run]
        return mask


class Attributes:
    """The attributes that tags of a worksheet have been seen with."""

    def __init__(self, root: bytes) -> None:
        """Begin with the start tag of the worksheet, which declares prefixes."""
        self._prefixes = {b"xml", *_DECLARED.findall(root)} - {b"xmlns"}
        self._known: dict[bytes, dict[str, str]] = {}

    def said(self, tags: Tags, starts: Index, ends: Index) -> Said:
        """Return the attributes that stand from `starts` to `ends`, in the bytes of tags.

        Raises NotPlainError for anything that is not certainly well-formed.
        """
        run, firsts = _runs(tags.words, starts, ends)
        bounds = zip(starts[firsts].tolist(), ends[firsts].tolist(), strict=True)
        return Said([self.of(tags.data[at:end]) for at, end in bounds], run)

    def of(self, text: bytes) -> dict[str, str]:
        """Return the attributes that have no prefix, by name; `text` begins with their blank."""
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[text] = self._parsed(text)
        return found

    def _parsed(self, text: bytes) -> dict[str, str]:
        found: dict[str, str] = {}
        end = prefixed = 0
        for match in _ATTRIBUTE.finditer(text):
            if match.start() != end:
                raise NotPlainError
            end = match.end()
            prefix, name, value = match.groups()
            if prefix:
                # Two might stand for one name in one namespace.
                prefixed += 1
                if prefix[:-1] not in self._prefixes or prefixed > 1:
                    raise NotPlainError
                continue
            key = name.decode()
            if key in found or key in _ELSEWHERE:
                raise NotPlainError
            found[key] = value.decode()
        if text[end:].strip(b" ") or not text.isascii():
            raise NotPlainError
        return found


def _runs(words: NDArray[np.uint64], starts: Index, ends: Index) -> tuple[Index, Index]:
    """Return of which run each text is, and which texts are the first of theirs.

    A run is of neighbours that are the same; each of those that are too long has its own.
    """
    sizes = ends - starts
    same = (sizes[1:] == sizes[:-1]) & (sizes[1:] <= _LONGEST)
    for at in range(0, min(_LONGEST, int(sizes.max(initial=0))), 8):
        # What lies behind a short text is masked, wherever it is read.
        there = words[np.minimum(starts + at, len(words) - 1)]
        seen = there & LOW_BYTES[np.clip(sizes - at, 0, 8)]
        same &= seen[1:] == seen[:-1]
    begins = np.concatenate([[True], ~same])[: len(sizes)]
    run: Index = np.cumsum(begins) - 1
    return run, np.flatnonzero(begins)
