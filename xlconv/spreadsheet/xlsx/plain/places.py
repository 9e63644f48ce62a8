"""Where plain cells stand, and what else their tags say.

A cell tells its row again: the two must agree. Columns are read off the letters, all at once.
"""

from __future__ import annotations

import re

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.arrays import Index, Integers
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS
from xlconv.spreadsheet.xlsx.plain.attributes import LOW_BYTES, Attributes, Said
from xlconv.spreadsheet.xlsx.plain.tags import CELL, EMPTY, ROW, NotPlainError, Tags

_ROW = re.compile(rb'<row r="([1-9][0-9]{0,6})"([^>]*?)/?>')
_HEAD = b'<c r="'
_QUOTE = ord('"')


class CellTags(Struct, frozen=True):
    """The cells of some rows: which tags they are, their keys, and what they say.

    Their names begin at `names` of the bytes, and have so many letters.
    """

    tags: Index
    keys: Integers
    said: Said
    names: Index
    sizes: Integers


def cell_tags(tags: Tags, attributes: Attributes) -> CellTags:
    """Return the cells of rows, those without content too. Raises NotPlainError."""
    kinds = tags.codes & ~np.uint8(EMPTY)
    rows, cells = np.flatnonzero(kinds == ROW), np.flatnonzero(kinds == CELL)
    numbers, spelled, sizes = _rows(tags, rows, attributes)
    row = np.repeat(np.arange(len(rows)), np.diff(np.searchsorted(cells, rows), append=len(cells)))
    start = tags.start[cells]
    head = np.uint64(int.from_bytes(_HEAD, "little"))
    if ((tags.words[start] & LOW_BYTES[len(_HEAD)]) != head).any():
        raise NotPlainError
    columns, behind = _columns(tags, start + len(_HEAD))
    size = sizes[row]
    agree = (tags.words[behind] & LOW_BYTES[size]) == spelled[row]
    behind = behind + size
    if not (agree & (tags.octets[behind] == _QUOTE)).all():
        raise NotPlainError
    ends = tags.end[cells] - (tags.codes[cells] == CELL + EMPTY)
    said = attributes.said(tags, behind + 1, ends)
    names = start + len(_HEAD)
    return CellTags(cells, numbers[row] * MAX_COLUMNS + columns, said, names, behind - names)


def _rows(
    tags: Tags, rows: Index, attributes: Attributes
) -> tuple[Integers, NDArray[np.uint64], Index]:
    """Return the rows' numbers from 0, their spellings as words, and how long these are."""
    spelled = []
    for tag in rows.tolist():
        match = _ROW.fullmatch(tags.data, int(tags.start[tag]), int(tags.end[tag]) + 1)
        if match is None:
            raise NotPlainError
        if match[2]:
            attributes.of(match[2])
        spelled.append(match[1])
    numbers = np.array([int(text) for text in spelled], np.int64) - 1
    if numbers.max() >= MAX_ROWS:
        raise NotPlainError
    words = np.array([int.from_bytes(text, "little") for text in spelled], np.uint64)
    return numbers, words, np.array([len(text) for text in spelled], np.int64)


def _columns(tags: Tags, at: Index) -> tuple[Integers, Index]:
    """Return columns from 0, and where their letters end."""
    first, second, third = (tags.octets[at + k].astype(np.int64) - ord("A") for k in range(3))
    two = second >= 0
    three = two & (third >= 0)
    columns = np.where(two, (first + 1) * 26 + second, first)
    columns = np.where(three, (columns + 1) * 26 + third, columns)
    letters = (first >= 0) & (first < 26) & (second < 26) & (~two | (third < 26))
    if not (letters & (columns < MAX_COLUMNS)).all():
        raise NotPlainError
    return columns, at + 1 + two + three
