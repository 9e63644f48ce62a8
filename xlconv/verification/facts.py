"""What is known of a workbook before any check: its network's numbers, and what it declares.

Gathered once and changed by nobody; checks ask and never add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from numpy.typing import ArrayLike

from xlconv.arrays import Array
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
from xlconv.verification.intended.intention import Intention
from xlconv.verification.intended.sources import intentions_of
from xlconv.verification.metric_answers import Metrics, metrics_in
from xlconv.verification.network_values import network_values
from xlconv.verification.standing import SheetStanding, standing_of
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.trials.trial import trials_of
from xlconv.verification.trials.tried import Trials


@dataclass(frozen=True, slots=True)
class Facts:
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
    connection: Connection
    standing: tuple[SheetStanding, ...]
    metrics: Metrics

    @property
    def workbook(self) -> Workbook:
        """The workbook as it was read."""
        return self.book.workbook

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
            return bool(self.trials.proven[sheet][index])
        known = like >= 0 and bool(self.trials.proven[sheet][like])
        return known and not any(
            plane.index_of(cell) is not None
            for one in self.intentions if one.sheet == sheet
            for place in one.layout.places for plane in place.planes
        )  # fmt: skip

    def finding_at(
        self, block: FormulaBlock, index: int, code: str, message: str, count: int
    ) -> Finding:
        """Return a finding about a block, placed at one of its cells."""
        sheet = self.workbook.sheets[block.sheet]
        cell = a1_name((int(sheet.rows[index]), int(sheet.columns[index])))
        more = f" ({count:,} cells)" if count > 1 else ""
        area = block.lattice.range.name
        return Finding(code, sheet.name, cell, message + more, block=area, count=count)


def facts_of(
    book: LiftedWorkbook, tolerance: Tolerance, model: Mapping[str, ArrayLike] | None = None
) -> Facts:
    """Return what is known of a lifted workbook."""
    network = network_values(book)
    intentions = intentions_of(book)
    trials = trials_of(book, intentions)
    metrics = metrics_in(book, network.tensors, intentions)
    cells = [one.copy() for one in network.cells]
    for metric in metrics.known:
        if metric.is_right:
            cells[metric.sheet][metric.index] = metric.cell.value
    for one in cells:
        one.flags.writeable = False
    answers = tuple(answers_of(book, k, one, tolerance) for k, one in enumerate(cells))
    connection = connection_of(book, intentions)
    standing = standing_of(book, answers, connection, trials, intentions)
    return Facts(
        book, tolerance, model, network.tensors, answers, intentions, trials, connection,
        standing, metrics,
    )  # fmt: skip
