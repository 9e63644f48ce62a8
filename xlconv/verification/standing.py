"""What every formula cell stands for in the verdict: proven, a measure, given, or left open.

Puts the answers, the trials and the connection side by side. Never makes a finding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from xlconv.arrays import Mask
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.calculation.calculate import Status
from xlconv.spreadsheet.values import ERROR
from xlconv.verification.answers import SheetAnswers
from xlconv.verification.connection import (
    Connection,
    lifted_ends,
    network_ranges,
    output_ranges,
)
from xlconv.verification.intended.intention import Intention
from xlconv.verification.measures import measures_among
from xlconv.verification.metric_answers import Metrics
from xlconv.verification.trials.foreign_sides import open_cells
from xlconv.verification.trials.tried import Trials


class SheetStanding(Struct, frozen=True):
    """Formula cells of a sheet, in the order of its arrays.

    `connected` have to do with a network, random ones left out, and of these `verified` are
    known to be right: proven, a measure, or a number given to the network. `errors` are those
    of the connected that hold an error value.
    """

    connected: Mask
    verified: Mask
    errors: Mask


def standing_of(
    book: LiftedWorkbook,
    answers: Sequence[SheetAnswers],
    connection: Connection,
    trials: Trials,
    same: Sequence[Mask],
    intentions: Sequence[Intention],
    metrics: Metrics,
    rivals: Sequence[Mask],
) -> tuple[SheetStanding, ...]:
    """Return what every formula cell stands for, sheet by sheet."""
    measures = _measures(book, connection, intentions)
    for metric in metrics.known:
        if metric.is_right:  # whatever the tensor holds that it tells of
            measures[metric.sheet][metric.index] = True
    known = [
        measures[k]
        | connection.given[k]
        | trials.proven[k]
        | (one.proven & ~trials.wrong[k] & ~rivals[k])
        | (same[k] & ~np.isnan(one.network) & ~trials.wrong[k] & ~rivals[k])
        for k, one in enumerate(answers)
    ]
    for mask, left in zip(known, open_cells(trials.foreign, list(map(len, known))), strict=True):
        mask &= ~left  # noqa: PLW2901  in place
    between = _between(book, connection, known)
    found = []
    for k, one in enumerate(answers):
        calculation = book.calculation
        status, grid = calculation.statuses[k], calculation.grids[k]
        connected = connection.connected[k] & (status != Status.PINNED)
        errors = connected & (grid.kinds == ERROR)
        right = (known[k] | between[k]) & (one.current | one.unstored)
        found.append(SheetStanding(connected, connected & right & ~errors, errors))
    return tuple(found)


def _measures(
    book: LiftedWorkbook, connection: Connection, intentions: Sequence[Intention]
) -> list[Mask]:
    """Return the cells that measure a network and that no network reads."""
    blocks, order = book.calculation.blocks, book.calculation.order
    candidates = [k for knot in order for k in knot if k in connection.after - connection.before]
    ranges: list[tuple[int, Range]] = list(network_ranges(book, intentions))
    ends = list(output_ranges(intentions))
    lifted = list(lifted_ends(book))
    found = measures_among(blocks, candidates, ranges, ends, lifted) if candidates else frozenset()
    return _cells_of(book, found)


def _between(
    book: LiftedWorkbook,
    connection: Connection,
    right: Sequence[Mask],
) -> list[Mask]:
    """Return the cells that networks read and that are none of theirs, where all readers are right.

    What a cell computes through others is right as a whole, however it is split up.
    """
    blocks = book.calculation.blocks
    before = sorted(connection.before)
    index = AreaIndex((blocks[k].sheet, blocks[k].lattice.range) for k in before)
    readers: dict[int, set[int]] = {k: set() for k in before}
    for number, block in enumerate(blocks if before else ()):
        for read in block.reads:
            for one in index.touching(*read):
                readers[before[one]].add(number)
    good: set[int] = set()
    for k in reversed([k for knot in book.calculation.order for k in knot]):
        if k in readers and readers[k] and all(
            one in good or right[blocks[one].sheet][blocks[one].cells[blocks[one].mask]].all()
            for one in readers[k]
        ):  # fmt: skip
            good.add(k)
    return _cells_of(book, frozenset(good))


def _cells_of(book: LiftedWorkbook, numbers: frozenset[int]) -> list[Mask]:
    masks = [np.zeros(len(sheet), np.bool_) for sheet in book.workbook.sheets]
    for k in numbers:
        block = book.calculation.blocks[k]
        masks[block.sheet][block.cells[block.mask]] = True
    return masks
