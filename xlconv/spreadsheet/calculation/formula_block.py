"""Units of calculation: the cells of one formula, and what they read.

A unit is the regular cells of a group, one formula that fits no group, or an array
formula over several cells. References to other sheets are by number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from xlconv.errors import FormulaError, ReadError
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.pattern import FoundBlock, Index
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import at_origin, range_reached, sheet_of
from xlconv.spreadsheet.formula import Axis, Node, Ref, corners, mapped, references
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.workbook import Kind, Sheet, indices_of, keys_of

# Characters in the formulas of all patterns of a sheet: each is parsed.
_MOST_TEXT = 1_000_000


@dataclass(slots=True)
class FormulaBlock:
    """Cells of one formula: the regular cells of a group, or one deviant."""

    sheet: int
    lattice: Plane
    tree: Node | None
    is_array: bool
    cells: Index  # (rows, columns) of the lattice
    mask: NDArray[np.bool_]
    reason: str = ""  # why there is no tree
    reads: tuple[tuple[int, Range], ...] = ()
    spills: bool = False  # one array formula that fills the whole lattice


def formula_blocks(
    number: int, sheet: Sheet, groups: list[FoundBlock], places: dict[str, int]
) -> Iterator[FormulaBlock]:
    seen = np.zeros(len(sheet), np.bool_)
    if sum(len(piece) for one in groups for piece in one.pattern.pieces) > _MOST_TEXT:
        raise ReadError(
            f"sheet {sheet.name!r}: more than {_MOST_TEXT:,} characters of formulas "
            "that have no pattern in common"
        )
    keys = keys_of(sheet.rows, sheet.columns) if sheet.arrays else np.empty(0, np.int64)
    for one in groups:
        yield _group_unit(number, one, places)
        seen[one.cells[one.regular]] = True
    for index in np.flatnonzero(sheet.is_formula & ~seen).tolist():
        if sheet.kinds[index] == Kind.SPILLED:
            continue
        cell = int(sheet.rows[index]), int(sheet.columns[index])
        tree, reason = _tree(partial(parse, sheet.texts[index]), places)
        is_array = bool(sheet.kinds[index] == Kind.ARRAY_FORMULA)
        cells, mask, lattice = np.array([[index]]), np.ones((1, 1), np.bool_), Plane(cell, (1, 1))
        spills = index in sheet.arrays
        if spills:
            lattice, cells = _spill(sheet, sheet.arrays[index], keys)
            mask = (cells >= 0) & ~seen[cells]
            seen[cells[mask]] = True
        unit = FormulaBlock(number, lattice, tree, is_array, cells, mask, reason, spills=spills)
        yield _with_reads(unit, places)


def _spill(sheet: Sheet, area: Range, keys: Index) -> tuple[Plane, Index]:
    """Return the cells of an array formula, as far down as the sheet is used."""
    bottom = min(area.bottom, max(area.top, int(sheet.rows[-1])))
    right = min(area.right, max(area.left, int(sheet.columns.max())))
    lattice = Plane((area.top, area.left), (bottom - area.top + 1, right - area.left + 1))
    return lattice, indices_of(keys, *lattice.cells()).reshape(lattice.shape)


def _group_unit(number: int, one: FoundBlock, places: dict[str, int]) -> FormulaBlock:
    tree, reason = _tree(one.tree, places)
    unit = FormulaBlock(number, one.lattice, tree, one.is_array, one.cells, one.regular, reason)
    return _with_reads(unit, places)


def _tree(read: Callable[[], Node], places: dict[str, int]) -> tuple[Node | None, str]:
    try:
        tree = read()
        names = {corners(one)[0].sheet for one in references(tree)}
        for name in names:
            if name is not None and name.casefold() not in places:
                return None, f"the sheet {name!r}, which is not there"
        return tree, ""
    except FormulaError as error:
        return None, str(error)


def _with_reads(unit: FormulaBlock, places: dict[str, int]) -> FormulaBlock:
    if unit.tree is None:
        return unit
    shape = unit.lattice.shape
    reads = {
        (unit.sheet if sheet is None else places[sheet.casefold()], range_reached(one, shape))
        for one in references(unit.tree)
        for sheet in [corners(one)[0].sheet]
    }
    tree = mapped(unit.tree, lambda one: replace(one, sheet=_number(one.sheet, places)))
    return replace(unit, tree=tree, reads=tuple(reads))


def _number(sheet: str | None, places: dict[str, int]) -> str | None:
    return None if sheet is None else str(places[sheet.casefold()])


def singles(unit: FormulaBlock) -> Iterator[FormulaBlock]:
    """Yield the cells of a block as blocks of their own."""
    for i, j in zip(*np.nonzero(unit.mask), strict=True):
        yield single(unit, int(i), int(j))


def single(unit: FormulaBlock, i: int, j: int) -> FormulaBlock:
    """Return the unit of the one cell (i, j) of a block: its references have no steps."""

    def moved(reference: Ref) -> Ref:
        row, column = reference.row, reference.column
        return at_origin(
            replace(
                reference,
                row=replace(row, offset=row.at(i, j)),
                column=replace(column, offset=column.at(i, j)),
            )
        )

    tree = None if unit.tree is None else mapped(unit.tree, moved)
    reads = (
        ()
        if tree is None
        else tuple(
            {(sheet_of(one, unit.sheet), range_reached(one, (1, 1))) for one in references(tree)}
        )
    )
    return FormulaBlock(
        unit.sheet, Plane(unit.lattice.cell(i, j), (1, 1)), tree, unit.is_array,
        unit.cells[i : i + 1, j : j + 1], np.ones((1, 1), np.bool_), unit.reason, reads,
    )  # fmt: skip


def part(unit: FormulaBlock, rows: range, columns: range) -> FormulaBlock:
    """Return the unit of some rows and columns of a block that are next to each other."""

    def moved(axis: Axis) -> Axis:
        return replace(axis, offset=axis.at(rows.start, columns.start))

    tree = unit.tree and mapped(
        unit.tree, lambda one: replace(one, row=moved(one.row), column=moved(one.column))
    )
    here = np.s_[rows.start : rows.stop, columns.start : columns.stop]
    lattice = Plane(
        unit.lattice.cell(rows.start, columns.start), (len(rows), len(columns)), unit.lattice.step
    )
    return replace(
        unit, lattice=lattice, tree=tree, cells=unit.cells[here], mask=unit.mask[here], reads=()
    )
