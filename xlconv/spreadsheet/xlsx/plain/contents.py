"""What stands between tags: texts with their entities, and numbers."""

from __future__ import annotations

import re

import numpy as np

from xlconv.arrays import Array, Index, Integers
from xlconv.spreadsheet.xlsx.plain.tags import EMPTY, NotPlainError, Tags

_ENTITY = re.compile(rb"&([a-z]*;)?")
_ENTITIES = {b"amp;": b"&", b"lt;": b"<", b"gt;": b">", b"quot;": b'"', b"apos;": b"'"}
_IN_NUMBERS = b"0123456789+-.eE"
_NO_CHARACTERS = ("\ufffe", "\uffff")  # UTF-8 can spell them, XML does not have them


def contents(tags: Tags, which: Index) -> list[bytes]:
    """Return what stands in some tags; b"" in empty ones."""
    data, behind = tags.data, np.minimum(which + 1, len(tags.start) - 1)
    begins = tags.end[which] + 1
    ends = np.where(tags.codes[which] < EMPTY, tags.start[behind], begins)
    return [data[at:end] for at, end in zip(begins.tolist(), ends.tolist(), strict=True)]


def text_of(content: bytes) -> str:
    """Return the text of one element. Raises NotPlainError for what is no text."""
    try:
        text = _ENTITY.sub(_character, content).decode()
    except UnicodeDecodeError:
        raise NotPlainError from None
    if any(one in text for one in _NO_CHARACTERS):
        raise NotPlainError
    return text


def joined(texts: list[bytes]) -> tuple[str, Integers]:
    """Return the texts of elements one after the other, and how many letters each one has.

    Raises NotPlainError for what is no text.
    """
    whole = b"".join(texts)
    if b"&" not in whole and whole.isascii():
        return whole.decode(), np.fromiter(map(len, texts), np.int64, len(texts))
    found = [text_of(text) for text in texts]
    return "".join(found), np.fromiter(map(len, found), np.int64, len(found))


def numbers_of(texts: list[bytes]) -> Array:
    """Return the numbers that texts spell. Raises NotPlainError where one is not plain."""
    if b"".join(texts).translate(None, _IN_NUMBERS):
        raise NotPlainError
    try:
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        raise NotPlainError from None
    if not np.isfinite(numbers).all():
        raise NotPlainError
    return numbers


def _character(match: re.Match[bytes]) -> bytes:
    found = _ENTITIES.get(match[1])
    if found is None:
        raise NotPlainError
    return found
