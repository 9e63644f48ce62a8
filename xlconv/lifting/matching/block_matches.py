"""How a block may be seen: the layers that its formula could spell, and its siblings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xlconv.layers import LAYERS, Elementwise
from xlconv.layers.base.layer import OUTPUT
from xlconv.layers.base.match import Grouping, Match
from xlconv.layers.base.products import Reference
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.tensors import BlockMatch
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.reach import range_reached
from xlconv.spreadsheet.calculation.evaluate import is_volatile
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Node, Ref, corners
from xlconv.spreadsheet.formula.array_formulas import cellwise, without_matrices

_ELEMENTWISE = [kind for kind in LAYERS.values() if issubclass(kind, Elementwise)]

_OTHERS = [kind for kind in LAYERS.values() if not issubclass(kind, Elementwise)]


def matches_of(draft: Draft, k: int) -> list[BlockMatch]:
    """Return the ways in which a block may be seen."""
    if k not in draft.matches:
        found = list(_find_sightings(draft, k))
        # Units of a whole tensor are tried first: a convolution may look like one.
        found.sort(key=lambda one: (len(one.fused), one.match.grouping is not Grouping.UNITS))
        draft.matches[k] = found
    return draft.matches[k]


def _find_sightings(draft: Draft, k: int) -> Iterator[BlockMatch]:
    unit = draft.blocks[k]
    assert unit.tree is not None

    is_activation = _Pointing(draft, unit)
    whole = k in draft.sums
    tree = draft.sums[k].tree if whole else _spelled(unit)
    if tree is None:
        return
    fused: tuple[Elementwise, ...] = ()
    while True:
        for kind in (*_OTHERS, *_ELEMENTWISE):
            sighting = kind.match(tree, is_activation)
            if sighting is not None and (_is_sum_of_windows(sighting) or not whole):
                yield BlockMatch(k, kind, fused, sighting)
        for kind in _ELEMENTWISE:
            peeled = kind.match_elementwise(tree)
            if peeled is not None and not isinstance(peeled.inside, Ref):
                fused = (peeled.layer, *fused)
                tree = peeled.inside
                break
        else:
            return


def _is_sum_of_windows(match: Match) -> bool:
    return bool(match.weights) and match.grouping is Grouping.PLANES


def _spelled(unit: FormulaBlock) -> Node | None:
    """Return what each cell of a block computes, without matrix products."""
    assert unit.tree is not None
    tree = cellwise(unit.tree, unit.lattice.shape) if unit.spills else unit.tree
    return None if tree is None else without_matrices(tree)


def key_of(draft: Draft, seen: BlockMatch) -> tuple[object, ...]:
    """Return what the planes of one tensor have in common.

    Where planes have names, as `conv1_0` and `conv2_0`, those tell layers apart that
    formulas cannot: two that read the same, with kernels of one size.
    """
    return draft.name_at(draft.blocks[seen.block]), *_spelled_alike(draft, seen)


def _spelled_alike(draft: Draft, seen: BlockMatch) -> tuple[object, ...]:
    unit = draft.blocks[seen.block]
    windows: tuple[object, ...] = seen.match.windows
    shape: object = (unit.lattice.shape, unit.lattice.step)
    if seen.match.grouping is Grouping.STACKED:
        return (unit.sheet, seen.kind, seen.fused, unit.lattice.shape)
    if seen.match.grouping is Grouping.JOINED:
        sources = tuple(draft.home_of(unit, one) for one in seen.match.windows)
        return (unit.sheet, seen.kind, seen.fused, sources, unit.lattice.shape)
    if seen.match.grouping is Grouping.INTERLEAVED:
        # Of one plane, blocks differ in size and in what they read of a window.
        terms = (draft.tensor_read(seen), len(windows), seen.match.bias is None)
        return (unit.sheet, seen.kind, seen.fused, terms)
    if not seen.match.weights:
        # Plane by plane: the sources are planes of one tensor, at the same offset.
        source = draft.tensor_read(seen)
        if seen.match.grouping is Grouping.ENTRIES or seen.match.role != OUTPUT:
            windows, shape = (), ()
        else:
            windows = tuple(_relative(draft, seen, source))
        facts = seen.match.facts
        kind = (seen.kind, seen.fused, seen.match.role, facts)
        return (unit.sheet, kind, source, shape, windows)
    if seen.match.grouping is Grouping.UNITS:
        shape = unit.lattice.origin[1] if unit.lattice.shape[1] == 1 else unit.lattice.origin[0]
    else:
        # Of a convolution in groups, the planes of each read planes of their own.
        source, count = draft.tensor_read(seen), len(windows)
        if source is not None and source >= 0 and count < len(draft.planes_of(source)):
            windows = (source, count, *dict.fromkeys(_relative(draft, seen, source)))
    return (unit.sheet, seen.kind, seen.fused, shape, windows, seen.match.bias is None)


def _relative(draft: Draft, seen: BlockMatch, source: int | None) -> Iterator[object]:
    unit = draft.blocks[seen.block]
    for window in seen.match.windows:
        first, last = corners(window)
        plane = None if source is None or source < 0 else draft.plane_at(source, unit, window)
        top, left = (0, 0) if plane is None else plane.origin
        yield (
            first.row.offset - top, first.column.offset - left,
            last.row.offset - first.row.offset, last.column.offset - first.column.offset,
            first.row.by_row, first.column.by_column,
        )  # fmt: skip


def split_repeated(draft: Draft, group: list[BlockMatch]) -> list[list[BlockMatch]]:
    """Return blocks in groups that read every plane once: a tensor may be read twice alike."""
    first = group[0].match
    once = first.weights or first.grouping in (Grouping.ENTRIES, Grouping.STACKED)
    if once or first.role != OUTPUT:
        return [group]
    again: Counter[Range] = Counter()
    groups: dict[int, list[BlockMatch]] = {}
    for one in sorted(group, key=lambda one: draft.blocks[one.block].lattice.origin[::-1]):
        area = range_reached(one.match.windows[0], draft.blocks[one.block].lattice.shape)
        groups.setdefault(again[area], []).append(one)
        again[area] += 1
    return list(groups.values())


class _Pointing:
    """What the references of a unit point at, for those who look at its formula."""

    def __init__(self, draft: Draft, unit: FormulaBlock) -> None:
        self._draft, self._unit = draft, unit

    def __call__(self, reference: Reference) -> bool:
        return self._draft.is_activation(self._unit, reference)

    def is_random(self, reference: Reference) -> bool:
        units = [self._draft.blocks[k] for k in self._draft.read(self._unit, reference)]
        return bool(units) and all(one.tree is not None and is_volatile(one.tree) for one in units)
