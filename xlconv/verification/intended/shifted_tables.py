"""Formulas that look for their parameters a few cells beside them, all of a layer alike.

Such a layer agrees with itself; so what it spells is not where its parameters were moved to.
That is certain where they still stand in their cells, and where what is read besides was a
number of its own before. Never judges a cell.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlconv.layout.layout import Layout
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import Kind, Sheet, Workbook, number_at

Beside = tuple[tuple[str, Cell, float], ...]  # sheet, cell and number

# Of more parameters, or of larger tables, nobody shifts all formulas by hand.
_MOST_TABLES, _MOST_CELLS = 200, 400


def numbers_beside(workbook: Workbook, layout: Layout) -> Beside:
    """Return the numbers that a table would reach if it were shifted by less than its size.

    Those in tables are left out; in order, as what checks depend on is told from run to run.
    """
    sheet = next((one for one in workbook.sheets if one.name == layout.sheet), None)
    tables = [one for one in _tables(layout).values() if _size(one) <= _MOST_CELLS]
    if sheet is None or len(tables) > _MOST_TABLES:
        return ()
    numbers = sheet.kinds == Kind.NUMBER
    rows, columns, held = sheet.rows[numbers], sheet.columns[numbers], sheet.numbers[numbers]
    found: dict[Cell, float] = {}
    for one in tables:
        height, width = one.range.size
        area = one.range.grown(height - 1, height - 1, width - 1, width - 1)
        near = (rows >= area.top) & (rows <= area.bottom)
        near &= (columns >= area.left) & (columns <= area.right)
        cells = zip(rows[near].tolist(), columns[near].tolist(), strict=True)
        found |= dict(zip(cells, held[near].tolist(), strict=True))
    return tuple(
        (layout.sheet, cell, number) for cell, number in sorted(found.items())
        if all(one.index_of(cell) is None for one in tables)
    )  # fmt: skip


def reads_shifted_tables(workbook: Workbook, found: Layout, known: Layout, beside: Beside) -> bool:
    """Whether formulas take parameters from beside the cells where these are known to be.

    `found` is where formulas look for everything, `known` where it is, `beside` what else is
    known to be a number: where another stands there now, it may be a parameter.
    """
    sheet = next((one for one in workbook.sheets if one.name == known.sheet), None)
    if sheet is None or found.sheet != known.sheet:
        return False
    read, own = _tables(found), _tables(known)
    same = {
        cell for home, cell, number in beside
        if home == sheet.name and number_at(sheet, cell) == number
    }  # fmt: skip
    others = [*own.values(), *(one for place in known.places for one in place.planes)]
    return any(
        _is_shifted(sheet, read[key], own[key], others, same)
        for key in read.keys() & own.keys()
        if read[key] != own[key] and read[key].shape == own[key].shape
        if _size(own[key]) <= _MOST_CELLS
    )


def _is_shifted(sheet: Sheet, one: Plane, own: Plane, others: list[Plane], same: set[Cell]) -> bool:
    read, right = set(_cells(one)), set(_cells(own))
    return (
        not read.isdisjoint(right)
        and all(sheet.find(cell) is not None for cell in right)
        and all(
            cell in same or any(x.index_of(cell) is not None for x in others)
            for cell in read - right
        )
    )


def _tables(layout: Layout) -> dict[tuple[int, str, int, int], Plane]:
    return {
        (tensor, key, k, n): plane
        for tensor, place in enumerate(layout.places)
        for key, groups in place.tables.items()
        for k, group in enumerate(groups)
        for n, plane in enumerate(group)
    }


def _cells(plane: Plane) -> Iterator[Cell]:
    for i, j in np.ndindex(plane.shape):
        yield plane.cell(i, j)


def _size(plane: Plane) -> int:
    return plane.shape[0] * plane.shape[1]
