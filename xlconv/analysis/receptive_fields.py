"""Unit -> its receptive field in every tensor before it, as ranges of cells.

From the geometry of the layers, window by window and clipped to each plane, so that
what would only reach cells of padding is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Shape
from xlconv.layers.base.padding_modes import repeated_at
from xlconv.lifting.cell_addresses import CellRole
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.matching.tensors import Tensor
from xlconv.lifting.networks import LiftedNetwork
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane

# The entries along an axis that are seen, in order; a field is every combination of them.
Span = tuple[int, ...]
_SIDES = (("above", "below"), ("left", "right"))


class Field(Struct, frozen=True):
    """What is seen of one tensor: lines and columns of a plane, its cells, and padding by side.

    Where windows stand further apart than they are wide, a range has cells that are not
    seen: then it is larger than `size`.
    """

    name: str
    sheet: str
    size: tuple[int, ...]
    planes: int
    ranges: tuple[str, ...]
    padding: tuple[tuple[str, int], ...] = ()
    has_gaps: bool = False

    @property
    def cells(self) -> int:
        """How many cells are seen."""
        return self.planes * prod(self.size)


def fields_of(book: LiftedWorkbook, role: CellRole) -> tuple[Field, ...]:
    """Return what a unit sees, the nearest tensor first; nothing of what is no activation."""
    if role.kind != "activation":
        return ()
    for lifted in book.networks:
        for tensors in lifted.samples:
            if role.tensor in tensors:
                return tuple(_fields(book, replace(lifted, tensors=tensors), role))
    return ()


def _fields(book: LiftedWorkbook, lifted: LiftedNetwork, role: CellRole) -> Iterator[Field]:
    network = lifted.network
    home = lifted.tensors.index(role.tensor)
    spans: dict[int, list[Span]] = {home: [(one,) for one in role.index]}
    past: dict[int, tuple[tuple[str, int], ...]] = {home: ()}
    for tensor in range(home, -1, -1):
        if tensor not in spans:
            continue
        if tensor < home and lifted.tensors[tensor] >= 0:
            yield _field(book, lifted.tensors[tensor], spans[tensor], past[tensor])
        if tensor == 0 or not all(spans[tensor]):
            continue
        layer = network.layers[tensor - 1]
        shapes = [network.shapes[source] for source in network.sources[tensor - 1]]
        for number, source in enumerate(network.sources[tensor - 1]):
            shape = network.shapes[source]
            reached = layer.entries_read(spans[tensor], shapes, number)
            own = [
                _within(one, n, layer.padding_mode) for one, n in zip(reached, shape, strict=True)
            ]
            spans[source] = _together(spans.get(source), own)
            past[source] = past.get(source, ()) + tuple(_past(reached, shape))


def _together(one: list[Span] | None, other: list[Span]) -> list[Span]:
    """Return what is seen on two ways, such as beside a skip connection and along it."""
    if one is None:
        return other
    return [tuple(sorted({*a, *b})) for a, b in zip(one, other, strict=True)]


def _within(span: Span, size: int, mode: str) -> Span:
    """Return the entries of a plane among lines, or those that the lines around it repeat."""
    if mode != "zeros" and span and (span[0] < 0 or span[-1] >= size):
        return tuple(sorted(set(repeated_at(mode, size, np.array(span)).tolist())))
    return tuple(one for one in span if 0 <= one < size)


def _past(reached: list[Span], shape: Shape) -> Iterator[tuple[str, int]]:
    """Yield how many lines beyond the plane are reached on each side."""
    for (before, after), span, n in zip(_SIDES, reached[1:], shape[1:], strict=False):
        if span[0] < 0:
            yield before, -span[0]
        if span[-1] >= n:
            yield after, span[-1] - n + 1


def _field(
    book: LiftedWorkbook, number: int, spans: list[Span], past: tuple[tuple[str, int], ...]
) -> Field:
    tensor = book.lifted.tensors[number]
    sizes = tuple(map(len, spans))
    ranges = tuple(one.name for one in _ranges(tensor, spans)) if all(sizes) else ()
    planes, size = (1, sizes) if tensor.is_vector else (sizes[0], sizes[1:])
    gaps = any(span and span[-1] - span[0] >= len(span) for span in spans)
    name, home = book.tensor_name(number), book.sheet_name(tensor.sheet)
    return Field(name, home, size, planes, ranges, past, gaps)


def _ranges(tensor: Tensor, spans: list[Span]) -> list[Range]:
    if tensor.is_vector:
        (plane,) = tensor.planes
        (span,) = spans
        ends = [(at, 0) if plane.shape[1] == 1 else (0, at) for at in (span[0], span[-1])]
        return [_box(plane, *ends)]
    channels, rows, columns = spans
    low, high = (rows[0], columns[0]), (rows[-1], columns[-1])
    return [_box(tensor.planes[one], low, high) for one in channels]


def _box(plane: Plane, low: tuple[int, int], high: tuple[int, int]) -> Range:
    return Range(*plane.cell(*low), *plane.cell(*high))
