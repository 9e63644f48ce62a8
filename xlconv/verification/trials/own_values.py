"""Stages held to the numbers that the workbook has now, as one trial more.

What differs for these alone no draw would find: `IF(A2=0.37,...)` where A2 is 0.37. Every layer
is given what its cells read, whatever that is, so that a wrong one blames none after it. Draws
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from xlconv.arrays import Array
from xlconv.layers import Layer
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.values import NUMBER
from xlconv.verification.trials.drawn import DrawnStage
from xlconv.verification.trials.one_draw import tried_once_more
from xlconv.verification.trials.tried import TriedStage


def with_own_values(calculation: Calculation, one: TriedStage) -> TriedStage:
    """Return a stage whose cells differ too where they do now.

    As it is where it reads no numbers now, or has a border: what that holds is judged by itself.
    """
    as_it_is = _as_it_is(calculation, one)
    if as_it_is is None:
        return one
    grid = calculation.grids[one.intention.sheet]
    given = np.where(grid.kinds == NUMBER, grid.numbers, np.nan)
    known = np.ones(len(given), np.bool_)
    # Numbers that are there may be as large as any, or alike.
    return tried_once_more(one, as_it_is, given, known, is_plain=False)


def _as_it_is(calculation: Calculation, one: TriedStage) -> DrawnStage | None:
    """Return a stage with the numbers in the cells that it reads, None where some are missing."""
    intention, stage = one.intention, one.stage
    places, shapes = intention.layout.places, intention.network.shapes
    if any(not places[k].halo.is_empty for k in stage.sources):
        return None
    layer, *others = intention.layers_of(stage)
    own = _with_numbers(calculation, one, layer)
    read = [_numbers(calculation, intention.sheet, intention.planes_of(k)) for k in stage.sources]
    if own is None or any(x is None for x in read):
        return None
    values = (x for x in read if x is not None)
    shaped = tuple(x.reshape(shapes[k]) for k, x in zip(stage.sources, values, strict=True))
    return DrawnStage(intention, stage, (own, *others), shaped)


def _with_numbers(calculation: Calculation, one: TriedStage, layer: Layer) -> Layer | None:
    """Return the layer with the parameters in its cells; None where it has others, or none there.

    Where each stands is told by a layer whose parameters are their own numbers.
    """
    known = layer.parameters()
    ends = np.cumsum([value.size for value in known.values()])
    numbered = layer.with_parameters({
        name: np.arange(end - value.size, end, dtype=np.float64).reshape(value.shape)
        for end, (name, value) in zip(ends.tolist(), known.items(), strict=True)
    })  # fmt: skip
    tables = numbered.tables(one.intention.network.shapes[one.stage.source])
    if set(tables) != set(known):
        return None
    found = np.full(int(ends[-1]) if len(ends) else 0, np.nan)
    there = one.intention.tables_of(one.stage).tables
    for name, groups in tables.items():
        for planes, matrices in zip(there.get(name, ()), groups, strict=False):
            for plane, matrix in zip(planes, matrices, strict=True):
                numbers = _numbers(calculation, one.intention.sheet, (plane,))
                if numbers is None:
                    return None
                found[matrix.ravel().astype(np.int64)] = numbers
    if np.isnan(found).any():
        return None
    return layer.with_parameters({
        name: found[end - value.size : end].reshape(value.shape)
        for end, (name, value) in zip(ends.tolist(), known.items(), strict=True)
    })  # fmt: skip


def _numbers(calculation: Calculation, sheet: int, planes: Iterable[Plane]) -> Array | None:
    """Return what cells hold now, one plane after the other; None where any is no number."""
    cells = np.concatenate([calculation.indices(sheet, plane) for plane in planes])
    grid = calculation.grids[sheet]
    if (cells < 0).any() or (grid.kinds[cells] != NUMBER).any():
        return None
    found: Array = grid.numbers[cells]
    return found
