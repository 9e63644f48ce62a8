"""Drawn numbers in the cells of sheets, with borders and halos as they should be around them.

What stands in a border or a halo instead is found as such, by itself: windows that reach there
are not blamed for it. Never evaluates a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlconv.arrays import Array, Index
from xlconv.layers.base.padding_modes import Repeat, halo_blocks
from xlconv.layout.stages import Stage
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane, halo_cells
from xlconv.spreadsheet.calculation.calculate import Calculation, Status
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.values import BLANK, NUMBER
from xlconv.spreadsheet.workbook import indices_of
from xlconv.verification.intended.intention import Intention
from xlconv.verification.trials.drawn import DrawnStage, cells_drawn
from xlconv.verification.trials.evaluation import Targets, copies, targets_of
from xlconv.verification.trials.tried import TriedStage


def borders(intention: Intention, stage: Stage) -> Iterator[tuple[int, int, Repeat]]:
    """Yield what repeats the planes that a stage reads: by source, plane, and its cells."""
    for number, tensor in enumerate(stage.sources):
        place = intention.layout.places[tensor]
        for k, plane in enumerate(place.planes if place.halo.repeats else ()):
            for one in halo_blocks(plane, place.halo):
                yield number, k, one


def targets_for(
    calculation: Calculation, stages: Sequence[TriedStage], drawn: Sequence[DrawnStage]
) -> Targets:
    """Return the cells that hold drawn numbers, and those that are tried."""
    grids = calculation.grids
    places: list[list[Index]] = [[np.empty(0, np.int64)] for _ in grids]
    for one in drawn:
        for plane, _ in _placed(calculation, one):
            home = one.intention.sheet
            places[home].append(calculation.indices(home, plane))
    wanted = tuple(np.zeros(len(grid.numbers), np.bool_) for grid in grids)
    for stage in stages:
        for tried in stage.planes:
            # What is known to be wrong needs no other draw: of odd cells each costs one by itself.
            cells = tried.cells[(tried.cells >= 0) & ~tried.differs]
            wanted[stage.intention.sheet][cells] = True
    kept: list[Index] = [np.empty(0, np.int64) for _ in grids]
    for one in drawn:
        for plane, halo in _around(one):
            home = one.intention.sheet
            kept[home] = np.concatenate([kept[home], _halo_cells(grids[home], plane, halo)])
    return targets_of(calculation, tuple(map(np.concatenate, places)), tuple(kept), wanted)


def _placed(calculation: Calculation, one: DrawnStage) -> Iterator[tuple[Plane, Array]]:
    """Yield the cells that get drawn numbers, their borders, and what layers drew themselves."""
    yield from cells_drawn(one)
    for number, k, repeat in borders(one.intention, one.stage):
        yield repeat.block.lattice, one.read[number][k][np.ix_(repeat.rows, repeat.columns)]
    sheet = one.intention.sheet
    status = calculation.statuses[sheet]
    for name, plane in one.intention.layout.places[one.stage.tensor].helpers.items():
        cells = calculation.indices(sheet, plane)
        if (status[cells[cells >= 0]] == Status.PINNED).any():
            values = one.layers[0].helpers(one.read[0], one.before_fused(), [name])
            if name in values and values[name].size == len(cells):
                yield plane, values[name]


def drawn_grids(
    calculation: Calculation, targets: Targets, drawn: Sequence[DrawnStage]
) -> list[ValueGrid]:
    """Return the values of all sheets with drawn numbers in their places."""
    grids = copies(calculation.grids)
    begins = [0] * len(grids)  # plane by plane: all at once would be copied several times
    for one in drawn:
        home = one.intention.sheet
        for plane, matrix in _placed(calculation, one):
            begin, begins[home] = begins[home], begins[home] + matrix.size
            cells, numbers = targets.places[home][begin : begins[home]], matrix.ravel()
            blank = cells < 0
            if blank.any():  # what reads them is not to blame
                rows, columns = (axis[blank] for axis in plane.cells())
                grids[home].place_at(rows, columns, numbers[blank])
            grids[home].place(cells, numbers)
    for sheet, place in {(one.intention.sheet, place) for one in drawn for place in _around(one)}:
        _fill_halo(grids[sheet], *place)
    return grids


def _around(one: DrawnStage) -> Iterator[tuple[Plane, Halo]]:
    """Yield the planes that a stage reads with halos of one number or text around them."""
    for tensor in one.stage.sources:
        place = one.intention.layout.places[tensor]
        if not (place.halo.is_empty or place.halo.repeats or place.halo.fill == "blank"):
            yield from ((plane, place.halo) for plane in place.planes)


def _fill_halo(grid: ValueGrid, plane: Plane, halo: Halo) -> None:
    """Let a halo be what it should: what stands there instead is found as such, by itself."""
    cells = _halo_cells(grid, plane, halo)
    is_number = not isinstance(halo.fill, str)
    number = np.full(len(cells), halo.fill if is_number else 0.0, np.float64)
    grid.store(cells, number, np.uint8(NUMBER if is_number else BLANK))


def _halo_cells(grid: ValueGrid, plane: Plane, halo: Halo) -> Index:
    rows, columns = halo_cells(plane, halo)
    cells = indices_of(grid.keys, rows.astype(np.int64), columns.astype(np.int64))
    return cells[cells >= 0]
