"""A workbook that was read, calculated and lifted; and what each of its cells is in it.

The ground on which the commands stand that look into a workbook. Never writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xlconv.borrowing import Menu, Tie
from xlconv.calculation import Calculation, Unit, calculate
from xlconv.deriving import note_borrowed
from xlconv.describing import described, named_by_cells
from xlconv.errors import CellError, ReadError
from xlconv.formula.values import NUMBER
from xlconv.layers.geometry import Array
from xlconv.lifting import lift
from xlconv.models import Model, models, tensor_names
from xlconv.plane import Plane
from xlconv.refs import Cell, Range, cell_of, name_of
from xlconv.sheet import Workbook
from xlconv.tensors import Lifted
from xlconv.xlsx.package import Budget
from xlconv.xlsx.read import read_xlsx

_ENTRY = re.compile(r"(?P<name>[A-Za-z_][\w.]*)\[(?P<index>[0-9 ,]*)\]")


@dataclass(frozen=True, slots=True)
class Role:
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
    origin: Tie | Menu | None = None

    def __str__(self) -> str:
        return f"{self.name}[{', '.join(map(str, self.index))}]"


@dataclass(slots=True)
class Opened:
    """A workbook with the values of its cells, its tensors and the networks they make."""

    path: str
    workbook: Workbook
    calculation: Calculation
    lifted: Lifted
    models: list[Model]
    names: dict[int, str]  # of tensors: the layer with parameters, or else the last

    def sheet_name(self, sheet: int) -> str:
        """Return the name of a sheet by its number."""
        return self.workbook.sheets[sheet].name

    def cell_name(self, sheet: int, cell: Cell) -> str:
        """Return `sheet!A1`."""
        return f"{self.sheet_name(sheet)}!{name_of(cell)}"

    def find(self, text: str) -> tuple[int, Cell]:
        """Return sheet and cell of `A1`, `sheet!A1`, a unit `conv2[1, 5, 7]` or a defined name.

        A name alone is on the sheet of the longest network. Raises CellError.
        """
        sheet, _, name = text.strip().rpartition("!")
        number = self._home() if not sheet else self._sheet(sheet.strip("'"), text)
        entry = _ENTRY.fullmatch(name)
        if entry is not None:
            return self._entry(number, entry["name"], entry["index"], text)
        try:
            return number, cell_of(name)
        except ValueError:
            pass
        for one, ranges in self.workbook.names:
            if one.casefold() == name.casefold() and ranges:
                home, area = ranges[0]
                return self._sheet(home, text), (area.top, area.left)
        raise CellError(
            f"{text!r} is no cell: expected A1, sheet!A1, a unit such as {self._example()} "
            "or a defined name"
        )

    def role(self, sheet: int, cell: Cell) -> Role | None:
        """Return what a cell is in the networks; None where it belongs to none of them."""
        for k, tensor in enumerate(self.lifted.tensors):
            if tensor.sheet == sheet:
                kind = "input" if tensor.source < 0 else "activation"
                found = _entry_of(tensor.planes, cell)
                if found is not None:
                    plane, i, j = found
                    index: tuple[int, ...] = (max(i, j),) if tensor.is_vector else (plane, i, j)
                    return Role(kind, k, self.tensor_name(k), index, tensor.planes[plane])
                beside = self._padding(k, cell)
                if beside is not None:
                    return beside
                for name, (_, lattice) in tensor.helpers.items():
                    inside = lattice.index_of(cell)
                    if inside is not None:
                        index = inside if min(lattice.shape) > 1 else (max(inside),)
                        return Role("helper", k, f"{self.tensor_name(k)}.{name}", index, lattice)
            role = self._parameter(k, sheet, cell)
            if role is not None:
                return role
        return None

    def unit_at(self, sheet: int, cell: Cell) -> Unit | None:
        """Return the block that computes a cell, None where it holds no formula."""
        index = self.workbook.sheets[sheet].find(cell)
        if index is None:
            return None
        for unit in self.calculation.units:
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

    def _padding(self, k: int, cell: Cell) -> Role | None:
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
                return Role("padding", k, f"{self.tensor_name(k)}.padding", (number, i, j), plane)
        return None

    # -- names ---------------------------------------------------------------------------

    def tensor_name(self, tensor: int) -> str:
        """Return the name of a lifted tensor: its layer's, `input`, or `?` in no network."""
        return self.names.get(tensor, "input" if self.lifted.tensors[tensor].source < 0 else "?")

    def _home(self) -> int:
        return self.models[0].sheet if self.models else 0

    def _sheet(self, name: str, text: str) -> int:
        for number, sheet in enumerate(self.workbook.sheets):
            if sheet.name.casefold() == name.casefold():
                return number
        known = ", ".join(sheet.name for sheet in self.workbook.sheets)
        raise CellError(f"{text!r}: no sheet {name!r}; expected one of {known}")

    def _entry(self, sheet: int, name: str, index: str, text: str) -> tuple[int, Cell]:
        tensors = self.lifted.tensors
        here = [k for k, tensor in enumerate(tensors) if tensor.sheet == sheet]
        places = [k for k in here if self.tensor_name(k) == name]
        if not places:
            known = ", ".join(dict.fromkeys(map(self.tensor_name, here))) or "none"
            raise CellError(f"{text!r}: no layer {name!r}; expected one of {known}")
        tensor = tensors[places[0]]
        numbers = [int(one) for one in index.replace(" ", "").split(",") if one]
        within = len(numbers) == len(tensor.shape) and all(
            0 <= one < size for one, size in zip(numbers, tensor.shape, strict=True)
        )
        if not within:
            shape = "×".join(map(str, tensor.shape))
            raise CellError(f"{text!r}: {name} is {shape}; expected an index within")
        if len(numbers) == 3:
            return tensor.sheet, tensor.planes[numbers[0]].cell(numbers[1], numbers[2])
        (plane,) = tensor.planes
        along = (numbers[0], 0) if plane.shape[1] == 1 else (0, numbers[0])
        return tensor.sheet, plane.cell(*along)

    def _example(self) -> str:
        for k, tensor in enumerate(self.lifted.tensors):
            if tensor.kernels:
                return f"{self.tensor_name(k)}[{', '.join('0' * len(tensor.shape))}]"
        return "conv1[0, 0, 0]"

    def _parameter(self, k: int, sheet: int, cell: Cell) -> Role | None:
        tensor = self.lifted.tensors[k]
        if tensor.parameters_sheet != sheet:
            return None
        for output, planes in enumerate(tensor.kernels):
            found = _entry_of(planes, cell)
            if found is not None:
                plane, i, j = found
                height, width = planes[0].shape
                flat = (plane * height + i) * width + j
                shape = tensor.layers[0].parameters()["weight"].shape[1:]
                index = (output, *map(int, np.unravel_index(flat, shape)))
                name, origin = f"{self.tensor_name(k)}.weight", self.lifted.origin_of(sheet, cell)
                return Role("weight", k, name, index, planes[plane], origin)
        scalars = {"bias": tensor.biases, **tensor.scalars}
        for name, places in scalars.items():
            for channel, plane_ in enumerate(places):
                if plane_.origin == cell:
                    kind = "bias" if name == "bias" else "weight"
                    origin = self.lifted.origin_of(sheet, cell)
                    full = f"{self.tensor_name(k)}.{name}"
                    return Role(kind, k, full, (channel,), plane_, origin)
        return None


def open_workbook(path: str | Path, budget: Budget | None = None) -> Opened:
    """Read a workbook, calculate it and recover its networks. Raises ReadError."""
    return opened(read_xlsx(path, budget), str(path))


def opened(workbook: Workbook, path: str = "workbook") -> Opened:
    """Return a workbook in memory with the values of its cells and its networks.

    Raises ReadError where it has more formulas without a pattern than any network.
    """
    try:
        calculation = calculate(workbook)
    except ReadError as error:
        raise error.at(path) from None
    lifted = lift(calculation)
    note_borrowed(calculation, lifted)
    found = [(one, described(one, workbook)) for one in models(lifted)]
    found.sort(key=lambda both: both[0] is both[1])  # what the file describes comes first
    known = [named_by_cells(one, lifted, workbook) if one is bare else one for bare, one in found]
    return Opened(path, workbook, calculation, lifted, known, tensor_names(known))


def _entry_of(planes: tuple[Plane, ...], cell: Cell) -> tuple[int, int, int] | None:
    for number, plane in enumerate(planes):
        found = plane.index_of(cell)
        if found is not None:
            return number, *found
    return None
