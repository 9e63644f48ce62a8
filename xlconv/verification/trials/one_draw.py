"""One draw: what a stage's cells gave, held against what its layers give.

Which differences count depends on the kind of the draw. Evaluates no formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array, Mask
from xlconv.layers.base.answers import HelperKind
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.trials.draw import Kind
from xlconv.verification.trials.drawn import DrawnStage
from xlconv.verification.trials.drawn_grids import borders
from xlconv.verification.trials.evaluation import Given
from xlconv.verification.trials.tried import BORDER, OUTPUT, TriedPlane, TriedStage

# Of the largest number of a tensor: what differs by less is the same.
SHARE = 1e-9


def held_to(
    blocks: Sequence[FormulaBlock], stages: Sequence[TriedStage], kind: Kind
) -> Iterator[FormulaBlock]:
    """Yield the blocks whose cells a draw of a kind is held to."""
    free = {
        (one.intention.sheet, cell)
        for one in stages for plane in one.planes if not kind.is_plain and _is_read_out(one, plane)
        for cell in plane.cells.tolist()
    }  # fmt: skip
    for block in blocks:
        if not any((block.sheet, cell) in free for cell in block.cells[block.mask][:1].tolist()):
            yield block


def with_labels(one: TriedStage, given: Given) -> Array:
    """Return what cells give, with the number of the class for a readout that gives its name."""
    home, classes = one.intention.sheet, one.intention.network.classes
    numbers = given.numbers[home]
    for plane in one.planes:
        for index in plane.cells.tolist() if plane.role not in (OUTPUT, BORDER) else ():
            text = given.texts.get((home, index), "")
            if text in classes:
                numbers[index] = classes.index(text)
    return numbers


def tried_once_more(
    one: TriedStage, drawn: DrawnStage, given: Array, known: Mask, *, is_plain: bool
) -> TriedStage:
    """Return a stage with one draw more; `given` has what all cells of its sheet then hold."""
    with np.errstate(all="ignore"):
        y = drawn.output()
        every = list(_wanted(one, drawn, y))
    tolerance = Tolerance(SHARE, SHARE * max(1.0, float(np.abs(y).max(initial=0.0))))
    planes = tuple(
        plane if not is_plain and _is_read_out(one, plane)
        else _compared(plane, wanted.ravel(), given, known, tolerance, is_plain=is_plain)
        for plane, wanted in zip(one.planes, every, strict=True)
    )  # fmt: skip
    return replace(one, planes=planes)


def _wanted(one: TriedStage, drawn: DrawnStage, y: Array) -> Iterator[Array]:
    """Yield what the planes of a stage should give, in their order."""
    yield from y.reshape(len(one.outputs), -1)
    names = [plane.role for plane in one.planes if plane.role not in (OUTPUT, BORDER)]
    if names:
        first = drawn.before_fused() if len(drawn.layers) > 1 else y
        seen = first if drawn.own is None else drawn.own.reshape(y.shape)
        helpers = drawn.layers[0].helpers(drawn.read[0], seen, names)
        yield from (helpers[name] for name in names)
    for number, k, repeat in borders(one.intention, one.stage):
        x = drawn.read[number]
        yield x[k][np.ix_(repeat.rows, repeat.columns)]


def _compared(
    plane: TriedPlane, wanted: Array, given: Array, known: Mask, tolerance: Tolerance,
    *, is_plain: bool,
) -> TriedPlane:  # fmt: skip
    there = plane.cells >= 0
    found = np.full(len(plane.cells), np.nan)
    found[there] = given[plane.cells[there]]
    unknown = plane.unknown.copy()
    unknown[there] |= ~known[plane.cells[there]]
    # Right formulas have limits where layers have none, as `1/(1+EXP(-x))` has.
    told = np.isfinite(found) & np.isfinite(wanted) | is_plain
    differs = (plane.differs | (~tolerance.close(found, wanted) & told)) & ~unknown
    if not np.isnan(plane.wanted).all():  # the first draw is the one that is shown
        found, wanted = plane.found, plane.wanted
    return replace(plane, differs=differs, unknown=unknown, found=found, wanted=wanted)


def _is_read_out(one: TriedStage, plane: TriedPlane) -> bool:
    """Whether a plane tells of others: of two classes that are alike, either may be the largest."""
    layer = one.intention.network.layers[one.stage.first]
    return plane.role in layer.helper_names(HelperKind.READOUT)
