"""The cells of a workbook for the page: their values in runs, and the blocks of its formulas.

Values are those that the file stores; of all cells and blocks those of a part. Knows no
tensors and no HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from xlconv.arrays import Mask
from xlconv.page.part import Part
from xlconv.spreadsheet.calculation.calculate import Calculation, Status
from xlconv.spreadsheet.calculation.evaluate import is_volatile
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula.listed import listed
from xlconv.spreadsheet.workbook import Kind, Sheet

Json = dict[str, Any]

NOT_HERE = "what it depends on is not on this page"


def sheet_json(sheet: Sheet, cells: Mask) -> Json:
    """Return a sheet's name, its size and some cells: runs of (row, column, values)."""
    bottom = int(sheet.rows[cells].max(initial=-1)) + 1
    right = int(sheet.columns[cells].max(initial=-1)) + 1
    return {"name": sheet.name, "size": [bottom, right], "runs": list(_runs(sheet, cells))}


def _runs(sheet: Sheet, cells: Mask) -> Iterator[list[Any]]:
    """Yield cells that stand beside each other in one row together."""
    rows, columns = sheet.rows[cells].astype(np.int64), sheet.columns[cells].astype(np.int64)
    breaks = np.flatnonzero((np.diff(rows) != 0) | (np.diff(columns) != 1)) + 1
    starts = [0, *breaks.tolist()] if len(rows) else []
    values = [_value(sheet, k) for k in np.flatnonzero(cells).tolist()]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield [int(rows[start]), int(columns[start]), values[start:end]]


def _value(sheet: Sheet, index: int) -> Any:
    """Return a stored value: a number, a text, a boolean, None, or an error as [code]."""
    is_formula = sheet.kinds[index] >= Kind.FORMULA
    match Kind(sheet.cached[index]):
        case Kind.NUMBER:
            number = float(sheet.numbers[index])
            return int(number) if number.is_integer() and abs(number) < 1e15 else number
        case Kind.BOOLEAN:
            return bool(sheet.numbers[index])
        case Kind.TEXT:
            return sheet.results.get(index, "") if is_formula else sheet.texts[index]
        case Kind.ERROR:
            return [sheet.results.get(index, "#N/A") if is_formula else sheet.texts[index]]
    return None


def blocks_json(calculation: Calculation, part: Part) -> Json:
    """Return the blocks, and their numbers in the order in which they are calculated.

    Several numbers together are blocks that read each other.
    """
    kept = sorted(part.blocks)
    numbers = {number: k for k, number in enumerate(kept)}
    blocks = [
        _block(calculation, calculation.blocks[number])
        | ({"tree": None, "kept": NOT_HERE} if number in part.still else {})
        for number in kept
    ]
    order = [[numbers[one] for one in knot if one in numbers] for knot in calculation.order]
    return {"blocks": blocks, "order": [knot for knot in order if knot]}


def _block(calculation: Calculation, block: FormulaBlock) -> Json:
    tree = block.written or block.tree
    lattice = block.lattice
    found: Json = {
        "sheet": block.sheet, "origin": list(lattice.origin), "shape": list(lattice.shape),
        "step": list(lattice.step), "tree": None if tree is None else listed(tree),
    }  # fmt: skip
    holes = np.argwhere(~block.mask).tolist()
    if holes:
        found["without"] = holes
    found |= {key: True for key in ("is_array", "spills") if getattr(block, key)}
    if tree is not None and is_volatile(tree):
        found["is_random"] = True
    reason = _kept(calculation, block)
    if reason:
        found["kept"] = reason
    return found


def _kept(calculation: Calculation, block: FormulaBlock) -> str:
    """Return why the cells of a block keep their stored values; "" where they are calculated."""
    if block.tree is None and block.written is None:
        return block.reason or "not understood"
    statuses = calculation.statuses[block.sheet][block.cells[block.mask]]
    if (statuses == Status.CIRCULAR).any():
        return "it depends on itself"
    if not len(statuses) or not (statuses == Status.UNSUPPORTED).all():
        return ""  # where only some are not, the page finds out which
    cell = int(block.cells[block.mask][0])
    return calculation.reasons.get((block.sheet, cell), block.reason) or "not understood"
