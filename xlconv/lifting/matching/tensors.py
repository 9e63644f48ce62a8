"""What lifting finds: tensors on sheets, how blocks match layers, and what does not fit.

Values only: nothing here is changed once it is made, and nothing is looked up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from xlconv.arrays import Shape
from xlconv.layers import Elementwise, Layer
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.match import Match
from xlconv.layout.links import KernelMenu, PlaneComparison, TiedCell
from xlconv.spreadsheet.addresses import Range, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock


class Tensor(Struct, frozen=True):
    """Planes of activations on one sheet, with what computes them.

    `blocks` are the numbers of the blocks in them, none for an input. `layers` are the
    layer and those fused to it, `source` the tensor it reads. `kernels`, `biases`
    and `scalars`, by name, are where the parameters stand, on the sheet `parameters_sheet`;
    `helpers` are the block and the place of what the layer computes on its way.
    """

    sheet: int
    planes: tuple[Plane, ...]
    shape: Shape
    blocks: tuple[int, ...] = ()
    layers: tuple[Layer, ...] = ()
    source: int = -1
    others: tuple[int, ...] = ()  # further tensors that it reads, where it joins several
    geometry: WindowGeometry | None = None
    kernels: tuple[tuple[Plane, ...], ...] = ()
    biases: tuple[Plane, ...] = ()
    scalars: Mapping[str, tuple[Plane, ...]] = field(default_factory=dict)
    parameters_sheet: int = -1
    helpers: Mapping[str, tuple[int, Plane]] = field(default_factory=dict)
    overhangs: tuple[Overhang, ...] = ()
    border: tuple[Repeated, ...] = ()

    @property
    def sources(self) -> tuple[int, ...]:
        """The tensors that it reads; none of an input."""
        return () if self.source < 0 else (self.source, *self.others)

    @property
    def mode(self) -> str:
        """The padding mode that most of the border has; "" where there is none."""
        counts: Counter[str] = Counter()
        for one in self.border:
            cells = one.lattice.shape[0] * one.lattice.shape[1]
            counts["any"] += cells
            counts.update(dict.fromkeys(one.modes, cells))
        total = counts.pop("any", 0)
        mode = min(counts, key=lambda mode: (-counts[mode], mode), default="")
        return mode if total and 4 * counts[mode] >= 3 * total else ""

    @property
    def is_vector(self) -> bool:
        """Whether the tensor is one column or row of numbers."""
        return len(self.shape) == 1

    def planes_at(self, area: Range) -> list[Plane]:
        """Return the planes that have cells in an area, else those whose border has some."""
        within = [plane for plane in self.planes if plane.range.overlaps(area)]
        beside = {one.plane for one in self.border if one.lattice.range.overlaps(area)}
        return within or [self.planes[number] for number in sorted(beside)]


class Repeated(Struct, frozen=True):
    """A block in the border of a plane, and the entries of the plane that it repeats."""

    block: int
    lattice: Plane
    plane: int
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    modes: frozenset[str]  # the padding modes that it may be of


class Overhang(Struct, frozen=True):
    """Cells beyond a plane that its reader's windows reach, and what they hold."""

    reader: Plane | None  # None where every plane of the reader does
    plane: Plane
    cells: Range
    fill: str  # "zeros", "text", "blank" or "mixed"
    side: str


class Hole(Struct, frozen=True):
    """A cell where a number should stand: blank, or a text."""

    sheet: int
    cell: tuple[int, int]
    kind: int
    where: str


class LiftedLink(Struct, frozen=True):
    """Parameters on a sheet that take their numbers from other cells of it."""

    sheet: int
    what: TiedCell | KernelMenu


class LiftedComparison(Struct, frozen=True):
    """A cell on a sheet that compares two planes: (tensor, plane) each."""

    sheet: int
    comparison: PlaneComparison
    one: tuple[int, int]
    other: tuple[int, int]


class Stray(Struct, frozen=True):
    """A cell that is not as a layer has it: among tied weights, or in a vector of references."""

    sheet: int
    cell: tuple[int, int]
    expected: str
    block: str


class Tie(Struct, frozen=True):
    """A few formulas of which some are odd, but as many ways to see them say which.

    `candidates` are the cells that are odd in each way, with what they should hold then. Or
    nothing is odd, where it `is_open` if the cells belong together.
    """

    sheet: int
    area: Range
    candidates: tuple[tuple[Stray, ...], ...]
    is_open: bool = False

    @property
    def reason(self) -> str:
        """Which cells may be the odd ones, and what they should hold then."""
        ways = [
            " and ".join(f"{a1_name(one.cell)} should be {one.expected}" for one in strays)
            for strays in self.candidates
        ]
        if self.is_open:
            ways.append("nothing reads the numbers that it would read")
        return f"these formulas do not fit each other: {', or '.join(ways)}"


class Lifted(Struct, frozen=True):
    """What a workbook's blocks are: tensors in order, holes, and what no layer explains.

    `blocks` are those of the calculation, and after them the cells that some were split
    into: such a block keeps its number and has no cell left. `order` has the numbers of
    all of them, what is read before what reads it. Tensors, `unlifted` and `mismatches`
    know blocks by their number.
    """

    blocks: tuple[FormulaBlock, ...] = ()
    order: tuple[int, ...] = ()
    tensors: tuple[Tensor, ...] = ()
    holes: tuple[Hole, ...] = ()
    unlifted: Mapping[int, str] = field(default_factory=dict)  # block -> reason
    mismatches: Mapping[int, str] = field(default_factory=dict)  # block -> what does not fit
    links: tuple[LiftedLink, ...] = ()
    comparisons: tuple[LiftedComparison, ...] = ()
    strays: tuple[Stray, ...] = ()
    ties: tuple[Tie, ...] = ()
    labelled: tuple[tuple[int, Range], ...] = ()  # planes that labels tell of, where they count

    def origin_of(self, sheet: int, cell: tuple[int, int]) -> TiedCell | KernelMenu | None:
        """Return where a parameter's cell takes its number from; None where it is its own."""
        for one in self.links:
            if one.sheet == sheet and one.what.holds(cell):
                return one.what
        return None


class BlockMatch(Struct, frozen=True):
    """A block as a layer of a kind, under the elementwise layers fused to it."""

    block: int
    kind: type[Layer]
    fused: tuple[Elementwise, ...]
    formula: Match
