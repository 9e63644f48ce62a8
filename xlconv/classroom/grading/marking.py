"""Facts about a submission, and the key -> the state of every cell that was asked for.

A cell is right where it holds a formula that gave what its layer gives on every draw: what it
reads is drawn, so that one which is only wrong because of an earlier cell is right by itself.
Tries nothing again, and gives no points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xlconv.classroom.grading.answer_key import (
    AnswerKey,
    KeyedCells,
    PlaneOfNetwork,
    TablePlane,
    TaskKey,
)
from xlconv.classroom.grading.graded_file import State
from xlconv.layers.base.answers import HelperKind
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.values import NUMBER
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.facts import Facts
from xlconv.verification.trials.trial import trials_of
from xlconv.verification.trials.tried import OUTPUT, TriedPlane, TriedStage

# Trials more for a stage that is wrong in part; each is of two draws at least.
_MORE = 12

Place = tuple[int, Cell]  # the number of a sheet of the submission, and a cell of it


class MarkedTask(Struct):
    """The states of a task's cells while they are found, and where each stands."""

    states: list[State]
    places: list[Place | None] = field(default_factory=list)

    @classmethod
    def of(cls, key: TaskKey) -> MarkedTask:
        """Return a task of which nothing is known."""
        size = len(key.task.places)
        return cls([State.LOST] * size, [None] * size)

    @property
    def letters(self) -> str:
        """The states, a letter each."""
        return "".join(self.states)


def marked_tasks(facts: Facts, key: AnswerKey) -> list[MarkedTask]:
    """Return the states of the cells of every task with cells in the network; others are LOST."""
    stages = retried(facts)
    return [_marked(facts, key, stages, one) for one in key.tasks]


def retried(facts: Facts) -> tuple[TriedStage, ...]:
    """Return the stages that were tried, those that are wrong in part tried on many more draws.

    That a layer is wrong shows on few draws; on which side of a hinge each of its cells came
    to lie by chance must not tell which of them are.
    """
    stages = list(facts.trials.stages)
    doubtful = [k for k, one in enumerate(stages) if _is_doubtful(facts, one)]
    for seed in range(1, _MORE + 1) if doubtful else ():
        alone = []
        for intention in facts.intentions:
            own = [stages[k].stage for k in doubtful if stages[k].intention is intention]
            if own:
                alone.append(replace(intention, stages=tuple(own)))
        for k, again in zip(doubtful, trials_of(facts.book, alone, seed).stages, strict=True):
            stages[k] = _with_more(stages[k], again)
    return tuple(stages)


def _is_doubtful(facts: Facts, one: TriedStage) -> bool:
    """Whether some formulas of a stage are wrong, and others not; what is no formula is known."""
    kinds = facts.workbook.sheets[one.intention.sheet].kinds
    wrong = right = 0
    for plane in one.outputs:
        formula = np.zeros(len(plane.cells), np.bool_)
        there = plane.cells >= 0
        formula[there] = kinds[plane.cells[there]] >= Kind.FORMULA
        wrong += int((formula & plane.differs).sum())
        right += int((formula & ~plane.differs).sum())
    return wrong > 0 and right > 0


def _with_more(one: TriedStage, again: TriedStage) -> TriedStage:
    planes = (
        replace(plane, differs=plane.differs | other.differs)
        for plane, other in zip(one.planes, again.planes, strict=True)
    )
    return replace(one, planes=tuple(planes))


def _marked(facts: Facts, key: AnswerKey, stages: Sequence[TriedStage], one: TaskKey) -> MarkedTask:
    found = MarkedTask.of(one)
    if one.task.answers:
        return found
    for group in one.groups:
        if isinstance(group.plane.part, TablePlane):
            _mark_numbers(found, facts, key, one, group, group.plane.part)
        else:
            _mark_formulas(found, facts, stages, group)
    _mark_loose(found, facts, one)
    return found


# -- formulas --------------------------------------------------------------------------------


def _mark_formulas(
    found: MarkedTask, facts: Facts, stages: Sequence[TriedStage], group: KeyedCells
) -> None:
    stage = _stage_of(facts, stages, group.plane)
    plane = None if stage is None else _plane_of(stage, group.plane)
    if stage is None or plane is None:
        return
    home, width = stage.intention.sheet, plane.plane.shape[1]
    kinds = facts.workbook.sheets[home].kinds
    # What helps a stage that is right as a whole may be missing: the function is there.
    is_spare = _only_helps(stage, plane) and not stage.wrong and not _is_blank(stage)
    for turn, entry in zip(group.turns, group.entries, strict=True):
        index = int(plane.cells[entry])
        found.places[turn] = home, plane.plane.cell(*divmod(entry, width))
        kind = Kind.BLANK if index < 0 else Kind(kinds[index])
        found.states[turn] = State.RIGHT if is_spare else _state(plane, entry, kind)


