"""Blocks that interleave: neighbours of one spelling that belong to different patterns.

Between two cells of a transposed convolution stand cells of its other phases: formulas of
the same text but for the coordinates, with other weights. What tells them apart is what
copying a formula tells: coordinates after a dollar do not move. Never evaluates.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.grouping.formula_index import FormulaIndex
from xlconv.spreadsheet.blocks.grouping.strides import SAMPLE, WIDEST_STEP, Chain, Moves, fits
from xlconv.spreadsheet.formula import Template


def moves_fixed(pieces: tuple[str, ...], moves: tuple[int, ...]) -> bool:
    """Whether a movement moves a coordinate that stands after a dollar."""
    return any(move and piece.endswith("$") for piece, move in zip(pieces[:-1], moves, strict=True))


def interleaved(formulas: FormulaIndex, seed: int, like: Template, axis: int) -> Moves | None:
    """Return the smallest step along an axis with which no fixed coordinate moves.

    The next cell at such a step must be there, and most of some more fit. None where there
    is no such step.
    """
    for step in range(1, WIDEST_STEP + 1):
        chain: Chain = [(0, like.values), *_spread(formulas, seed, like, axis, step)]
        if len(chain) < 2 or chain[1][0] != step:
            continue
        each = tuple(b - a for a, b in zip(like.values, chain[1][1], strict=True))
        if moves_fixed(like.pieces, each):
            continue
        if 2 * fits((step, each), [chain]) >= len(chain) - 1:
            return step, each
    return None


def _spread(
    formulas: FormulaIndex, seed: int, like: Template, axis: int, step: int
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the free cells of the seed's spelling at every so many cells, up to a gap.

    Beyond that there may be another plane.
    """
    sheet = formulas.sheet
    row, column = int(sheet.rows[seed]), int(sheet.columns[seed])
    for far in range(step, (SAMPLE + 1) * step, step):
        at: Cell = (row + far, column) if axis == 0 else (row, column + far)
        cell = formulas.at(*at)
        if cell < 0 or sheet.kinds[cell] != sheet.kinds[seed] or formulas.taken[cell]:
            return
        template = formulas.template(cell)
        if template.pieces != like.pieces:
            return
        yield far, template.values
