"""Cells whose right number a wrong formula gives as well, and which others tell the two apart.

Where a window is all zeros, its mean is its maximum. Such a cell is counted as long as nothing
speaks against it: once of a wrong formula's witnesses, cells of the plane where it shows, two more
are wrong than right, those where it does not are in doubt: one slip is no wrong formula. Which ones
these are is found by calculating every wrong formula (`lookalikes`) for the input that the exercise
shows. Judges no cell itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.arrays import Array, Integers
from xlconv.classroom.exercises.lookalikes import lookalikes
from xlconv.layers.base.layer import Written
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.block import Block, expand
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.editing.recalculated import recalculated
from xlconv.spreadsheet.formula import MAX_FORMULA_LENGTH, on_sheet, render
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook, indices_of, keys_of

_WITNESSES = 5
_MOST = 20  # wrong formulas of a block: each is a digit of a binary number
_CLOSE = 1e-6  # of the largest number of a plane
_LETTERS = 30_000  # of all wrong formulas together: planes of a wide layer are many seconds' work
_ASIDE = "wrong formulas"

Witness = tuple[Written, int, int]  # a block, and a cell (i, j) of it


class Doubt(Struct, frozen=True):
    """The wrong formulas of a block that look right somewhere.

    `digits` (rows, columns) has of every cell the sum of 2**k of those that look right there;
    `witnesses` of each of them the cells that give it away.
    """

    digits: Integers
    witnesses: tuple[tuple[Witness, ...], ...]

    @property
    def sums(self) -> tuple[int, ...]:
        """The sums of digits that cells have, each once, but for that of no doubt at all."""
        return tuple(int(one) for one in np.unique(self.digits) if one)

    @property
    def rows(self) -> int:
        """How many rows it takes to write it down."""
        return max(len(self.witnesses), len(self.sums))


class _Lookalike(Struct, frozen=True):
    """The k-th wrong formula of a block, and in which cells it looks right."""

    block: int
    key: tuple[str, int]
    looks_right: NDArray[np.bool_]


def doubts_of(blocks: Sequence[Written], sheet: Sheet) -> dict[Cell, Doubt]:
    """Return the doubts of blocks by their first cells; `sheet` has their right values."""
    every = list(_calculated(blocks, sheet))
    found = {}
    for number, one in enumerate(blocks):
        known: dict[bytes, tuple[_Lookalike, tuple[Witness, ...]]] = {}
        for other in every:
            if other.block != number or not other.looks_right.any():
                continue
            witnesses = _witnesses(blocks, [other]) or _witnesses(
                blocks, [each for each in every if each.key == other.key]
            )
            if witnesses:
                known.setdefault(other.looks_right.tobytes(), (other, witnesses))
        kept = list(known.values())[:_MOST]
        if kept:
            digits = sum(other.looks_right * 2**k for k, (other, _) in enumerate(kept))
            told = tuple(witnesses for _, witnesses in kept)
            found[one.block.lattice.origin] = Doubt(np.asarray(digits, np.int64), told)
    return found


def _witnesses(blocks: Sequence[Written], every: Sequence[_Lookalike]) -> tuple[Witness, ...]:
    """Return some cells in which a wrong formula shows, from the first to the last one."""
    shown = [
        (blocks[one.block], *divmod(int(at), one.looks_right.shape[1]))
        for one in every
        for at in np.flatnonzero(~one.looks_right)
    ]
    if len(shown) <= _WITNESSES:
        return tuple(shown)
    # People begin at the first ones; which come first here are kept where not all have room.
    last = len(shown) - 1
    return tuple(shown[k] for k in (0, last, last // 2, 1, 3 * last // 4))


def _calculated(blocks: Sequence[Written], sheet: Sheet) -> Iterator[_Lookalike]:
    """Yield the wrong formulas of all blocks, calculated where none of them is in another's way."""
    into, row, letters = SheetBuilder(), 0, 0
    tried: list[tuple[int, tuple[str, int], Plane]] = []
    for number, one in enumerate(blocks):
        shape, length = one.block.lattice.shape, len(render(one.block.tree))
        if length > MAX_FORMULA_LENGTH // 4 or letters > _LETTERS:
            continue
        for k, tree in enumerate(lookalikes(one.block.tree)):
            place = Plane((row, 0), shape)
            wrong = Block(place, on_sheet(tree, sheet.name), one.block.array)
            expand(wrong, np.zeros(shape), into)
            tried.append((number, (one.name, k), place))
            row, letters = row + shape[0], letters + length
    if not tried:
        return
    (_, found) = recalculated(Workbook((sheet, into.finish(_ASIDE)))).sheets
    for number, key, place in tried:
        right = _numbers(sheet, blocks[number].block.lattice)
        near = _CLOSE * (float(np.nanmax(np.abs(right), initial=0.0)) or 1.0)
        with np.errstate(invalid="ignore"):
            close = np.abs(_numbers(found, place) - right) <= near
        yield _Lookalike(number, key, close.reshape(place.shape))


def _numbers(sheet: Sheet, plane: Plane) -> Array:
    """Return the numbers of a plane's cells, NaN where one holds none."""
    places = indices_of(keys_of(sheet.rows, sheet.columns), *plane.cells())
    there = (places >= 0) & (sheet.cached[places] == Kind.NUMBER)
    numbers: Array = np.where(there, sheet.numbers[places], np.nan)
    return numbers
