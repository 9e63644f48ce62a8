"""What is known of blocks while they are lifted: who stands where, and belongs to which tensor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Shape
from xlconv.layers import Layer
from xlconv.layers.base.products import Reference
from xlconv.layout.naming_convention import parse_plane_name
from xlconv.lifting.matching.inline_sums import Inlined
from xlconv.lifting.matching.parameters import Parameters
from xlconv.lifting.matching.tensors import BlockMatch, Lifted, Tensor
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.workbook import Workbook

# Lines of padding beside a plane are looked for as far as this.
MOST_PADDING = 16

# A block of so many cells in the frame around a plane is an odd cell of it.
MOST_ODD = 2


class Draft:
    """A calculated workbook, and how far its blocks are lifted.

    Blocks are known by their number in `units`, tensors by theirs in `lifted`. Lifting may
    take a block apart into single cells: they follow as units of their own.
    """

    def __init__(self, calculation: Calculation) -> None:
        self.calculation = calculation
        self.blocks = calculation.blocks
        self.lifted = Lifted()
        self.parameters = Parameters(calculation, self.lifted)
        self.home: dict[int, int] = {}  # unit -> tensor
        self.helper_of: dict[int, BlockMatch] = {}  # helper unit -> how it is seen
        self.sums: dict[int, Inlined] = {}  # unit -> its sum of partial sums, written out
        self.inputs: list[tuple[int, Range]] = []  # ranges of numbers that blocks read
        self.matches: dict[int, list[BlockMatch]] = {}
        self.touching: dict[tuple[int, Range], list[int]] = {}
        self.areas = areas_of(self.blocks)
        self.aside = self._deviants()  # units of no interest to those who look for blocks
        self.named = _named_planes(calculation.workbook)
        self.declared = 0  # inputs that defined names declare, the first tensors

    def touched(self, sheet: int, area: Range) -> list[int]:
        """Return the blocks that an area of a sheet has cells of."""
        if (sheet, area) not in self.touching:
            self.touching[sheet, area] = self._find_touched(sheet, area)
        return self.touching[sheet, area]

    def read(self, unit: FormulaBlock, reference: Reference) -> list[int]:
        """Return the blocks that a reference of a unit points to."""
        area = range_reached(reference, unit.lattice.shape)
        return self.touched(sheet_of(reference, unit.sheet), area)

    def _find_touched(self, sheet: int, area: Range) -> list[int]:
        a = self.areas
        touching = (
            (a[:, 0] == sheet) & (a[:, 1] <= area.bottom) & (a[:, 3] >= area.top)
            & (a[:, 2] <= area.right) & (a[:, 4] >= area.left)
        )  # fmt: skip
        return [k for k in np.flatnonzero(touching).tolist() if k not in self.aside]

    def is_activation(self, unit: FormulaBlock, reference: Reference) -> bool:
        """Whether a reference of a unit points at computed cells, or at a declared input."""
        area = range_reached(reference, unit.lattice.shape)
        sheet = sheet_of(reference, unit.sheet)
        return bool(self.touched(sheet, area)) or self.declared_at(sheet, area) is not None

    def read_unit(self, unit: FormulaBlock, reference: Reference) -> int | None:
        """Return the one block that a reference reads, or the first of one tensor's."""
        touched = self.read(unit, reference)
        return touched[0] if len(touched) == 1 else self._same_home(touched)

    def _same_home(self, touched: list[int]) -> int | None:
        homes = {self.home.get(k) for k in touched}
        return touched[0] if len(homes) == 1 and None not in homes else None

    def mostly(self, touched: Iterable[int]) -> int | None:
        """Return the tensor that blocks belong to, but for odd cells in the frame around it."""
        touched = list(touched)
        homes = {self.home.get(k) for k in touched}
        if len(homes) == 1:
            return homes.pop()
        sizes: Counter[int | None] = Counter()
        for k in touched:
            sizes[self.home.get(k)] += int(self.blocks[k].mask.sum())
        main = sizes.most_common(1)[0][0] if sizes else None
        others = [self.blocks[k].lattice.range for k in touched if self.home.get(k) != main]
        if main is None or any(area.size[0] * area.size[1] > MOST_ODD for area in others):
            return None
        planes = self.planes_of(main)
        return None if any(p.range.overlaps(area) for p in planes for area in others) else main

    def tensor_read(self, seen: BlockMatch) -> int | None:
        """Return the tensor that a block reads first, or -2 - k where it reads helper k."""
        unit = self.blocks[seen.block]
        reference = seen.match.windows[0]
        main = self.mostly(self.read(unit, reference))
        if main is not None:
            return main
        for k in self.read(unit, reference):
            if k in self.home:
                return self.home[k]
            if k in self.helper_of:
                return -2 - k
        area = range_reached(reference, unit.lattice.shape)
        return self.declared_at(sheet_of(reference, unit.sheet), area)

    def home_of(self, unit: FormulaBlock, window: Reference) -> int | None:
        """Return the tensor that a reference of a unit points at."""
        homes = {self.home.get(k) for k in self.read(unit, window)}
        if homes:
            return homes.pop() if len(homes) == 1 else None
        area = range_reached(window, unit.lattice.shape)
        return self.declared_at(sheet_of(window, unit.sheet), area)

    def planes_of(self, tensor: int) -> tuple[Plane, ...]:
        """Return the planes of a tensor by its number."""
        return self.lifted.tensors[tensor].planes

    def plane_at(self, tensor: int, unit: FormulaBlock, window: Reference) -> Plane | None:
        """Return the plane of a tensor that a reference of a unit reads."""
        area = range_reached(window, unit.lattice.shape)
        for plane in self.lifted.tensors[tensor].planes:
            if plane.range.overlaps(area):
                return plane
        return None

    def declared_at(self, sheet: int, area: Range) -> int | None:
        """Return the input that an area reads, if names or a border tell where that ends."""
        for k, tensor in enumerate(self.lifted.tensors):
            known = k < self.declared or (tensor.source < 0 and tensor.border)
            read = any(one.range.overlaps(area) for one in tensor.planes if known)
            if read and tensor.sheet == sheet:
                return k
        return None

    def name_at(self, unit: FormulaBlock) -> str:
        """Return the name of the tensor that a block begins in, "" where none is told."""
        (row, column), (areas, names) = unit.lattice.origin, self.named
        here = (
            (areas[:, 0] == unit.sheet) & (areas[:, 1] <= row) & (areas[:, 3] >= row)
            & (areas[:, 2] <= column) & (areas[:, 4] >= column)
        )  # fmt: skip
        return names[int(here.argmax())] if here.any() else ""

    def add(self, tensor: Tensor) -> None:
        """Note a tensor, and that its blocks belong to it."""
        for k in tensor.blocks:
            self.home[k] = len(self.lifted.tensors)
        self.lifted.tensors.append(tensor)

    def _deviants(self) -> set[int]:
        """Return the units that are single cells inside a larger block."""
        owners = {
            (k, int(cell))
            for k, groups in enumerate(self.calculation.found_blocks)
            for one in groups
            for cell in one.cells[~one.regular & (one.cells >= 0)]
        }
        return {
            k for k, unit in enumerate(self.blocks)
            if unit.cells.size == 1 and (unit.sheet, int(unit.cells[0, 0])) in owners
        }  # fmt: skip

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


def _named_planes(workbook: Workbook) -> tuple[NDArray[np.int64], list[str]]:
    """Return places and tensors of the names that end in the number of a plane."""
    sheets = {sheet.name: k for k, sheet in enumerate(workbook.sheets)}
    found = [
        ((sheets[home], area), parts[0])
        for name, ranges in workbook.names
        for home, area in ranges
        if len(ranges) == 1 and home in sheets and (parts := parse_plane_name(name))
    ]
    return _rows(place for place, _ in found), [name for _, name in found]


def areas_of(units: list[FormulaBlock]) -> NDArray[np.int64]:
    """Return sheet, top, left, bottom and right of every block."""
    return _rows((one.sheet, one.lattice.range) for one in units)


def _rows(areas: Iterable[tuple[int, Range]]) -> NDArray[np.int64]:
    rows = [(k, area.top, area.left, area.bottom, area.right) for k, area in areas]
    return np.array(rows, np.int64).reshape(-1, 5)
