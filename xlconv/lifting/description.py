"""A recovered network under the names that its own file gives it.

Our files carry their description: the names of layers, the classes, and layers that
leave no cell, such as a dropout at inference. Where the description fits what the
formulas spell, the network is known by it; weights always come from the cells.
"""

from __future__ import annotations

import json
from collections.abc import Collection

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Shape
from xlconv.errors import XlconvError
from xlconv.layers import Layer
from xlconv.layout.naming_convention import plane_name
from xlconv.lifting.matching.tensors import Lifted
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.network import Network
from xlconv.network.spec import FINGERPRINT_PROPERTY, further_spec, network_of
from xlconv.spreadsheet.workbook import Workbook


class Description(Struct, frozen=True):
    """What a workbook's properties say of its networks, weights all zero; read once.

    `first` is the first of them, None where there is none that can be read; `networks`
    are all that can. `fingerprint` is that of the weights that the first one was written with.
    """

    first: Network | None
    networks: tuple[Network, ...]
    fingerprint: str | None


def description_of(workbook: Workbook) -> Description:
    """Return what a workbook's properties say; what cannot be read is left out."""
    properties = dict(workbook.properties)
    found = [_described_by(properties.get(further_spec(k))) for k in range(len(properties) or 1)]
    known = tuple(one for one in found if one is not None)
    return Description(found[0], known, properties.get(FINGERPRINT_PROPERTY))


def described(model: LiftedNetwork, wanted: Network | None) -> LiftedNetwork:
    """Return the model as its workbook describes it, or as it is where that does not fit."""
    if wanted is None or wanted.input_shape != model.network.input_shape:
        return model
    # Layers of the description that are cells, or views that formulas tell by themselves.
    found = list(zip(model.network.layers, range(1, len(model.tensors)), strict=True))
    layers, places = [], [0]  # which of the model's tensors, -1 for none
    for number, layer in enumerate(wanted.layers):
        if found and type(found[0][0]) is type(layer):
            own, place = found.pop(0)
            if _shapes(own) != _shapes(layer):
                return model
            same = layer.with_parameters(own.parameters())
            read = [wanted.shapes[one] for one in wanted.sources[number]]
            if own.options() != layer.options() and not _are_alike(own, same, read):
                return model
            layers.append(own if own.options() == layer.options() else same)
            places.append(place)
        elif wanted.passes_on(number):
            layers.append(layer)
            places.append(-1)
        else:
            return model
    if found:
        return model
    built = replace(wanted, layers=tuple(layers))
    if not _same_graph(model.network, built):
        return model
    first, *further = (
        tuple(tensors[one] if one >= 0 else -1 for one in places) for tensors in model.samples
    )
    return replace(model, network=built, tensors=first, further=tuple(further))


def in_training_by_names(network: Network, names: Collection[str]) -> Network:
    """Return a network with those layers in training whose outputs have names of cells."""
    trained = zip(network.layers, network.in_training().layers, network.names, strict=True)
    layers = tuple(other if plane_name(name, 0) in names else one for one, other, name in trained)
    return replace(network, layers=layers)


def named_by_cells(model: LiftedNetwork, lifted: Lifted, workbook: Workbook) -> LiftedNetwork:
    """Return the model with the names that the workbook's defined names give its layers.

    `same_0` is the first plane of the layer `same`, `same_weight_0` its first kernel.
    """
    home = workbook.sheets[model.sheet].name
    stems = {
        area: name.removesuffix("_0")
        for name, ranges in workbook.names
        for sheet, area in ranges[:1]
        if name.endswith("_0") and sheet == home
    }
    names = list(model.network.names)
    start = 0
    for index, place in enumerate(model.tensors[1:]):
        if place < 0:
            start = index + 1 if model.network.layers[index].is_view else start
            continue
        tensor = lifted.tensors[place]
        kernels = [stems.get(group[0].range, "") for group in tensor.kernels[:1]]
        names[index] = stems.get(tensor.planes[0].range, names[index])
        for stem in kernels:
            if start < index and stem.endswith("_weight"):  # fused: it has a name of its own
                names[start] = stem.removesuffix("_weight")
        start = index + 1
    if len(set(names)) < len(names) or not all(map(str.isidentifier, names)):
        return model
    return replace(model, network=replace(model.network, names=tuple(names)))


def _described_by(text: str | None) -> Network | None:
    if text is None:
        return None
    try:
        return network_of(json.loads(text))
    except (XlconvError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def _same_graph(found: Network, wanted: Network) -> bool:
    """Whether layers read each other alike, views of the same shape left out."""

    def edges(network: Network) -> list[tuple[int, ...]]:
        at, kept, count = [0], [], 0
        for k, sources in enumerate(network.sources):
            if network.passes_on(k):
                at.append(at[sources[0]])
                continue
            count += 1
            at.append(count)
            kept.append(tuple(at[one] for one in sources))
        return kept

    return edges(found) == edges(wanted)


def _are_alike(one: Layer, other: Layer, shapes: list[Shape]) -> bool:
    """Whether layers of other options do the same to inputs of some shapes, as some do."""
    try:
        generator = np.random.default_rng(0)
        read = [generator.uniform(-1, 1, shape) for shape in shapes]
        same = np.array_equal(one.forward(*read), other.forward(*read))
        halos = one.halo(shapes[0]), other.halo(shapes[0])
        return same and (halos[0] == halos[1] or all(halo.is_empty for halo in halos))
    except XlconvError:
        return False


def _shapes(layer: Layer) -> list[tuple[int, ...]]:
    return [value.shape for value in layer.parameters().values()]
