"""What is known of a workbook before any check: its network's numbers, and what it declares.

Gathered once and changed by nobody; checks ask and never add.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import ArrayLike

from xlconv.arrays import Array, Mask
from xlconv.lifting.description import Description
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.matching.tensors import Lifted
from xlconv.lifting.networks import LiftedNetwork
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.answers import SheetAnswers, answers_of
from xlconv.verification.connection import Connection, connection_of
from xlconv.verification.findings import Finding
from xlconv.verification.intended.intention import Intention, Readout
from xlconv.verification.intended.sources import Wanted, intentions_of
from xlconv.verification.metric_answers import Metrics, metrics_in
from xlconv.verification.network_values import network_values
from xlconv.verification.pairs.same_functions import same_functions
from xlconv.verification.rivals import rivals_of
from xlconv.verification.standing import SheetStanding, standing_of
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.trials.foreign_sides import foreign_sides, open_cells
from xlconv.verification.trials.sides import Sides
from xlconv.verification.trials.trial import trials_of
from xlconv.verification.trials.tried import Trials


class Facts(Struct, frozen=True):
    """A lifted workbook with the three answers of every cell, sheet by sheet.

    `tensor_values` is what the layers give, by the number of the tensor; `model` has the
    parameters to compare with, where the caller gave some.
    """

    book: LiftedWorkbook
    tolerance: Tolerance
    model: Mapping[str, ArrayLike] | None
    tensor_values: Mapping[int, Array | None]
    answers: tuple[SheetAnswers, ...]
    intentions: tuple[Intention, ...]  # what it should compute, as somebody says
    trials: Trials
    same: tuple[Mask, ...]  # cells that break a pattern, and compute the same function
    connection: Connection
    standing: tuple[SheetStanding, ...]
    metrics: Metrics
    rivals: tuple[Mask, ...]  # cells of networks that are another than the wanted one
    source: str = ""  # the name of the file that says what is wanted, if one does
    fed: frozenset[str] = frozenset()  # parameters that follow from the picture there as well
    readouts: tuple[Readout, ...] = ()  # what stands beside the outputs there

    @property
    def workbook(self) -> Workbook:
        """The workbook as it was read."""
        return self.book.workbook

    @property
    def against(self) -> str:
        """What the workbook is held against, "" where nothing says what it should compute."""
        return (self.source or self.intentions[0].origin.value) if self.intentions else ""

    @property
    def calculation(self) -> Calculation:
        """What its formulas give."""
        return self.book.calculation

    @property
    def blocks(self) -> tuple[FormulaBlock, ...]:
        """The blocks of formulas, by the numbers that lifted tensors have for them."""
        return self.book.lifted.blocks

    @property
    def order(self) -> tuple[int, ...]:
        """The numbers of the blocks, each after those that it reads."""
        return self.book.lifted.order

    @property
    def lifted(self) -> Lifted:
        """Its tensors."""
        return self.book.lifted

    @property
    def networks(self) -> list[LiftedNetwork]:
        """Its networks, the longest first."""
        return self.book.networks

    @property
    def description(self) -> Description:
        """What its properties say of its networks."""
        return self.book.description

    def is_declared(self, sheet: int, cell: Cell, index: int, like: int) -> bool:
        """Whether a cell that looks odd beside that of another index is as it should be."""
        if index >= 0:
            return bool(self.trials.proven[sheet][index] or self.same[sheet][index])
        known = like >= 0 and bool(self.trials.proven[sheet][like])
        return known and not any(
            plane.index_of(cell) is not None
            for one in self.intentions if one.sheet == sheet
            for place in one.layout.places for plane in place.planes
        )  # fmt: skip

    def reason_of(self, k: int) -> str:
        """Return why a block of calculation was not lifted, "" where it was."""
        own = (k, *(n for n, one in enumerate(self.blocks) if self._is_part(one, k)))
        found = (self.lifted.mismatches.get(n) or self.lifted.unlifted.get(n) for n in own)
        return next((one for one in found if one), "")

    def _is_part(self, one: FormulaBlock, k: int) -> bool:
        """Whether a lifted block is a part of a block of calculation that was split."""
        whole, cells = self.calculation.blocks[k], one.cells[one.mask]
        return one.sheet == whole.sheet and cells.size > 0 and cells[0] in whole.cells

    def finding_at(
        self, block: FormulaBlock, index: int, code: str, message: str, count: int
    ) -> Finding:
        """Return a finding about a block, placed at one of its cells."""
        sheet = self.workbook.sheets[block.sheet]
        cell = a1_name((int(sheet.rows[index]), int(sheet.columns[index])))
        more = f" ({count:,} cells)" if count > 1 else ""
        area = block.lattice.range.name
        return Finding(code, sheet.name, cell, message + more, block=area, count=count)


class Scores:
    """How many cells of a workbook prove right by an intention; keeps what was tried for it."""

    def __init__(self, book: LiftedWorkbook) -> None:
        self.book = book
        self._tried: list[tuple[Intention, Trials]] = []

    def __call__(self, one: Intention) -> int:
        """Return how many cells prove right."""
        found = trials_of(self.book, (one,))
        self._tried.append((one, found))
        return sum(stage.size - stage.wrong for stage in found.stages)

    def trials_of(self, intentions: Sequence[Intention]) -> Trials:
        """Return the trials of what was settled on, which for one intention are known already."""
        for one, found in self._tried:
            if len(intentions) == 1 and one is intentions[0]:
                return found
        return trials_of(self.book, intentions)


def _with_sides(book: LiftedWorkbook, trials: Trials, odd: Sides) -> Trials:
    """Return trials with the sides that no draw entered of cells that no stage has."""
    unseen = list(trials.unseen)
    for one in odd.unseen():
        index = book.workbook.sheets[one.sheet].find(one.cell)
        if index is not None and not trials.proven[one.sheet][index]:
            unseen.append(one)
    trials = replace(trials, unseen=tuple(unseen))
    foreign = tuple(foreign_sides(book, trials))
    left = open_cells(foreign, [len(one) for one in trials.proven])
    proven = tuple(one & ~other for one, other in zip(trials.proven, left, strict=True))
    return replace(trials, proven=proven, foreign=foreign) if foreign else trials


def facts_of(
    book: LiftedWorkbook,
    tolerance: Tolerance,
    model: Mapping[str, ArrayLike] | None = None,
    wanted: Wanted | None = None,
) -> Facts:
    """Return what is known of a lifted workbook; `wanted` is what it should compute."""
    network = network_values(book)
    scores = Scores(book)
    intentions = intentions_of(book, wanted, scores)
    trials = scores.trials_of(intentions)
    odd = Sides()
    same = same_functions(book.calculation, odd)
    trials = _with_sides(book, trials, odd)
    metrics = metrics_in(book, network.tensors, intentions)
    cells = [one.copy() for one in network.cells]
    for metric in metrics.known:
        if metric.is_right:
            cells[metric.sheet][metric.index] = metric.cell.value
    for one in cells:
        one.flags.writeable = False
    answers = tuple(answers_of(book, k, one, tolerance) for k, one in enumerate(cells))
    connection = connection_of(book, intentions)
    rivals = rivals_of(book, intentions, connection)
    standing = standing_of(book, answers, connection, trials, same, intentions, metrics, rivals)
    return Facts(
        book, tolerance, model, network.tensors, answers, intentions, trials, same, connection,
        standing, metrics, rivals, wanted.source if wanted is not None else "",
        wanted.fed if wanted is not None else frozenset(),
        wanted.readouts if wanted is not None else (),
    )  # fmt: skip
