"""The parameters that blocks read: kernels, weights and biases, from the cells to arrays.

Cells of them that are blank or texts become holes, ranges that are one line off
mismatches. Looks at numbers and kinds of cells only; changes no draft, but returns another.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from xlconv.arrays import Array
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.match import Grouping, number_of
from xlconv.layers.base.products import Table
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.relative_geometry import spread_plane
from xlconv.lifting.matching.tensors import BlockMatch, Hole, Tensor
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import sheet_of
from xlconv.spreadsheet.calculation.value_grid import ValueGrid
from xlconv.spreadsheet.formula import Ref, area_of
from xlconv.spreadsheet.values import BLANK, BOOLEAN, NUMBER, TEXT, Kinds, Numbers


class OperandError(Exception):
    """Blocks whose operands do not fit each other make no layer: `reasons` by block."""

    def __init__(self, reasons: dict[int, str]) -> None:
        super().__init__(*reasons.values())
        self.reasons = reasons


# -- numbers -------------------------------------------------------------------------------


def weights_of(draft: Draft, group: list[BlockMatch], size: tuple[int, int]) -> Array:
    """Return the weights of every output of blocks (outputs, windows, *size).

    Raises OperandError where windows of that size have weights of another.
    """
    found = [(one.block, _weights(draft, one, size)) for one in group]
    reasons = {block: one for block, one in found if isinstance(one, str)}
    if reasons:
        raise OperandError(reasons)
    return np.concatenate([one for _, one in found if not isinstance(one, str)])


def _weights(draft: Draft, match: BlockMatch, size: tuple[int, int]) -> Array | str:
    """Return the weights of every output of a block, or why they do not fit."""
    rows = []
    for i, j in outputs_of(draft, match):
        kernels = []
        for window, table in zip(match.formula.windows, match.formula.weights, strict=True):
            numbers, kinds = _values(draft, match, table, i, j)
            step = step_of(size, numbers.shape)
            area = area_of(window, i, j)
            if step is None or numbers.shape != area.size:
                # Entry by entry: ranges of other sizes give no sum but #VALUE!.
                (n, m), (height, width) = area.size, numbers.shape
                return f"multiplies {area.name} ({n}×{m}) with weights of {height}×{width}"
            kernels.append(np.where(kinds == NUMBER, numbers, 0.0)[:: step[0], :: step[1]])
        rows.append(kernels)
    return np.array(rows, np.float64)


def outputs_of(draft: Draft, match: BlockMatch) -> Iterator[tuple[int, int]]:
    """Yield the index in its block of every output that has weights of its own."""
    is_unit = match.formula.grouping is Grouping.UNITS
    n, m = draft.block(match).lattice.shape if is_unit else (1, 1)
    return ((i, j) for i in range(n) for j in range(m))


def step_of(size: tuple[int, int], shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return how far apart the weights stand, where they are spread as the input is."""
    if shape == size:
        return 1, 1
    steps = []
    for have, want in zip(shape, size, strict=True):
        step = 1 if want == 1 else (have - 1) // (want - 1)
        if step < 1 or (want - 1) * step + 1 != have:
            return None
        steps.append(step)
    return steps[0], steps[1]


def first_kinds(draft: Draft, match: BlockMatch) -> NDArray[np.uint8]:
    """Return the kinds of the first weights, which show how a kernel is drawn."""
    _, kinds = _values(draft, match, match.formula.weights[0], 0, 0)
    return kinds


def biases_of(draft: Draft, group: list[BlockMatch]) -> Array | None:
    """Return the bias of every output of blocks, None where they have none."""
    if group[0].formula.bias is None:
        return None
    biases = []
    for one in group:
        bias = one.formula.bias
        assert bias is not None
        grid = draft.calculation.grids[sheet_of(bias, draft.block(one).sheet)]
        biases += [_number_in(grid, area_of(bias, i, j)) for i, j in outputs_of(draft, one)]
    return np.array(biases)


