"""The formula that lowering would write into one cell of a stage, as a text.

One tree is moved and rendered for each cell asked for, never a whole block.
"""

from __future__ import annotations

from msgspec.structs import replace

from xlconv.errors import LayoutError
from xlconv.layers.base.place import Spelling
from xlconv.lowering.lower import lowered
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import Axis, Node, Ref, mapped, render
from xlconv.spreadsheet.formula.equivalence import RETYPED
from xlconv.verification.trials.tried import TriedStage


class LoweredTexts:
    """The formulas of one stage, lowered once in each spelling, for many cells."""

    def __init__(self, tried: TriedStage) -> None:
        self._tried = tried
        self._blocks: dict[bool, list[Block]] = {}

    def at(self, cell: Cell, *, array: bool) -> tuple[str, bool]:
        """Return the formula of a cell without `=`, and if it is an array; "" where none is."""
        if array not in self._blocks:
            self._blocks[array] = self._lowered(array=array)
        for block in self._blocks[array]:
            inside = block.lattice.index_of(cell)
            if inside is not None:
                return render(_at(block.tree, *inside)), block.array
        return "", False

    def holds(self, text: str, cell: Cell) -> bool:
        """Whether a formula is the one of a cell, in either spelling."""
        wanted = (self.at(cell, array=array)[0] for array in (False, True))
        return any(RETYPED.holds(text, one) for one in wanted if one)

    def _lowered(self, *, array: bool) -> list[Block]:
        intention = self._tried.intention
        layout = replace(intention.layout, spelling=Spelling(array))
        try:
            stage = lowered(intention.network, layout, self._tried.stage)
        except (LayoutError, KeyError):  # a layer before it has no cells, or a helper no name
            return []
        return [one.block for one in stage.blocks]


def _at(tree: Node, i: int, j: int) -> Node:
    """Return the formula of cell (i, j) of a block."""

    def here(ref: Ref) -> Ref:
        row, column = (
            Axis(axis.at(i, j), absolute=axis.absolute) for axis in (ref.row, ref.column)
        )
        return replace(ref, row=row, column=column)

    return mapped(tree, here)
