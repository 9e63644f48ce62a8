"""Whose cells a region holds: planes of tensors, parameters, helpers, blocks, loose cells.

Cuts a region along what the cells are, and says so in words. Follows no reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from xlconv.layers.base.padding_modes import MODES
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.matching.tensors import Tensor
from xlconv.plurals import counted
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.precedents.precedents import near
from xlconv.spreadsheet.precedents.region import Region, region_of, region_of_cells, union
from xlconv.spreadsheet.workbook import Kind

_SIDES = {"top": "above", "bottom": "below", "left": "left of", "right": "right of"}
_FILLS = {
    "zeros": "zeros", "text": "texts", "blank": "blanks",
    "reflect": "reflection", "replicate": "edge repeated", "circular": "other side repeated",
}  # fmt: skip

# In this order they are told: what is computed on, what it is computed with, the rest.
_KINDS = (
    "input", "activation", "helper", "padding", "told", "formulas", "weight", "bias", "cells",
)  # fmt: skip
_LOOSE = Plane((0, 0), (1, 1))


@dataclass(frozen=True, slots=True)
class Owner:
    """A plane of a tensor, of parameters or a helper, or cells around or beside them.

    `kind` is "input", "activation", "weight", "bias", "helper", "padding" (cells that
    windows reach beyond a plane), "told" (a cell that tells of a network), "formulas" (a
    block of no layer) or "cells" (what is left). `index` leads to the plane; of a vector,
    `first` is the index of its first entry in this plane, None of others.
    """

    kind: str
    name: str
    sheet: int
    plane: Plane
    index: tuple[int, ...] = ()
    first: int | None = None
    tensor: int = -1

    @property
    def title(self) -> str:
        """The name with the plane's index: `conv1[0]`, `conv1.weight[0, 0]`, `fc1`."""
        return f"{self.name}[{_joined(self.index)}]" if self.index else self.name

    @property
    def rank(self) -> tuple[int, int, tuple[int, ...], int, tuple[int, int]]:
        """The place among what is told together."""
        first = self.first or 0
        return _KINDS.index(self.kind), self.tensor, self.index, first, self.plane.origin

    def label(self, region: Region) -> str:
        """Return which entries of the plane a region holds: `conv1[0] 3×3 at rows 5..7, …`."""
        i, j = region.entries(self.plane)
        if not len(i):
            return f"blanks within {self.title}"
        if self.first is not None:
            return self._along(self.first + i * self.plane.shape[1] + j)
        if self.plane.shape == (1, 1):
            return self.title
        (top, bottom), (left, right) = _ends(i), _ends(j)
        size = bottom - top + 1, right - left + 1
        if size == (1, 1):
            return f"{self.name}[{_joined((*self.index, top, left))}]"
        if len(i) < size[0] * size[1]:
            where = f"within rows {top}..{bottom}, columns {left}..{right}"
            return f"{self.title} {counted(len(i), 'cell')} {where}"
        words = f"{self.title} {size[0]}×{size[1]}"
        if size == self.plane.shape:
            return words
        return f"{words} at {_lines('row', top, bottom)}, {_lines('column', left, right)}"

    def _along(self, entries: NDArray[np.int64]) -> str:
        before = "".join(f"{one}, " for one in self.index)
        low, high = _ends(entries)
        if low == high:
            return f"{self.name}[{before}{low}]"
        full = len(entries) == high - low + 1
        return f"{self.name}[{before}{low}..{high}]" + ("" if full else f", {len(entries):,} of it")