def adds_no_bias(draft: Draft, group: list[BlockMatch]) -> bool:
    """Whether what is added is no bias: a number that a layer computes, or one of the weights."""
    for one in group:
        bias, sheet = one.formula.bias, draft.block(one).sheet
        for i, j in outputs_of(draft, one) if bias is not None else ():
            assert bias is not None
            area = area_of(bias, i, j)
            if sheet_of(bias, sheet) == weights_sheet(draft, one) and any(
                area_of(weight, i, j).holds(area)
                for table in one.formula.weights
                for weight in table.references
            ):
                return True
            for k in draft.index.at(sheet_of(bias, sheet), (area.top, area.left)):
                if k in draft.home and draft.lifted.tensors[draft.home[k]].source >= 0:
                    return True
    return False


def scalars_of(draft: Draft, group: list[BlockMatch]) -> dict[str, Array]:
    """Return the parameters of one number per block, in the order of the blocks."""
    found: dict[str, list[float]] = {}
    for one in group:
        for name, node in one.formula.scalars:
            value = number_of(node)
            if isinstance(node, Ref):
                grid = draft.calculation.grids[sheet_of(node, draft.block(one).sheet)]
                value = _number_in(grid, area_of(node))
            found.setdefault(name, []).append(0.0 if value is None else value)
    return {name: np.array(values) for name, values in found.items()}


def _values(draft: Draft, match: BlockMatch, table: Table, i: int, j: int) -> tuple[Numbers, Kinds]:
    """Return numbers and kinds of the weights of output (i, j), as its window has them."""
    grid = draft.calculation.grids[sheet_of(table.first, draft.block(match).sheet)]
    if table.shape is None:
        numbers, kinds = grid.region(area_of(table.first, i, j))
        return (numbers.T, kinds.T) if table.turned else (numbers, kinds)
    cells = [grid.region(area_of(one, i, j)) for one in table.references]
    return (
        np.array([one[0, 0] for one, _ in cells]).reshape(table.shape),
        np.array([one[0, 0] for _, one in cells]).reshape(table.shape),
    )


def weights_sheet(draft: Draft, match: BlockMatch) -> int:
    return sheet_of(match.formula.weights[0].first, draft.block(match).sheet)


def _number_in(grid: ValueGrid, area: Range) -> float:
    """Return the number in a cell, 0 where it holds none."""
    numbers, kinds = grid.region(area)
    return float(numbers[0, 0]) if kinds[0, 0] == NUMBER else 0.0


# -- places --------------------------------------------------------------------------------


def with_scalars(draft: Draft, tensor: Tensor, group: list[BlockMatch]) -> tuple[Draft, Tensor]:
    """Return a tensor with where its parameters of one number per block stand."""
    found: dict[str, list[Plane]] = {}
    sheet = tensor.parameters_sheet
    for one in group:
        for name, node in one.formula.scalars:
            if isinstance(node, Ref):
                plane = _cell_of(area_of(node))
                if plane not in found.setdefault(name, []):
                    found[name].append(plane)
                    sheet = sheet_of(node, draft.block(one).sheet)
                    draft = with_holes(draft, sheet, [plane], name)
    scalars = {name: tuple(planes) for name, planes in found.items()}
    return draft, replace(tensor, scalars=scalars, parameters_sheet=sheet)


