"""What stands to the left of a tensor's planes: kernels, partial sums, numbers of channels, masks.

A slot is one plane with its own share of them. Only geometry and captions: knows nothing of
the strip's other tensors, and never looks at a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from xlconv.arrays import Shape
from xlconv.layers import Layer
from xlconv.layers.base.answers import HelperKind, Tables
from xlconv.layers.base.partial_sums import even_parts
from xlconv.layers.base.place import Groups, helper_of_plane
from xlconv.layout.labels import Label
from xlconv.lowering.boxes import BoxGrid, Size, Slot, Stack, best_slot
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane


class BesidePlanes(Struct, frozen=True):
    """Parameters and helpers of a tensor, where they stand, and their captions."""

    tables: Mapping[str, Groups] = field(default_factory=dict)
    helpers: Mapping[str, Plane] = field(default_factory=dict)
    labels: tuple[Label, ...] = ()


def size_with_halo(shape: Shape, halo: Halo) -> Size:
    """Return rows and columns of a plane of a tensor (C, H, W) with its halo."""
    return shape[1] + halo.top + halo.bottom, shape[2] + halo.left + halo.right


def slots_for(
    layer: Layer, tables: Tables, shape: Shape, halo: Halo, *, parts: int, height: int
) -> tuple[Slot, Stack]:
    """Return the slot of each plane of a tensor, and how they fill about `height` rows.

    The sums of the layer stand in `parts`, if those are more than one.
    """
    box = size_with_halo(shape, halo)
    if not tables:
        slot = Slot(box)
    elif masks := layer.helper_names(HelperKind.PLANE):
        slot = Slot(box, BoxGrid(len(masks), (shape[1], shape[2])), bias=True)
    elif layer.scalars:
        slot = Slot(box, BoxGrid(len(layer.scalars), (1, 1), rows=len(layer.scalars)))
    else:
        group = tables["weight"][0]
        grid = BoxGrid(len(group), group[0].shape, layer.table_step)
        sums = BoxGrid(parts, (shape[1], shape[2])) if parts > 1 else None
        return best_slot(box, grid, shape[0], height, bias="bias" in tables, sums=sums)
    return slot, Stack.fitting(slot, shape[0], height)


def beside_planes(
    layer: Layer, slot: Slot, planes: Sequence[Plane], corners: Sequence[Cell], tables: Tables
) -> BesidePlanes:
    """Return what stands beside planes, whose slots have their top left cells at `corners`."""
    if slot.kernels is None:
        return BesidePlanes()
    if layer.helper_names(HelperKind.PLANE):
        shared = _below_first(slot, corners[0], tables)
        masks = _masks(layer, slot, slot.kernels, corners)
        return BesidePlanes(shared.tables, masks.helpers, (*shared.labels, *masks.labels))
    if layer.scalars:
        return _per_channel(layer, slot, slot.kernels, corners)
    sums = _sums(slot, slot.kernels, planes, corners, len(tables["weight"][0]))
    kernels = _kernels(slot, slot.kernels, corners)
    return BesidePlanes(kernels.tables, sums.helpers, (*sums.labels, *kernels.labels))


def _kernels(slot: Slot, kernels: BoxGrid, corners: Sequence[Cell]) -> BesidePlanes:
    weights, biases, labels = [], [], []
    for index, (row, column) in enumerate(corners):
        top = row + slot.table_top
        weights.append(tuple(kernels.planes((top, column))))
        bias = (top + kernels.height + 1, column)
        biases.append((Plane(bias, (1, 1)),))
        caption = top - 2 if slot.table_top else top - 1
        labels.append(Label((caption, column), f"kernel {index}"))
        if slot.bias and kernels.width > 1:
            labels.append(Label((bias[0], column + 1), "← bias"))
    tables: dict[str, Groups] = {"weight": tuple(weights)}
    if slot.bias:
        tables["bias"] = tuple(biases)
    return BesidePlanes(tables, labels=tuple(labels))


def _sums(
    slot: Slot, kernels: BoxGrid, planes: Sequence[Plane], corners: Sequence[Cell], terms: int
) -> BesidePlanes:
    """Place the partial sums of each plane to its left."""
    helpers: dict[str, Plane] = {}
    labels = []
    for index, (plane, (_, column)) in enumerate(zip(planes, corners, strict=True)):
        if slot.sums is None:
            break
        row = plane.origin[0]  # beside the plane, without its halo
        at = (row, column + kernels.width + 1)
        parts = even_parts(index, terms, slot.sums.count)
        for part, one in zip(parts, slot.sums.planes(at), strict=True):
            helpers[part.name] = one
            labels.append(Label((row - 1, one.origin[1]), part.caption))
    return BesidePlanes(helpers=helpers, labels=tuple(labels))


def _per_channel(layer: Layer, slot: Slot, grid: BoxGrid, corners: Sequence[Cell]) -> BesidePlanes:
    """Place the parameters of one number per channel: a list beside each plane."""
    tables: dict[str, list[tuple[Plane, ...]]] = {name: [] for name in layer.scalars}
    labels = []
    for row, column in corners:
        planes = grid.planes((row + slot.table_top, column))
        for name, plane in zip(layer.scalars, planes, strict=True):
            tables[name].append((plane,))
            labels.append(_above(plane, name.removeprefix("running_")))
    groups = {name: tuple(own) for name, own in tables.items()}
    return BesidePlanes(groups, labels=tuple(labels))


def _masks(layer: Layer, slot: Slot, grid: BoxGrid, corners: Sequence[Cell]) -> BesidePlanes:
    """Place the helpers of a plane's size to the left of each plane."""
    helpers, labels = {}, []
    for index, (row, column) in enumerate(corners):
        planes = grid.planes((row + slot.table_top, column))
        for name, plane in zip(layer.helper_names(HelperKind.PLANE), planes, strict=True):
            helpers[helper_of_plane(name, index)] = plane
            labels.append(_above(plane, f"{name} {index}"))
    return BesidePlanes(helpers=helpers, labels=tuple(labels))


def _below_first(slot: Slot, corner: Cell, tables: Tables) -> BesidePlanes:
    """Place the parameters that all planes share below the first of the helpers."""
    row, column = corner
    below = row + slot.table_top + slot.table_height - 1
    placed: dict[str, Groups] = {}
    labels = []
    for index, name in enumerate(tables):
        cell = (below, column + 2 * index)
        placed[name] = ((Plane(cell, (1, 1)),),)
        labels.append(Label((cell[0], cell[1] + 1), f"← {name}"))
    return BesidePlanes(placed, labels=tuple(labels))


def _above(plane: Plane, text: str) -> Label:
    return Label((plane.origin[0] - 1, plane.origin[1]), text)
