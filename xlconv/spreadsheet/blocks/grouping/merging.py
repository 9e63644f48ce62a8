"""Joins the blocks that were grown apart, and decides which cells are deviants of which.

What a fault splits belongs together again: blocks of one pattern that touch, small ones
within a larger one, lines at an edge that point elsewhere, cells that others read as
part of a range. Never evaluates, and makes no block of cells that had none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Index
from xlconv.spreadsheet.blocks.grouping.formula_index import FormulaIndex
from xlconv.spreadsheet.blocks.grouping.matching_lines import is_same
from xlconv.spreadsheet.blocks.grouping.widening import completed, with_odd_ends, with_odd_lines
from xlconv.spreadsheet.blocks.pattern import FoundBlock, Pattern
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import undollared_pieces
from xlconv.spreadsheet.workbook import Kind

# So many times more cells must follow a pattern than not, before those are wrong.
_TRUST_LINE, _TRUST_PLANE, _TRUST_CELLS = 3, 2, 4

# In a block's cells: a cell that belongs to another block.
OTHERS = -2


def trusted(one: FoundBlock, formulas: FormulaIndex) -> list[FoundBlock]:
    """Return the block, or its cells one by one where too many differ to call them wrong."""
    odd = int((~one.regular).sum())
    times = _TRUST_LINE if min(one.lattice.shape) == 1 else _TRUST_PLANE
    if not odd or (one.size >= times * odd and one.size >= _TRUST_CELLS):
        return [one]
    indices = one.cells[one.cells >= 0].tolist()
    return [formulas.alone(index) for index in indices if formulas.sheet.is_formula[index]]


def merged(blocks: list[FoundBlock], formulas: FormulaIndex) -> list[FoundBlock]:
    """Join blocks of one pattern, and make small ones inside a larger one its deviants."""
    by_shape: dict[tuple[object, ...], list[FoundBlock]] = {}
    for one in blocks:
        spelled = undollared_pieces(one.pattern.pieces)
        by_shape.setdefault((spelled, one.is_array), []).append(one)
    joined: list[FoundBlock] = []
    for alike in by_shape.values():
        whole = _joined(sorted(alike, key=lambda one: -one.size), formulas)
        joined += with_odd_lines(whole, formulas)
    return _absorbed(with_odd_ends(completed(joined, formulas), formulas))


def _joined(alike: list[FoundBlock], formulas: FormulaIndex) -> list[FoundBlock]:
    kept: list[FoundBlock] = []
    whole = list(alike)
    boxes = np.array([(*one.lattice.origin, *one.lattice.shape) for one in alike], np.int64)
    pending = np.arange(len(alike))
    while len(pending):
        first, rest = int(pending[0]), pending[1:]
        joined: list[int] = []
        near, start = _near(whole[first], boxes[rest]), 0
        while start < len(near):
            place = int(near[start])
            start += 1
            union = _union(whole[first], whole[rest[place]], formulas)
            if union is not None:
                whole[first] = union
                joined.append(place)
                near = _near(union, boxes[rest])  # of those after this one
                start = int(np.searchsorted(near, place, side="right"))
        pending = np.delete(rest, joined)
        if joined:
            pending = np.concatenate([[first], pending])  # larger now: look again
        else:
            kept.append(whole[first])
    return kept


def _near(home: FoundBlock, boxes: Index) -> Index:
    """Return which origins and shapes lie on the lattice of a block and touch it, or are in it."""
    (sr, sc), (row, column), (height, width) = (
        home.lattice.step, home.lattice.origin, home.lattice.shape,
    )  # fmt: skip
    i, down = np.divmod(boxes[:, 0] - row, sr)
    j, right = np.divmod(boxes[:, 1] - column, sc)
    fits = (down == 0) & (right == 0) & (i <= height) & (j <= width)
    return np.flatnonzero(fits & (i + boxes[:, 2] >= 0) & (j + boxes[:, 3] >= 0))


def _union(home: FoundBlock, other: FoundBlock, formulas: FormulaIndex) -> FoundBlock | None:
    """Return both, which are near, as one block where the first one's pattern holds for both."""
    (sr, sc), (row, column) = home.lattice.step, home.lattice.origin
    down, right = other.lattice.origin[0] - row, other.lattice.origin[1] - column
    n, m = other.lattice.shape
    if (n > 1 and other.lattice.step[0] != sr) or (m > 1 and other.lattice.step[1] != sc):
        return None
    i, j = down // sr, right // sc
    height, width = home.lattice.shape
    straight = (i == 0 and height == n) or (j == 0 and width == m)
    # Lines of bare references around a corner are two sides of a halo.
    apart = home.pattern.is_bare and not straight and 1 in home.lattice.shape
    pattern = None if apart else _fitted(home, other, i, j)
    if pattern is None:
        return None
    top, left = min(0, i), min(0, j)
    bottom, end = max(height, i + n), max(width, j + m)
    if (bottom - top) * (end - left) > 2 * (home.size + other.size) + 8:
        return None  # mostly holes: two blocks, not one
    lattice = Plane((row + top * sr, column + left * sc), (bottom - top, end - left), (sr, sc))
    regular = np.zeros(lattice.shape, np.bool_)
    regular[-top : height - top, -left : width - left] |= home.regular
    regular[i - top : i + n - top, j - left : j + m - left] |= other.regular
    return FoundBlock(
        lattice, pattern.shifted(top, left), home.is_array, formulas.lattice_cells(lattice), regular
    )


