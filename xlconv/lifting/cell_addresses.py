"""Addresses of cells: what a user writes -> a cell, and a cell -> what it is in the networks.

`conv2[1, 5, 7]` leads to the cell that `role` calls so. Looks nowhere but at what was
lifted; never at the value of a cell.
"""

from __future__ import annotations

import re
from functools import cached_property

from msgspec import Struct

from xlconv.arrays import by_shape
from xlconv.errors import CellError
from xlconv.layout.links import KernelMenu, TiedCell
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
from xlconv.lifting.matching.tensors import Lifted
from xlconv.lifting.networks import LiftedNetwork
from xlconv.spreadsheet.addresses import Cell, Range, parse_a1
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import Workbook

# A cell: the number of its sheet, and its place there.
Located = tuple[int, Cell]

_ENTRY = re.compile(r"(?P<name>[^\[\]]+)\[(?P<index>[^\[\]]*)\]")


class CellRole(Struct, frozen=True):
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


class CellAddresses(Struct, frozen=True, dict=True):
    """The names of all cells of a workbook's networks; `names` are those of the tensors."""

    workbook: Workbook
    lifted: Lifted
    networks: tuple[LiftedNetwork, ...]
    names: tuple[str, ...]

    @cached_property
    def entries(self) -> list[list[NamedCells]]:
        """The cells of every tensor that have a name: its own, its helpers' and parameters'."""
        return [
            list(tensor_entries(k, name, tensor))
            for k, (name, tensor) in enumerate(zip(self.names, self.lifted.tensors, strict=True))
        ]

    # -- what a user writes -> a cell ------------------------------------------------------

    def find(self, text: str) -> Located:
        """Return sheet and cell of `A1`, `sheet!A1`, an entry `conv2[1, 5, 7]` or a defined name.

        An entry is whatever `role` has a name for, and of a layer that shares cells too.
        A name alone is on the sheet of the longest network. Raises CellError.
        """
        sheet, _, name = text.strip().rpartition("!")
        home = self.networks[0].sheet if self.networks else 0
        number = self._sheet(sheet.strip("'"), text) if sheet else home
        entry = _ENTRY.fullmatch(name)
        if entry is not None:
            return self._entry(entry, number, text, is_alone=not sheet)
        try:
            return number, parse_a1(name)
        except ValueError:
            pass
        for one, ranges in self.workbook.names:
            if one.casefold() == name.casefold() and ranges:
                place, area = ranges[0]
                return self._sheet(place, text), (area.top, area.left)
        whole = find_named(self._named(), name)
        if whole is not None:
            size, first = by_shape(whole.shape), ", ".join("0" * len(whole.shape))
            raise CellError(
                f"{text!r} is no cell, but {size} of them; "
                f"expected one, such as {whole.name}[{first}]"
            )
        known = [one.name for one in self._named()]
        near = did_you_mean(name, [*known, *(one for one, _ in self.workbook.names)])
        raise CellError(
            f"{text!r} is no cell: expected A1, sheet!A1, a unit such as {self._example()} "
            f"or a defined name{near}"
        )

    def named(self, name: str) -> NamedCells:
        """Return the cells of a tensor, of parameters or helpers by name. Raises CellError."""
        every = self._named()
        found = find_named(every, name.strip())
        if found is None or found.kind == "padding":
            raise CellError(f"no tensor {name!r}; {unknown_name(every, name)}")
        return found

    def _sheet(self, name: str, text: str) -> int:
        for number, sheet in enumerate(self.workbook.sheets):
            if sheet.name.casefold() == name.casefold():
                return number
        known = ", ".join(sheet.name for sheet in self.workbook.sheets)
        raise CellError(f"{text!r}: no sheet {name!r}; expected one of {known}")

    def _entry(
        self, entry: re.Match[str], sheet: int, text: str, *, is_alone: bool
    ) -> tuple[int, Cell]:
        """Return where an entry stands; a name alone may be that of another sheet's."""
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
        for name, tensor in zip(self.names, self.lifted.tensors, strict=True):
            if tensor.kernels:
                return f"{name}[{', '.join('0' * len(tensor.shape))}]"
        return "conv1[0, 0, 0]"

    # -- a cell -> what it is ----------------------------------------------------------------

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
                return CellRole("padding", k, f"{self.names[k]}.padding", (number, i, j), plane)
        return None
