"""Joins the blocks that were grown apart, and decides which cells are deviants of which.

What a fault splits belongs together again: blocks of one law that touch, small ones
within a larger one, lines at an edge that point elsewhere, cells that others read as
part of a range.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np

from xlconv.errors import ReadError
from xlconv.law import Group, Index, Law
from xlconv.plane import Plane
from xlconv.refs import Range
from xlconv.sheet import Sheet

# Odd lines at the edge belong to a block of at least so many lines each way.
_SMALLEST_PLANE = 3
# So many times more cells must follow a pattern than not, before those are wrong.
_TRUST_LINE, _TRUST_PLANE, _TRUST_CELLS = 3, 2, 4


# Of a block and a range around it that formulas read; a network has few for each block.
_MOST_PAIRS = 50_000

# In a group's cells: a cell that belongs to another block.
OTHERS = -2


class Finder(Protocol):
    """What merging asks of the sheet."""

    sheet: Sheet

    def lattice_cells(self, lattice: Plane) -> Index:
        """Return the indices of all cells of a lattice, -1 where blank."""

    def alone(self, seed: int) -> Group:
        """Return a formula cell as a group of its own."""


def trusted(one: Group, finder: Finder) -> list[Group]:
    """Return the group, or its cells one by one where too many differ to call them wrong."""
    odd = int((~one.regular).sum())
    times = _TRUST_LINE if min(one.lattice.shape) == 1 else _TRUST_PLANE
    if not odd or (one.size >= times * odd and one.size >= _TRUST_CELLS):
        return [one]
    indices = one.cells[one.cells >= 0].tolist()
    return [finder.alone(index) for index in indices if finder.sheet.is_formula[index]]


def merged(groups: list[Group], finder: Finder) -> list[Group]:
    """Join groups of one law, and make small ones inside a larger one its deviants."""
    by_shape: dict[tuple[object, ...], list[Group]] = {}
    for one in groups:
        by_shape.setdefault((one.law.pieces, one.is_array), []).append(one)
    joined: list[Group] = []
    for alike in by_shape.values():
        whole = _joined(sorted(alike, key=lambda one: -one.size), finder)
        joined += _with_odd_lines(whole, finder)
    return _absorbed(_completed(joined, finder))


def _completed(groups: list[Group], finder: Finder) -> list[Group]:
    """Widen blocks up to the range that other formulas read them by.

    What reads $FQ$4:$FQ$13 tells that a block of FQ4:FQ12 goes on for one cell more,
    whatever stands there. A range that moves from cell to cell tells less: it may
    reach into padding, so that only odd formulas are taken in.
    """
    read = sorted({area for one in groups for area in _read_areas(one)}, key=str)
    if not read:
        return groups
    areas = np.array([(a.top, a.left, a.bottom, a.right, still) for a, still in read], np.int64)
    owner = np.full(len(finder.sheet), -1, np.int64)
    sizes = np.array([one.size for one in groups], np.int64)
    # Bare references beside a block are its border, not odd cells of it.
    repeats = np.array([one.law.is_bare for one in groups])
    for number, one in enumerate(groups):
        owner[one.cells[one.regular]] = number
    found: list[Group] = []
    pairs = 0
    for number, one in enumerate(groups):
        area = one.lattice.range
        around = (
            (areas[:, 0] <= area.top) & (areas[:, 2] >= area.bottom)
            & (areas[:, 1] <= area.left) & (areas[:, 3] >= area.right)
        )  # fmt: skip
        wider = one
        pairs += int(around.sum()) if one.size > 1 else 0
        if pairs > _MOST_PAIRS:
            raise ReadError(
                f"sheet {finder.sheet.name!r}: formulas that read others by more than "
                f"{_MOST_PAIRS:,} ranges; expected the blocks of a network"
            )
        for k in np.flatnonzero(around).tolist() if one.size > 1 else ():
            owners = (number, owner, np.where(repeats, np.iinfo(np.int64).max, sizes))
            wider = _widened_to(wider, read[k][0], bool(read[k][1]), owners, finder)
        found.append(wider)
    return found


def _read_areas(one: Group) -> Iterator[tuple[Range, bool]]:
    """Yield the ranges that a block reads, and whether they are the same for all its cells."""
    law, (n, m) = one.law, one.lattice.shape
    for k in range(0, len(law.base) - 3, 2):
        if law.pieces[k + 2] not in (":", ":$"):
            continue
        slots = range(k, k + 4)
        still = not any(law.by_row[s] or law.by_column[s] for s in slots)
        ends = [law.values(i, j)[k : k + 4] for i in {0, n - 1} for j in {0, m - 1}]
        yield Range(
            min(e[1] for e in ends), min(e[0] for e in ends),
            max(e[3] for e in ends), max(e[2] for e in ends),
        ), still  # fmt: skip


def _widened_to(
    one: Group, area: Range, still: bool, owners: tuple[int, Index, Index], finder: Finder
) -> Group:
    number, owner, sizes = owners
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        most = max(1, one.lattice.shape[0 if down else 1] // 4)
        for _ in range(most):
            lattice = _line_beside(one.lattice, down, right)
            if not area.holds(lattice.range):
                break
            length = max(lattice.shape)
            if not _same_span(one.lattice, area, down) if still else one.size < 2 * length:
                break
            cells = finder.lattice_cells(lattice).ravel()
            there = cells[cells >= 0]
            homes = owner[there]
            others = homes[(homes >= 0) & (homes != number)]
            if (sizes[others] > max(1, len(cells))).any():
                break
            # Only of a vector does a range that is read whole tell that a blank belongs to it.
            if not (still and len(cells) == 1) and (len(there) < len(cells) or (homes < 0).any()):
                break
            one = _with_line(one, down, right, finder)
    return one


def _same_span(lattice: Plane, area: Range, down: int) -> bool:
    own = lattice.range
    if down:
        return (own.left, own.right) == (area.left, area.right)
    return (own.top, own.bottom) == (area.top, area.bottom)


def _line_beside(lattice: Plane, down: int, right: int) -> Plane:
    (n, m), (sr, sc), (row, column) = lattice.shape, lattice.step, lattice.origin
    if down:
        return Plane((row + (n if down > 0 else -1) * sr, column), (1, m), (sr, sc))
    return Plane((row, column + (m if right > 0 else -1) * sc), (n, 1), (sr, sc))


def _with_line(one: Group, down: int, right: int, finder: Finder) -> Group:
    """Return the block with one more line of its lattice, all of it deviant."""
    (n, m), (sr, sc), (row, column) = one.lattice.shape, one.lattice.step, one.lattice.origin
    i, j = min(0, down), min(0, right)
    shape = n + abs(down), m + abs(right)
    lattice = Plane((row + i * sr, column + j * sc), shape, (sr, sc))
    regular = np.zeros(shape, np.bool_)
    regular[-i : n - i, -j : m - j] = one.regular
    law = one.law.shifted(i, j)
    return Group(lattice, law, one.is_array, finder.lattice_cells(lattice), regular)


def _with_odd_lines(alike: list[Group], finder: Finder) -> list[Group]:
    """Widen blocks by a line at their edge that has their pattern but points elsewhere.

    A line that was overwritten with another's formulas is still a line of the block.
    """
    lines = [one for one in alike if min(one.lattice.shape) == 1]
    if not lines:
        return alike
    cells = {cell for one in lines for cell in one.cells[one.regular].tolist()}
    return [_widened(one, cells, finder) for one in alike]


def _widened(one: Group, odd: set[int], finder: Finder) -> Group:
    if min(one.lattice.shape) < _SMALLEST_PLANE:
        return one
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        lattice = _line_beside(one.lattice, down, right)
        if min(lattice.origin) < 0:
            continue
        line = finder.lattice_cells(lattice).ravel().tolist()
        if sum(cell in odd for cell in line) * 2 > len(line):
            return _widened(_with_line(one, down, right, finder), odd - set(line), finder)
    return one


def _joined(alike: list[Group], finder: Finder) -> list[Group]:
    kept: list[Group] = []
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
            union = _union(whole[first], whole[rest[place]], finder)
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


def _near(home: Group, boxes: Index) -> Index:
    """Return which origins and shapes lie on the lattice of a block and touch it, or are in it."""
    (sr, sc), (row, column), (height, width) = (
        home.lattice.step, home.lattice.origin, home.lattice.shape,
    )  # fmt: skip
    i, down = np.divmod(boxes[:, 0] - row, sr)
    j, right = np.divmod(boxes[:, 1] - column, sc)
    fits = (down == 0) & (right == 0) & (i <= height) & (j <= width)
    return np.flatnonzero(fits & (i + boxes[:, 2] >= 0) & (j + boxes[:, 3] >= 0))


def _union(home: Group, other: Group, finder: Finder) -> Group | None:
    """Return both, which are near, as one group where the law of the first holds for the other."""
    (sr, sc), (row, column) = home.lattice.step, home.lattice.origin
    down, right = other.lattice.origin[0] - row, other.lattice.origin[1] - column
    n, m = other.lattice.shape
    if (n > 1 and other.lattice.step[0] != sr) or (m > 1 and other.lattice.step[1] != sc):
        return None
    i, j = down // sr, right // sc
    height, width = home.lattice.shape
    straight = (i == 0 and height == n) or (j == 0 and width == m)
    law = _fitted(home, other, i, j) if straight or not home.law.is_bare else None
    if law is None:
        return None
    top, left = min(0, i), min(0, j)
    bottom, end = max(height, i + n), max(width, j + m)
    if (bottom - top) * (end - left) > 2 * (home.size + other.size) + 8:
        return None  # mostly holes: two blocks, not one
    lattice = Plane((row + top * sr, column + left * sc), (bottom - top, end - left), (sr, sc))
    regular = np.zeros(lattice.shape, np.bool_)
    regular[-top : height - top, -left : width - left] |= home.regular
    regular[i - top : i + n - top, j - left : j + m - left] |= other.regular
    return Group(
        lattice, law.shifted(top, left), home.is_array, finder.lattice_cells(lattice), regular
    )


def _fitted(home: Group, other: Group, i: int, j: int) -> Law | None:
    """Return the law that holds for both, or None. A single line leaves its own step open."""
    law, theirs = home.law, other.law
    if home.lattice.shape[0] == 1 and i and not any(law.by_row):
        steps = [
            (b - a - j * r) for a, b, r in zip(law.base, theirs.base, law.by_column, strict=True)
        ]
        if any(step % i for step in steps):
            return None
        law = replace(law, by_row=tuple(step // i for step in steps))
    if home.lattice.shape[1] == 1 and j and not any(law.by_column):
        steps = [(b - a - i * d) for a, b, d in zip(law.base, theirs.base, law.by_row, strict=True)]
        if any(step % j for step in steps):
            return None
        law = replace(law, by_column=tuple(step // j for step in steps))
    if tuple(law.values(i, j)) != theirs.base:
        return None
    n, m = other.lattice.shape
    if (n > 1 and theirs.by_row != law.by_row) or (m > 1 and theirs.by_column != law.by_column):
        return None
    return law


def _absorbed(groups: list[Group]) -> list[Group]:
    """Drop the groups that lie within a larger one's lattice: their cells are its deviants."""
    groups = sorted(groups, key=lambda one: -one.size)
    kept: list[Group] = []
    owner: dict[int, int] = {}
    for one in groups:
        cells = one.cells[one.regular].tolist()
        owners = {owner.get(cell) for cell in cells}
        home = owners.pop() if len(owners) == 1 else None
        if home is not None and 2 * one.size < kept[home].size and not _is_corner(one, kept[home]):
            continue
        for cell in one.cells[~one.regular].tolist():
            if cell >= 0:
                owner.setdefault(cell, len(kept))
        kept.append(one)
    return kept


def _is_corner(one: Group, home: Group) -> bool:
    """Whether a bare reference stands at the end of a line of them, as borders have corners."""
    if not (one.law.is_bare and home.law.is_bare and 1 in home.lattice.shape):
        return False
    ends = (home.regular.ravel()[0], home.regular.ravel()[-1])
    return not all(ends) and one.size == 1


def without_claimed(groups: list[Group], count: int) -> list[Group]:
    """Leave out of a group's deviants the cells, of `count`, that are regular in another."""
    owner = np.full(count, -1, np.int64)
    for number, one in enumerate(groups):
        owner[one.cells[one.regular]] = number
    for number, one in enumerate(groups):
        if not one.regular.all():
            odd = ~one.regular & (one.cells >= 0)
            home = np.where(odd, owner[one.cells], -1)
            one.cells[odd & (home >= 0) & (home != number)] = OTHERS
    return groups
