"""Blocks in dependency order, round by round, to tensors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlconv.layers.base.layer import OUTPUT
from xlconv.layers.base.match import Grouping
from xlconv.layers.base.products import is_still
from xlconv.layout.metric_names import named_ranges
from xlconv.lifting.matching.block_matches import key_of, matches_of, split_repeated
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.input_tensors import declare_input, note_inputs
from xlconv.lifting.matching.interleaved_planes import join_interleaved
from xlconv.lifting.matching.padding_borders import forget_borders, taken_as_border
from xlconv.lifting.matching.plane_tensors import join_planes, join_stacked, join_tensors
from xlconv.lifting.matching.split_sums import no_sums, note_sum, parts_of_sums, split_line
from xlconv.lifting.matching.tensors import BlockMatch, Lifted
from xlconv.lifting.matching.vector_tensors import join_column, join_helpers, join_units, join_view
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock


def lift(calculation: Calculation) -> Lifted:
    """Return the tensors and layers that the blocks of a calculated workbook spell."""
    draft = Draft(calculation)
    declare_input(draft)
    waiting = [k for knot in draft.calculation.order for k in knot if k not in draft.aside]
    measured = _measured(draft)
    waiting = [k for k in waiting if k not in measured and _usable(draft, k)]
    for k in waiting:
        note_sum(draft, k)
    while waiting:
        waiting = [k for k in waiting if not taken_as_border(draft, k)]
        ready = [k for k in waiting if _sources_known(draft, k, waiting)]
        ready = _without_halves(draft, ready, waiting) or ready
        if not ready:
            break
        parts = parts_of_sums(draft)
        _round(draft, [k for k in ready if k not in parts])
        waiting = [k for k in waiting if k not in ready] + no_sums(draft, ready)
    for k in parts_of_sums(draft) - draft.home.keys() - draft.helper_of.keys():
        draft.lifted.unlifted[k] = "part of a sum that makes no layer"
    for k in waiting:
        draft.lifted.unlifted[k] = "it depends on itself"
    for k in draft.lifted.unlifted:
        if k in draft.parameters.refused:
            draft.lifted.mismatches[k] = draft.parameters.refused[k]
        else:
            _note_mismatch(draft, k)
    return draft.lifted


def _measured(draft: Draft) -> set[int]:
    """Return the blocks of cells that tell of layers, by their names, and are none."""
    book = draft.calculation.workbook
    sheets = {sheet.name: k for k, sheet in enumerate(book.sheets)}
    areas = [(sheets.get(home, -1), area) for home, area in named_ranges(book.names).values()]
    return {
        k
        for k, unit in enumerate(draft.blocks if areas else [])
        if all(
            any(home == unit.sheet and area.holds(Range(*cell, *cell)) for home, area in areas)
            for cell in _cells(unit)
        )
    }


def _note_mismatch(draft: Draft, k: int) -> None:
    """Note what keeps a sum of products from being a layer: the part of a plane it reads."""
    unit = draft.blocks[k]
    if unit.tree is None:
        return
    for seen in matches_of(draft, k):
        for window in seen.match.windows if seen.match.weights else ():
            area = range_reached(window, unit.lattice.shape)
            for other in draft.touched(sheet_of(window, unit.sheet), area):
                plane = draft.blocks[other].lattice
                alike = plane.range != area and plane.range.size == area.size
                if other in draft.home and is_still(window) and alike:
                    draft.lifted.mismatches[k] = (
                        f"reads {area.name}, but the plane there is {plane.range.name}"
                    )
                    return


def _usable(draft: Draft, k: int) -> bool:
    unit = draft.blocks[k]
    if unit.tree is None or unit.reason:
        draft.lifted.unlifted[k] = unit.reason or "its formula cannot be read"
        return False
    return True


def _sources_known(draft: Draft, k: int, waiting: list[int]) -> bool:
    pending = set(waiting)
    return not any(
        other in pending and other != k
        for sheet, area in draft.blocks[k].reads
        for other in draft.touched(sheet, area)
    )


def _without_halves(draft: Draft, ready: list[int], waiting: list[int]) -> list[int]:
    """Leave out blocks that stack tensors, while others named as they are still wait."""
    stacked = {
        k: draft.name_at(draft.blocks[k])
        for k in ready
        if any(one.match.grouping is Grouping.STACKED for one in matches_of(draft, k))
    }
    if not any(stacked.values()):
        return ready
    late = {draft.name_at(draft.blocks[k]) for k in set(waiting) - set(ready)} - {""}
    return [k for k in ready if stacked.get(k) not in late]


def _round(draft: Draft, ready: list[int]) -> None:
    note_inputs(draft, ready)
    left = _joining(draft, ready)
    apart = [part for k in left for part in split_line(draft, k)]
    if len(apart) > len(left):
        left = _joining(draft, apart)
    for k in left:
        if k not in draft.home and k not in draft.helper_of:
            draft.lifted.unlifted.setdefault(k, "its references make no layer")
    for k in list(draft.lifted.unlifted):
        if k in draft.home or k in draft.helper_of:
            del draft.lifted.unlifted[k]


def _joining(draft: Draft, ready: list[int]) -> list[int]:
    """Join blocks to tensors; return those that are left."""
    clusters: dict[tuple[object, ...], list[BlockMatch]] = {}
    left: list[int] = []
    for k in ready:
        options = list(matches_of(draft, k))
        if not options:
            draft.lifted.unlifted[k] = "no layer is spelled this way"
        for seen in options:
            clusters.setdefault(key_of(draft, seen), []).append(seen)
    # A block alone may be seen in several ways; one that others share comes first.
    groups = [one for group in clusters.values() for one in split_repeated(draft, group)]
    # So do blocks that interleave: each may look like a layer of its own.
    for group in sorted(groups, key=_precedence):
        fresh = [one for one in group if one.block not in draft.home]
        tensors, holes = len(draft.lifted.tensors), len(draft.lifted.holes)
        if fresh and not _joined(draft, fresh):
            # Inputs that were made for a layer that turned out to be none.
            forget_borders(draft, tensors)
            del draft.lifted.tensors[tensors:], draft.lifted.holes[holes:]
            left += [one.block for one in fresh]
    return [k for k in dict.fromkeys(left) if k not in draft.home and k not in draft.helper_of]


def _precedence(group: list[BlockMatch]) -> tuple[int, bool]:
    return -len(group), group[0].match.grouping is not Grouping.INTERLEAVED


def _joined(draft: Draft, group: list[BlockMatch]) -> bool:
    first = group[0]
    if first.match.role != OUTPUT:
        return join_helpers(draft, group)
    return _JOIN[first.match.grouping](draft, group)


_JOIN = {
    Grouping.PLANES: join_planes,
    Grouping.INTERLEAVED: join_interleaved,
    Grouping.UNITS: join_units,
    Grouping.COLUMN: join_column,
    Grouping.ENTRIES: join_view,
    Grouping.STACKED: join_stacked,
    Grouping.JOINED: join_tensors,
}


def _cells(unit: FormulaBlock) -> Iterator[tuple[int, int]]:
    places = zip(*np.nonzero(unit.mask), strict=True)
    return (unit.lattice.cell(int(i), int(j)) for i, j in places)
