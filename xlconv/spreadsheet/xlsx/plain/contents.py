"""What plain cells hold, kept as the streaming reader keeps it.

Formulas and numbers go in bulk. Whatever is rare goes cell by cell, by the streaming reader's
own rules, in the order of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xlconv.arrays import Array, Index, Integers, Mask
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.current_cell import CurrentCell
from xlconv.spreadsheet.xlsx.plain.attributes import Attributes, Said
from xlconv.spreadsheet.xlsx.plain.places import CellTags
from xlconv.spreadsheet.xlsx.plain.tags import (
    CELL,
    EMPTY,
    FORMULA,
    INLINE,
    VALUE,
    NotPlainError,
    Tags,
)
from xlconv.spreadsheet.xlsx.raw import ManyCells

_ENTITY = re.compile(rb"&([a-z]*;)?")
_ENTITIES = {b"amp;": b"&", b"lt;": b"<", b"gt;": b">", b"quot;": b'"', b"apos;": b"'"}
_IN_NUMBERS = b"0123456789+-.eE"
_NO_CHARACTERS = ("\ufffe", "\uffff")  # UTF-8 can spell them, XML does not have them


@dataclass(frozen=True, slots=True)
class _Held:
    """Cells that hold something: where they stand, and the tags of what they hold, or -1."""

    keys: Integers
    said: Said
    formulas: Index
    values: Index
    inlines: Index


@dataclass(frozen=True, slots=True)
class _Formulas:
    """The formulas of some cells: which one a cell has, or -1, and what each one is."""

    of: Index
    texts: list[bytes]
    said: Said
    children: Mask  # of shared formulas

    def attributes(self, k: int) -> dict[str, str]:
        return self.said.attributes[self.said.run[k]]


def keep(tags: Tags, cells: CellTags, attributes: Attributes, current: CurrentCell) -> None:
    """Keep the cells of rows. Raises NotPlainError, and ReadError for too many of them."""
    held = _held(tags, cells)
    formulas = _formulas(tags, held.formulas, attributes)
    shared = formulas.said.where("t", "shared")
    lone = ~held.said.where("t", None, "n") | (held.inlines >= 0)
    rare = formulas.said.where("t", "array", "dataTable") | (shared & ~formulas.children)
    lone[held.formulas >= 0] |= rare
    many = _many(tags, held, formulas, lone)
    begin = 0
    for k in np.flatnonzero(lone).tolist():
        if k > begin:
            current.keep_many(many.part(begin, k), _children(held, formulas, begin, k))
        _keep_alone(tags, held, formulas, k, attributes, current)
        begin = k + 1
    if begin < len(held.keys):
        rest = many.part(begin, len(held.keys)) if begin else many
        current.keep_many(rest, _children(held, formulas, begin, len(held.keys)))


def _held(tags: Tags, cells: CellTags) -> _Held:
    """Return the cells that hold a formula, a value or a text of their own."""
    opened = np.flatnonzero(tags.codes[cells.tags] == CELL)
    at = cells.tags[opened] + 1
    code = tags.codes[at]
    has_formula = (code & ~np.uint8(EMPTY)) == FORMULA
    inlines = np.where(code == INLINE, at, -1)
    behind = at + np.where(code == FORMULA, 2, has_formula)
    is_value = (tags.codes[behind] & ~np.uint8(EMPTY)) == VALUE
    _check_values(tags, behind[is_value])
    said = Said(cells.said.attributes, cells.said.run[opened])
    # An empty element is how programs that do not calculate leave a value out.
    size = tags.start[np.minimum(behind + 1, len(tags.start) - 1)] - tags.end[behind] - 1
    there = is_value & ((size > 0) & (tags.codes[behind] == VALUE) | said.where("t", "str"))
    holds = has_formula | there | (inlines >= 0)
    return _Held(
        cells.keys[opened[holds]],
        Said(said.attributes, said.run[holds]),
        np.where(has_formula, at, -1)[holds],
        np.where(there, behind, -1)[holds],
        inlines[holds],
    )


def _check_values(tags: Tags, values: Index) -> None:
    """Raise NotPlainError for values that say something: `<v>`, `<v/>` and `<v />` do not."""
    blank = (tags.codes[values] != VALUE) & (tags.bytes[tags.start[values] + 2] == ord(" "))
    if (tags.end[values] - tags.start[values] - blank > 3 - (tags.codes[values] == VALUE)).any():
        raise NotPlainError


def _formulas(tags: Tags, held: Index, attributes: Attributes) -> _Formulas:
    has_formula = held >= 0
    there = held[has_formula]
    ends = tags.end[there] - (tags.codes[there] == FORMULA + EMPTY)
    said = attributes.said(tags, tags.start[there] + 2, ends)
    texts = _resolved(_contents(tags, there))
    empty = np.fromiter((not text for text in texts), np.bool_, len(texts))
    return _Formulas(
        np.where(has_formula, np.cumsum(has_formula) - 1, -1),
        texts, said, said.where("t", "shared") & empty,
    )  # fmt: skip


def _many(tags: Tags, held: _Held, formulas: _Formulas, lone: Mask) -> ManyCells:
    """Return all cells as if there were formulas and numbers only; those alone are unused."""
    is_number = (held.values >= 0) & ~lone
    numbers = np.zeros(len(held.keys))
    numbers[is_number] = _numbers(_contents(tags, held.values[is_number]))
    cached = np.where(is_number, np.uint8(Kind.NUMBER), np.uint8(Kind.BLANK))
    has_formula = held.formulas >= 0
    kinds = np.where(has_formula, np.uint8(Kind.FORMULA), np.uint8(Kind.NUMBER))
    text, sizes = _joined(formulas.texts)
    lengths = np.zeros(len(held.keys), np.int64)
    lengths[has_formula] = sizes
    return ManyCells(held.keys, kinds, cached, numbers, lengths, text)


def _children(held: _Held, formulas: _Formulas, begin: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield the children of shared formulas in a stretch of cells, with their groups."""
    of = formulas.of[begin:end]
    for index in np.flatnonzero((of >= 0) & formulas.children[of]).tolist():
        yield index, formulas.attributes(of[index]).get("si", "")


