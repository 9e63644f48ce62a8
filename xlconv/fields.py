"""What a unit of a layer sees in every tensor before it, as ranges of cells.

From the geometry of the layers, window by window and clipped to each plane, so that
what would only reach cells of padding is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from xlconv.layers import Layer, Shape
from xlconv.models import Model
from xlconv.opened import Opened, Role
from xlconv.plane import Plane
from xlconv.refs import Range
from xlconv.tensors import Tensor

# The first and the last entry along an axis; of an empty one the last is before the first.
Span = tuple[int, int]
_SIDES = (("above", "below"), ("left", "right"))


@dataclass(frozen=True, slots=True)
class Field:
    """What is seen of one tensor: its size in a plane, its cells, and lines of padding by side."""

    name: str
    sheet: str
    size: tuple[int, ...]
    planes: int
    ranges: tuple[str, ...]
    padding: tuple[tuple[str, int], ...] = ()

    @property
    def cells(self) -> int:
        """How many cells are seen."""
        return self.planes * prod(self.size)


def fields_of(seen: Opened, role: Role) -> tuple[Field, ...]:
    """Return what a unit sees, the nearest tensor first; nothing of what is no activation."""
    if role.kind != "activation":
        return ()
    for model in seen.models:
        if role.tensor in model.places:
            return tuple(_fields(seen, model, role))
    return ()


def _fields(seen: Opened, model: Model, role: Role) -> Iterator[Field]:
    network = model.network
    spans: list[Span] = [(one, one) for one in role.index]
    for k in range(model.places.index(role.tensor) - 1, -1, -1):
        shape = network.shapes[k]
        reached = _before(network.layers[k], shape, spans)
        spans = [(max(0, a), min(n - 1, b)) for (a, b), n in zip(reached, shape, strict=True)]
        place = model.places[k]
        if place >= 0:
            past = tuple(_past(reached, shape))
            yield _field(seen, place, spans, past)
        if any(last < first for first, last in spans):
            return


def _before(layer: Layer, shape: Shape, spans: list[Span]) -> list[Span]:
    """Return what entries of a layer's output see of its input of `shape`, unclipped."""
    everything = [(0, n - 1) for n in shape]
    if layer.is_view:
        return _viewed(shape, spans)
    reach = layer.reach
    if reach is None:
        return everything
    if len(shape) == 1:  # only an elementwise layer has windows of a vector
        return spans
    windows = [
        (reach.start[k] + reach.stride[k] * first,
         reach.start[k] + reach.stride[k] * last + reach.size[k] - 1)
        for k, (first, last) in enumerate(spans[1:])
    ]  # fmt: skip
    return [spans[0] if layer.keeps_channels else everything[0], *windows]


def _viewed(shape: Shape, spans: list[Span]) -> list[Span]:
    """Return where the entries of a flattened tensor stand in its shape; a box that holds them."""
    (first, last), whole = spans[0], [(0, n - 1) for n in shape]
    found: list[Span] = []
    for k in range(len(shape)):
        size = prod(shape[k + 1 :])
        if first // size == last // size:
            found.append((first // size % shape[k],) * 2)
        else:  # the rest of the axes are not one line any more
            low, high = first // size % shape[k], last // size % shape[k]
            return [*found, (low, high), *whole[k + 1 :]]
    return found


def _past(reached: list[Span], shape: Shape) -> Iterator[tuple[str, int]]:
    """Yield how many lines beyond the plane are reached on each side."""
    for (before, after), (first, last), n in zip(_SIDES, reached[1:], shape[1:], strict=False):
        if first < 0:
            yield before, -first
        if last >= n:
            yield after, last - n + 1


def _field(seen: Opened, place: int, spans: list[Span], past: tuple[tuple[str, int], ...]) -> Field:
    tensor = seen.lifted.tensors[place]
    sizes = [max(0, last - first + 1) for first, last in spans]
    ranges = [] if 0 in sizes else _ranges(tensor, spans)
    planes, size = (1, sizes) if tensor.is_vector else (sizes[0], sizes[1:])
    names = tuple(one.name for one in ranges)
    home = seen.sheet_name(tensor.sheet)
    return Field(seen.tensor_name(place), home, tuple(size), planes, names, past)


def _ranges(tensor: Tensor, spans: list[Span]) -> list[Range]:
    if tensor.is_vector:
        (plane,) = tensor.planes
        ends = [(at, 0) if plane.shape[1] == 1 else (0, at) for at in spans[0]]
        return [_box(plane, *ends)]
    (first, last), rows, columns = spans
    low, high = zip(rows, columns, strict=True)
    return [_box(plane, low, high) for plane in tensor.planes[first : last + 1]]


def _box(plane: Plane, low: tuple[int, int], high: tuple[int, int]) -> Range:
    return Range(*plane.cell(*low), *plane.cell(*high))
