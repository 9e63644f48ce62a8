"""Planes as coloured cells: one SVG path per colour, neighbours of a colour joined."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.matching.tensors import Tensor
from xlconv.lowering.formatting.colours import INPUT, NEGATIVE, POSITIVE, STAGES, ZERO
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.precedents.region import Region, region_of_cells

# Colours from white to the full one; fewer where there are many cells to draw.
_STEPS, _FEW_STEPS, _MANY_CELLS = 12, 5, 20_000


class ColorScale(Struct, frozen=True):
    """Colours from white at zero to `high` at `most`, and to `low` at -`most`."""

    high: str
    low: str
    most: float
    steps: int

    def levels(self, values: Array) -> Array:
        """Return the steps of values, from -steps to steps."""
        part = np.clip(values / (self.most or 1.0), -1, 1)
        return np.rint(np.nan_to_num(part) * self.steps)

    def color(self, level: int) -> str:
        """Return the colour of a step."""
        return _mixed(ZERO, self.high if level > 0 else self.low, abs(level) / self.steps)


class TensorColors(Struct, frozen=True):
    """The colours of a tensor: of its name, its values and its weights."""

    title: str
    of_values: ColorScale
    of_weights: ColorScale


def tensor_colors(book: LiftedWorkbook, sheet: int) -> dict[int, TensorColors]:
    """Return the colours of every tensor of a sheet: a layer's own, red and blue for signs."""
    found: dict[int, TensorColors] = {}
    tensors = book.lifted.tensors
    here = [k for k, one in enumerate(tensors) if sheet in (one.sheet, one.parameters_sheet)]
    steps = _steps([tensors[k] for k in here])
    number = 0
    for k in here:
        palette = INPUT if tensors[k].source < 0 else STAGES[number % len(STAGES)]
        number += tensors[k].source >= 0
        values = book.values(k)
        is_signed = (values < 0).any()
        of_values = ColorScale(
            POSITIVE if is_signed else palette.high, NEGATIVE, _largest(values), steps
        )
        planes = [*_kernel_planes(tensors[k]), *tensors[k].biases]
        weights = [book.matrix(tensors[k].parameters_sheet, plane) for plane in planes]
        largest = max((_largest(one) for one in weights), default=1.0)
        of_weights = ColorScale(POSITIVE, NEGATIVE, largest, steps)
        found[k] = TensorColors(palette.title, of_values, of_weights)
    return found


def _steps(tensors: list[Tensor]) -> int:
    cells = sum(_size(plane) for one in tensors for plane in (*one.planes, *_kernel_planes(one)))
    return _STEPS if cells <= _MANY_CELLS else _FEW_STEPS


def _kernel_planes(tensor: Tensor) -> list[Plane]:
    return [plane for planes in tensor.kernels for plane in planes]


def heatmap(plane: Plane, values: Array, scale: ColorScale) -> list[tuple[str, str]]:
    """Return a path for every colour of a plane but white, in cells of the sheet."""
    levels = scale.levels(values)
    paths = []
    for level in np.unique(levels[levels != 0]).tolist():
        i, j = np.nonzero(levels == level)
        paths.append((scale.color(int(level)), path_of(region_of_cells(plane, i, j))))
    return paths


def path_of(region: Region) -> str:
    """Return the rectangles of a region as an SVG path, in cells."""
    parts = []
    row, column = 0, 0
    for area in region.ranges:
        height, width = area.size
        # Each rectangle begins where the one before it did.
        parts.append(f"m{area.left - column} {area.top - row}h{width}v{height}h{-width}z")
        row, column = area.top, area.left
    path = "".join(parts).replace(" -", "-")
    return "M" + path[1:]


def _largest(values: Array) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0))


def _size(plane: Plane) -> int:
    return plane.shape[0] * plane.shape[1]


def _mixed(first: str, second: str, share: float) -> str:
    pairs = [(int(first[k : k + 2], 16), int(second[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)
