"""Blocks that interleave -> one tensor of planes.

A plane may be made of several lattices: every so many cells of it are a block, and so are
those between. Joins them where together they leave no cell out; what layer that is, and
from where each weight comes, the layer's class says of the geometry of every block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from xlconv.layers import Layer
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.products import Table
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.joins.scattered_phases import regrouped
from xlconv.lifting.matching.parameters import OperandError, weights_sheet, with_holes
from xlconv.lifting.matching.tensors import BlockMatch, Overhang, Tensor
from xlconv.lifting.matching.window_geometry import geometry_of, overhangs
from xlconv.lifting.matching.window_sources import weighted_source
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import area_of

# The blocks of one plane, by the entry that each begins with.
Parts = dict[tuple[int, int], BlockMatch]
Geometries = dict[tuple[int, int], WindowGeometry]
Kernels = tuple[tuple[Plane, ...], ...]


def join_interleaved(draft: Draft, group: list[BlockMatch]) -> Draft:
    """Join blocks with kernels that interleave to the planes of one tensor."""
    made = _joined(draft, group, _step_of(draft, group))
    if made is not draft:
        return made
    for after, others, step in regrouped(draft, group):
        try:
            made = _joined(after, others, step)
        except OperandError:
            continue
        if made is not after:
            number = len(made.lifted.tensors) - 1
            emptied = (k for k, one in enumerate(after.index.blocks) if not one.mask.any())
            home = dict.fromkeys((k for k in emptied if k not in made.home), number)
            return replace(made, home={**made.home, **home})
    return draft


def _joined(draft: Draft, group: list[BlockMatch], step: tuple[int, int]) -> Draft:
    """Join blocks each of which has every so many cells of a plane, in rows and in columns."""
    found = _planes(draft, group, step)
    if not found or len({(plane.shape, frozenset(parts)) for plane, parts in found}) != 1:
        return draft
    phases = {place: [parts[place] for _, parts in found] for place in found[0][1]}
    after, source, phases, geometries = _geometries(draft, phases)
    layer = None if source is None else group[0].kind.from_phases(geometries)
    if layer is None or source is None:
        return draft
    lattices = tuple(plane for plane, _ in found)
    shape = after.shape_of(source, lattices, layer)
    kernels, biases = _kernels(phases, geometries, layer), _biases(phases)
    if kernels is None or shape is None or biases is None:
        return draft
    blocks = tuple(one.block for _, parts in found for one in parts.values())
    sheet = after.index.blocks[blocks[0]].sheet
    tensor = Tensor(
        sheet, lattices, shape, blocks, (layer, *group[0].fused), source,
        kernels=kernels, biases=biases, parameters_sheet=weights_sheet(after, group[0]),
        overhangs=tuple(_overhangs(after, sheet, after.planes_of(source), geometries)),
    )  # fmt: skip
    return _with_parameter_holes(after, tensor).with_tensor(tensor)


def _geometries(
    draft: Draft, phases: dict[tuple[int, int], list[BlockMatch]]
) -> tuple[Draft, int | None, dict[tuple[int, int], list[BlockMatch]], Geometries]:
    """Return the one tensor that all blocks read, None if it is none, and how they read it.

    The blocks of a phase come back with their terms in the order of the planes they read.
    """
    geometries: Geometries = {}
    ordered: dict[tuple[int, int], list[BlockMatch]] = {}
    sources: set[int] = set()
    for place, blocks in phases.items():
        draft, source, own = weighted_source(draft, blocks)
        planes = () if source is None else draft.planes_of(source)
        geometry = None if source is None else geometry_of(draft, own, source, planes)
        if source is None or geometry is None:
            return draft, None, {}, {}
        sources.add(source)
        geometries[place], ordered[place] = geometry, own
    return draft, sources.pop() if len(sources) == 1 else None, ordered, geometries


def _step_of(draft: Draft, group: list[BlockMatch]) -> tuple[int, int]:
    """Return how far apart cells of blocks are: a lattice of one line has no step of its own."""
    lattices = [draft.block(one).lattice for one in group]
    down, right = (
        max((one.step[axis] for one in lattices if one.shape[axis] > 1), default=1)
        for axis in (0, 1)
    )
    return down, right


def _planes(
    draft: Draft, group: list[BlockMatch], step: tuple[int, int]
) -> list[tuple[Plane, Parts]]:
    """Return the planes that blocks interleave to, in reading order; [] where one has gaps."""
    lattices = {one.block: draft.block(one).lattice for one in group}
    down, right = step
    left = {lattices[one.block].origin: one for one in group}
    if len(left) < len(group):
        return []
    found = []
    for row, column in sorted(left, key=lambda origin: origin[::-1]):
        if (row, column) not in left:
            continue
        every = [(i, j) for i in range(down) for j in range(right)]
        if any((row + i, column + j) not in left for i, j in every):
            return []
        parts = {(i, j): left.pop((row + i, column + j)) for i, j in every}
        shapes = {place: lattices[one.block].shape for place, one in parts.items()}
        size = (
            sum(shapes[i, 0][0] for i in range(down)), sum(shapes[0, j][1] for j in range(right)),
        )  # fmt: skip
        wanted = {
            (i, j): (len(range(i, size[0], down)), len(range(j, size[1], right))) for i, j in every
        }
        steps = {
            lattices[one.block].step[axis] for one in parts.values() for axis in (0, 1)
            if lattices[one.block].shape[axis] > 1
            and lattices[one.block].step[axis] != (down, right)[axis]
        }  # fmt: skip
        if shapes != wanted or steps:
            return []
        found.append((Plane((row, column), size), parts))
    return found


def _kernels(
    parts: dict[tuple[int, int], list[BlockMatch]],
    geometries: Geometries,
    layer: Layer,
) -> Kernels | None:
    """Return where the kernels stand, by the first axis of the weight; None if they are no planes.

    The layer itself puts the rows and columns of the cells together, as it does its weights.
    """
    axes = []
    for axis in (0, 1):
        places = {
            place: replace(geometries[place], weights=np.array([
                [_cells(table)[axis] for table in one.formula.weights] for one in own
            ], np.float64))
            for place, own in parts.items()
        }  # fmt: skip
        laid = type(layer).from_phases(places)
        assert laid is not None
        axes.append(laid.tables(geometries[0, 0].shape)["weight"])
    groups = [
        [_plane(rows, columns) for rows, columns in zip(*both, strict=True)]
        for both in zip(*axes, strict=True)
    ]
    planes = [[one for one in group if one is not None] for group in groups]
    if [len(group) for group in planes] != [len(group) for group in groups]:
        return None
    return tuple(map(tuple, layer.by_channel(planes)))


def _cells(table: Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the weights of a window, as it has its entries."""
    if table.shape is not None:
        cells = np.array([(area.top, area.left) for area in map(area_of, table.references)])
        rows, columns = cells.T.reshape(2, *table.shape)
        return rows, columns
    area = area_of(table.first)
    rows, columns = np.mgrid[area.top : area.bottom + 1, area.left : area.right + 1]
    return (rows.T, columns.T) if table.turned else (rows, columns)


