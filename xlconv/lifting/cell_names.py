"""Names of single cells in a workbook's networks: entries of tensors, parameters and helpers.

`conv2[1, 5, 7]` leads to a cell and the cell to that name: one is the inverse of the
other. Layers that share cells have names for them too, which only lead there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from math import prod

import numpy as np
from msgspec import Struct
from msgspec.structs import force_setattr, replace

from xlconv.arrays import by_shape
from xlconv.errors import CellError
from xlconv.lifting.matching.tensors import Lifted, Tensor
from xlconv.lifting.named_planes import NamedPlane, named_planes
from xlconv.lifting.networks import LiftedNetwork
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane

_AXES = {
    ("weight", 4): "output channel, input channel, row, column", ("weight", 2): "output, input",
    ("weight", 1): "channel", ("bias", 1): "output", ("helper", 2): "row, column",
}  # fmt: skip
_OWN_AXES = {3: "channel, row, column", 1: "unit"}
_MOST_NAMES = 24


class NamedCells(Struct, frozen=True):
    """Cells that a name has an index for: a tensor's, its weights', a helper's.

    Planes hold them one after the other, each row by row: flattened, that is torch's
    order. `kind` and `tensor` are as in `CellRole`.
    """

    kind: str
    tensor: int
    name: str
    sheet: int
    shape: tuple[int, ...]
    planes: tuple[Plane, ...]
    _around: tuple[int, int, int, int] = (0, 0, 0, 0)  # told from the planes

    def __post_init__(self) -> None:
        areas = np.array([(*one.origin, *one.cell(*one.shape)) for one in self.planes])
        around = (*areas[:, :2].min(axis=0).tolist(), *areas[:, 2:].max(axis=0).tolist())
        force_setattr(self, "_around", around)

    @property
    def axes(self) -> str:
        """What the indices are: `channel, row, column`."""
        rank = len(self.shape)
        return _AXES.get((self.kind, rank)) or _OWN_AXES.get(rank, "row, column")

    def cell(self, index: tuple[int, ...]) -> Cell:
        """Return the cell of an index, which is within the shape."""
        height, width = self.planes[0].shape
        plane, entry = divmod(int(np.ravel_multi_index(index, self.shape)), height * width)
        return self.planes[plane].cell(*divmod(entry, width))

    def cells(self) -> Iterator[tuple[tuple[int, ...], Cell]]:
        """Yield every index with its cell, in torch's order."""
        places = (
            plane.cell(i, j)
            for plane in self.planes
            for i in range(plane.shape[0])
            for j in range(plane.shape[1])
        )
        return zip(np.ndindex(self.shape), places, strict=True)

    def find(self, cell: Cell) -> tuple[tuple[int, ...], Plane] | None:
        """Return the index that stands in a cell, and its plane; None where none does."""
        top, left, below, beyond = self._around
        if not (top <= cell[0] < below and left <= cell[1] < beyond):
            return None
        for number, plane in enumerate(self.planes):
            found = plane.index_of(cell)
            if found is not None:
                height, width = plane.shape
                flat = (number * height + found[0]) * width + found[1]
                return tuple(map(int, np.unravel_index(flat, self.shape))), plane
        return None


def tensor_entries(k: int, name: str, tensor: Tensor) -> Iterator[NamedCells]:
    """Yield the entries of a tensor: first its own, then helpers, weights and scalars.

    What has the place of weights in a layer without any has no entries.
    """
    for _, some in groupby(named_planes(k, name, tensor), key=lambda one: one.name):
        first, *others = some
        shape = _shape(first, 1 + len(others), tensor)
        if shape:
            planes = (first.plane, *(one.plane for one in others))
            yield NamedCells(first.kind, k, first.name, first.sheet, shape, planes)


