"""Lines of a lattice held against a pattern: which of their cells hold what it gives.

Compares a line at once where its texts lie next to each other, narrow blocks column by
column. Lazy: whoever asks decides after which line to stop. Takes no cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Index, Mask
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Cell
from xlconv.spreadsheet.blocks.grouping.formula_index import FormulaIndex
from xlconv.spreadsheet.blocks.pattern import Pattern, PatternTexts
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import undollared
from xlconv.spreadsheet.workbook import Kind, indices_of

# Blocks so narrow are compared column by column.
_NARROW, _LINES_AT_ONCE = 8, 4096


def is_same(text: str, expected: str) -> bool:
    """Whether a text names the cells that another does; dollars tell of copies only."""
    if text == expected:
        return True
    fewer, more = text.count("$"), expected.count("$")
    if not (fewer or more) or len(text) - fewer != len(expected) - more:
        return False
    # The last characters tell most of them apart, and cost nothing.
    bare = text[-40:].replace("$", ""), expected[-40:].replace("$", "")
    short = min(map(len, bare))
    return bare[0][-short:] == bare[1][-short:] and undollared(text) == undollared(expected)


def run_of(formulas: FormulaIndex, row: int, column: int, step: int) -> int:
    """Return how many lattice positions the row's run of formulas has; one may be missing."""
    cells = formulas.in_row(row, column, MAX_COLUMNS - 1)
    columns = formulas.columns[cells].astype(np.int64)
    places = columns[(columns - column) % step == 0]
    gaps = np.flatnonzero(np.diff(places) > 2 * step)
    end = places[gaps[0]] if len(gaps) else places[-1]
    return int(end - column) // step + 1


def _line(
    formulas: FormulaIndex,
    row: int,
    column: int,
    step: int,
    texts: PatternTexts,
    i: int,
    is_array: bool,
) -> tuple[Index, Mask]:
    """Return the cells of a line of the lattice, and which fit the pattern."""
    width = texts.width
    indices = formulas.in_row(row, column, column + (width - 1) * step)
    cells = np.full(width, -1, np.int64)
    fit = np.zeros(width, np.bool_)
    if not len(indices):
        return cells, fit
    offsets = formulas.columns[indices].astype(np.int64) - column
    places = offsets // step
    if step > 1:
        on = offsets % step == 0
        indices, places = indices[on], places[on]
    cells[places] = indices
    free = ~formulas.taken[indices]
    kind = Kind.ARRAY_FORMULA if is_array else Kind.FORMULA
    free &= formulas.sheet.kinds[indices] == kind
    expected, ends = texts.joined(i)
    starts = np.concatenate([[0], ends])
    held = formulas.sheet.texts
    begins, stops = held.starts[indices], held.ends[indices]
    alone = (places[1:] != places[:-1] + 1) | (begins[1:] != stops[:-1])
    bounds = [*(np.flatnonzero(alone) + 1).tolist(), len(indices)]
    for low, high in pairwise([0, *bounds]) if len(indices) else ():
        here = held.between(begins[low], stops[high - 1])
        first = starts[places[low]]
        # One text may be cut into formulas in several ways: A1B|1 is not A1|B1.
        cut = stops[low:high] - begins[low] == ends[places[low:high]] - first
        if cut.all() and here == expected[first : ends[places[high - 1]]]:
            fit[places[low:high]] = free[low:high]
            continue
        for k in range(low, high):
            place = places[k]
            fit[place] = free[k] and is_same(
                held.between(begins[k], stops[k]), expected[starts[place] : ends[place]]
            )
    return cells, fit


def lines(
    formulas: FormulaIndex,
    origin: Cell,
    step: tuple[int, int],
    texts: PatternTexts,
    *,
    is_array: bool,
) -> Iterator[tuple[Index, Mask]]:
    """Yield the cells of every line of the lattice, and which fit the pattern."""
    (row, column), count = origin, (MAX_ROWS - origin[0] - 1) // step[0] + 1
    i, many = 0, 1
    while i < count:
        if texts.width >= _NARROW:
            yield _line(formulas, row + i * step[0], column, step[1], texts, i, is_array)
            i += 1
            continue
        many = min(4 * many, _LINES_AT_ONCE, count - i)
        columns = [
            _column(formulas,
                Plane((row + i * step[0], column + j * step[1]), (many, 1), step),
                texts.pattern.shifted(i, j), is_array=is_array,
            )
            for j in range(texts.width)
        ]  # fmt: skip
        cells, fit = (np.stack(both, axis=1) for both in zip(*columns, strict=True))
        yield from zip(cells, fit, strict=True)
        i += many


def _column(
    formulas: FormulaIndex, lattice: Plane, pattern: Pattern, *, is_array: bool
) -> tuple[Index, Mask]:
    """Return the cells of a column of the lattice, and which fit the pattern."""
    cells = indices_of(formulas.formula_keys, *lattice.cells())
    there = np.flatnonzero(cells >= 0)
    indices = formulas.cells[cells[there]]
    cells[there] = indices
    fit = np.zeros(len(cells), np.bool_)
    kind = Kind.ARRAY_FORMULA if is_array else Kind.FORMULA
    free = ~formulas.taken[indices] & (formulas.sheet.kinds[indices] == kind)
    places, indices = there[free], indices[free]
    if len(places):
        turned = replace(pattern, by_row=pattern.by_column, by_column=pattern.by_row)
        expected = PatternTexts(turned, int(places[-1]) + 1).line(0)
        texts = formulas.sheet.texts
        fit[places] = [
            is_same(texts.between(start, end), expected[place])
            for place, start, end in zip(
                places.tolist(), texts.starts[indices].tolist(),
                texts.ends[indices].tolist(), strict=True,
            )
        ]  # fmt: skip
    return cells, fit
