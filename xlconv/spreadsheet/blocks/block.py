"""A block: a lattice of cells that share one formula tree.

`expand` turns blocks into cells: text is rendered in bulk, once per block. Never
looks at layers, and never at one cell at a time.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.errors import LayoutError
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import MAX_FORMULA_LENGTH, Node, render_block
from xlconv.spreadsheet.workbook import Kind, SheetBuilder


class Block(Struct, frozen=True):
    """Cells at `lattice`, all computed by `tree`, whose references are affine in (i, j)."""

    lattice: Plane
    tree: Node
    array: bool = False


def expand(block: Block, values: NDArray[np.float64], into: SheetBuilder) -> None:
    """Write a block's formulas with their cached values (rows, columns) into a sheet.

    Raises LayoutError for a formula that is longer than Excel allows.
    """
    texts = render_block(block.tree, block.lattice.shape)
    longest = max(texts, key=len)
    if len(longest) + 1 > MAX_FORMULA_LENGTH:
        index = divmod(texts.index(longest), block.lattice.shape[1])
        raise LayoutError(
            f"{a1_name(block.lattice.cell(*index))}: a formula of {len(longest) + 1:,} characters; "
            f"Excel takes {MAX_FORMULA_LENGTH:,}"
        )
    rows, columns = block.lattice.cells()
    kind = Kind.ARRAY_FORMULA if block.array else Kind.FORMULA
    into.add(kind, rows, columns, numbers=values, texts=texts)
