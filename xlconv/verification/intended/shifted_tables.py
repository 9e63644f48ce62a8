"""Formulas that look for their parameters beside them or in another's place, all alike.

Such a layer agrees with itself; so what it spells is not where its parameters were moved to.
That is certain where they still stand in their cells, and where what is read besides was a
number of its own before. Never judges a cell.
"""

from __future__ import annotations

import numpy as np

from xlconv.layers.base.place import Groups
from xlconv.layout.layout import Layout
from xlconv.layout.stages import Stage, stages_of
from xlconv.network.network import Network
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


def reads_shifted_tables(sheet: Sheet, found: Layout, known: Layout, beside: Beside) -> bool:
    """Whether formulas take parameters from beside the cells where these are known to be.

    `found` is where formulas look for everything, `known` where it is, `beside` what else is
    known to be a number: where another stands there now, it may be a parameter. Both are on
    the `sheet`, whatever it was called where it is known from.
    """
    read, own = _tables(found), _tables(known)
    same = {
        cell for home, cell, number in beside
        if home == known.sheet and number_at(sheet, cell) == number
    }  # fmt: skip
    others = [*own.values(), *(one for place in known.places for one in place.planes)]
    return any(
        _is_shifted(sheet, read[key], own[key], others, same)
        for key in read.keys() & own.keys()
        if read[key] != own[key] and read[key].shape == own[key].shape
        if _size(own[key]) <= _MOST_CELLS
    )


def _is_shifted(sheet: Sheet, one: Plane, own: Plane, others: list[Plane], same: set[Cell]) -> bool:
    read, right = set(one.entry_cells()), set(own.entry_cells())
    return (
        not read.isdisjoint(right)
        and all(sheet.find(cell) is not None for cell in right)
        and all(
            cell in same or any(x.index_of(cell) is not None for x in others)
            for cell in read - right
        )
    )


def reads_crossed_tables(sheet: Sheet, found: Layout, known: Layout, teacher: Network) -> bool:
    """Whether planes read parameters of one another, which stand where the teacher has them.

    Planes in another order take all their parameters along, and whoever reads them has that
    order too. So that is certain where only some of a layer's are another plane's, or where
    nothing else of the network is in another order.
    """
    crossed = []
    for stage in stages_of(teacher, known):
        read, own = found.places[stage.first + 1], known.places[stage.first + 1]
        orders = {_order(read.tables.get(key, ()), one) for key, one in own.tables.items()}
        if dict(read.tables) != dict(own.tables):
            crossed.append((stage, orders - {None}))
    same = [one.planes for one in found.places] == [one.planes for one in known.places]
    for stage, known_orders in crossed:
        is_alone = len(crossed) == 1 and same and len(known_orders) > 0
        is_mixed = len(known_orders) > len({len(one or ()) for one in known_orders})
        is_here = found.places[stage.tensor].planes == known.places[stage.tensor].planes
        if is_alone or (is_mixed and is_here):
            return _holds_tables(sheet, known, teacher, stage)
    return False


def _order(read: Groups, own: Groups) -> tuple[int, ...] | None:
    """Return whose table each channel reads; None where it is not another's of the same."""
    ones, others = _by_channel(read), _by_channel(own)
    if len(others) < 2 or len(ones) != len(others) or not all(one in others for one in ones):
        return None
    return tuple(others.index(one) for one in ones)


def _by_channel(groups: Groups) -> Groups:
    return tuple((plane,) for plane in groups[0]) if len(groups) == 1 else groups


def _holds_tables(sheet: Sheet, known: Layout, teacher: Network, stage: Stage) -> bool:
    """Whether the parameters of a stage are the teacher's, in the teacher's cells."""
    numbers = teacher.layers[stage.first].tables(teacher.shapes[stage.source])
    return all(
        number_at(sheet, plane.cell(i, j)) == matrix[i, j]
        for key, groups in known.places[stage.first + 1].tables.items()
        for planes, matrices in zip(groups, numbers[key], strict=True)
        for plane, matrix in zip(planes, matrices, strict=True)
        for i, j in np.ndindex(plane.shape)
    )


def _tables(layout: Layout) -> dict[tuple[int, str, int, int], Plane]:
    return {
        (tensor, key, k, n): plane
        for tensor, place in enumerate(layout.places)
        for key, groups in place.tables.items()
        for k, group in enumerate(groups)
        for n, plane in enumerate(group)
    }


def _size(plane: Plane) -> int:
    return plane.shape[0] * plane.shape[1]
