"""Cell -> its dependents: the formulas that refer to it, and all that follow from them.

Grouped by tensor, helper or annotation. Never writes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

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


class Dependents(Struct, frozen=True):
    """Cells that depend on a cell, of one tensor, helper or annotation; else without a name."""

    name: str
    sheet: str
    ranges: tuple[str, ...]
    cells: int


def direct_dependents(book: LiftedWorkbook, sheet: int, cell: Cell) -> tuple[Dependents, ...]:
    """Return what refers to a cell, by tensor and block."""
    return dependents_of(book, sheet, region_of_range(Range(*cell, *cell)))


def dependents_of(book: LiftedWorkbook, sheet: int, region: Region) -> tuple[Dependents, ...]:
    """Return what refers to any cell of a region, by tensor and block."""
    return _by_name(book, Readings(book.calculation).dependents(sheet, region))


def all_dependents(book: LiftedWorkbook, sheet: int, cell: Cell) -> tuple[Dependents, ...]:
    """Return what depends on a cell, directly or not, in the order of calculation."""
    readings = Readings(book.calculation)
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
    return _by_name(book, found)


def _by_name(book: LiftedWorkbook, found: dict[int, Region]) -> tuple[Dependents, ...]:
    """Return the cells by name and sheet, in the order of calculation."""
    names = _block_names(book)
    regions: dict[tuple[str, int], list[Region]] = {}
    whats: dict[tuple[str, int], set[str]] = {}
    for k in _in_order(book):
        block = book.lifted.blocks[k]
        i, j = found.get(block.sheet, NOTHING).entries(block.lattice)
        inside = block.mask[i, j]
        if inside.any():
            i, j = i[inside], j[inside]
            name = names.get(k) or _place_name(book, block)
            for (group, what), chosen in _by_annotation(book, block, name, i, j):
                cells = region_of_cells(block.lattice, i[chosen], j[chosen])
                regions.setdefault((group, block.sheet), []).append(cells)
                whats.setdefault((group, block.sheet), set()).add(what)
    told = []
    for (group, sheet), some in regions.items():
        own, every = whats[group, sheet], union(some)
        # Of a group only one of which depends on it, that one is named.
        name = group if len(own) > 1 else min(own)
        parts = [every] if len(own) > 1 else some
        ranges = tuple(area.name for region in parts for area in region.ranges)
        told.append(Dependents(name, book.sheet_name(sheet), ranges, len(every)))
    return tuple(told)


def _block_names(book: LiftedWorkbook) -> dict[int, str]:
    """Return the names of the blocks that are of a tensor, its padding or its helpers."""
    names: dict[int, str] = {}
    for k, tensor in enumerate(book.lifted.tensors):
        name = book.tensor_name(k)
        names |= dict.fromkeys(tensor.blocks, name)
        names |= dict.fromkeys((one.block for one in tensor.border), f"{name}.padding")
        names |= {own: f"{name}.{helper}" for helper, (own, _) in tensor.helpers.items()}
    return names


def _in_order(book: LiftedWorkbook) -> list[int]:
    """Return the blocks in the order of calculation; those that are not calculated come last."""
    ordered = dict.fromkeys(book.lifted.order)
    rest = (k for k in range(len(book.lifted.blocks)) if k not in ordered)
    return [*ordered, *rest]


def _by_annotation(
    book: LiftedWorkbook, block: FormulaBlock, name: str, i: Index, j: Index
) -> Iterator[tuple[tuple[str, str], Index]]:
    """Yield which cells of a block have which name: in no layer, that of their annotation.

    It comes after that of the group that it is one of: `the statistics of relu1`.
    """
    whats = [(name, name)] * len(i)
    if not name and book.annotations:
        cells = [block.lattice.cell(*place) for place in zip(i.tolist(), j.tolist(), strict=True)]
        found = [book.annotation(block.sheet, cell) for cell in cells]
        whats = [("", "") if one is None else (one.group or one.what, one.what) for one in found]
    for what in dict.fromkeys(whats):
        yield what, np.flatnonzero([one == what for one in whats])


def _place_name(book: LiftedWorkbook, block: FormulaBlock) -> str:
    """Return the tensor in whose plane a block stands that no layer explains, or nothing."""
    role = book.role(block.sheet, block.lattice.origin)
    return role.name if role is not None else ""
