"""The sheet that shows what a layer gives with the numbers that a student is to find.

Its cells show others on the sheet of checks, which follow every change of the input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct, field

from xlconv.classroom.exercise_file import CHECK_SHEET
from xlconv.classroom.exercises.marks import wanted_by
from xlconv.classroom.exercises.targets import Target
from xlconv.classroom.exercises.veil import Veil
from xlconv.lowering.formatting.colours import NEGATIVE, POSITIVE, ZERO
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.block import Block, expand
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import on_sheet
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder
from xlconv.spreadsheet.xlsx.formatting import CellStyle, ColorScale, Formatting

if TYPE_CHECKING:
    from xlconv.classroom.exercises.sheets.papers import Papers

_TITLE = CellStyle(size=11, bold=True, align="left", color="#1F2937")
_CELL = CellStyle('0.0;-0.0;"·"', shrink=True)
_LEFT, _GAP = 1, 2


class GoalSheet(Struct):
    """Planes below each other, each with its title; false where there is none."""

    name: str
    into: SheetBuilder = field(default_factory=SheetBuilder)
    formatting: Formatting = field(default_factory=Formatting)
    row: int = 0

    def __bool__(self) -> bool:
        return self.row > 0

    def add(self, papers: Papers, target: Target, veil: Veil) -> list[Plane]:
        """Add the planes of a target; return where they are computed, on the sheet of checks."""
        found: list[Plane] = []
        below, words = papers.row, papers.language.words
        layer = target.placed.network.names[target.lowered.stage.last]
        for one in target.blocks:
            lattice = one.block.lattice
            title = f"{words['goal_title'].format(layer=layer)} · {one.index}"
            self.into.add(Kind.TEXT, [self.row], [_LEFT], texts=[title])
            self.formatting.canvas.fill(Range(self.row, _LEFT, self.row, _LEFT), _TITLE)
            hidden = Plane((below, 0), lattice.shape)
            tree = wanted_by(one.block, papers.sheet, papers.sheet, veil)
            expand(Block(hidden, tree), np.zeros(lattice.shape), papers.checks)
            shown = Plane((self.row + 1, _LEFT), lattice.shape)
            entry = on_sheet(hidden.entry(), CHECK_SHEET)
            expand(Block(shown, entry), np.zeros(lattice.shape), self.into)
            self._colour(shown.range, papers.sheet, lattice)
            found.append(hidden)
            below += lattice.shape[0] + _GAP
            self.row += lattice.shape[0] + _GAP
        papers.row = below
        return found

    def finished(self) -> Sheet:
        """Return the sheet."""
        return self.into.finish(self.name)

    def _colour(self, area: Range, sheet: Sheet, lattice: Plane) -> None:
        self.formatting.canvas.frame(area, _CELL)
        cells = zip(*(axis.tolist() for axis in lattice.cells()), strict=True)
        found = [index for cell in cells if (index := sheet.find(cell)) is not None]
        largest = float(np.abs(sheet.numbers[found]).max(initial=0.0)) or 1.0
        points = ((-largest, NEGATIVE), (0.0, ZERO), (largest, POSITIVE))
        self.formatting.scales.append(ColorScale((area,), points))
