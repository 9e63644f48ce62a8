"""The formulas of plain cells: their texts, and what their tags say of shares and arrays.

An array formula of one cell names that cell, which is left out of what its tag says: else no
two tags would say the same.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xlconv.arrays import Index, Integers, Mask
from xlconv.spreadsheet.xlsx.plain.attributes import LOW_BYTES, Attributes, Said
from xlconv.spreadsheet.xlsx.plain.contents import contents, joined
from xlconv.spreadsheet.xlsx.plain.tags import EMPTY, FORMULA, NotPlainError, Tags

_REF = b' ref="'
_REF_WORD = np.uint64(int.from_bytes(_REF, "little"))
_QUOTE, _COLON = b'":'
_LONGEST = 8  # letters of a name that is compared at once


class Formulas(Struct, frozen=True):
    """The formulas of some cells: of cell k formula `of[k]`, or -1.

    Formula i is `text[ends[i] - lengths[i]:ends[i]]`. The masks say which formulas share
    another's text, are an array formula of one cell, or are neither of these nor ordinary.
    """

    of: Index
    text: str
    lengths: Integers
    ends: Integers
    said: Said
    children: Mask
    arrays: Mask
    rare: Mask

    def attributes(self, k: int) -> dict[str, str]:
        """Return what the tag of formula k says, but for its own cell."""
        return self.said.of(k)

    def text_of(self, k: int) -> str:
        """Return formula k, as it stands in the file."""
        return self.text[self.ends[k] - self.lengths[k] : self.ends[k]]


def formulas_of(
    tags: Tags, which: Index, names: Index, sizes: Integers, attributes: Attributes
) -> Formulas:
    """Return the formulas of cells: their tags, or -1, and where the cells' names stand."""
    has_formula = which >= 0
    there = which[has_formula]
    starts = tags.start[there] + 2
    ends = tags.end[there] - (tags.codes[there] == FORMULA + EMPTY)
    own, ends = _without_own_cell(tags, starts, ends, names[has_formula], sizes[has_formula])
    said = attributes.said(tags, starts, ends)
    refers = ~said.where("ref", None)
    if (own & refers).any():
        raise NotPlainError
    text, lengths = joined(contents(tags, there))
    shared, array = said.where("t", "shared"), said.where("t", "array")
    children = shared & (lengths == 0)
    return Formulas(
        np.where(has_formula, np.cumsum(has_formula) - 1, -1),
        text, lengths, np.cumsum(lengths), said, children, array & ~refers,
        said.where("t", "dataTable") | (shared & ~children) | (array & refers),
    )  # fmt: skip


def _without_own_cell(
    tags: Tags, starts: Index, ends: Index, names: Index, sizes: Integers
) -> tuple[Mask, Index]:
    """Return which tags end with a reference to their own cell, and where they end without it.

    That is ` ref="A1"`, or ` ref="A1:A1"`.
    """
    own = np.zeros(len(starts), np.bool_)
    long = np.flatnonzero((ends - starts > len(_REF)) & (sizes <= _LONGEST))
    if not len(long):
        return own, ends
    size, mask = sizes[long], LOW_BYTES[sizes[long]]
    word = tags.words[names[long]] & mask
    quote = ends[long] - 1

    def spelled(at: Index) -> Mask:
        there: Mask = (tags.words[np.maximum(at, 0)] & mask) == word
        return there

    def begun(at: Index) -> Mask:
        before = np.maximum(at - len(_REF), 0)
        there: Mask = (tags.words[before] & LOW_BYTES[len(_REF)]) == _REF_WORD
        return np.logical_and(there, before > starts[long])

    last = quote - size
    first = last - 1 - size
    ended = (tags.octets[quote] == _QUOTE) & spelled(last)
    twice = ended & (tags.octets[np.maximum(last - 1, 0)] == _COLON) & spelled(first) & begun(first)
    once = ended & begun(last)
    own[long] = once | twice
    ends = ends.copy()
    ends[long[once]] = last[once] - len(_REF)
    ends[long[twice]] = first[twice] - len(_REF)
    return own, ends
