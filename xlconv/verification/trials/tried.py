"""What trials find: stages with their planes, and which cells gave something else.

Values only: nothing is computed here but counts.
"""

from __future__ import annotations

from msgspec import Struct

from xlconv.arrays import Array, Index, Mask
from xlconv.layout.stages import Stage
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.intended.intention import Intention
from xlconv.verification.trials.sides import UnseenSide

OUTPUT, BORDER = "", "border"  # roles of planes; any other is the name of a helper


class TriedPlane(Struct, frozen=True):
    """A plane of a stage, or what stands beside it: which of its cells gave something else.

    `cells` are their indices on the sheet, row by row, -1 where a cell is blank; `found` and
    `wanted` are what the first draw gave them, NaN where that is no number.
    """

    plane: Plane
    role: str
    cells: Index
    differs: Mask
    unknown: Mask  # which of its cells hold a formula that cannot be tried
    found: Array
    wanted: Array


class TriedStage(Struct, frozen=True):
    """A stage with all its planes tried, and what it reads around its sources."""

    intention: Intention
    stage: Stage
    planes: tuple[TriedPlane, ...]

    @property
    def outputs(self) -> tuple[TriedPlane, ...]:
        """The planes of its own tensor."""
        return tuple(one for one in self.planes if one.role == OUTPUT)

    @property
    def size(self) -> int:
        """How many cells its own tensor has."""
        return sum(len(one.cells) for one in self.outputs)

    @property
    def wrong(self) -> int:
        """How many of them gave something else."""
        return sum(int(one.differs.sum()) for one in self.outputs)

    @property
    def is_right(self) -> bool:
        """Whether every cell gave what it should."""
        return not any(one.differs.any() for one in self.planes)


class ForeignSide(Struct, frozen=True):
    """The cells of a block whose untried side asks for what its layer does not read."""

    sheet: int
    cells: Index
    read: str  # the cells, and the tensor that they are of


class Trials(Struct, frozen=True):
    """All stages tried; `proven` and `wrong` are cells by sheet, in the order of its arrays.

    `unseen` are the hinges of formulas with a side that no draw entered, `foreign` those of
    them that ask for another layer's numbers.
    """

    stages: tuple[TriedStage, ...]
    proven: tuple[Mask, ...]
    wrong: tuple[Mask, ...]
    draws: int = 0
    unseen: tuple[UnseenSide, ...] = ()
    foreign: tuple[ForeignSide, ...] = ()
