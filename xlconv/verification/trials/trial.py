"""Every stage tried on several draws: which of its cells give what its layers give.

Two functions of sums, products, quotients and hinges (MAX, IF, ABS) that are not the same
agree on drawn numbers with probability 0, but on the sides of a hinge that no draw enters:
so draws take turns (`draw`), the numbers in the workbook are one trial more (`own_values`), and
a small workbook is tried more often than a large one, where many cells share a formula.
Functions whose values differ by less than the tolerance, 1e-9 of the largest number of the
tensor, count as the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec.structs import replace

from xlconv.layers.base.answers import HelperKind
from xlconv.layout.stages import Stage
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.calculate import Calculation, Status
from xlconv.verification.intended.intention import Intention
from xlconv.verification.trials.draw import Draw, kind_of
from xlconv.verification.trials.drawn import DrawnStage, drawn_stages
from xlconv.verification.trials.drawn_grids import borders, drawn_grids, targets_for
from xlconv.verification.trials.evaluation import Targets, computed
from xlconv.verification.trials.one_draw import held_to, tried_once_more, with_labels
from xlconv.verification.trials.own_values import with_own_values
from xlconv.verification.trials.rare_cells import has_rare_cells, rare_draws
from xlconv.verification.trials.sides import Sides
from xlconv.verification.trials.tried import BORDER, OUTPUT, Trials, TriedPlane, TriedStage

# Draws for a large workbook, and for one of few cells: a hinge has two sides.
_FEWEST, _MOST = 2, 12
_CELLS_TRIED = 10_000
# Where some cells differ, others of the same formula may have agreed by chance, as maxima do:
# the stage is tried on, so many draws at a time, until none more differs.
_MORE, _MOST_MORE, _FIRST_MORE = 8, 48, 1_000


def trials_of(book: LiftedWorkbook, intentions: Sequence[Intention], seed: int = 0) -> Trials:
    """Try every stage of some intentions, which share what they share."""
    calculation = book.calculation
    sizes = [len(sheet) for sheet in book.workbook.sheets]
    stages = [_untried(calculation, one) for one in drawn_for(intentions, seed, 0)]
    if not stages:
        return _trials((), sizes, 0)
    count = min(_MOST, max(_FEWEST, _CELLS_TRIED // max(1, sum(one.size for one in stages))))
    sides = Sides()
    stages = _tried_on(calculation, intentions, stages, [(seed, k) for k in range(count)], sides)
    for k, one in enumerate(stages):
        now = with_own_values(calculation, one)
        stages[k] = _until_none_more_differs(calculation, now, seed, sides)
    # A stage most of whose cells are wrong is another one: what more is to be known of it?
    rare = [
        k for k, one in enumerate(stages) if 2 * one.wrong < one.size and has_rare_cells(book, one)
    ]
    if rare:
        more = [(seed, count + k) for k in range(rare_draws([stages[k] for k in rare]))]
        which = [(stages[k].intention, stages[k].stage) for k in rare]
        alone = _only(intentions, which)
        tried = _tried_on(calculation, alone, [stages[k] for k in rare], more, sides)
        for k, one in zip(rare, tried, strict=True):
            stages[k] = one
    found = _trials([_without_respelled_helpers(one) for one in stages], sizes, count)
    return replace(found, unseen=sides.unseen())


def _until_none_more_differs(
    calculation: Calculation, one: TriedStage, seed: int, sides: Sides
) -> TriedStage:
    """Return a stage that is wrong with all of its cells that are, as far as draws tell them."""
    alone = _only([one.intention], [(one.intention, one.stage)])
    for begin in range(_FIRST_MORE, _FIRST_MORE + _MOST_MORE, _MORE):
        known = sum(int(plane.differs.sum()) for plane in one.planes)
        if known in (0, sum(len(plane.cells) for plane in one.planes)):
            return one
        draws = [(seed, number) for number in range(begin, begin + _MORE)]
        (one,) = _tried_on(calculation, alone, [one], draws, sides)
        if sum(int(plane.differs.sum()) for plane in one.planes) == known:
            return one
    return one


def _only(
    intentions: Sequence[Intention], which: Sequence[tuple[Intention, Stage]]
) -> list[Intention]:
    """Return intentions with some of their stages, the others left out."""
    return [
        replace(one, stages=tuple(
            stage for stage in one.stages
            if any(other is one and mine is stage for other, mine in which)
        ))
        for one in intentions
    ]  # fmt: skip


def _tried_on(
    calculation: Calculation,
    intentions: Sequence[Intention],
    stages: Sequence[TriedStage],
    draws: Sequence[tuple[int, int]],
    sides: Sides,
) -> list[TriedStage]:
    """Return the stages of intentions, in their order, tried on more draws."""
    found = list(stages)
    targets: Targets | None = None
    for seed, number in draws:
        drawn = drawn_for(intentions, seed, number)
        targets = targets or targets_for(calculation, found, drawn)
        grids = drawn_grids(calculation, targets, drawn)
        given = computed(calculation, targets, grids)
        kind = kind_of(number)
        sides.look(held_to(targets.blocks, found, kind), grids, calculation)
        for k, one in enumerate(drawn):
            home = found[k].intention.sheet
            numbers = with_labels(found[k], given)
            found[k] = tried_once_more(
                found[k], one, numbers, given.known[home], is_plain=kind.is_plain
            )
        del drawn, given, grids  # before the next ones are made: of a large workbook they are most
    return found


def drawn_for(intentions: Sequence[Intention], seed: int, number: int) -> list[DrawnStage]:
    """Return the stages of intentions with the numbers of one draw."""
    return drawn_stages(intentions, Draw(seed, number))


def _trials(stages: Sequence[TriedStage], sizes: Sequence[int], count: int) -> Trials:
    proven = tuple(np.zeros(size, np.bool_) for size in sizes)
    wrong = tuple(np.zeros(size, np.bool_) for size in sizes)
    for stage in stages:
        for one in stage.planes:
            there = one.cells >= 0
            wrong[stage.intention.sheet][one.cells[there & one.differs]] = True
            proven[stage.intention.sheet][one.cells[there & ~one.differs & ~one.unknown]] = True
    for number, other in enumerate(wrong):
        proven[number][other] = False
        proven[number].flags.writeable = other.flags.writeable = False
    return Trials(tuple(stages), proven, wrong, count)


# -- what is tried -------------------------------------------------------------------------


def _untried(calculation: Calculation, drawn: DrawnStage) -> TriedStage:
    intention, stage = drawn.intention, drawn.stage

    def plane(one: Plane, role: str) -> TriedPlane:
        cells = calculation.indices(intention.sheet, one)
        unknown = np.full(len(cells), np.nan)
        none = np.zeros(len(cells), np.bool_)
        return TriedPlane(one, role, cells, none, none, unknown, unknown)

    place = intention.layout.places[stage.tensor]
    return TriedStage(intention, stage, (
        *(plane(one, OUTPUT) for one in place.planes),
        *(plane(place.helpers[name], name) for name in _helpers(calculation, drawn)),
        *(plane(one.block.lattice, BORDER) for _, _, one in borders(intention, stage)),
    ))  # fmt: skip


def _helpers(calculation: Calculation, drawn: DrawnStage) -> Iterator[str]:
    """Yield the helpers of a stage that its layer can tell, random ones left out."""
    sheet, planes = drawn.intention.sheet, drawn.intention.layout.places[drawn.stage.tensor].helpers
    if not planes:
        return
    status = calculation.statuses[sheet]
    values = drawn.layers[0].helpers(drawn.read[0], drawn.before_fused(), list(planes))
    for name, plane in planes.items():
        cells = calculation.indices(sheet, plane)
        is_random = (status[cells[cells >= 0]] == Status.PINNED).any()
        if name in values and values[name].size == len(cells) and not is_random:
            yield name


def _without_respelled_helpers(one: TriedStage) -> TriedStage:
    """Return a stage whose helpers may be anything, readouts left out, where it is right."""
    if one.wrong:
        return one
    readouts = one.intention.network.layers[one.stage.first].helper_names(HelperKind.READOUT)

    def free(plane: TriedPlane) -> bool:
        return plane.role not in (OUTPUT, BORDER, *readouts)

    planes = (
        replace(plane, differs=np.zeros_like(plane.differs)) if free(plane) else plane
        for plane in one.planes
    )
    return replace(one, planes=tuple(planes))
