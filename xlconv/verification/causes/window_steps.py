"""Windows that move by other steps than they should: dragged, where every second cell was meant.

Formulas of a block's first cells in, words out. Told only where the first formula is the right
one, so that nothing else is wrong with the others. Never says where a window begins.
"""

from __future__ import annotations

from collections.abc import Callable

from xlconv.errors import FormulaError
from xlconv.layers.base.shapes import by_size
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.formula import areas_of
from xlconv.spreadsheet.formula.equivalence import RETYPED
from xlconv.spreadsheet.formula.parse import parse
from xlconv.verification.causes.formula_difference import Texts

Step = tuple[int, int]


def other_steps(at: Callable[[int, int], Texts], shape: tuple[int, int]) -> str:
    """Return how the windows of a block move, and should; "" where that is not what is wrong.

    `at` gives the formulas of a cell of the block, which has `shape` rows and columns.
    """
    first = at(0, 0)
    if not RETYPED.holds(first.found, first.wanted):
        return ""
    try:
        found, wanted = (_steps(at, shape, which) for which in (0, 1))
    except FormulaError:
        return ""
    differing = set()
    for area, step in found:
        should = next((one for here, one in wanted if here == area), None)
        if step is None or should is None:
            return ""
        if step != should:
            differing.add((area.size, step, should))
    return _said(*differing.pop()) if len(differing) == 1 else ""


def _steps(
    at: Callable[[int, int], Texts], shape: tuple[int, int], which: int
) -> list[tuple[Range, Step | None]]:
    """Return the ranges of the first formula, each with the rows and columns that it moves by.

    None where one moves across, or becomes larger; in a single line nothing moves.
    """

    def areas(i: int, j: int) -> list[Range]:
        texts = at(i, j)
        return list(areas_of(parse((texts.found, texts.wanted)[which])))

    first = areas(0, 0)
    below = areas(1, 0) if shape[0] > 1 else first
    beside = areas(0, 1) if shape[1] > 1 else first
    if not len(first) == len(below) == len(beside):
        raise FormulaError("other references")
    return [(one, _step(one, *others)) for one, *others in zip(first, below, beside, strict=True)]


def _step(one: Range, below: Range, beside: Range) -> Step | None:
    down, right = below.top - one.top, beside.left - one.left
    is_moved = below == _moved(one, down, 0) and beside == _moved(one, 0, right)
    return (down, right) if is_moved else None


def _moved(one: Range, down: int, right: int) -> Range:
    return Range(one.top + down, one.left + right, one.bottom + down, one.right + right)


def _said(size: tuple[int, int], found: Step, wanted: Step) -> str:
    if (0, 0) in (found, wanted):
        return ""  # a `$` that is missing, or one too many
    if size == (1, 1):
        return f"what it reads moves by {by_size(found)}, not by {by_size(wanted)}"
    axes = [k for k in (0, 1) if found[k] != wanted[k]]
    over = all(0 < found[k] < size[k] <= wanted[k] for k in axes)
    gaps = all(found[k] > size[k] >= wanted[k] for k in axes)
    so = ": they overlap" if over else ": they leave gaps" if gaps else ""
    return f"its windows of {by_size(size)} move by {by_size(found)}, not by {by_size(wanted)}{so}"
