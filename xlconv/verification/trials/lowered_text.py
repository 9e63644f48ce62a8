"""The formula that lowering would write into one cell of a stage, as a text.

One tree is moved and rendered for each cell asked for, never a whole block.
"""

from __future__ import annotations

from dataclasses import replace

from xlconv.errors import LayoutError
from xlconv.layers.base.place import Spelling
from xlconv.lowering.lower import lowered
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.formula import Axis, Node, Ref, mapped, render
from xlconv.verification.trials.tried import TriedStage


def lowered_text(tried: TriedStage, cell: Cell, *, array: bool) -> tuple[str, bool]:
    """Return the formula of a cell without `=`, and whether it is an array; "" where none is."""
    intention = tried.intention
    layout = replace(intention.layout, spelling=Spelling(array))
    try:
        blocks = lowered(intention.network, layout, tried.stage).blocks
    except (LayoutError, KeyError):  # a layer before it has lost its cells, or a helper its name
        return "", False
    for one in blocks:
        inside = one.block.lattice.index_of(cell)
        if inside is not None:
            return render(_at(one.block.tree, *inside)), one.block.array
    return "", False


def _at(tree: Node, i: int, j: int) -> Node:
    """Return the formula of cell (i, j) of a block."""

    def here(ref: Ref) -> Ref:
        row, column = (
            Axis(axis.at(i, j), absolute=axis.absolute) for axis in (ref.row, ref.column)
        )
        return replace(ref, row=row, column=column)

    return mapped(tree, here)
