"""Blocks whose ranges depend on values: which they are, and what they read.

OFFSET by the values of cells can reach any cell. What it is worked out from comes first;
then what it reaches is known, and the block takes its place in the order like any other:
no cell is taken to read what it does not. Never calculates a block.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.calculation.evaluate_block import cells_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.calculation.meter import Meter
from xlconv.spreadsheet.calculation.reads import reached
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.values import Pool, Unsupported

# Ranges by values that come out of ranges by values, and so on.
MOST_ROUNDS = 12

CIRCULAR = "an OFFSET by values that depend on what it gives"
TOO_DEEP = f"OFFSETs by what OFFSETs give, more than {MOST_ROUNDS} deep"


def settled(
    block: FormulaBlock, grids: list[ValueGrid], pool: Pool, meter: Meter | None = None
) -> FormulaBlock:
    """Return the block with what its ranges by values reach, now that these are known."""
    if block.tree is None:
        return block
    try:
        found = reached(block.tree, block.where, cells_of(block, grids, pool, meter))
    except Unsupported as reason:
        return given_up(block, str(reason))
    own = [one for one in block.reads if one not in block.reached]
    return replace(block, reads=(*own, *found), waits=None, reached=tuple(found))


def given_up(block: FormulaBlock, reason: str) -> FormulaBlock:
    """Return the block as one that cannot be calculated."""
    return replace(block, tree=None, reason=reason, waits=None)


def held_back(blocks: Sequence[FormulaBlock], order: Iterable[list[int]]) -> set[int]:
    """Return the blocks that wait, and those that depend on them."""
    if all(block.waits is None for block in blocks):
        return set()
    index = AreaIndex((one.sheet, one.lattice.range) for one in blocks)
    held: set[int] = set()
    for knot in order:
        if any(
            blocks[k].waits is not None
            or any(not held.isdisjoint(index.touching(*read)) for read in blocks[k].reads)
            for k in knot
        ):
            held.update(knot)
    return held


def ready(blocks: Sequence[FormulaBlock], held: set[int]) -> list[int]:
    """Return the blocks that wait for nothing that is held back itself."""
    index = AreaIndex((one.sheet, one.lattice.range) for one in blocks)
    return [
        k for k in sorted(held)
        for waits in [blocks[k].waits]
        if waits is not None and all(held.isdisjoint(index.touching(*one)) for one in waits)
    ]  # fmt: skip
