"""Sides that no draw entered because of another layer's numbers: no guard, but left open.

A guard asks for what its own layer reads. `=IF(A2>5,0,MATCH(...))` beside the outputs of a
network asks for a pixel, and gives another class for some pictures. Looks at references only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlconv.arrays import Mask
from xlconv.layout.metric_names import tensor_name
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.formula import Node, references
from xlconv.verification.trials.sides import UnseenSide
from xlconv.verification.trials.tried import ForeignSide, Trials, TriedStage


def foreign_sides(book: LiftedWorkbook, trials: Trials) -> Iterator[ForeignSide]:
    """Yield the blocks of stages with such a side, and what they read there."""
    for one in trials.unseen:
        index = book.workbook.sheets[one.sheet].find(one.cell)
        stage = None if index is None else _stage_of(trials.stages, one.sheet, index)
        k = -1 if index is None else int(book.calculation.block_numbers[one.sheet][index])
        if stage is None or k < 0:
            continue
        block = book.calculation.blocks[k]
        shape = block.lattice.shape
        for sheet, area in _read(_asked(one), one.sheet, shape):
            tensor = _foreign(stage, sheet, area)
            if tensor is not None:
                name = tensor_name(stage.intention.network, tensor)
                yield ForeignSide(one.sheet, block.cells[block.mask], f"{area.name} of {name}")
                break


def open_cells(found: Sequence[ForeignSide], sizes: Sequence[int]) -> tuple[Mask, ...]:
    """Return the cells of such blocks, by sheet."""
    masks = tuple(np.zeros(size, np.bool_) for size in sizes)
    for one in found:
        masks[one.sheet][one.cells] = True
    return masks


def _asked(one: UnseenSide) -> Node:
    """Return what decides on the side: of an IF its condition, of a maximum all of it."""
    return one.hinge.arguments[0] if one.hinge.name in ("IF", "CHOOSE") else one.hinge


def _stage_of(stages: Sequence[TriedStage], sheet: int, index: int) -> TriedStage | None:
    return next(
        (
            stage for stage in stages
            if stage.intention.sheet == sheet and any(index in one.cells for one in stage.planes)
        ),
        None,
    )  # fmt: skip


def _read(tree: Node, home: int, shape: tuple[int, int]) -> Iterator[tuple[int, Range]]:
    for reference in references(tree):
        yield sheet_of(reference, home), range_reached(reference, shape)


def _foreign(stage: TriedStage, sheet: int, area: Range) -> int | None:
    """Return the tensor that an area is of, if the stage's layers do not read it."""
    intention, own = stage.intention, stage.stage
    if sheet != intention.sheet:
        return None
    places = intention.layout.places
    mine = places[own.first + 1 : own.last + 2]
    given = [
        *(plane.halo_range(places[k].halo) for k in own.sources for plane in places[k].planes),
        *(plane.range for one in mine for plane in (*one.planes, *one.helpers.values())),
    ]
    if any(one.overlaps(area) for one in given):
        return None
    return next(
        (
            k for k, place in enumerate(places)
            if any(plane.range.overlaps(area) for plane in place.planes)
        ),
        None,
    )  # fmt: skip
