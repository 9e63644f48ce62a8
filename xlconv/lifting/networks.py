"""Lifted tensors as networks: chains of layers from an input to an output.

A network that is applied to several samples, with the same cells as its parameters, is one
network with several placements.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import count

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Array
from xlconv.errors import ShapeError
from xlconv.layers import Layer
from xlconv.lifting.matching.samples.same_layers import kinds_of
from xlconv.lifting.matching.tensors import Lifted, Tensor
from xlconv.network.network import Network
from xlconv.spreadsheet.blocks.plane import Plane


class LiftedNetwork(Struct, frozen=True):
    """A network, and which of its tensors stands where: `tensors[k]` is a lifted tensor or -1.

    `further` are its tensors once more for each further sample that it is applied to.
    """

    network: Network
    tensors: tuple[int, ...]
    sheet: int
    further: tuple[tuple[int, ...], ...] = ()

    @property
    def samples(self) -> tuple[tuple[int, ...], ...]:
        """The tensors of every sample that it is applied to, the first one's first."""
        return self.tensors, *self.further

    def is_on_one_sheet(self, lifted: Lifted) -> bool:
        """Whether its formulas and its parameters stand on one sheet, as a layout has them."""
        tensors = [lifted.tensors[place] for place in self.tensors if place >= 0]
        sheets = {one.sheet for one in tensors} | {one.parameters_sheet for one in tensors}
        return len(sheets - {-1}) <= 1

    def planes(self, lifted: Lifted) -> list[tuple[Plane, ...]]:
        """Return where the input and every layer's output stands; nothing for fused ones."""
        return [lifted.tensors[place].planes if place >= 0 else () for place in self.tensors]


def lifted_networks(lifted: Lifted) -> list[LiftedNetwork]:
    """Return a network for every tensor that no other reads: the longest first, from the left."""
    read = {source for tensor in lifted.tensors for source in tensor.sources}
    idle = idle_tensors(lifted)
    ends = [
        k for k, tensor in enumerate(lifted.tensors)
        if k not in read and tensor.source >= 0 and k not in idle
    ]  # fmt: skip
    found = [_network_to(lifted, end) for end in ends]
    ordered = sorted((one for one in found if one), key=lambda one: _rank(lifted, one))
    return _with_samples(lifted, ordered)


def idle_tensors(lifted: Lifted) -> frozenset[int]:
    """Return the tensors that no layer makes another number of: numbers that are shown again.

    What only passes numbers on is no network: where they come from, nobody has said.
    """
    group = list(range(len(lifted.tensors)))  # each leads to one that it is connected with

    def first(k: int) -> int:
        while group[k] != k:
            k = group[k]
        return k

    for k, tensor in enumerate(lifted.tensors):
        for source in tensor.sources:
            group[first(source)] = first(k)
    busy = {
        first(k) for k, tensor in enumerate(lifted.tensors)
        if any(not (layer.is_view or layer.is_copy) for layer in tensor.layers)
    }  # fmt: skip
    return frozenset(k for k in range(len(group)) if first(k) not in busy)


def _with_samples(lifted: Lifted, found: list[LiftedNetwork]) -> list[LiftedNetwork]:
    """Return networks with those that are the same, of other samples, as further placements."""
    kinds = kinds_of(lifted.tensors)
    first: dict[int, LiftedNetwork] = {}
    for one in found:
        kind = kinds[one.tensors[-1]]
        known = first.get(kind)
        if known is None:
            first[kind] = one
        elif one.tensors[0] not in {tensors[0] for tensors in known.samples}:
            first[kind] = replace(known, further=(*known.further, one.tensors))
        else:
            first[-1 - len(first)] = one  # the same of a sample once more
    return list(first.values())


def _rank(lifted: Lifted, network: LiftedNetwork) -> tuple[int, int, int, int]:
    end = lifted.tensors[network.tensors[-1]]
    row, column = end.planes[0].origin
    return -len(network.tensors), end.sheet, column, row


def tensor_values(lifted: Lifted, inputs: dict[int, Array]) -> dict[int, Array | None]:
    """Return what the layers give for every tensor from the values of the input tensors.

    None where they cannot be told: a value that is not finite, or after one.
    """
    values: dict[int, Array | None] = {}
    for k, tensor in enumerate(lifted.tensors):
        if tensor.source < 0:
            values[k] = inputs.get(k)
            continue
        read = [values[source] for source in tensor.sources]
        known = tuple(one for one in read if one is not None)
        values[k] = _applied(tensor, known) if len(known) == len(read) else None
    return values


