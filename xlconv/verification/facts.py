"""What is known of every cell of a workbook, gathered from check to check."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Array
from xlconv.lifting.description import Description
from xlconv.lifting.matching.tensors import Lifted
from xlconv.lifting.networks import LiftedNetwork
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.verification.declaration import Declaration
from xlconv.verification.findings import Finding
from xlconv.verification.tolerance import Tolerance

# Findings of one sort that are listed one by one.
MOST_LISTED = 10_000


@dataclass(slots=True)
class Facts:
    """A calculated and lifted workbook, and sheet by sheet what the checks found out.

    `values` is what the layers give, by the number of the tensor, and `network` the same
    cell by cell, NaN where none does; `metric_title` are the cells that tell of layers,
    `told` those that a finding names as not what they should be, blank ones too, and
    `wrong` marks the cells with an error of their own, `off` others whose formula gives
    something else than their layer. The counts are of formula cells.
    """

    calculation: Calculation
    lifted: Lifted
    networks: list[LiftedNetwork]
    tolerance: Tolerance
    description: Description
    values: dict[int, Array | None] = field(default_factory=dict)
    metric_cells: set[tuple[int, Cell]] = field(default_factory=set)
    reported: set[tuple[int, Cell]] = field(default_factory=set)
    declarations: list[Declaration] = field(default_factory=list)  # what the file says of its cells
    network_values: list[Array] = field(init=False)
    wrong: list[NDArray[np.bool_]] = field(init=False)
    off: list[NDArray[np.bool_]] = field(init=False)
    formulas: int = 0
    pinned: int = 0
    verified: int = 0
    knock_on: int = 0

    def __post_init__(self) -> None:
        sheets = self.calculation.workbook.sheets
        self.network_values = [np.full(len(sheet), np.nan) for sheet in sheets]
        self.wrong = [np.zeros(len(sheet), np.bool_) for sheet in sheets]
        self.off = [np.zeros(len(sheet), np.bool_) for sheet in sheets]

    def sheet_name(self, number: int) -> str:
        """Return the name of a sheet by its number."""
        return self.calculation.workbook.sheets[number].name

    def is_declared(self, sheet: int, cell: Cell, index: int, like: int) -> bool:
        """Whether a cell that looks odd beside that of another index is as the file says."""
        own = [one for one in self.declarations if one.number == sheet]
        if index >= 0:
            return any(bool(one.right[index]) for one in own)
        known = [one for one in own if one.right[like]]
        return bool(known) and not any(one.expects(cell) for one in own)

    def has_reported(self, sheet: int, area: Range) -> bool:
        """Whether a finding names a cell of an area as not what it should be."""
        return any(home == sheet and area.holds(Range(*at, *at)) for home, at in self.reported)

    def at(self, unit: FormulaBlock, index: int, code: str, message: str, count: int) -> Finding:
        """Return a finding about a block, placed at one of its cells."""
        sheet = self.calculation.workbook.sheets[unit.sheet]
        cell = a1_name((int(sheet.rows[index]), int(sheet.columns[index])))
        more = f" ({count:,} cells)" if count > 1 else ""
        block = unit.lattice.range.name
        return Finding(code, sheet.name, cell, message + more, block=block, count=count)