def _keep_alone(
    tags: Tags, held: _Held, formulas: _Formulas, k: int, attributes: Attributes,
    current: CurrentCell,
) -> None:  # fmt: skip
    current.kind = held.said.attributes[held.said.run[k]].get("t")
    current.formula = current.value = current.inline = None
    formula, value, inline = int(formulas.of[k]), int(held.values[k]), int(held.inlines[k])
    if formula >= 0:
        current.formula = _text(formulas.texts[formula])
        current.attributes = formulas.attributes(formula)
    if value >= 0:
        current.value = _text(tags.content(value) if tags.codes[value] == VALUE else b"")
    if inline >= 0:
        if tags.end[inline] - tags.start[inline] != len("<is"):
            raise NotPlainError
        attributes.of(tags.data[tags.start[inline + 1] + 2 : tags.end[inline + 1]])
        current.inline = _text(tags.content(inline + 1))
    current.keep_alone(int(held.keys[k]))


# -- what stands between tags --------------------------------------------------------------


def _contents(tags: Tags, which: Index) -> list[bytes]:
    """Return what stands in some tags; b"" in empty ones."""
    data, behind = tags.data, np.minimum(which + 1, len(tags.start) - 1)
    begins = tags.end[which] + 1
    ends = np.where(tags.codes[which] < EMPTY, tags.start[behind], begins)
    return [data[at:end] for at, end in zip(begins.tolist(), ends.tolist(), strict=True)]


def _resolved(texts: list[bytes]) -> list[bytes]:
    """Return texts with their entities resolved. Raises NotPlainError for what is no text."""
    whole = b"".join(texts)
    if b"&" in whole:
        texts = [_ENTITY.sub(_character, text) if b"&" in text else text for text in texts]
    if not whole.isascii():
        for text in texts:
            _text(text)
    return texts


def _character(match: re.Match[bytes]) -> bytes:
    found = _ENTITIES.get(match[1])
    if found is None:
        raise NotPlainError
    return found


def _text(content: bytes) -> str:
    """Return the text of one element. Raises NotPlainError for what is no text."""
    try:
        text = _ENTITY.sub(_character, content).decode()
    except UnicodeDecodeError:
        raise NotPlainError from None
    if any(one in text for one in _NO_CHARACTERS):
        raise NotPlainError
    return text


def _joined(texts: list[bytes]) -> tuple[str, list[int]]:
    """Return texts one after the other, and how many letters each one has."""
    whole = b"".join(texts)
    sizes = map(len, texts) if whole.isascii() else (len(text.decode()) for text in texts)
    return whole.decode(), list(sizes)


def _numbers(texts: list[bytes]) -> Array:
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
