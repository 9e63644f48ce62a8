"""Two sheets cell by cell, as they are typed: how many cells are the same, and which are not.

Values that formulas store do not count.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.analysis.cell_values import typed_text
from xlconv.analysis.comparison.cell_ranges import ranges_of
from xlconv.spreadsheet.workbook import Kind, Sheet, indices_of, keys_of

_NAMES = {
    Kind.NUMBER: "a number", Kind.TEXT: "a text", Kind.BOOLEAN: "a truth value",
    Kind.ERROR: "an error", Kind.FORMULA: "a formula", Kind.ARRAY_FORMULA: "an array formula",
    Kind.SPILLED: "a part of an array formula",
}  # fmt: skip
# What is compared by its text; all else is by its number.
_SPELLED = (Kind.FORMULA, Kind.ARRAY_FORMULA, Kind.TEXT, Kind.ERROR)


class Difference(Struct, frozen=True):
    """Cells that are not the same: `what` they are, on a sheet, and one example."""

    sheet: str
    cells: str  # ranges with commas between
    count: int
    what: str
    was: str
    now: str


class SheetComparison(Struct, frozen=True):
    """How many cells of each sort a sheet had, how many are the same, and the differences."""

    formulas: int
    same_formulas: int
    numbers: int
    same_numbers: int
    texts: int
    same_texts: int
    differences: tuple[Difference, ...]


def compare_sheets(was: Sheet, now: Sheet) -> SheetComparison:
    """Return what of a sheet is the same in another; numbers are all constants but texts."""
    at = indices_of(keys_of(now.rows, now.columns), was.rows, was.columns)
    same = _same(was, now, at)
    is_text = ~was.is_formula & (was.kinds == Kind.TEXT)
    is_number = ~was.is_formula & ~is_text
    return SheetComparison(
        formulas=int(was.is_formula.sum()),
        same_formulas=int((same & was.is_formula).sum()),
        numbers=int(is_number.sum()),
        same_numbers=int((same & is_number).sum()),
        texts=int(is_text.sum()),
        same_texts=int((same & is_text).sum()),
        differences=(*_lost(was, now, at, same), *_added(was, now)),
    )


def _same(was: Sheet, now: Sheet, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which cells have the same content `at` their places now; -1 is no place."""
    same = at >= 0
    same[same] = was.kinds[same] == now.kinds[at[same]]
    spelled = same & np.isin(was.kinds, _SPELLED)
    same[spelled] = [
        was.texts[k] == now.texts[place]
        for k, place in zip(np.flatnonzero(spelled).tolist(), at[spelled].tolist(), strict=True)
    ]
    numbers = same & ~spelled & (was.kinds != Kind.SPILLED)
    same[numbers] = was.numbers[numbers] == now.numbers[at[numbers]]
    return same


def _lost(
    was: Sheet, now: Sheet, at: NDArray[np.int64], same: NDArray[np.bool_]
) -> Iterator[Difference]:
    """Yield the cells that are gone or differ, by kind; `at` is where each stands now, or -1."""
    keys = keys_of(was.rows, was.columns)
    for what, lost in (
        ("not modelled", ~same & (at < 0)),
        ("written otherwise", ~same & (at >= 0)),
    ):
        for kind in np.unique(was.kinds[lost]).tolist():
            some = np.flatnonzero(lost & (was.kinds == kind))
            first = int(some[0])
            other = typed_text(now, int(at[first])) if at[first] >= 0 else "nothing"
            yield Difference(
                was.name, ranges_of(keys[some]), len(some), f"{_NAMES[Kind(kind)]} {what}",
                typed_text(was, first), other,
            )  # fmt: skip


def _added(was: Sheet, now: Sheet) -> Iterator[Difference]:
    """Yield the cells that stand where nothing was."""
    back = indices_of(keys_of(was.rows, was.columns), now.rows, now.columns)
    extra = np.flatnonzero(back < 0)
    if len(extra):
        cells = ranges_of(keys_of(now.rows[extra], now.columns[extra]))
        example = typed_text(now, int(extra[0]))
        yield Difference(
            was.name, cells, len(extra), "written where nothing was", "nothing", example
        )
