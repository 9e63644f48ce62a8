"""Blocks that go on for a line more than their pattern does: an odd line is still theirs.

The lines at the edges of a block are taken in where others read them with it, or where they
read what its pattern would. Widens only: what it takes in is deviant, and no cell changes
its formula.
"""

from __future__ import annotations

import re

import numpy as np

from xlconv.arrays import Index
from xlconv.errors import ReadError
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.grouping.areas_read import are_totals, read_areas, references_in
from xlconv.spreadsheet.blocks.grouping.formula_index import FormulaIndex
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.blocks.plane import Plane

# Odd lines at the edge belong to a block of at least so many lines each way.
_SMALLEST_PLANE = 3

# Of a block and a range around it that formulas read; a network has few for each block.
_MOST_PAIRS = 50_000

# What points elsewhere by its nature.
_LOOKING_UP = re.compile(r"\b(?:[VHX]?LOOKUP|INDEX|OFFSET|X?MATCH|CHOOSE)\(")

# And an odd cell at the end to a vector of at least so many.
_SHORTEST_VECTOR = 4


def completed(blocks: list[FoundBlock], formulas: FormulaIndex) -> list[FoundBlock]:
    """Widen blocks up to the range that other formulas read them by.

    What reads $FQ$4:$FQ$13 tells that a block of FQ4:FQ12 goes on for one cell more,
    whatever stands there. A range that moves from cell to cell tells less: it may
    reach into padding, so that only odd formulas are taken in.
    """
    read = sorted({area for one in blocks for area in read_areas(one)}, key=str)
    if not read:
        return blocks
    areas = AreaIndex((0, area) for area, _, _ in read)
    owner = np.full(len(formulas.sheet), -1, np.int64)
    sizes = np.array([one.size for one in blocks], np.int64)
    # Bare references beside a block are its halo, not odd cells of it.
    repeats = np.array([one.pattern.is_bare for one in blocks])
    for number, one in enumerate(blocks):
        owner[one.cells[one.regular]] = number
    found: list[FoundBlock] = []
    pairs = 0
    for number, one in enumerate(blocks):
        is_open = one.size > 1 and not _reads_itself(one)
        around = areas.around(0, one.lattice.range) if is_open else []
        wider = one
        pairs += len(around)
        if pairs > _MOST_PAIRS:
            raise ReadError(
                f"sheet {formulas.sheet.name!r}: formulas that read others by more than "
                f"{_MOST_PAIRS:,} ranges; expected the blocks of a network"
            )
        for k in around:
            owners = (number, owner, np.where(repeats, np.iinfo(np.int64).max, sizes))
            wider = _widened_to(wider, *read[k], owners, formulas)
        found.append(wider)
    return found


def _reads_itself(one: FoundBlock) -> bool:
    """Whether cells read others of their block, as running totals do: the first one cannot."""
    n, m = one.lattice.shape
    last = one.pattern.values(n - 1, m - 1)
    areas = (area for _, area in references_in(one.pattern.pieces, last))
    return any(area.overlaps(one.lattice.range) for area in areas)


