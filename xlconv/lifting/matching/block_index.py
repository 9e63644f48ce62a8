"""Who stands where: the blocks of a workbook on its sheets, and the names of planes.

Only places: knows no tensor and no layer. Never changes: what sets a block aside or
splits one returns another index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xlconv.layers import Layer
from xlconv.layers.base.products import Reference
from xlconv.layout.naming_convention import parse_plane_name
from xlconv.lifting.labelled_planes import UNLABELLED, LabelledPlanes
from xlconv.lifting.matching.looking_on import blocks_looking_on
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.workbook import DefinedNames, Workbook


class BlockIndex(Struct, frozen=True):
    """The blocks of a workbook by number; those `aside` are found by nobody who looks.

    `parts` are the numbers of the cells that a block was split into.
    """

    blocks: tuple[FormulaBlock, ...]
    aside: frozenset[int]
    parts: dict[int, tuple[int, ...]]
    _areas: AreaIndex
    _names: AreaIndex
    _stems: tuple[str, ...]  # the tensor of each name
    _kinds: Mapping[str, type[Layer]]  # the layer that a label says a tensor is of
    # What was looked for before: the same in every index of the same blocks.
    _found: dict[tuple[int, Range], list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, calculation: Calculation, labelled: LabelledPlanes = UNLABELLED) -> BlockIndex:
        """Return the index of a calculated workbook, with what its labels say.

        Aside are single deviants, and what only looks on: the checks of an exercise.
        """
        blocks = tuple(calculation.blocks)
        looking_on = blocks_looking_on(calculation)
        workbook = calculation.workbook
        named = list(_named_planes(workbook, (*workbook.names, *labelled.names)))
        return cls(
            blocks, looking_on.union(_deviants(calculation)), {}, _areas_of(blocks),
            AreaIndex(place for place, _ in named), tuple(stem for _, stem in named),
            labelled.kinds,
        )  # fmt: skip

    def touched(self, sheet: int, area: Range) -> list[int]:
        """Return the blocks that an area of a sheet has cells of."""
        if (sheet, area) not in self._found:
            self._found[sheet, area] = self._areas.touching(sheet, area)
        return [k for k in self._found[sheet, area] if k not in self.aside]

    def read(self, block: FormulaBlock, reference: Reference) -> list[int]:
        """Return the blocks that a reference of a block points to."""
        area = range_reached(reference, block.lattice.shape)
        return self.touched(sheet_of(reference, block.sheet), area)

    def at(self, sheet: int, cell: Cell) -> Iterator[int]:
        """Yield the block that computes a cell, be it aside or not."""
        for k in self._areas.holding(sheet, cell):
            place = self.blocks[k].lattice.index_of(cell)
            if place is not None and self.blocks[k].mask[place]:
                yield k

    def name_at(self, block: FormulaBlock) -> str:
        """Return the name of the tensor that a block begins in, "" where it has none."""
        found = self._names.holding(block.sheet, block.lattice.origin)
        return self._stems[found[0]] if found else ""

    def kind_at(self, block: FormulaBlock) -> type[Layer] | None:
        """Return the layer that a label says a block is of, None where none says so."""
        return self._kinds.get(self.name_at(block))

    def named(self, sheet: int, area: Range) -> int:
        """Return how many planes have names that an area has cells of."""
        return len(self._names.touching(sheet, area))

    def without(self, k: int) -> BlockIndex:
        """Return the index with a block aside."""
        return replace(self, aside=self.aside | {k})

    def split(self, k: int, pieces: Sequence[FormulaBlock]) -> BlockIndex:
        """Return the index with the pieces of a block as blocks of their own, after all others."""
        whole, cells = self.blocks[k], tuple(pieces)
        empty = replace(whole, mask=np.zeros_like(whole.mask))
        blocks = (*self.blocks[:k], empty, *self.blocks[k + 1 :], *cells)
        numbers = tuple(range(len(self.blocks), len(blocks)))
        return replace(
            self, blocks=blocks, aside=self.aside | {k}, parts={**self.parts, k: numbers},
            _areas=_areas_of(blocks), _found={},
        )  # fmt: skip

    def joined(
        self, old: Sequence[int], new: FormulaBlock, odd: Sequence[FormulaBlock], last: int
    ) -> BlockIndex:
        """Return the index with a block for the cells of several, but for odd ones, set aside.

        `last` is the one of the old blocks in whose place the new one comes.
        """
        emptied = {k: replace(self.blocks[k], mask=np.zeros_like(self.blocks[k].mask)) for k in old}
        kept = tuple(emptied.get(k, one) for k, one in enumerate(self.blocks))
        blocks = (*kept, new, *odd)
        numbers = tuple(range(len(kept), len(blocks)))
        parts = {**self.parts, **dict.fromkeys(old, ()), last: numbers}
        return replace(
            self, blocks=blocks, aside=self.aside | set(old) | set(numbers[1:]), parts=parts,
            _areas=_areas_of(blocks), _found={},
        )  # fmt: skip

    def regrouped(self, old: Sequence[int], new: Sequence[FormulaBlock]) -> BlockIndex:
        """Return the index with other blocks of the cells of several, in the place of the last."""
        first, *others = new
        made = self.joined(old, first, others, old[-1])
        return replace(made, aside=made.aside - set(made.parts[old[-1]]))


def _areas_of(blocks: tuple[FormulaBlock, ...]) -> AreaIndex:
    return AreaIndex((one.sheet, one.lattice.range) for one in blocks)


def _deviants(calculation: Calculation) -> Iterator[int]:
    """Yield the blocks that are single cells inside a larger one."""
    owners = {
        (number, int(cell))
        for number, found in enumerate(calculation.found_blocks)
        for one in found
        for cell in one.cells[~one.regular & (one.cells >= 0)]
    }
    for k, block in enumerate(calculation.blocks):
        if block.cells.size == 1 and (block.sheet, int(block.cells[0, 0])) in owners:
            yield k


def _named_planes(
    workbook: Workbook, names: DefinedNames
) -> Iterator[tuple[tuple[int, Range], str]]:
    """Yield places and tensors of the names that end in the number of a plane."""
    sheets = {sheet.name: k for k, sheet in enumerate(workbook.sheets)}
    for name, ranges in names:
        parts = parse_plane_name(name)
        for home, area in ranges if len(ranges) == 1 else ():
            if home in sheets and parts is not None:
                yield (sheets[home], area), parts[0]