def with_tables(
    draft: Draft, tensor: Tensor, group: list[BlockMatch], geometry: WindowGeometry
) -> tuple[Draft, Tensor]:
    """Return a tensor with where its kernels and biases stand; their holes go to the draft.

    Of parameters on several sheets it is only known that they are not all on the tensor's own.
    """
    if not group[0].formula.weights:
        return draft, tensor
    kernels: list[tuple[Plane, ...]] = []
    biases: list[Plane] = []
    sheets: set[int] = set()
    for one in group:
        home, step = draft.block(one).sheet, _spread(draft, one, geometry)
        sheets.update(sheet_of(table.first, home) for table in one.formula.weights)
        for i, j in outputs_of(draft, one):
            weights = one.formula.weights
            kernels.append(
                tuple(plane for table in weights for plane in _planes(table, i, j, step))
            )
            draft = _with_faults(draft, one, step, i, j)
        bias = one.formula.bias
        if bias is not None:
            own = [_cell_of(area_of(bias, i, j)) for i, j in outputs_of(draft, one)]
            biases += own
            sheets.add(sheet_of(bias, home))
            draft = with_holes(draft, sheet_of(bias, home), own, "the bias")
    if len(sheets) > 1:
        return draft, replace(tensor, parameters_sheet=min(sheets - {tensor.sheet}))
    (sheet,) = sheets
    return draft, replace(
        tensor, kernels=tuple(kernels), biases=tuple(biases), parameters_sheet=sheet
    )


def _with_faults(draft: Draft, match: BlockMatch, step: tuple[int, int], i: int, j: int) -> Draft:
    """Return the draft with what is wrong with the weights of output (i, j)."""
    weights, home = match.formula.weights, draft.block(match).sheet
    tables = [(sheet_of(table.first, home), table) for table in weights]
    areas = [(sheet, area_of(one.first, i, j)) for sheet, one in tables if one.shape is None]
    ragged = next((area for sheet, area in areas if _is_ragged(draft, sheet, area)), None)
    if ragged is None:
        for sheet, table in tables:
            draft = with_holes(draft, sheet, list(_planes(table, i, j, step)), "the weights")
        return draft
    message = f"its weights {ragged.name} begin or end with blank cells"
    mismatches = {**draft.lifted.mismatches, match.block: message}
    return replace(draft, lifted=replace(draft.lifted, mismatches=mismatches))


def with_holes(draft: Draft, sheet: int, planes: list[Plane], where: str) -> Draft:
    """Return the draft with the cells of planes that should hold a number and do not."""
    grid = draft.calculation.grids[sheet]
    holes = []
    for plane in planes:
        _, kinds = grid.region(plane.range)
        kinds = kinds[:: plane.step[0], :: plane.step[1]]
        for i, j in zip(*np.nonzero(np.isin(kinds, (BLANK, TEXT, BOOLEAN))), strict=True):
            holes.append(Hole(sheet, plane.cell(int(i), int(j)), int(kinds[i, j]), where))
    if not holes:
        return draft
    return replace(draft, lifted=replace(draft.lifted, holes=(*draft.lifted.holes, *holes)))


def _is_ragged(draft: Draft, sheet: int, area: Range) -> bool:
    """Whether a line at the edge of some weights is blank: they are read one line off."""
    _, kinds = draft.calculation.grids[sheet].region(area)
    edges = (kinds[0], kinds[-1], kinds[:, 0], kinds[:, -1])
    return min(kinds.shape) > 1 and not all(edge.any() for edge in edges)


def _spread(draft: Draft, match: BlockMatch, geometry: WindowGeometry) -> tuple[int, int]:
    if geometry.table_step != (1, 1):
        return geometry.table_step
    return step_of(geometry.size, first_kinds(draft, match).shape) or (1, 1)


def _cell_of(area: Range) -> Plane:
    return Plane((area.top, area.left), (1, 1))


def _planes(table: Table, i: int, j: int, step: tuple[int, int]) -> Iterator[Plane]:
    """Yield the planes of the weights of output (i, j), in the order of the window's entries."""
    if table.shape is not None:
        yield from (_cell_of(area_of(one, i, j)) for one in table.references)
        return
    area = area_of(table.first, i, j)
    if not table.turned or 1 in area.size:
        yield spread_plane(area, step[::-1] if table.turned else step)
        return
    for column in range(area.left, area.right + 1, step[1]):
        for row in range(area.top, area.bottom + 1, step[0]):
            yield Plane((row, column), (1, 1))
