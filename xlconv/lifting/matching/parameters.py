"""The parameters that blocks read: kernels, weights and biases, from the cells to arrays.

Cells of them that are blank or texts are noted as holes, ranges that are one line off
as mismatches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Array
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.match import Grouping, number_of
from xlconv.layers.base.products import Table
from xlconv.lifting.matching.relative_geometry import spread_plane
from xlconv.lifting.matching.tensors import BlockMatch, Hole, Lifted, Tensor
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import sheet_of
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.formula import Ref, area_of
from xlconv.spreadsheet.values import BLANK, NUMBER, TEXT, Kinds, Numbers


@dataclass(slots=True)
class Parameters:
    """Reads parameters of a calculated workbook, and notes what is wrong with them."""

    calculation: Calculation
    lifted: Lifted
    refused: dict[int, str] = field(default_factory=dict)  # unit -> operands that do not fit

    def places(self, seen: BlockMatch) -> Iterator[tuple[int, int]]:
        """Yield the index in its block of every output that has weights of its own."""
        lattice = self.calculation.blocks[seen.block].lattice
        n, m = lattice.shape if seen.match.grouping is Grouping.UNITS else (1, 1)
        return ((i, j) for i in range(n) for j in range(m))

    def weights(self, seen: BlockMatch, size: tuple[int, int]) -> Array | None:
        """Return the weights of every output of a block (outputs, windows, *size)."""
        rows = []
        for i, j in self.places(seen):
            kernels = []
            for window, table in zip(seen.match.windows, seen.match.weights, strict=True):
                numbers, kinds = self._values(seen, table, i, j)
                step = self.step_of(size, numbers.shape)
                area = area_of(window, i, j)
                if step is None or numbers.shape != area.size:
                    # Entry by entry: ranges of other sizes give no sum but #VALUE!.
                    height, width = numbers.shape
                    self.refused[seen.block] = (
                        f"multiplies {area.name} ({area.size[0]}×{area.size[1]}) "
                        f"with weights of {height}×{width}"
                    )
                    return None
                kernels.append(np.where(kinds == NUMBER, numbers, 0.0)[:: step[0], :: step[1]])
            rows.append(kernels)
        return np.array(rows, np.float64)

    def _values(self, seen: BlockMatch, table: Table, i: int, j: int) -> tuple[Numbers, Kinds]:
        """Return numbers and kinds of the weights of output (i, j), as its window has them."""
        grid = self.calculation.grids[self.sheet_of(seen)]
        if table.shape is None:
            numbers, kinds = grid.region(area_of(table.first, i, j))
            return (numbers.T, kinds.T) if table.turned else (numbers, kinds)
        cells = [grid.region(area_of(one, i, j)) for one in table.references]
        return (
            np.array([one[0, 0] for one, _ in cells]).reshape(table.shape),
            np.array([one[0, 0] for _, one in cells]).reshape(table.shape),
        )

    def sheet_of(self, seen: BlockMatch) -> int:
        """Return the sheet that the weights of a block are on."""
        own = self.calculation.blocks[seen.block].sheet
        return sheet_of(seen.match.weights[0].first, own)

    def step_of(self, size: tuple[int, int], shape: tuple[int, ...]) -> tuple[int, int] | None:
        """Return how far apart the weights stand, where they are spread as the input is."""
        if shape == size:
            return 1, 1
        steps = []
        for have, want in zip(shape, size, strict=True):
            step = 1 if want == 1 else (have - 1) // (want - 1)
            if (want - 1) * step + 1 != have:
                return None
            steps.append(step)
        return steps[0], steps[1]

    def kinds_of(self, seen: BlockMatch) -> NDArray[np.uint8]:
        """Return the kinds of the first weights, which show how a kernel is drawn."""
        _, kinds = self._values(seen, seen.match.weights[0], 0, 0)
        return kinds

    def biases(self, group: list[BlockMatch]) -> Array | None:
        if group[0].match.bias is None:
            return None
        biases = []
        for one in group:
            unit = self.calculation.blocks[one.block]
            assert one.match.bias is not None
            grid = self.calculation.grids[sheet_of(one.match.bias, unit.sheet)]
            for i, j in self.places(one):
                biases.append(_number_in(grid, area_of(one.match.bias, i, j)))
        return np.array(biases)

    def scalars(self, group: list[BlockMatch]) -> dict[str, Array]:
        """Return the parameters of one number per block, in the order of the blocks."""
        found: dict[str, list[float]] = {}
        for one in group:
            for name, node in one.match.scalars:
                value = number_of(node)
                if isinstance(node, Ref):
                    unit = self.calculation.blocks[one.block]
                    grid = self.calculation.grids[sheet_of(node, unit.sheet)]
                    value = _number_in(grid, area_of(node))
                found.setdefault(name, []).append(0.0 if value is None else value)
        return {name: np.array(values) for name, values in found.items()}

    def note_scalars(self, tensor: Tensor, group: list[BlockMatch]) -> None:
        """Keep where the parameters of one number per block stand, and note holes in them."""
        found: dict[str, list[Plane]] = {}
        for one in group:
            for name, node in one.match.scalars:
                if isinstance(node, Ref):
                    area = area_of(node)
                    plane = Plane((area.top, area.left), (1, 1))
                    if plane not in found.setdefault(name, []):
                        found[name].append(plane)
                        sheet = sheet_of(node, self.calculation.blocks[one.block].sheet)
                        tensor.parameters_sheet = sheet
                        self.note_holes(sheet, [plane], name)
        tensor.scalars = {name: tuple(planes) for name, planes in found.items()}

    def note_tables(
        self, tensor: Tensor, group: list[BlockMatch], geometry: WindowGeometry
    ) -> None:
        """Keep where the parameters stand, and note cells of them that are no numbers."""
        if not group[0].match.weights:
            return
        kernels: list[tuple[Plane, ...]] = []
        biases: list[Plane] = []
        for one in group:
            sheet = tensor.parameters_sheet = self.sheet_of(one)
            spread = self._spread(one, geometry)
            for i, j in self.places(one):
                weights = one.match.weights
                planes = tuple(plane for table in weights for plane in _planes(table, i, j, spread))
                kernels.append(planes)
                areas = [area_of(table.first, i, j) for table in weights if table.shape is None]
                ragged = next((area for area in areas if self._is_ragged(sheet, area)), None)
                if ragged is None:
                    self.note_holes(sheet, list(planes), "the weights")
                else:
                    message = f"its weights {ragged.name} begin or end with blank cells"
                    self.lifted.mismatches[one.block] = message
            if one.match.bias is not None:
                own = [area_of(one.match.bias, i, j) for i, j in self.places(one)]
                biases += [Plane((area.top, area.left), (1, 1)) for area in own]
                self.note_holes(sheet, biases[-len(own) :], "the bias")
        tensor.kernels, tensor.biases = tuple(kernels), tuple(biases)

    def _is_ragged(self, sheet: int, area: Range) -> bool:
        """Whether a line at the edge of some weights is blank: they are read one line off."""
        _, kinds = self.calculation.grids[sheet].region(area)
        edges = (kinds[0], kinds[-1], kinds[:, 0], kinds[:, -1])
        return min(kinds.shape) > 1 and not all(edge.any() for edge in edges)

    def _spread(self, seen: BlockMatch, geometry: WindowGeometry) -> tuple[int, int]:
        if geometry.table_step != (1, 1):
            return geometry.table_step
        shape = self.kinds_of(seen).shape
        return self.step_of(geometry.size, shape) or (1, 1)

    def note_holes(self, sheet: int, planes: list[Plane], where: str) -> None:
        grid = self.calculation.grids[sheet]
        for plane in planes:
            _, kinds = grid.region(plane.range)
            kinds = kinds[:: plane.step[0], :: plane.step[1]]
            for i, j in zip(*np.nonzero((kinds == BLANK) | (kinds == TEXT)), strict=True):
                cell = plane.cell(int(i), int(j))
                self.lifted.holes.append(Hole(sheet, cell, int(kinds[i, j]), where))


def _number_in(grid: ValueGrid, area: Range) -> float:
    """Return the number in a cell, 0 where it holds none."""
    numbers, kinds = grid.region(area)
    return float(numbers[0, 0]) if kinds[0, 0] == NUMBER else 0.0


def _planes(table: Table, i: int, j: int, step: tuple[int, int]) -> Iterator[Plane]:
    """Yield the planes of the weights of output (i, j), in the order of the window's entries."""
    if table.shape is not None:
        for one in table.references:
            area = area_of(one, i, j)
            yield Plane((area.top, area.left), (1, 1))
        return
    area = area_of(table.first, i, j)
    if not table.turned or 1 in area.size:
        yield spread_plane(area, step[::-1] if table.turned else step)
        return
    for column in range(area.left, area.right + 1, step[1]):
        for row in range(area.top, area.bottom + 1, step[0]):
            yield Plane((row, column), (1, 1))