class Owners:
    """What the cells of a workbook belong to."""

    def __init__(self, opened: LiftedWorkbook) -> None:
        self.opened = opened
        self.planes = list(dict.fromkeys(self._planes()))
        self._areas = AreaIndex((one.sheet, one.plane.range) for one in self.planes)
        units = opened.calculation.blocks
        self.blocks = [one for one in units if one.lattice.shape != (1, 1)]
        self._blocks = AreaIndex((one.sheet, one.lattice.range) for one in self.blocks)
        alone = [one for one in units if one.lattice.shape == (1, 1)]
        self._singles = AreaIndex((one.sheet, one.lattice.range) for one in alone)
        self._told = [
            Owner("told", one.what, number, Plane(cell, (1, 1)))
            for (number, cell), one in opened.annotations.items()
        ]
        self._tellings = AreaIndex((one.sheet, one.plane.range) for one in self._told)
        beyond = list(dict.fromkeys(self._paddings()))
        self._around = [owner for owner, fill in beyond if fill in MODES]
        self._beyond = [owner for owner, fill in beyond if fill not in MODES]
        self._of_kind = cache(self._cells_of_kind)

    def split(self, sheet: int, region: Region) -> dict[Owner, Region]:
        """Return the parts of a region by what they belong to, in order of telling."""
        parts: dict[Owner, Region] = {}
        for cut in (
            self._by_plane,
            self._by_border,
            self._by_telling,
            self._by_block,
            self._by_padding,
        ):
            if region:
                found = dict(cut(sheet, region))
                parts |= found
                region = region - union(found.values())
        if region:
            parts[Owner("cells", "cells", sheet, _LOOSE)] = region
        return dict(sorted(parts.items(), key=lambda part: part[0].rank))

    def label(self, owner: Owner, region: Region) -> str:
        """Return in words what a region of an owner is."""
        if owner.kind == "formulas":
            return counted(len(region), "formula")
        if owner.kind == "padding":
            return f"{owner.title}, {self._padding(owner, region)}"
        if owner.kind != "cells":
            return self._entry(owner, region) or owner.label(region)
        numbers = len(region & self._of_kind(owner.sheet, Kind.NUMBER))
        texts = len(region & self._of_kind(owner.sheet, Kind.TEXT))
        rest = len(region) - numbers - texts
        counts = ((numbers, "number"), (texts, "text"), (rest, "blank"))
        return ", ".join(counted(count, word) for count, word in counts if count)

    def _entry(self, owner: Owner, region: Region) -> str:
        """Return the name of the one cell of a region, as it is called everywhere."""
        if len(region) != 1:
            return ""
        area = region.bounds
        role = self.opened.role(owner.sheet, (area.top, area.left))
        return "" if role is None or not role.name.startswith(owner.name) else str(role)

    def _padding(self, owner: Owner, region: Region) -> str:
        area = region.bounds
        role = self.opened.role(owner.sheet, (area.top, area.left)) if len(region) == 1 else None
        return counted(len(region), "cell") if role is None else str(role)

    def held(self, sheet: int, *, formulas: bool) -> Region:
        """Return the cells of a sheet that hold formulas, or else those that hold numbers."""
        return self._of_kind(sheet, Kind.FORMULA if formulas else Kind.NUMBER)

    # -- cutting -------------------------------------------------------------------------

    def _by_plane(self, sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
        for k in near(self._areas, sheet, region).tolist():
            owner = self.planes[k]
            found = self._of_plane(owner, region)
            if found:
                yield owner, found

    def _of_plane(self, owner: Owner, region: Region) -> Region:
        plane = owner.plane
        if plane.step == (1, 1):
            return region.within(plane.range)
        found = region_of_cells(plane, *region.entries(plane))
        if not found:
            return found
        # Blanks between the entries are read with them.
        between = region.within(plane.range) - found
        held = self._of_kind(owner.sheet, None)
        return found | (between - held)

    def _by_block(self, sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
        for k in near(self._blocks, sheet, region).tolist():
            unit = self.blocks[k]
            i, j = region.entries(unit.lattice)
            own = unit.mask[i, j]
            if own.any():
                found = region_of_cells(unit.lattice, i[own], j[own])
                yield Owner("formulas", "formulas", sheet, unit.lattice), found
        # Formulas of a kind of their own are one family: there may be thousands.
        boxes = self._singles.boxes[near(self._singles, sheet, region)]
        singles = boxes[region.meets(boxes)]
        if len(singles):
            yield Owner("formulas", "formulas", sheet, _LOOSE), region_of(singles)

    def _by_border(self, sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
        """Yield the cells of padding that repeat a plane: formulas, but of no block."""
        for owner in self._around:
            found = region.within(owner.plane.range) if owner.sheet == sheet else None
            if found:
                region = region - found
                yield owner, found

    def _by_telling(self, sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
        for k in near(self._tellings, sheet, region).tolist():
            owner = self._told[k]
            found = region.within(owner.plane.range)
            if found:
                yield owner, found

    def _by_padding(self, sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
        for owner in self._beyond:
            found = region.within(owner.plane.range) if owner.sheet == sheet else None
            if found:
                region = region - found
                yield owner, found

    def _cells_of_kind(self, number: int, kind: Kind | None) -> Region:
        """Return all cells with numbers, formulas, (TEXT) other constants, or (None) anything."""
        sheet = self.opened.workbook.sheets[number]
        held = sheet.kinds != Kind.BLANK
        constants = held & ~sheet.is_formula
        chosen = {
            None: held,
            Kind.FORMULA: sheet.is_formula,
            Kind.NUMBER: constants & (sheet.kinds == Kind.NUMBER),
            Kind.TEXT: constants & (sheet.kinds != Kind.NUMBER),
        }[kind]
        rows, columns = sheet.rows[chosen].astype(np.int64), sheet.columns[chosen].astype(np.int64)
        return region_of_cells(_LOOSE, rows, columns)

    # -- what there is -------------------------------------------------------------------

    def _planes(self) -> Iterator[Owner]:
        for k, tensor in enumerate(self.opened.lifted.tensors):
            kind = "input" if tensor.source < 0 else "activation"
            name = self.opened.tensor_name(k)
            for number, plane in enumerate(tensor.planes):
                if tensor.is_vector:
                    yield Owner(kind, name, tensor.sheet, plane, (), 0, k)
                else:
                    yield Owner(kind, name, tensor.sheet, plane, (number,), None, k)
            for helper, (_, plane) in tensor.helpers.items():
                first = 0 if 1 in plane.shape else None
                yield Owner("helper", f"{name}.{helper}", tensor.sheet, plane, (), first, k)
            yield from _parameters(k, name, tensor)

    def _paddings(self) -> Iterator[tuple[Owner, str]]:
        """Yield the padding that windows reach, with what it is filled with."""
        names = {(one.sheet, one.plane): one.title for one in self.planes}
        for k, tensor in enumerate(self.opened.lifted.tensors):
            for one in tensor.overhangs:
                title = names.get((tensor.sheet, one.plane))
                if title is not None:
                    area = one.cells
                    words = f"{_FILLS.get(one.fill, 'cells')} {_SIDES[one.side]} {title}"
                    plane = Plane((area.top, area.left), area.size)
                    yield Owner("padding", words, tensor.sheet, plane, tensor=k), one.fill


def _parameters(k: int, name: str, tensor: Tensor) -> Iterator[Owner]:
    sheet = tensor.parameters_sheet
    for output, planes in enumerate(tensor.kernels):
        for number, plane in enumerate(planes):
            first = number * plane.shape[0] * plane.shape[1] if tensor.is_vector else None
            index = (output,) if tensor.is_vector else (output, number)
            yield Owner("weight", f"{name}.weight", sheet, plane, index, first, k)
    for scalar, places in {"bias": tensor.biases, **tensor.scalars}.items():
        for output, plane in enumerate(places):
            kind = "bias" if scalar == "bias" else "weight"
            yield Owner(kind, f"{name}.{scalar}", sheet, plane, (output,), None, k)


def _ends(values: NDArray[np.int64]) -> tuple[int, int]:
    return int(values.min()), int(values.max())


def _joined(index: tuple[int, ...]) -> str:
    return ", ".join(map(str, index))


def _lines(word: str, first: int, last: int) -> str:
    return f"{word} {first}" if first == last else f"{word}s {first}..{last}"
