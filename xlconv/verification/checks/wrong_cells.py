"""Wrong cells of a tried stage, those of one cause together: where, and what stands there.

Groups only; what is said of them is for `declared_layers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.errors import FormulaError
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.formula import Axis, Node, Ref, mapped
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.verification.checks.patterns import what_stands
from xlconv.verification.facts import Facts
from xlconv.verification.trials.lowered_text import LoweredTexts
from xlconv.verification.trials.tried import BORDER, TriedPlane, TriedStage


class WrongCells(Struct, frozen=True):
    """Cells of one plane that are wrong in the same way.

    `entries` are their places in the plane, row by row; `code` says what stands there, and
    `stands` what stands in the first of them.
    """

    tried: TriedStage
    plane: TriedPlane
    entries: Sequence[int]
    code: str
    stands: str
    lowered: LoweredTexts  # what lowering writes in the stage

    @property
    def sheet(self) -> int:
        """The number of their sheet."""
        return self.tried.intention.sheet

    @property
    def cells(self) -> list[Cell]:
        """Their places on the sheet."""
        width = self.plane.plane.shape[1]
        return [self.plane.plane.cell(*divmod(k, width)) for k in self.entries]

    @property
    def index(self) -> int:
        """The index of the first one on the sheet, -1 where it is blank."""
        return int(self.plane.cells[self.entries[0]])

    @property
    def area(self) -> Range:
        """The smallest range with all of them."""
        rows, columns = zip(*self.cells, strict=True)
        return Range(min(rows), min(columns), max(rows), max(columns))


def wrong_cells(facts: Facts, tried: TriedStage) -> Iterator[WrongCells]:
    """Yield the wrong cells of a stage, plane by plane, those with one formula together."""
    sheet, lowered = facts.workbook.sheets[tried.intention.sheet], LoweredTexts(tried)
    for plane in tried.planes:
        groups: dict[tuple[str, object], list[int]] = {}
        for k in np.flatnonzero(plane.differs).tolist():
            index = int(plane.cells[k])
            code, _ = what_stands(sheet, index)
            groups.setdefault((code, _formula(facts, tried, code, index)), []).append(k)
        for (code, _), entries in groups.items():
            _, stands = what_stands(sheet, int(plane.cells[entries[0]]))
            yield WrongCells(tried, plane, entries, code, stands, lowered)


def _formula(facts: Facts, tried: TriedStage, code: str, index: int) -> object:
    """Return what cells with the same formula, copied from one to the other, have in common."""
    if code != "S201":
        return None
    home = tried.intention.sheet
    block = int(facts.calculation.block_numbers[home][index])
    if block >= 0 and facts.calculation.blocks[block].cells.size > 1:
        return block
    sheet = facts.workbook.sheets[home]
    try:
        tree = parse(sheet.texts[index])
    except FormulaError:
        return sheet.texts[index]
    return _relative(tree, (int(sheet.rows[index]), int(sheet.columns[index])))


def _relative(tree: Node, cell: Cell) -> Node:
    """Return a formula with its references counted from its cell, as R1C1 has them."""

    def counted_from(axis: Axis, at: int) -> Axis:
        return axis if axis.absolute else replace(axis, offset=axis.offset - at)

    def moved(ref: Ref) -> Ref:
        row, column = counted_from(ref.row, cell[0]), counted_from(ref.column, cell[1])
        return replace(ref, row=row, column=column)

    return mapped(tree, moved)


# -- what should stand there -----------------------------------------------------------------


def expected_text(facts: Facts, one: WrongCells) -> tuple[str, bool]:
    """Return the formula that should stand in the first of some cells, and if it is an array."""
    return expected_at(facts, one, one.cells[0])


def expected_at(facts: Facts, one: WrongCells, cell: Cell) -> tuple[str, bool]:
    """Return the formula that should stand in a cell of the same layer, "" where none should."""
    if one.plane.role == BORDER:
        return "", False
    sheet = facts.workbook.sheets[one.sheet]
    for array in _spellings(sheet, one.plane):
        text, is_array = one.lowered.at(cell, array=array)
        if text:
            return text, is_array
    return "", False


def _spellings(sheet: Sheet, plane: TriedPlane) -> tuple[bool, bool]:
    """Return whether formulas are arrays, as most of the plane has them, and the other way."""
    there = plane.cells[plane.cells >= 0]
    arrays = int((sheet.kinds[there] == Kind.ARRAY_FORMULA).sum())
    return (True, False) if 2 * arrays > len(there) else (False, True)
