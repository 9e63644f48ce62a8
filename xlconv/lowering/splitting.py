"""Which sums are too long for one formula, and in how many parts they fit.

Only the lengths of formulas; where the parts stand is for the strip to say.
"""

from __future__ import annotations

from math import ceil

from xlconv.layers.base.partial_sums import MAX_TERMS, parts_of
from xlconv.layout.layout import Layout
from xlconv.layout.stages import Lowered, Stage, stages_of
from xlconv.lowering.lower import lowered
from xlconv.network.network import Network
from xlconv.spreadsheet.formula import MAX_FORMULA_LENGTH, render

# Of `SUMPRODUCT(XFD1048576:XFD1048576,$XFD$1048576:$XFD$1048576)+`.
_LONGEST_TERM = 60

# Formulas of a layer differ a little in length, and grow as the parts move them.
_MARGIN = 1.02


def parts_needed(network: Network, layout: Layout) -> dict[int, int]:
    """Return in how many parts the sums of layers must be split that are too long now."""
    needed = {}
    for stage in stages_of(network, layout):
        terms = network.layers[stage.first].splittable_terms
        if terms <= min(MAX_TERMS, MAX_FORMULA_LENGTH // _LONGEST_TERM):
            continue
        now = _parts_now(layout, stage)
        length = _longest(lowered(network, layout, stage))
        if length > MAX_FORMULA_LENGTH or ceil(terms / now) > MAX_TERMS:
            fitting = ceil(now * length * _MARGIN / MAX_FORMULA_LENGTH)
            needed[stage.first] = max(now + 1, fitting, ceil(terms / MAX_TERMS))
    return needed


def _parts_now(layout: Layout, stage: Stage) -> int:
    parts = parts_of(layout.places[stage.tensor].helpers)
    return len(parts.get(0, ())) or 1


def _longest(stage: Lowered) -> int:
    """Return the characters of the longest formula, which is in the last cell of a block."""
    ends = ((one.block.tree, *one.block.lattice.shape) for one in stage.blocks)
    return max(len(render(tree, n - 1, m - 1)) + 1 for tree, n, m in ends)