def _plane(rows: NDArray[np.float64], columns: NDArray[np.float64]) -> Plane | None:
    """Return the plane whose entries stand in cells, None where they are in no such order."""
    down = int(rows[1, 0] - rows[0, 0]) if len(rows) > 1 else 1
    right = int(columns[0, 1] - columns[0, 0]) if columns.shape[1] > 1 else 1
    if min(down, right) < 1:
        return None
    height, width = rows.shape
    plane = Plane((int(rows[0, 0]), int(columns[0, 0])), (height, width), (down, right))
    wanted = [axis.reshape(rows.shape) for axis in plane.cells()]
    fits = np.array_equal(wanted[0], rows) and np.array_equal(wanted[1], columns)
    return plane if fits else None


def _biases(parts: dict[tuple[int, int], list[BlockMatch]]) -> tuple[Plane, ...] | None:
    """Return where the bias of every plane stands.

    None where its blocks have different ones, or several planes the same.
    """
    found = []
    for blocks in zip(*parts.values(), strict=True):
        areas = {None if one.formula.bias is None else area_of(one.formula.bias) for one in blocks}
        if len(areas) != 1:
            return None
        found += [Plane((area.top, area.left), (1, 1)) for area in areas if area is not None]
    return tuple(found) if len(set(found)) == len(found) else None


def _with_parameter_holes(draft: Draft, tensor: Tensor) -> Draft:
    """Return the draft with the cells of a tensor's parameters that are no numbers."""
    for planes in tensor.kernels:
        draft = with_holes(draft, tensor.parameters_sheet, list(planes), "the weights")
    return with_holes(draft, tensor.parameters_sheet, list(tensor.biases), "the bias")


def _overhangs(
    draft: Draft, sheet: int, planes: Sequence[Plane], geometries: Geometries
) -> Iterator[Overhang]:
    """Yield what windows of any block reach beyond the planes they read, each side once."""
    yield from dict.fromkeys(
        one
        for geometry in geometries.values()
        for plane in planes
        for one in overhangs(draft, sheet, plane, None, geometry)
    )
