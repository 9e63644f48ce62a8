"""The parameters that blocks read: kernels, weights and biases, from the cells to arrays.

Cells of them that are blank or texts are noted as holes, ranges that are one line off
as mismatches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlconv.calculation import Calculation, sheet_of
from xlconv.formula import area_of
from xlconv.formula.values import BLANK, NUMBER, TEXT
from xlconv.layers.base import Array, Geometry
from xlconv.placing import spread_plane
from xlconv.plane import Plane
from xlconv.refs import Range
from xlconv.tensors import Hole, Lifted, Seen, Tensor


@dataclass(slots=True)
class Parameters:
    """Reads parameters of a calculated workbook, and notes what is wrong with them."""

    calculation: Calculation
    lifted: Lifted

    def tables(self, seen: Seen) -> Iterator[list[Range]]:
        """Yield the ranges of the weights of every output that a block has, in its order."""
        unit = self.calculation.units[seen.unit]
        n, m = unit.lattice.shape if seen.kind.reads_flattened else (1, 1)
        for i in range(n):
            for j in range(m):
                yield [area_of(reference, i, j) for reference in seen.sighting.weights]

    def weights(self, seen: Seen, size: tuple[int, int]) -> Array | None:
        sheet = sheet_of(seen.sighting.weights[0], self.calculation.units[seen.unit].sheet)
        grid = self.calculation.grids[sheet]
        rows = []
        for areas in self.tables(seen):
            kernels = []
            for area in areas:
                numbers, kinds = grid.region(area)
                step = self.step_of(seen, size, numbers.shape)
                if step is None:
                    return None
                kernels.append(np.where(kinds == NUMBER, numbers, 0.0)[:: step[0], :: step[1]])
            rows.append(kernels)
        return np.array(rows, np.float64)

    def step_of(
        self, seen: Seen, size: tuple[int, int], shape: tuple[int, ...]
    ) -> tuple[int, int] | None:
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

    def kinds_of(self, seen: Seen) -> NDArray[np.uint8]:
        sheet = sheet_of(seen.sighting.weights[0], self.calculation.units[seen.unit].sheet)
        grid = self.calculation.grids[sheet]
        area = next(self.tables(seen))[0]
        _, kinds = grid.region(area)
        return kinds

    def biases(self, group: list[Seen]) -> Array | None:
        if group[0].sighting.bias is None:
            return None
        biases = []
        for one in group:
            unit = self.calculation.units[one.unit]
            assert one.sighting.bias is not None
            grid = self.calculation.grids[sheet_of(one.sighting.bias, unit.sheet)]
            n, m = unit.lattice.shape if one.kind.reads_flattened else (1, 1)
            for i in range(n):
                for j in range(m):
                    numbers, _ = grid.region(area_of(one.sighting.bias, i, j))
                    biases.append(float(numbers[0, 0]))
        return np.array(biases)

    def note_tables(self, tensor: Tensor, group: list[Seen], geometry: Geometry) -> None:
        """Keep where the parameters stand, and note cells of them that are no numbers."""
        if not group[0].sighting.weights:
            return
        kernels: list[tuple[Plane, ...]] = []
        biases: list[Plane] = []
        for one in group:
            unit = self.calculation.units[one.unit]
            sheet = tensor.parameters_sheet = sheet_of(one.sighting.weights[0], unit.sheet)
            spread = self._spread(one, geometry)
            for areas in self.tables(one):
                planes = tuple(spread_plane(area, spread) for area in areas)
                kernels.append(planes)
                ragged = next((area for area in areas if self._is_ragged(sheet, area)), None)
                if ragged is None:
                    self.note_holes(sheet, list(planes), "the weights")
                else:
                    message = f"its weights {ragged.name} begin or end with blank cells"
                    self.lifted.mismatches[one.unit] = message
            if one.sighting.bias is not None:
                n, m = unit.lattice.shape if one.kind.reads_flattened else (1, 1)
                own = [area_of(one.sighting.bias, i, j) for i in range(n) for j in range(m)]
                biases += [Plane((area.top, area.left), (1, 1)) for area in own]
                self.note_holes(sheet, biases[-len(own) :], "the bias")
        tensor.kernels, tensor.biases = tuple(kernels), tuple(biases)

    def _is_ragged(self, sheet: int, area: Range) -> bool:
        """Whether a line at the edge of some weights is blank: they are read one line off."""
        _, kinds = self.calculation.grids[sheet].region(area)
        edges = (kinds[0], kinds[-1], kinds[:, 0], kinds[:, -1])
        return min(kinds.shape) > 1 and not all(edge.any() for edge in edges)

    def _spread(self, seen: Seen, geometry: Geometry) -> tuple[int, int]:
        if geometry.table_step != (1, 1):
            return geometry.table_step
        shape = self.kinds_of(seen).shape
        return self.step_of(seen, geometry.size, shape) or (1, 1)

    def note_holes(self, sheet: int, planes: list[Plane], where: str) -> None:
        grid = self.calculation.grids[sheet]
        for plane in planes:
            _, kinds = grid.region(plane.range)
            kinds = kinds[:: plane.step[0], :: plane.step[1]]
            for i, j in zip(*np.nonzero((kinds == BLANK) | (kinds == TEXT)), strict=True):
                cell = plane.cell(int(i), int(j))
                self.lifted.holes.append(Hole(sheet, cell, int(kinds[i, j]), where))
