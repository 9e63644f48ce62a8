"""The tags of plain rows: where each stands, what it is, and that they follow one another well.

Rows hold cells, cells a formula and a value or a text of their own, each in its short form:
no prefix, no comment, no blank between two tags. All at once, by NumPy over the bytes.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.arrays import Index

Octets = NDArray[np.uint8]


class NotPlainError(Exception):
    """Bytes outside the plain form: the streaming reader knows what they mean."""


# What a tag opens; the same number and END closes it, and EMPTY is one without content.
ROW, CELL, FORMULA, VALUE, INLINE, TEXT = range(1, 7)
END, EMPTY = 8, 16
_NAMES = {ROW: b"row", CELL: b"c", FORMULA: b"f", VALUE: b"v", INLINE: b"is", TEXT: b"t"}

# What may follow each tag.
_AFTER = {
    ROW: (CELL, CELL + EMPTY, ROW + END),
    CELL: (FORMULA, FORMULA + EMPTY, VALUE, VALUE + EMPTY, INLINE, CELL + END),
    FORMULA: (FORMULA + END,),
    FORMULA + END: (VALUE, VALUE + EMPTY, CELL + END),
    FORMULA + EMPTY: (VALUE, VALUE + EMPTY, CELL + END),
    VALUE: (VALUE + END,),
    VALUE + END: (CELL + END,),
    VALUE + EMPTY: (CELL + END,),
    INLINE: (TEXT,),
    TEXT: (TEXT + END,),
    TEXT + END: (INLINE + END,),
    INLINE + END: (CELL + END,),
    CELL + END: (CELL, CELL + EMPTY, ROW + END),
    CELL + EMPTY: (CELL, CELL + EMPTY, ROW + END),
    ROW + END: (ROW, ROW + EMPTY),
    ROW + EMPTY: (ROW, ROW + EMPTY),
}
_HOLDS_TEXT = (FORMULA, VALUE, TEXT)

_OPEN, _SHUT, _SLASH, _BLANK = b"<>/ "
_CODES = 32
_FIRST = np.zeros(256, np.uint8)  # by the first letter of a name
_LENGTHS = np.zeros(_CODES, np.int64)  # of closing tags
_MAY_FOLLOW = np.zeros(_CODES * _CODES, np.bool_)
_MAY_HOLD = np.zeros(_CODES, np.bool_)
for _code, _name in _NAMES.items():
    _FIRST[_name[0]] = _code
    _LENGTHS[_code + END] = len(_name) + 3
for _code, _others in _AFTER.items():
    _MAY_FOLLOW[[_code * _CODES + other for other in _others]] = True
_MAY_HOLD[list(_HOLDS_TEXT)] = True

PAD = b"\0" * 16  # after the bytes, so that eight may be read anywhere


class Tags(Struct, frozen=True):
    """The tags of some rows: tag k is `data[start[k]:end[k] + 1]`, from `<` to `>`."""

    data: bytes  # with PAD behind it
    octets: Octets
    words: NDArray[np.uint64]  # the eight bytes from each place, the first one lowest
    codes: Octets
    start: Index
    end: Index

    def content(self, tag: int) -> bytes:
        """Return what stands between a tag and the next one."""
        return self.data[self.end[tag] + 1 : self.start[tag + 1]]


def tags_of(rows: bytes) -> Tags:
    """Return the tags of whole rows. Raises NotPlainError for any other bytes."""
    data = rows + PAD
    found = np.frombuffer(data, np.uint8)
    own = found[: len(rows)]
    start, end = np.flatnonzero(own == _OPEN), np.flatnonzero(own == _SHUT)
    if len(start) != len(end) or not len(start) or own.min() < _BLANK:
        raise NotPlainError
    gaps = start[1:] - end[:-1]
    if start[0] != 0 or end[-1] != len(rows) - 1 or (end < start + 2).any() or (gaps < 1).any():
        raise NotPlainError
    words = np.ndarray((len(data) - 7,), "<u8", data, 0, (1,))
    codes = _codes(found, start, end)
    pairs = codes[:-1].astype(np.int16) * _CODES + codes[1:]
    ends_well = codes[0] & 7 == ROW and codes[0] != ROW + END
    ends_well = ends_well and codes[-1] in (ROW + END, ROW + EMPTY)
    if not (ends_well and _MAY_FOLLOW[pairs].all() and _MAY_HOLD[codes[:-1]][gaps > 1].all()):
        raise NotPlainError
    return Tags(data, found, words, codes, start, end)


def _codes(found: Octets, start: Index, end: Index) -> Octets:
    """Return what each tag is, its name compared to the letter."""
    first = found[start + 1]
    closes = first == _SLASH
    codes = _FIRST[np.where(closes, found[start + 2], first)]
    if not codes.all():
        raise NotPlainError
    empty = ~closes & (found[end - 1] == _SLASH)
    codes[closes] += END
    codes[empty] += EMPTY
    if (closes & (end - start + 1 != _LENGTHS[codes])).any():
        raise NotPlainError
    for code, name in _NAMES.items():
        opens, alone = start[codes == code], start[codes == code + EMPTY]
        _check_names(found, opens + 1, name, _SHUT, _BLANK)
        _check_names(found, alone + 1, name, _SLASH, _BLANK)
        if len(name) > 1:
            _check_names(found, start[codes == code + END] + 2, name, _SHUT, _SHUT)
    return codes


def _check_names(found: Octets, at: Index, name: bytes, *after: int) -> None:
    """Raise NotPlainError where another name stands, or one that goes on."""
    behind = found[at + len(name)]
    if not ((behind == after[0]) | (behind == after[1])).all():
        raise NotPlainError
    for k in range(1, len(name)):  # the first letter is known
        if (found[at + k] != name[k]).any():
            raise NotPlainError