def _shape(first: NamedPlane, count: int, tensor: Tensor) -> tuple[int, ...]:
    """Return the shape of what the planes of one name hold, () where it has none."""
    if first.kind in ("input", "activation"):
        return tensor.shape
    size = first.plane.shape
    if first.kind == "helper":
        return size if first.first is None else (max(size),)
    if not tensor.kernels or first.plane is not tensor.kernels[0][0]:
        return (count,)
    weight = tensor.layers[0].parameters().get("weight")
    return () if weight is None else (len(tensor.kernels), *weight.shape[1:])


def shared_entries(networks: Iterable[LiftedNetwork], lifted: Lifted) -> Iterator[NamedCells]:
    """Yield the entries of layers that have no cells of their own, or a name besides their own.

    A fused layer's are those of the tensor it is fused to, a view's those of what it views.
    """
    for one in networks:
        network, at = one.network, {0: one.tensors[0]}
        waiting: list[int] = []
        for number, place in enumerate(one.tensors[1:], 1):
            source = network.sources[number - 1][0]
            waiting.append(number)
            if place >= 0:
                at |= dict.fromkeys(waiting, place)
            elif network.layers[number - 1].is_view and source in at:
                at[number] = at[source]
            else:
                continue
            waiting.clear()
        for number, place in at.items():
            tensor, shape = lifted.tensors[place], network.shapes[number]
            if number and prod(shape) == prod(tensor.shape):
                kind = "input" if tensor.source < 0 else "activation"
                name = network.names[number - 1]
                yield NamedCells(kind, place, name, tensor.sheet, shape, tensor.planes)
                for entries in tensor_entries(place, name, tensor):
                    if entries.kind == "helper":  # sheets call them by the last layer's name
                        yield entries


def find_named(every: Iterable[NamedCells], name: str) -> NamedCells | None:
    """Return the entries of a name: as it is written, or else the one in letters of either case."""
    every = list(every)
    for one in every:
        if one.name == name:
            return one
    close = {one.name: one for one in reversed(every) if one.name.casefold() == name.casefold()}
    return next(iter(close.values())) if len(close) == 1 else None


def index_within(entries: NamedCells, text: str) -> tuple[int, ...]:
    """Return the index that a text such as `1, 5, 7` spells. Raises CellError."""
    parts = [one.strip() for one in text.split(",")] if text.strip() else []
    asked = f"{entries.name}[{', '.join(parts)}]"
    if any(not one.removeprefix("-").isdecimal() for one in parts):
        raise CellError(f"{asked}: no single cell; expected one number each for {entries.axes}")
    rank = len(entries.shape)
    if len(parts) != rank:
        given = counted(len(parts), "index")
        raise CellError(f"{asked}: {given}; expected {rank}: {entries.axes}")
    index = tuple(map(int, parts))
    if entries.kind != "padding" and not all(
        0 <= one < size for one, size in zip(index, entries.shape, strict=True)
    ):
        last = ", ".join(str(size - 1) for size in entries.shape)
        raise CellError(
            f"{asked}: {entries.name} is {by_shape(entries.shape)}; "
            f"expected an index up to [{last}]"
        )
    return index


def unknown_name(every: Iterable[NamedCells], name: str) -> str:
    """Return what there is instead of a name, and which of it may be meant."""
    names = list(dict.fromkeys(one.name for one in sorted(every, key=lambda one: one.tensor)))
    own = [one for one in names if one.startswith(f"{name.partition('.')[0]}.")]
    known = own if own and "." in name else [one for one in names if "." not in one]
    more = f" and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else ""
    text = f"expected one of {', '.join(known[:_MOST_NAMES]) or 'none'}{more}"
    return text + did_you_mean(name, names)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return `; did you mean conv1?`, or nothing where no name is near."""
    from difflib import get_close_matches  # noqa: PLC0415  only for what is wrong

    folded = {one.casefold(): one for one in names}
    near = get_close_matches(name.casefold(), folded, 1)
    return f"; did you mean {folded[near[0]]}?" if near else ""


def padding_of(entries: NamedCells) -> NamedCells:
    """Return the entries around those of a tensor: indices lie beyond its shape."""
    return replace(entries, kind="padding", name=f"{entries.name}.padding")
