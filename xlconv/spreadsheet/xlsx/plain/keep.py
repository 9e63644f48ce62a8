"""What plain cells hold, kept as the streaming reader keeps it.

Formulas and numbers go in bulk. Whatever is rare goes cell by cell, by the streaming reader's
own rules, in the order of the file.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xlconv.arrays import Index, Integers, Mask
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.current_cell import CurrentCell
from xlconv.spreadsheet.xlsx.plain.attributes import Attributes, Said
from xlconv.spreadsheet.xlsx.plain.contents import contents, numbers_of, text_of
from xlconv.spreadsheet.xlsx.plain.formulas import Formulas, formulas_of
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


class _Held(Struct, frozen=True):
    """Cells that hold something: where they stand, and the tags of what they hold, or -1."""

    keys: Integers
    said: Said
    formulas: Formulas
    values: Index
    inlines: Index


def keep(tags: Tags, cells: CellTags, attributes: Attributes, current: CurrentCell) -> None:
    """Keep the cells of rows. Raises NotPlainError, and ReadError for too many of them."""
    held = _held(tags, cells, attributes)
    lone = ~held.said.where("t", None, "n") | (held.inlines >= 0)
    lone[held.formulas.of >= 0] |= held.formulas.rare
    many = _many(tags, held, lone)
    begin = 0
    for k in np.flatnonzero(lone).tolist():
        if k > begin:
            current.keep_many(many.part(begin, k), _children(held.formulas, begin, k))
        _keep_alone(tags, held, k, attributes, current)
        begin = k + 1
    if begin < len(held.keys):
        rest = many.part(begin, len(held.keys)) if begin else many
        current.keep_many(rest, _children(held.formulas, begin, len(held.keys)))


def _held(tags: Tags, cells: CellTags, attributes: Attributes) -> _Held:
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
    which = opened[holds]
    formulas = formulas_of(
        tags, np.where(has_formula, at, -1)[holds], cells.names[which], cells.sizes[which],
        attributes,
    )  # fmt: skip
    return _Held(
        cells.keys[which], Said(said.attributes, said.run[holds]), formulas,
        np.where(there, behind, -1)[holds], inlines[holds],
    )  # fmt: skip


def _check_values(tags: Tags, values: Index) -> None:
    """Raise NotPlainError for values that say something: `<v>`, `<v/>` and `<v />` do not."""
    size = tags.end[values] - tags.start[values] + 1
    empty = tags.codes[values] != VALUE
    blank = empty & (tags.octets[tags.start[values] + 2] == ord(" "))
    if (size != 3 + empty + blank).any():
        raise NotPlainError


def _many(tags: Tags, held: _Held, lone: Mask) -> ManyCells:
    """Return all cells as if there were formulas and numbers only; those alone are unused."""
    is_number = (held.values >= 0) & ~lone
    numbers = np.zeros(len(held.keys))
    numbers[is_number] = numbers_of(contents(tags, held.values[is_number]))
    cached = np.where(is_number, np.uint8(Kind.NUMBER), np.uint8(Kind.BLANK))
    formulas = held.formulas
    has_formula = formulas.of >= 0
    kinds = np.full(len(held.keys), Kind.NUMBER, np.uint8)
    kinds[has_formula] = np.where(
        formulas.arrays, np.uint8(Kind.ARRAY_FORMULA), np.uint8(Kind.FORMULA)
    )
    lengths = np.zeros(len(held.keys), np.int64)
    lengths[has_formula] = formulas.lengths
    return ManyCells(held.keys, kinds, cached, numbers, lengths, formulas.text)


def _children(formulas: Formulas, begin: int, end: int) -> list[tuple[int, str]]:
    """Return the children of shared formulas in a stretch of cells, with their groups."""
    if not formulas.children.any():
        return []
    of = formulas.of[begin:end]
    which = np.flatnonzero((of >= 0) & formulas.children[of])
    groups = [one.get("si", "") for one in formulas.said.attributes]
    runs = formulas.said.run[of[which]].tolist()
    return [(index, groups[run]) for index, run in zip(which.tolist(), runs, strict=True)]


def _keep_alone(
    tags: Tags, held: _Held, k: int, attributes: Attributes, current: CurrentCell
) -> None:
    current.kind = held.said.of(k).get("t")
    current.formula = current.value = current.inline = None
    formula, value, inline = int(held.formulas.of[k]), int(held.values[k]), int(held.inlines[k])
    if formula >= 0:
        current.formula = held.formulas.text_of(formula)
        current.attributes = held.formulas.attributes(formula)
    if value >= 0:
        current.value = text_of(tags.content(value)) if tags.codes[value] == VALUE else ""
    if inline >= 0:
        if tags.end[inline] - tags.start[inline] != len("<is"):
            raise NotPlainError
        attributes.of(tags.data[tags.start[inline + 1] + 2 : tags.end[inline + 1]])
        current.inline = text_of(tags.content(inline + 1))
    current.keep_alone(int(held.keys[k]))
