"""What reads a cell: the formulas that refer to it, and all that follow from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xlconv.arrays import Index
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.precedents.precedents import Readings
from xlconv.spreadsheet.precedents.region import (
    NOTHING,
    Region,
    region_of_cells,
    region_of_range,
    union,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Cells of one tensor (or in no layer, without a name) that read something."""

    name: str
    sheet: str
    ranges: tuple[str, ...]
    cells: int


def readers_of(seen: LiftedWorkbook, sheet: int, cell: Cell) -> tuple[Reader, ...]:
    """Return what refers to a cell, by tensor and block."""
    area = region_of_range(Range(*cell, *cell))
    return _readers(seen, Readings(seen.calculation).dependents(sheet, area))


def reached_from(seen: LiftedWorkbook, sheet: int, cell: Cell) -> tuple[Reader, ...]:
    """Return what depends on a cell, directly or not, in the order of calculation."""
    readings = Readings(seen.calculation)
    front = {sheet: region_of_range(Range(*cell, *cell))}
    found: dict[int, Region] = {}
    while front:
        fresh: dict[int, Region] = {}
        for number, region in front.items():
            for home, read in readings.dependents(number, region).items():
                new = read - found.get(home, NOTHING)
                if new:
                    fresh[home] = fresh.get(home, NOTHING) | new
        for home, region in fresh.items():
            found[home] = found.get(home, NOTHING) | region
        front = fresh
    return _readers(seen, found)


def _readers(seen: LiftedWorkbook, found: dict[int, Region]) -> tuple[Reader, ...]:
    """Return one reader per tensor and sheet, in the order of the blocks."""
    homes: dict[int, str] = {}
    for k, tensor in enumerate(seen.lifted.tensors):
        homes |= dict.fromkeys(tensor.blocks, seen.tensor_name(k))
        border = f"{seen.tensor_name(k)}.padding"
        homes |= dict.fromkeys((one.block for one in tensor.border), border)
        for helper, (own, _) in tensor.helpers.items():
            homes[own] = f"{seen.tensor_name(k)}.{helper}"
    units = seen.calculation.blocks
    ordered = dict.fromkeys(k for knot in seen.calculation.order for k in knot)
    regions: dict[tuple[str, int], list[Region]] = {}
    for k in (*ordered, *(k for k in range(len(units)) if k not in ordered)):
        unit = units[k]
        region = found.get(unit.sheet, NOTHING)
        i, j = region.entries(unit.lattice)
        inside = unit.mask[i, j]
        if inside.any():
            name = homes.get(k) or _place_name(seen, unit)
            i, j = i[inside], j[inside]
            for what, chosen in _told_apart(seen, unit, name, i, j):
                cells = region_of_cells(unit.lattice, i[chosen], j[chosen])
                regions.setdefault((what, unit.sheet), []).append(cells)
    readers = []
    for (name, sheet), some in regions.items():
        ranges = tuple(area.name for region in some for area in region.ranges)
        count = len(union(some))
        readers.append(Reader(name, seen.sheet_name(sheet), ranges, count))
    return tuple(readers)


def _told_apart(
    seen: LiftedWorkbook, unit: FormulaBlock, name: str, i: Index, j: Index
) -> Iterator[tuple[str, Index]]:
    """Yield which cells of a block have which name: in no layer, those that tell something."""
    whats = [name] * len(i)
    if not name and seen.annotations:
        cells = [unit.lattice.cell(*place) for place in zip(i.tolist(), j.tolist(), strict=True)]
        found = [seen.annotation(unit.sheet, cell) for cell in cells]
        whats = ["" if one is None else one.what for one in found]
    for what in dict.fromkeys(whats):
        yield what, np.flatnonzero([one == what for one in whats])


def _place_name(seen: LiftedWorkbook, unit: FormulaBlock) -> str:
    """Return the tensor in whose plane a block stands that no layer explains, or nothing."""
    role = seen.role(unit.sheet, unit.lattice.origin)
    return role.name if role is not None else ""