def _fitted(home: FoundBlock, other: FoundBlock, i: int, j: int) -> Pattern | None:
    """Return the pattern that holds for both, or None. A single line leaves its own step open."""
    pattern, theirs = home.pattern, other.pattern
    if home.lattice.shape[0] == 1 and i and not any(pattern.by_row):
        by_row = _open_step(pattern.values(0, j), theirs.base, i)
        if by_row is None:
            return None
        pattern = replace(pattern, by_row=by_row)
    if home.lattice.shape[1] == 1 and j and not any(pattern.by_column):
        by_column = _open_step(pattern.values(i, 0), theirs.base, j)
        if by_column is None:
            return None
        pattern = replace(pattern, by_column=by_column)
    if tuple(pattern.values(i, j)) != theirs.base:
        return None
    n, m = other.lattice.shape
    if (n > 1 and theirs.by_row != pattern.by_row) or (
        m > 1 and theirs.by_column != pattern.by_column
    ):
        return None
    return pattern


def _open_step(start: Sequence[int], end: Sequence[int], lines: int) -> tuple[int, ...] | None:
    """Return how far coordinates move per line, of so many; None where that is no whole number."""
    moves = [b - a for a, b in zip(start, end, strict=True)]
    return None if any(move % lines for move in moves) else tuple(move // lines for move in moves)


def _absorbed(blocks: list[FoundBlock]) -> list[FoundBlock]:
    """Drop the blocks that lie within a larger one's lattice: their cells are its deviants."""
    blocks = sorted(blocks, key=lambda one: -one.size)
    kept: list[FoundBlock] = []
    owner: dict[int, int] = {}
    for one in blocks:
        cells = one.cells[one.regular]
        home = owner.get(int(cells[0]))
        if home is not None and any(owner.get(cell) != home for cell in cells.tolist()):
            home = None
        if home is not None and 2 * one.size < kept[home].size and not _is_corner(one, kept[home]):
            continue
        for cell in one.cells[~one.regular].tolist():
            if cell >= 0:
                owner.setdefault(cell, len(kept))
        kept.append(one)
    return kept


def with_same_cells(one: FoundBlock, formulas: FormulaIndex) -> FoundBlock:
    """Return the block with those odd cells regular that name the cells its pattern says there."""
    if one.regular.all():
        return one
    sheet, regular = formulas.sheet, one.regular.copy()
    kind = Kind.ARRAY_FORMULA if one.is_array else Kind.FORMULA
    spelled = one.pattern.is_spelled(one.cells.shape)
    cells = np.where(one.cells == -1, formulas.lattice_cells(one.lattice), one.cells)
    for i, j in np.argwhere(~regular & spelled & (cells >= 0)).tolist():
        cell = int(cells[i, j])
        if sheet.kinds[cell] == kind and cell not in sheet.arrays:
            regular[i, j] = is_same(sheet.texts[cell], one.pattern.text(i, j))
    return replace(one, cells=np.where(regular, cells, one.cells), regular=regular)


def _is_corner(one: FoundBlock, home: FoundBlock) -> bool:
    """Whether a bare reference stands at the end of a line of them, as halos have corners."""
    if not (one.pattern.is_bare and home.pattern.is_bare and 1 in home.lattice.shape):
        return False
    ends = (home.regular.ravel()[0], home.regular.ravel()[-1])
    return not all(ends) and one.size == 1


def without_claimed(blocks: list[FoundBlock], count: int) -> list[FoundBlock]:
    """Leave out of a block's deviants the cells, of `count`, that are regular in another."""
    owner = np.full(count, -1, np.int64)
    for number, one in enumerate(blocks):
        owner[one.cells[one.regular]] = number
    for number, one in enumerate(blocks):
        if not one.regular.all():
            odd = ~one.regular & (one.cells >= 0)
            home = np.where(odd, owner[one.cells], -1)
            one.cells[odd & (home >= 0) & (home != number)] = OTHERS
    return blocks