def _state(plane: TriedPlane, entry: int, kind: Kind) -> State:
    if kind is Kind.BLANK:
        return State.BLANK
    if kind < Kind.FORMULA:
        return State.PASTED
    if plane.differs[entry]:
        return State.WRONG
    return State.UNKNOWN if plane.unknown[entry] else State.RIGHT


def _only_helps(stage: TriedStage, plane: TriedPlane) -> bool:
    """Whether others need a plane, and nobody looks at it: a prediction is asked for by itself."""
    layer = stage.intention.network.layers[stage.stage.first]
    return plane.role not in (OUTPUT, *layer.helper_names(HelperKind.READOUT))


def _is_blank(stage: TriedStage) -> bool:
    return any((one.cells < 0).any() for one in stage.outputs)


def _stage_of(
    facts: Facts, stages: Sequence[TriedStage], plane: PlaneOfNetwork
) -> TriedStage | None:
    if plane.network >= len(facts.intentions):
        return None
    intention = facts.intentions[plane.network]
    return next(
        (one for one in stages
         if one.intention is intention and one.stage.tensor == plane.tensor), None
    )  # fmt: skip


def _plane_of(stage: TriedStage, wanted: PlaneOfNetwork) -> TriedPlane | None:
    same = [one for one in stage.planes if one.role == wanted.part]
    return same[wanted.number] if wanted.number < len(same) else None


# -- numbers ---------------------------------------------------------------------------------


def _mark_numbers(
    found: MarkedTask, facts: Facts, key: AnswerKey, one: TaskKey, group: KeyedCells,
    table: TablePlane,
) -> None:  # fmt: skip
    plane = _table_of(facts, group.plane, table)
    if plane is None:
        return
    home = facts.intentions[group.plane.network].sheet
    largest = max((abs(number or 0.0) for number in one.numbers), default=0.0)
    near = key.exercise.rubric.tolerance * largest
    for turn, entry in zip(group.turns, group.entries, strict=True):
        cell = plane.cell(*divmod(entry, plane.shape[1]))
        found.places[turn] = home, cell
        found.states[turn] = _state_of_number(facts, home, cell, one.numbers[turn], near)


def _state_of_number(
    facts: Facts, home: int, cell: Cell, wanted: float | None, near: float
) -> State:
    sheet, grid = facts.workbook.sheets[home], facts.calculation.grids[home]
    index = sheet.find(cell)
    if index is None:
        return State.BLANK
    if grid.kinds[index] != NUMBER or wanted is None:
        return State.WRONG
    return State.RIGHT if abs(float(grid.numbers[index]) - wanted) <= near else State.WRONG


def _table_of(facts: Facts, wanted: PlaneOfNetwork, table: TablePlane) -> Plane | None:
    if wanted.network >= len(facts.intentions):
        return None
    places = facts.intentions[wanted.network].layout.places
    groups = places[wanted.tensor].tables.get(table.parameter, ())
    planes = groups[table.group] if table.group < len(groups) else ()
    return planes[table.number] if table.number < len(planes) else None


# -- cells of no plane -----------------------------------------------------------------------


def _mark_loose(found: MarkedTask, facts: Facts, one: TaskKey) -> None:
    """Mark cells that are known by their address only: a prediction, a sum of a plane."""
    if not one.loose or not facts.intentions:
        return
    home, cells = facts.intentions[0].sheet, one.task.places
    sheet, standing = facts.workbook.sheets[home], facts.standing[home]
    for turn in one.loose:
        index = sheet.find(cells[turn])
        found.places[turn] = home, cells[turn]
        if index is None:
            found.states[turn] = State.BLANK
        elif sheet.kinds[index] < Kind.FORMULA:
            found.states[turn] = State.PASTED
        else:
            found.states[turn] = State.RIGHT if standing.verified[index] else State.UNKNOWN


def share_of_given(facts: Facts, tasks: Sequence[MarkedTask]) -> float | None:
    """Return which share of the cells that nobody was asked for is right; None where all were.

    That of another network is small, whatever its cells hold.
    """
    asked = {place for one in tasks for place in one.places if place is not None}
    right = total = 0
    for stage in facts.trials.stages:
        home = stage.intention.sheet
        for plane in stage.outputs:
            cells = zip(*(axis.tolist() for axis in plane.plane.cells()), strict=True)
            given = np.array([(home, cell) not in asked for cell in cells], np.bool_)
            total += int(given.sum())
            right += int((given & ~plane.differs & (plane.cells >= 0)).sum())
    return right / total if total else None