def _applied(tensor: Tensor, read: tuple[Array, ...]) -> Array | None:
    first, *fused = tensor.layers
    views = [first.view_before(x.shape) for x in read]
    with np.errstate(all="ignore"):
        seen = (x if view is None else view.forward(x) for x, view in zip(read, views, strict=True))
        x = first.forward(*seen)
        for layer in fused:
            x = layer.forward(x)
    return x if np.isfinite(x).all() else None


def _network_to(lifted: Lifted, end: int) -> LiftedNetwork | None:
    order = _from_left_to_right(lifted, _before(lifted, end))
    inputs = [k for k in order if lifted.tensors[k].source < 0]
    if len(inputs) != 1:
        return None  # a network has one input
    order.remove(inputs[0])
    first = lifted.tensors[inputs[0]]
    layers: list[Layer] = []
    sources: list[tuple[int, ...]] = []
    places = list(inputs)
    at = {inputs[0]: 0}  # where a lifted tensor is among the network's
    for k in order:
        tensor = lifted.tensors[k]
        read = tuple(at[source] for source in tensor.sources)
        view = tensor.layers[0].view_before(lifted.tensors[tensor.source].shape)
        if view is not None:
            layers.append(view)
            sources.append(read)
            places.append(-1)
            read = (len(layers),)
        for layer in tensor.layers:
            layers.append(layer)
            sources.append(read)
            places.append(-1)
            read = (len(layers),)
        places[-1], at[k] = k, len(layers)
    try:
        network = Network(first.shape, tuple(layers), sources=tuple(sources))
    except ShapeError:
        return None
    return LiftedNetwork(network, tuple(places), first.sheet)


def _from_left_to_right(lifted: Lifted, tensors: set[int]) -> list[int]:
    """Return tensors, each after those it reads; of branches first what stands further left."""
    waits = {k: set(lifted.tensors[k].sources) for k in tensors}
    readers: dict[int, list[int]] = {k: [] for k in tensors}
    for k, sources in waits.items():
        for source in sources:
            readers[source].append(k)
    ready = [(*_place(lifted.tensors[k]), k) for k in tensors if not waits[k]]
    heapify(ready)
    order = []
    while ready:
        *_, k = heappop(ready)
        order.append(k)
        for reader in readers[k]:
            waits[reader].discard(k)
            if not waits[reader]:
                heappush(ready, (*_place(lifted.tensors[reader]), reader))
    return order


def _place(tensor: Tensor) -> tuple[int, int, int]:
    row, column = tensor.planes[0].origin
    return tensor.sheet, column, row


def _before(lifted: Lifted, end: int) -> set[int]:
    """Return the tensors that one depends on, and itself."""
    found: set[int] = set()
    waiting = [end]
    while waiting:  # a stack: chains may be longer than Python's
        k = waiting.pop()
        if k not in found:
            found.add(k)
            waiting += lifted.tensors[k].sources
    return found


def tensor_names(found: list[LiftedNetwork]) -> dict[int, str]:
    """Return the name of the layer with parameters, or else of the last, by tensor.

    What has another's name on the sheet is numbered: `flatten_2`. Those of further samples
    have the number of the sample: `fc1@2`.
    """
    names: dict[int, str] = {}
    taken: dict[int, set[str]] = {}
    for network in found:
        own = taken.setdefault(network.sheet, set())
        for place, name in _stage_names(network):
            if place not in names:
                names[place] = _free(name, own)
                own.add(names[place])
        for number, tensors in enumerate(network.further, 2):
            pairs = zip(network.tensors, tensors, strict=True)
            names |= {
                place: f"{names[first]}@{number}" for first, place in pairs
                if place >= 0 and place not in names
            }  # fmt: skip
    return names


def _stage_names(lifted: LiftedNetwork) -> Iterator[tuple[int, str]]:
    yield lifted.tensors[0], "input"
    start = 0
    for index, place in enumerate(lifted.tensors[1:]):
        if place >= 0:
            yield place, lifted.network.names[start]
            start = index + 1
        elif lifted.network.layers[index].is_view:
            start = index + 1


def _free(name: str, taken: set[str]) -> str:
    every = (name if number == 1 else f"{name}_{number}" for number in count(1))
    return next(one for one in every if one not in taken)
