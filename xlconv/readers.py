"""What reads a cell: the formulas that refer to it, and all that follow from them.

Blocks at once: their references are affine in the place, so that which of a block's
cells see a range is one comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlconv.calculation import Unit, sees, sheet_of
from xlconv.formula import references
from xlconv.opened import Opened
from xlconv.refs import Cell, Range

Place = tuple[int, Range]  # a sheet and a range on it
# A block whose cells read each other is followed at most so many rounds.
_MOST_ROUNDS = 1_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Cells of one tensor (or in no layer, without a name) that read something."""

    name: str
    sheet: str
    ranges: tuple[str, ...]
    cells: int


def readers_of(seen: Opened, sheet: int, cell: Cell) -> tuple[Reader, ...]:
    """Return what refers to a cell, by tensor and block."""
    own = [(sheet, Range(*cell, *cell))]
    touched = {
        k: mask for k, unit in enumerate(seen.calculation.units)
        if (mask := _touched(unit, own)) is not None
    }  # fmt: skip
    return _readers(seen, touched)


def reached_from(seen: Opened, sheet: int, cell: Cell) -> tuple[Reader, ...]:
    """Return what depends on a cell, directly or not, in the order of calculation."""
    areas = {-1: [(sheet, Range(*cell, *cell))]}
    touched: dict[int, NDArray[np.bool_]] = {}
    units = seen.calculation.units
    for knot in seen.calculation.order:
        for _ in range(_MOST_ROUNDS):
            grown = False
            for k in knot:
                mask = _touched(units[k], [one for some in areas.values() for one in some])
                if mask is not None and (k not in touched or (mask & ~touched[k]).any()):
                    touched[k] = mask
                    areas[k] = [(units[k].sheet, area) for area in _areas(units[k], mask)]
                    grown = True
            if not grown or (len(knot) == 1 and not _is_recurrent(units[knot[0]])):
                break
    return _readers(seen, touched)


def _is_recurrent(unit: Unit) -> bool:
    return any(
        sheet == unit.sheet and area.overlaps(unit.lattice.range) for sheet, area in unit.reads
    )


def _touched(unit: Unit, areas: list[Place]) -> NDArray[np.bool_] | None:
    """Return which cells of a block read any of the ranges, None where none does."""
    near = [
        (sheet, area) for sheet, area in areas
        if any(home == sheet and read.overlaps(area) for home, read in unit.reads)
    ]  # fmt: skip
    if not near or unit.tree is None:
        return None
    mask = np.zeros(unit.lattice.shape, np.bool_)
    for reference in references(unit.tree):
        for sheet, area in near:
            if sheet_of(reference, unit.sheet) == sheet:
                mask |= sees(reference, unit.lattice.shape, area)
    mask &= unit.mask
    return mask if mask.any() else None


def _areas(unit: Unit, mask: NDArray[np.bool_]) -> list[Range]:
    """Return the cells of a mask as one range where they fill it, or else line by line."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (int(rows[0]), int(columns[0])), (int(rows[-1]), int(columns[-1]))
    (top, left), (bottom, right) = box
    if mask[top : bottom + 1, left : right + 1].all():
        return [_range(unit, *box)]
    found = []
    for i in rows.tolist():
        # Where runs of cells begin and end: +1 and -1 in the differences.
        edges = np.diff(np.concatenate([[0], mask[i].astype(np.int8), [0]]))
        starts, ends = np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist()
        found += [_range(unit, (i, a), (i, b - 1)) for a, b in zip(starts, ends, strict=True)]
    return found


def _range(unit: Unit, first: tuple[int, int], last: tuple[int, int]) -> Range:
    return Range(*unit.lattice.cell(*first), *unit.lattice.cell(*last))


def _readers(seen: Opened, touched: dict[int, NDArray[np.bool_]]) -> tuple[Reader, ...]:
    """Return one reader per tensor and sheet, in the order of the blocks."""
    homes: dict[int, str] = {}
    for k, tensor in enumerate(seen.lifted.tensors):
        homes |= dict.fromkeys(tensor.units, seen.tensor_name(k))
        for helper, (own, _) in tensor.helpers.items():
            homes[own] = f"{seen.tensor_name(k)}.{helper}"
    found: dict[tuple[str, int], list[tuple[list[str], int]]] = {}
    for k, mask in touched.items():
        unit = seen.calculation.units[k]
        role = homes.get(k) or _place_name(seen, unit)
        areas = [area.name for area in _areas(unit, mask)]
        found.setdefault((role, unit.sheet), []).append((areas, int(mask.sum())))
    return tuple(
        Reader(
            name, seen.sheet_name(sheet),
            tuple(area for areas, _ in some for area in areas), sum(count for _, count in some),
        )
        for (name, sheet), some in found.items()
    )  # fmt: skip


def _place_name(seen: Opened, unit: Unit) -> str:
    """Return the tensor in whose plane a block stands that no layer explains, or nothing."""
    role = seen.role(unit.sheet, unit.lattice.origin)
    return role.name if role is not None else ""
