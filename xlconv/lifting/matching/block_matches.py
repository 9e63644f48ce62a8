"""Which layers a block's formula may spell, and what it has in common with its siblings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from xlconv.layers import LAYERS, Elementwise, Layer
from xlconv.layers.base.layer import OUTPUT
from xlconv.layers.base.match import Grouping, Match
from xlconv.layers.base.products import Reference
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.relative_geometry import placed
from xlconv.lifting.matching.tensors import BlockMatch
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.reach import range_reached
from xlconv.spreadsheet.calculation.evaluate import is_volatile
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Node, Ref, corners, mapped
from xlconv.spreadsheet.formula.array_formulas import cellwise, without_matrices

_ELEMENTWISE = [kind for kind in LAYERS.values() if issubclass(kind, Elementwise)]

_OTHERS = [kind for kind in LAYERS.values() if not issubclass(kind, Elementwise)]


def matches_of(draft: Draft, k: int) -> tuple[BlockMatch, ...]:
    """Return the layers that a block may be, as they were when it was first asked for."""
    if k in draft.matches:
        return draft.matches[k]
    said = draft.index.kind_at(draft.index.blocks[k])
    # Units of a whole tensor are tried first: a convolution may look like one.
    return tuple(sorted(_find_matches(draft, k), key=lambda one: (
        said is not None and not _is_as_said(one, said),
        len(one.fused),
        not _is_unit(one.formula),
    )))  # fmt: skip


def with_matches(draft: Draft, blocks: list[int]) -> Draft:
    """Return the draft that keeps what blocks may be."""
    found = {k: matches_of(draft, k) for k in blocks}
    return replace(draft, matches={**draft.matches, **found})


def _find_matches(draft: Draft, k: int) -> Iterator[BlockMatch]:
    block = draft.index.blocks[k]
    is_activation = _Pointing(draft, k)
    whole = k in draft.sums
    tree = draft.sums[k].tree if whole else tree_of(block)
    if tree is None:
        return
    fused: tuple[Elementwise, ...] = ()
    while True:
        for kind in (*_OTHERS, *_ELEMENTWISE):
            formula = kind.match(tree, is_activation)
            if formula is not None and (_is_sum_of_windows(formula) or not whole):
                yield BlockMatch(k, kind, fused, formula)
        for kind in _ELEMENTWISE:
            outer = kind.match_elementwise(tree)
            if outer is not None and not isinstance(outer.inside, Ref):
                fused = (outer.layer, *fused)
                tree = outer.inside
                break
        else:
            return


def _is_as_said(one: BlockMatch, said: type[Layer]) -> bool:
    """Whether a block may be a plane of a layer, or of one with others fused to it."""
    last = type(one.fused[-1]) if one.fused else one.kind
    return last is said and one.formula.grouping not in (Grouping.UNITS, Grouping.COLUMN)


def _is_unit(formula: Match) -> bool:
    return formula.grouping is Grouping.UNITS


def _is_sum_of_windows(formula: Match) -> bool:
    return bool(formula.weights) and formula.grouping is Grouping.PLANES


def tree_of(block: FormulaBlock) -> Node | None:
    """Return what each cell of a block computes, without matrix products."""
    assert block.tree is not None
    tree = cellwise(block.tree, block.lattice.shape) if block.spills else block.tree
    return None if tree is None else without_matrices(tree)


def without_activations(tree: Node) -> Node:
    """Return what functions of one number are applied to in a formula; itself without any."""
    while True:
        outer = (kind.match_elementwise(tree) for kind in _ELEMENTWISE)
        found = next((one for one in outer if one is not None), None)
        if found is None:
            return tree
        tree = found.inside


def key_of(draft: Draft, match: BlockMatch) -> tuple[object, ...]:
    """Return what the planes of one tensor have in common.

    Where planes have names, as `conv1_0` and `conv2_0`, those tell layers apart that
    formulas cannot: two that read the same, with kernels of one size.
    """
    return draft.index.name_at(draft.block(match)), *_formula_key(draft, match)


def _formula_key(draft: Draft, match: BlockMatch) -> tuple[object, ...]:
    block, formula = draft.block(match), match.formula
    windows: tuple[object, ...] = formula.windows
    shape: object = (block.lattice.shape, block.lattice.step)
    if formula.grouping is Grouping.STACKED:
        # Without a name, those are one tensor's whose numbers are summed by one layer.
        sums = () if draft.index.name_at(block) else draft.summed_by.get(match.block, ())
        return (block.sheet, match.kind, match.fused, block.lattice.shape, sums)
    if formula.grouping is Grouping.JOINED:
        sources = tuple(draft.home_of(block, one) for one in formula.windows)
        return (block.sheet, match.kind, match.fused, sources, block.lattice.shape)
    if formula.grouping is Grouping.INTERLEAVED:
        # Of one plane, blocks differ in size and in what they read of a window.
        terms = (draft.tensor_read(match), len(windows), formula.bias is None)
        return (block.sheet, match.kind, match.fused, terms)
    if not formula.weights:
        # Plane by plane: the sources are planes of one tensor, at the same offset.
        source = draft.tensor_read(match)
        if source is None:
            return (block.sheet, match.kind, match.fused, formula.role, formula.facts,
                    *_numbers_key(draft, match))  # fmt: skip
        if formula.grouping is Grouping.ENTRIES or formula.role != OUTPUT:
            windows, shape = (), ()
        else:
            windows = tuple(_relative(draft, match, source))
        kind = (match.kind, match.fused, formula.role, formula.facts)
        return (block.sheet, kind, source, shape, windows)
    if _is_unit(formula):
        origin = block.lattice.origin
        shape = origin[1] if block.lattice.shape[1] == 1 else origin[0]
    else:
        # Of a convolution in groups, the planes of each read planes of their own.
        source, count = draft.tensor_read(match), len(windows)
        if source is not None and source >= 0 and count < len(draft.planes_of(source)):
            windows = (source, count, *dict.fromkeys(_relative(draft, match, source)))
    return (block.sheet, match.kind, match.fused, shape, windows, formula.bias is None)


def _numbers_key(draft: Draft, match: BlockMatch) -> Iterator[object]:
    """Yield what the planes of a tensor that is made from plain numbers have in common.

    Nothing says which of those are planes of one input, but that what they come to is summed.
    """
    yield draft.summed_by.get(match.block, ())
    if match.formula.grouping is Grouping.ENTRIES:
        return
    lattice = draft.block(match).lattice
    yield lattice.shape, lattice.step
    for window in match.formula.windows:
        first, last = corners(window)
        yield last.row.offset - first.row.offset, last.column.offset - first.column.offset
        for axis in (first.row, first.column):
            yield axis.by_row if lattice.shape[0] > 1 else 0
            yield axis.by_column if lattice.shape[1] > 1 else 0


def _relative(draft: Draft, match: BlockMatch, source: int | None) -> Iterator[object]:
    block = draft.block(match)
    height, width = block.lattice.shape
    for window in match.formula.windows:
        first, last = corners(window)
        plane = None if source is None or source < 0 else draft.plane_at(source, block, window)
        top, left = (0, 0) if plane is None else plane.origin
        yield (
            first.row.offset - top, first.column.offset - left,
            last.row.offset - first.row.offset, last.column.offset - first.column.offset,
            first.row.by_row if height > 1 else 0, first.column.by_column if width > 1 else 0,
        )  # fmt: skip


def split_repeated(draft: Draft, group: list[BlockMatch]) -> list[list[BlockMatch]]:
    """Return blocks in groups that read every plane once: a tensor may be read twice alike."""
    first = group[0].formula
    once = first.weights or first.grouping in (Grouping.ENTRIES, Grouping.STACKED)
    if once or first.role != OUTPUT:
        return [group]
    again: Counter[Range] = Counter()
    groups: dict[int, list[BlockMatch]] = {}
    for one in sorted(group, key=lambda one: draft.block(one).lattice.origin[::-1]):
        area = range_reached(one.formula.windows[0], draft.block(one).lattice.shape)
        groups.setdefault(again[area], []).append(one)
        again[area] += 1
    return list(groups.values())


class _Pointing:
    """What the references of a block point at, for those who look at its formula."""

    def __init__(self, draft: Draft, number: int) -> None:
        self._draft, self._number = draft, number
        self._block = draft.index.blocks[number]

    def __call__(self, reference: Reference) -> bool:
        return self._draft.is_activation(self._block, reference)

    def is_handed_on(self, reference: Reference) -> bool:
        return self._number in self._draft.handed_on and reference == self._block.tree

    def is_random(self, reference: Reference) -> bool:
        index = self._draft.index
        read = [index.blocks[k] for k in index.read(self._block, reference)]
        return bool(read) and all(one.tree is not None and is_volatile(one.tree) for one in read)

    def formula_at(self, reference: Reference) -> Node | None:
        index, own = self._draft.index, self._block
        read = [index.blocks[k] for k in index.read(own, reference)]
        if len(read) != 1 or read[0].tree is None or read[0].lattice.shape != own.lattice.shape:
            return None
        (other,) = read
        if placed(reference, other.lattice, own.lattice) != ((0, 0), (1, 1), (1, 1)):
            return None
        home = None if other.sheet == own.sheet else str(other.sheet)
        assert other.tree is not None
        return mapped(other.tree, lambda one: replace(one, sheet=one.sheet or home))