def _widened_to(
    one: FoundBlock,
    area: Range,
    still: bool,
    by_totals: bool,
    owners: tuple[int, Index, Index],
    formulas: FormulaIndex,
) -> FoundBlock:
    number, owner, sizes = owners
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        most = max(1, one.lattice.shape[0 if down else 1] // 4)
        for _ in range(most):
            lattice = _line_beside(one.lattice, down, right)
            if not area.holds(lattice.range) or not _is_spelled(one, down, right):
                break
            length = max(lattice.shape)
            if not _same_span(one.lattice, area, down) if still else one.size < 2 * length:
                break
            cells = formulas.lattice_cells(lattice).ravel()
            there = cells[cells >= 0]
            homes = owner[there]
            others = homes[(homes >= 0) & (homes != number)]
            if (sizes[others] > max(1, len(cells))).any():
                break
            # Only of a vector does a range that is read whole tell that a blank belongs to it.
            if not (still and len(cells) == 1) and (len(there) < len(cells) or (homes < 0).any()):
                break
            is_plane = min(one.lattice.shape) >= _SMALLEST_PLANE
            if by_totals and is_plane and are_totals(one.lattice, lattice, there, formulas):
                break
            one = _with_line(one, down, right, formulas)
    return one


def _same_span(lattice: Plane, area: Range, down: int) -> bool:
    own = lattice.range
    if down:
        return (own.left, own.right) == (area.left, area.right)
    return (own.top, own.bottom) == (area.top, area.bottom)


def with_odd_ends(blocks: list[FoundBlock], formulas: FormulaIndex) -> list[FoundBlock]:
    """Widen vectors by a lone cell at an end that reads what their pattern would read there."""
    lone = {int(one.cells[0, 0]) for one in blocks if one.cells.size == 1}
    return [_with_ends(one, lone, formulas) for one in blocks]


def _with_ends(one: FoundBlock, lone: set[int], formulas: FormulaIndex) -> FoundBlock:
    if 1 not in one.lattice.shape or one.size < _SHORTEST_VECTOR or one.pattern.is_bare:
        return one
    for ahead in (True, False):
        n, m = one.lattice.shape
        down, right = ((-1 if ahead else 1), 0) if m == 1 else (0, (-1 if ahead else 1))
        beside = _line_beside(one.lattice, down, right)
        place = (
            (-1 if down else 0, -1 if right else 0) if ahead else (n * abs(down), m * abs(right))
        )
        if min(beside.origin) < 0:
            continue
        (cell,) = formulas.lattice_cells(beside).ravel().tolist()
        if cell in lone and _reads_alike(one, place, beside, cell, formulas):
            one = _with_line(one, down, right, formulas)
    return one


def _reads_alike(
    one: FoundBlock, place: tuple[int, int], beside: Plane, cell: int, formulas: FormulaIndex
) -> bool:
    """Whether a cell reads mostly what a pattern would, and all of that which moves.

    What a pattern reads of its own cells, as a running total does, tells nothing of its
    first cell.
    """
    values = one.pattern.values(*place)
    expected = {area for _, area in references_in(one.pattern.pieces, values)}
    still = {area for _, area in references_in(one.pattern.pieces, one.pattern.values(0, 0))}
    own = one.lattice.range.union(beside.range)
    if min(values, default=-1) < 0 or any(area.overlaps(own) for area in expected):
        return False
    template = formulas.template(cell)
    found = {area for _, area in references_in(template.pieces, list(template.values))}
    moving = expected - still
    return bool(moving) and moving <= found and 3 * len(expected & found) >= 2 * len(expected)


def with_odd_lines(alike: list[FoundBlock], formulas: FormulaIndex) -> list[FoundBlock]:
    """Widen blocks by a line at their edge that has their pattern but points elsewhere.

    A line that was overwritten with another's formulas is still a line of the block. Bare
    references beside a block of them are its halo, though, which has a pattern of its own.
    """
    lines = [one for one in alike if min(one.lattice.shape) == 1]
    if not lines or lines[0].pattern.is_bare:
        return alike
    if _LOOKING_UP.search("".join(lines[0].pattern.pieces)):
        return alike  # one that looks up elsewhere is of another table
    cells = {cell for one in lines for cell in one.cells[one.regular].tolist()}
    return [_widened(one, cells, formulas) for one in alike]


def _widened(one: FoundBlock, odd: set[int], formulas: FormulaIndex) -> FoundBlock:
    if min(one.lattice.shape) < _SMALLEST_PLANE:
        return one
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        lattice = _line_beside(one.lattice, down, right)
        if min(lattice.origin) < 0 or not _is_spelled(one, down, right):
            continue
        line = formulas.lattice_cells(lattice).ravel().tolist()
        if sum(cell in odd for cell in line) * 2 > len(line):
            return _widened(_with_line(one, down, right, formulas), odd - set(line), formulas)
    return one


def _line_beside(lattice: Plane, down: int, right: int) -> Plane:
    (n, m), (sr, sc), (row, column) = lattice.shape, lattice.step, lattice.origin
    if down:
        return Plane((row + (n if down > 0 else -1) * sr, column), (1, m), (sr, sc))
    return Plane((row, column + (m if right > 0 else -1) * sc), (n, 1), (sr, sc))


def _is_spelled(one: FoundBlock, down: int, right: int) -> bool:
    """Whether the pattern has a formula for every cell of the line beside a block."""
    n, m = one.lattice.shape
    if down:
        return bool(one.pattern.shifted(n if down > 0 else -1, 0).is_spelled((1, m)).all())
    return bool(one.pattern.shifted(0, m if right > 0 else -1).is_spelled((n, 1)).all())


def _with_line(one: FoundBlock, down: int, right: int, formulas: FormulaIndex) -> FoundBlock:
    """Return the block with one more line of its lattice, all of it deviant."""
    (n, m), (sr, sc), (row, column) = one.lattice.shape, one.lattice.step, one.lattice.origin
    i, j = min(0, down), min(0, right)
    shape = n + abs(down), m + abs(right)
    lattice = Plane((row + i * sr, column + j * sc), shape, (sr, sc))
    regular = np.zeros(shape, np.bool_)
    regular[-i : n - i, -j : m - j] = one.regular
    pattern = one.pattern.shifted(i, j)
    return FoundBlock(lattice, pattern, one.is_array, formulas.lattice_cells(lattice), regular)
