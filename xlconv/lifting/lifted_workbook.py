"""A workbook that was read, calculated and lifted.

The ground on which the commands stand that look into a workbook. Never writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array
from xlconv.errors import ReadError
from xlconv.lifting.annotations import Annotation, annotations_of
from xlconv.lifting.cell_addresses import CellAddresses, CellRole, Located
from xlconv.lifting.cell_names import NamedCells
from xlconv.lifting.description import Description, described, description_of, named_by_cells
from xlconv.lifting.links import with_links
from xlconv.lifting.matching.lift import lift
from xlconv.lifting.matching.tensors import Lifted
from xlconv.lifting.networks import LiftedNetwork, lifted_networks, tensor_names
from xlconv.network.frames import tensor_frame
from xlconv.network.shown import Shown
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.calculate import Calculation, calculate
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.values import NUMBER
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.spreadsheet.xlsx.read import read_xlsx

if TYPE_CHECKING:
    import pandas as pd


class LiftedWorkbook(Shown, Struct, frozen=True, dict=True):
    """A workbook with the values of its cells, its tensors and the networks they make."""

    path: str
    workbook: Workbook
    calculation: Calculation
    lifted: Lifted
    networks: list[LiftedNetwork]
    names: Mapping[int, str]  # of tensors: the layer with parameters, or else the last
    description: Description  # what the file says of its networks

    # -- names ---------------------------------------------------------------------------

    def sheet_name(self, sheet: int) -> str:
        """Return the name of a sheet by its number."""
        return self.workbook.sheets[sheet].name

    def cell_name(self, sheet: int, cell: Cell) -> str:
        """Return `sheet!A1`."""
        return f"{self.sheet_name(sheet)}!{a1_name(cell)}"

    def tensor_name(self, tensor: int) -> str:
        """Return the name of a lifted tensor: its layer's, `input`, or `?` in no network."""
        return self.names.get(tensor, "input" if self.lifted.tensors[tensor].source < 0 else "?")

    @cached_property
    def addresses(self) -> CellAddresses:
        """What every cell is called in the networks."""
        names = tuple(map(self.tensor_name, range(len(self.lifted.tensors))))
        return CellAddresses(self.workbook, self.lifted, tuple(self.networks), names)

    @property
    def entries(self) -> list[list[NamedCells]]:
        """The cells of every tensor that have a name: its own, its helpers' and parameters'."""
        return self.addresses.entries

    def find(self, cell: str | Located) -> Located:
        """Return sheet and cell of what a user writes; see `CellAddresses.find`."""
        return self.addresses.find(cell) if isinstance(cell, str) else cell

    def role(self, sheet: int, cell: Cell) -> CellRole | None:
        """Return what a cell is in the networks; None where it belongs to none of them."""
        return self.addresses.role(sheet, cell)

    @cached_property
    def annotations(self) -> dict[tuple[int, Cell], Annotation]:
        """What cells tell of the networks, by sheet and cell."""
        return annotations_of(self.workbook, self.lifted, self.networks, self.names)

    def annotation(self, sheet: int, cell: Cell) -> Annotation | None:
        """Return what a cell tells of a network that does not read it: `the mean of relu1`."""
        return self.annotations.get((sheet, cell))

    # -- formulas and values -------------------------------------------------------------

    def unit_at(self, sheet: int, cell: Cell) -> FormulaBlock | None:
        """Return the block that computes a cell, None where it holds no formula."""
        index = self.workbook.sheets[sheet].find(cell)
        for block in self.lifted.blocks if index is not None else ():
            if block.sheet == sheet:
                inside = block.lattice.index_of(cell)
                if inside is not None and block.mask[inside] and block.cells[inside] == index:
                    return block
        return None

    def values(self, tensor: int) -> Array:
        """Return the calculated values of a tensor, in its shape; what is no number is 0."""
        found = self.lifted.tensors[tensor]
        planes = [self.matrix(found.sheet, plane) for plane in found.planes]
        return np.stack(planes).reshape(found.shape)

    def to_frame(self, name: str) -> pd.DataFrame:
        """Return the calculated numbers of `conv1`, `conv1.weight`, `input`, ... as a table.

        Its axes have names. Raises CellError for an unknown name.
        """
        named = self.addresses.named(name)
        planes = [self.matrix(named.sheet, plane) for plane in named.planes]
        layers, parameter = self.lifted.tensors[named.tensor].layers, named.name.rpartition(".")[2]
        axes = tuple(named.axes.split(", "))
        if layers and parameter in layers[0].parameters():
            axes = layers[0].parameter_axes(parameter)
        return tensor_frame(np.stack(planes).reshape(named.shape), axes)

    def matrix(self, sheet: int, plane: Plane) -> Array:
        """Return the calculated values of a plane; what is no number is 0."""
        numbers, kinds = self.calculation.grids[sheet].region(plane.range)
        step = (slice(None, None, plane.step[0]), slice(None, None, plane.step[1]))
        values: Array = np.where(kinds == NUMBER, numbers, 0.0)[step]
        return values


# What every function takes that takes a workbook: a path, or what was opened or read before.
Source = str | Path | LiftedWorkbook | Workbook


def open_workbook(source: Source, budget: Budget | None = None) -> LiftedWorkbook:
    """Read a workbook, calculate it and recover its networks; one that is open is given back.

    `budget` says what of a file is too large to read. Raises ReadError.
    """
    if isinstance(source, LiftedWorkbook):
        return source
    if isinstance(source, Workbook):
        return lift_workbook(source)
    return lift_workbook(read_xlsx(source, budget), str(source))


def lift_workbook(workbook: Workbook, path: str = "workbook") -> LiftedWorkbook:
    """Return a workbook in memory with the values of its cells and its networks.

    Raises ReadError where it has more formulas without a pattern than any network.
    """
    try:
        calculation = calculate(workbook)
    except ReadError as error:
        raise error.at(path) from None
    lifted = with_links(calculation, lift(calculation))
    description = description_of(workbook)
    found = [(one, described(one, description.first)) for one in lifted_networks(lifted)]
    found.sort(key=lambda both: both[0] is both[1])  # what the file describes comes first
    known = [named_by_cells(one, lifted, workbook) if one is bare else one for bare, one in found]
    names = tensor_names(known)
    return LiftedWorkbook(path, workbook, calculation, lifted, known, names, description)
