"""A workbook that was read, calculated and lifted; and what each of its cells is in it.

The ground on which the commands stand that look into a workbook. Never writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xlconv.arrays import Array
from xlconv.errors import CellError, ReadError
from xlconv.layout.links import KernelMenu, TiedCell
from xlconv.lifting.annotations import Annotation, annotations_of
from xlconv.lifting.cell_names import (
    NamedCells,
    did_you_mean,
    find_named,
    index_within,
    padding_of,
    shared_entries,
    tensor_entries,
    unknown_name,
)
from xlconv.lifting.description import Description, described, description_of, named_by_cells
from xlconv.lifting.links import note_borrowed
from xlconv.lifting.matching.lift import lift
from xlconv.lifting.matching.tensors import Lifted
from xlconv.lifting.networks import LiftedNetwork, lifted_networks, tensor_names
from xlconv.spreadsheet.addresses import Cell, Range, a1_name, parse_a1
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.calculate import Calculation, calculate
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.values import NUMBER
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.spreadsheet.xlsx.read import read_xlsx

_ENTRY = re.compile(r"(?P<name>[^\[\]]+)\[(?P<index>[^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class CellRole:
    """What a cell is: entry `index` of a tensor, of its weights, its biases or a helper.

    `kind` is "input", "activation", "padding", "weight", "bias" or "helper"; `tensor` is
    the lifted tensor that it belongs to, of parameters the one they make. `plane` holds it.
    """

    kind: str
    tensor: int
    name: str  # conv2, conv2.weight, softmax.exp
    index: tuple[int, ...]
    plane: Plane
    # What the cell shows the number of, where it is a tied weight or a chosen kernel's.
    origin: TiedCell | KernelMenu | None = None

    def __str__(self) -> str:
        return f"{self.name}[{', '.join(map(str, self.index))}]"


@dataclass(slots=True)
class LiftedWorkbook:
    """A workbook with the values of its cells, its tensors and the networks they make."""

    path: str
    workbook: Workbook
    calculation: Calculation
    lifted: Lifted
    networks: list[LiftedNetwork]
    names: dict[int, str]  # of tensors: the layer with parameters, or else the last
    description: Description  # what the file says of its networks
    _entries: list[list[NamedCells]] = field(default_factory=list, init=False, repr=False)
    _annotations: dict[tuple[int, Cell], Annotation] | None = field(
        default=None, init=False, repr=False
    )

    def sheet_name(self, sheet: int) -> str:
        """Return the name of a sheet by its number."""
        return self.workbook.sheets[sheet].name

    def cell_name(self, sheet: int, cell: Cell) -> str:
        """Return `sheet!A1`."""
        return f"{self.sheet_name(sheet)}!{a1_name(cell)}"

    def find(self, text: str) -> tuple[int, Cell]:
        """Return sheet and cell of `A1`, `sheet!A1`, a unit `conv2[1, 5, 7]` or a defined name.

        A unit is whatever `role` has a name for, and of a layer that shares cells too.
        A name alone is on the sheet of the longest network. Raises CellError.
        """
        sheet, _, name = text.strip().rpartition("!")
        number = self._home() if not sheet else self._sheet(sheet.strip("'"), text)
        entry = _ENTRY.fullmatch(name)
        if entry is not None:
            return self._entry(entry, number, text, is_alone=not sheet)
        try:
            return number, parse_a1(name)
        except ValueError:
            pass
        for one, ranges in self.workbook.names:
            if one.casefold() == name.casefold() and ranges:
                home, area = ranges[0]
                return self._sheet(home, text), (area.top, area.left)
        known = [one.name for one in self._named()]
        near = did_you_mean(name, [*known, *(one for one, _ in self.workbook.names)])
        raise CellError(
            f"{text!r} is no cell: expected A1, sheet!A1, a unit such as {self._example()} "
            f"or a defined name{near}"
        )

    def annotation(self, sheet: int, cell: Cell) -> Annotation | None:
        """Return what a cell tells of a network that does not read it: `the mean of relu1`."""
        return self.annotations.get((sheet, cell))

    @property
    def annotations(self) -> dict[tuple[int, Cell], Annotation]:
        """What cells tell of the networks, by sheet and cell."""
        if self._annotations is None:
            self._annotations = annotations_of(
                self.workbook, self.lifted, self.networks, self.names
            )
        return self._annotations

    @property
    def entries(self) -> list[list[NamedCells]]:
        """The cells of every tensor that have a name: its own, its helpers' and parameters'."""
        if not self._entries:
            tensors = enumerate(self.lifted.tensors)
            self._entries = [list(tensor_entries(k, self.tensor_name(k), t)) for k, t in tensors]
        return self._entries

    def role(self, sheet: int, cell: Cell) -> CellRole | None:
        """Return what a cell is in the networks; None where it belongs to none of them."""
        for k, (own, *others) in enumerate(self.entries):
            role = self._role(own, sheet, cell)
            if role is None and own.sheet == sheet:
                role = self._padding(k, cell)
            for one in others:
                role = role or self._role(one, sheet, cell)
            if role is not None:
                return role
        return None

    def unit_at(self, sheet: int, cell: Cell) -> FormulaBlock | None:
        """Return the block that computes a cell, None where it holds no formula."""
        index = self.workbook.sheets[sheet].find(cell)
        if index is None:
            return None
        for unit in self.calculation.blocks:
            if unit.sheet == sheet:
                inside = unit.lattice.index_of(cell)
                if inside is not None and unit.mask[inside] and unit.cells[inside] == index:
                    return unit
        return None

    def values(self, tensor: int) -> Array:
        """Return the calculated values of a tensor, in its shape; what is no number is 0."""
        found = self.lifted.tensors[tensor]
        planes = [self.matrix(found.sheet, plane) for plane in found.planes]
        return np.stack(planes).reshape(found.shape)

    def matrix(self, sheet: int, plane: Plane) -> Array:
        """Return the calculated values of a plane; what is no number is 0."""
        numbers, kinds = self.calculation.grids[sheet].region(plane.range)
        step = (slice(None, None, plane.step[0]), slice(None, None, plane.step[1]))
        values: Array = np.where(kinds == NUMBER, numbers, 0.0)[step]
        return values

    def _role(self, entries: NamedCells, sheet: int, cell: Cell) -> CellRole | None:
        found = entries.find(cell) if entries.sheet == sheet else None
        if found is None:
            return None
        index, plane = found
        is_number = entries.kind in ("weight", "bias")
        origin = self.lifted.origin_of(sheet, cell) if is_number else None
        return CellRole(entries.kind, entries.tensor, entries.name, index, plane, origin)

    def _padding(self, k: int, cell: Cell) -> CellRole | None:
        """Return the role of a cell in the padding around a tensor; indices may be below 0."""
        tensor = self.lifted.tensors[k]
        drawn = [(one.plane, one.lattice.range) for one in tensor.border]
        for reader in self.lifted.tensors:
            if k in reader.sources:
                planes = tensor.planes
                drawn += [
                    (planes.index(one.plane), one.cells)
                    for one in reader.overhangs
                    if one.fill in ("zeros", "text") and one.plane in planes
                ]
        for number, area in drawn:
            if area.holds(Range(*cell, *cell)):
                plane = tensor.planes[number]
                i = (cell[0] - plane.origin[0]) // plane.step[0]
                j = (cell[1] - plane.origin[1]) // plane.step[1]
                return CellRole(
                    "padding", k, f"{self.tensor_name(k)}.padding", (number, i, j), plane
                )
        return None

    # -- names ---------------------------------------------------------------------------

    def tensor_name(self, tensor: int) -> str:
        """Return the name of a lifted tensor: its layer's, `input`, or `?` in no network."""
        return self.names.get(tensor, "input" if self.lifted.tensors[tensor].source < 0 else "?")

    def _home(self) -> int:
        return self.networks[0].sheet if self.networks else 0

    def _sheet(self, name: str, text: str) -> int:
        for number, sheet in enumerate(self.workbook.sheets):
            if sheet.name.casefold() == name.casefold():
                return number
        known = ", ".join(sheet.name for sheet in self.workbook.sheets)
        raise CellError(f"{text!r}: no sheet {name!r}; expected one of {known}")

    def _entry(
        self, entry: re.Match[str], sheet: int, text: str, *, is_alone: bool
    ) -> tuple[int, Cell]:
        """Return where a unit stands; a name alone may be that of another sheet's."""
        every = self._named()
        here, name = [one for one in every if one.sheet == sheet], entry["name"].strip()
        found = find_named(here, name) or (find_named(every, name) if is_alone else None)
        if found is None:
            raise CellError(f"{text!r}: no layer {name!r}; {unknown_name(here, name)}")
        index = index_within(found, entry["index"])
        if found.kind != "padding":
            return found.sheet, found.cell(index)
        cell = found.planes[index[0]].cell(*index[1:]) if 0 <= index[0] < found.shape[0] else None
        role = None if cell is None or min(cell) < 0 else self._padding(found.tensor, cell)
        if cell is None or role is None or role.index != index:
            raise CellError(f"{text!r}: no cell of the padding")
        return found.sheet, cell

    def _named(self) -> list[NamedCells]:
        """Return all that has a name, what is printed under it first."""
        own = [one for some in self.entries for one in some]
        around = [padding_of(some[0]) for some in self.entries if len(some[0].shape) == 3]
        return [*own, *shared_entries(self.networks, self.lifted), *around]

    def _example(self) -> str:
        for k, tensor in enumerate(self.lifted.tensors):
            if tensor.kernels:
                return f"{self.tensor_name(k)}[{', '.join('0' * len(tensor.shape))}]"
        return "conv1[0, 0, 0]"


def open_workbook(path: str | Path, budget: Budget | None = None) -> LiftedWorkbook:
    """Read a workbook, calculate it and recover its networks. Raises ReadError."""
    return lift_workbook(read_xlsx(path, budget), str(path))


def lift_workbook(workbook: Workbook, path: str = "workbook") -> LiftedWorkbook:
    """Return a workbook in memory with the values of its cells and its networks.

    Raises ReadError where it has more formulas without a pattern than any network.
    """
    try:
        calculation = calculate(workbook)
    except ReadError as error:
        raise error.at(path) from None
    lifted = lift(calculation)
    note_borrowed(calculation, lifted)
    description = description_of(workbook)
    found = [(one, described(one, description.first)) for one in lifted_networks(lifted)]
    found.sort(key=lambda both: both[0] is both[1])  # what the file describes comes first
    known = [named_by_cells(one, lifted, workbook) if one is bare else one for bare, one in found]
    names = tensor_names(known)
    return LiftedWorkbook(path, workbook, calculation, lifted, known, names, description)
