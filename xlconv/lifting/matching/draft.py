"""What is known so far of a workbook that is being lifted: its tensors, and whose blocks are.

A draft never changes: whoever finds something out returns another one, and what does not
come to anything leaves none behind. `block_index` knows where blocks stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import prod

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xlconv.arrays import Mask, Shape
from xlconv.layers import Layer
from xlconv.layers.base.products import Reference
from xlconv.lifting.matching.block_index import BlockIndex
from xlconv.lifting.matching.inline_sums import Inlined
from xlconv.lifting.matching.relative_geometry import plane_around
from xlconv.lifting.matching.tensors import BlockMatch, Lifted, Tensor
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.evaluate import is_volatile
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.values import NUMBER

# Lines of padding beside a plane are looked for as far as this.
MOST_PADDING = 16

# A block of so many cells in the frame around a plane is an odd cell of it.
MOST_ODD = 2

# What reads numbers through more blocks than these is not followed.
_MOST_BEFORE = 100


class Draft(Struct, frozen=True):
    """How far the blocks of a calculated workbook are lifted.

    Blocks are known by their number in `index`, tensors by theirs in `lifted`, which has
    no blocks of its own yet. The first `declared` tensors are inputs that names declare.
    """

    calculation: Calculation
    index: BlockIndex
    lifted: Lifted = field(default_factory=Lifted)
    home: Mapping[int, int] = field(default_factory=dict)  # block -> tensor
    helper_of: Mapping[int, BlockMatch] = field(default_factory=dict)  # helper -> its match
    sums: Mapping[int, Inlined] = field(default_factory=dict)  # block -> its sum, written out
    matches: Mapping[int, tuple[BlockMatch, ...]] = field(default_factory=dict)
    inputs: tuple[tuple[int, Range], ...] = ()  # ranges of numbers that blocks read
    declared: int = 0
    refused: Mapping[int, str] = field(default_factory=dict)  # block -> operands that do not fit
    is_given_computed: bool = False  # whether formulas that read no tensor may make an input
    handed_on: frozenset[int] = frozenset()  # blocks that show plain numbers to layers
    # block -> the sums of products that its numbers come to, through any other blocks
    summed_by: Mapping[int, frozenset[int]] = field(default_factory=dict)

    # -- who is where --------------------------------------------------------------------

    def block(self, match: BlockMatch) -> FormulaBlock:
        """Return the block that a match is of."""
        return self.index.blocks[match.block]

    def is_activation(self, block: FormulaBlock, reference: Reference) -> bool:
        """Whether a reference of a block points at computed cells, or at a declared input."""
        area = range_reached(reference, block.lattice.shape)
        sheet = sheet_of(reference, block.sheet)
        return bool(self.computed(sheet, area)) or self.declared_at(sheet, area) is not None

    def computed(self, sheet: int, area: Range) -> list[int]:
        """Return the blocks that an area has cells of; none where it is one of numbers.

        A formula among numbers that reads no tensor is one of them: it counts at its value.
        """
        touched = self.index.touched(sheet, area)
        if not touched:
            return touched
        given = all(self._is_given(k, sheet, area) for k in touched)
        return [] if given and self.is_of_numbers(sheet, area) else touched

    def before_input(self, sheet: int, area: Range) -> list[int]:
        """Return the blocks that an area has cells of; none where it is an input.

        One of numbers; or of formulas that make it from other numbers, where those count.
        """
        touched = self.computed(sheet, area)
        if not touched or not self.is_given_computed:
            return touched
        given = all(self._is_given(k, sheet, area) for k in touched)
        kinds = self.calculation.grids[sheet].region(area)[1]
        reading = int(self._reading(sheet, area).sum())
        return [] if given and 2 * reading > int((kinds == NUMBER).sum()) else touched

    def _is_given(self, number: int, sheet: int, area: Range) -> bool:
        """Whether a block is of no layer, and reads no tensor and nothing of an area."""
        found, waiting = {number}, [number]
        while waiting:
            k = waiting.pop()
            block = self.index.blocks[k]
            spelled = k in self.lifted.unlifted and block.tree is not None and not block.reason
            if not spelled or k in self.home or k in self.helper_of or len(found) > _MOST_BEFORE:
                return False
            for home, read in block.reads:
                if home == sheet and read.overlaps(area):
                    return False
                if any(one.sheet == home and one.planes_at(read) for one in self.lifted.tensors):
                    return False
                fresh = set(self.index.touched(home, read)) - found
                found |= fresh
                waiting += fresh
        return True

    def is_of_numbers(self, sheet: int, area: Range) -> bool:
        """Whether most of an area is numbers, in every line that a formula stands in.

        A formula that reads nothing is a number wherever it stands. Formulas that make a plane by
        themselves are none of the numbers in the frame around it.
        """
        reading = self._reading(sheet, area)
        own = plane_around(reading, area)
        if own is not None and min(own.shape) > 1 and 2 * int(reading.sum()) > prod(own.shape):
            return False
        plain = (self.calculation.grids[sheet].region(area)[1] == NUMBER) & ~reading
        lines = [
            plain.any(axis=axis)[reading.any(axis=axis)].all()
            for axis in (0, 1) if plain.shape[axis] > 1
        ]  # fmt: skip
        return 2 * int(reading.sum()) <= int(plain.sum()) and all(lines)

    def _reading(self, sheet: int, area: Range) -> Mask:
        """Return which cells of an area are formulas that read others, or are drawn."""
        n, m = area.size
        reading = np.zeros((n, m), np.bool_)
        for k in self.index.touched(sheet, area):
            block = self.index.blocks[k]
            if block.reads or block.tree is None or is_volatile(block.tree):
                rows, columns = (lines[block.mask.ravel()] for lines in block.lattice.cells())
                rows, columns = rows - area.top, columns - area.left
                on = (rows >= 0) & (rows < n) & (columns >= 0) & (columns < m)
                reading[rows[on], columns[on]] = True
        return reading

    def block_read(self, block: FormulaBlock, reference: Reference) -> int | None:
        """Return the one block that a reference reads, or the first of one tensor's."""
        touched = self.index.read(block, reference)
        homes = {self.home.get(k) for k in touched}
        is_one = len(touched) == 1 or (len(homes) == 1 and None not in homes)
        return touched[0] if is_one else None

    def mostly(self, touched: Iterable[int]) -> int | None:
        """Return the tensor that blocks belong to, but for odd cells in the frame around it."""
        touched = list(touched)
        homes = {self.home.get(k) for k in touched}
        if len(homes) == 1:
            return homes.pop()
        blocks = self.index.blocks
        sizes: Counter[int | None] = Counter()
        for k in touched:
            sizes[self.home.get(k)] += int(blocks[k].mask.sum())
        main = sizes.most_common(1)[0][0] if sizes else None
        others = [blocks[k].lattice.range for k in touched if self.home.get(k) != main]
        if main is None or any(area.size[0] * area.size[1] > MOST_ODD for area in others):
            return None
        planes = self.planes_of(main)
        return None if any(p.range.overlaps(area) for p in planes for area in others) else main

    def tensor_read(self, match: BlockMatch) -> int | None:
        """Return the tensor that a block reads first, or -2 - k where it reads helper k."""
        block, reference = self.block(match), match.formula.windows[0]
        touched = self.index.read(block, reference)
        main = self.mostly(touched)
        if main is not None:
            return main
        for k in touched:
            if k in self.home:
                return self.home[k]
            if k in self.helper_of:
                return -2 - k
        area = range_reached(reference, block.lattice.shape)
        return self.declared_at(sheet_of(reference, block.sheet), area)

    def home_of(self, block: FormulaBlock, window: Reference) -> int | None:
        """Return the tensor that a reference of a block points at."""
        homes = {self.home.get(k) for k in self.index.read(block, window)}
        if homes:
            return homes.pop() if len(homes) == 1 else None
        area = range_reached(window, block.lattice.shape)
        return self.declared_at(sheet_of(window, block.sheet), area)

    def planes_of(self, tensor: int) -> tuple[Plane, ...]:
        """Return the planes of a tensor by its number."""
        return self.lifted.tensors[tensor].planes

    def plane_at(self, tensor: int, block: FormulaBlock, window: Reference) -> Plane | None:
        """Return the plane of a tensor that a reference of a block reads."""
        area = range_reached(window, block.lattice.shape)
        return next((p for p in self.planes_of(tensor) if p.range.overlaps(area)), None)

    def declared_at(self, sheet: int, area: Range) -> int | None:
        """Return what an area of no blocks reads, if names or a border tell where that ends.

        An input then, or the border of any tensor: some windows reach nothing else of it.
        """
        for k, tensor in enumerate(self.lifted.tensors):
            known = k < self.declared or tensor.border
            if known and tensor.sheet == sheet and tensor.planes_at(area):
                return k
        return None

    def shape_of(self, source: int, lattices: tuple[Plane, ...], layer: Layer) -> Shape | None:
        """Return what a layer makes of a tensor, if the blocks' lattices are of that size."""
        before = self.lifted.tensors[source].shape
        try:
            shape = layer.output_shape(before)
        except Exception:  # any shape error: it is no such layer
            return None
        n, m = lattices[0].shape
        if len(shape) == 1:
            return shape if (n, m) in ((shape[0], 1), (1, shape[0])) else None
        return shape if shape == (len(lattices), n, m) else None

    # -- one step further ----------------------------------------------------------------

    def with_tensor(self, tensor: Tensor) -> Draft:
        """Return the draft with one more tensor, to which its blocks belong."""
        home = {**self.home, **dict.fromkeys(tensor.blocks, len(self.lifted.tensors))}
        lifted = replace(self.lifted, tensors=(*self.lifted.tensors, tensor))
        return replace(self, lifted=lifted, home=home)

    def with_changed(self, number: int, tensor: Tensor) -> Draft:
        """Return the draft with another tensor in the place of one, of the same blocks."""
        tensors = self.lifted.tensors
        tensors = (*tensors[:number], tensor, *tensors[number + 1 :])
        return replace(self, lifted=replace(self.lifted, tensors=tensors))

    def with_helpers(self, helpers: Mapping[int, BlockMatch]) -> Draft:
        """Return the draft with blocks that are helpers, each with the match it serves."""
        return replace(self, helper_of={**self.helper_of, **helpers})

    def with_unlifted(self, reasons: Mapping[int, str]) -> Draft:
        """Return the draft with blocks that no layer explains, and why; over what was known."""
        return replace(
            self, lifted=replace(self.lifted, unlifted={**self.lifted.unlifted, **reasons})
        )

    def without_unlifted(self, blocks: Iterable[int]) -> Draft:
        """Return the draft without the reasons why some blocks were not lifted."""
        gone = self.lifted.unlifted.keys() & set(blocks)
        if not gone:
            return self
        left = {k: reason for k, reason in self.lifted.unlifted.items() if k not in gone}
        return replace(self, lifted=replace(self.lifted, unlifted=left))
