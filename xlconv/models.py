"""Lifted tensors as networks: chains of layers from an input to an output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlconv.errors import ShapeError
from xlconv.layers import LAYERS, Layer
from xlconv.layers.base import Array, Shape
from xlconv.network import Network
from xlconv.plane import Plane
from xlconv.tensors import Lifted, Tensor

_VIEW = next(kind for kind in LAYERS.values() if kind.flattens)


@dataclass(frozen=True, slots=True)
class Model:
    """A network, and which of its tensors stands where: `places[k]` is a lifted tensor or -1."""

    network: Network
    places: tuple[int, ...]
    sheet: int

    def planes(self, lifted: Lifted) -> list[tuple[Plane, ...]]:
        """Return where the input and every layer's output stands; nothing for fused ones."""
        return [lifted.tensors[place].planes if place >= 0 else () for place in self.places]


def models(lifted: Lifted) -> list[Model]:
    """Return a network for every tensor that no other reads."""
    read = {tensor.source for tensor in lifted.tensors}
    ends = [k for k, tensor in enumerate(lifted.tensors) if k not in read and tensor.source >= 0]
    found = [_model(lifted, end) for end in ends]
    return sorted((one for one in found if one), key=lambda one: -len(one.places))


def tensor_values(lifted: Lifted, inputs: dict[int, Array]) -> dict[int, Array | None]:
    """Return what the layers give for every tensor from the values of the input tensors.

    None where they cannot be told: a value that is not finite, or after one.
    """
    values: dict[int, Array | None] = {}
    for k, tensor in enumerate(lifted.tensors):
        if tensor.source < 0:
            values[k] = inputs.get(k)
            continue
        x = values[tensor.source]
        values[k] = None if x is None else _applied(tensor, x)
    return values


def _applied(tensor: Tensor, x: Array) -> Array | None:
    with np.errstate(all="ignore"):
        for layer in tensor.layers:
            if layer.reads_flattened and x.ndim == 3:
                x = x.reshape(-1)
            x = layer.forward(x)
    return x if np.isfinite(x).all() else None


def _model(lifted: Lifted, end: int) -> Model | None:
    chain = [end]
    while lifted.tensors[chain[-1]].source >= 0:
        chain.append(lifted.tensors[chain[-1]].source)
    chain.reverse()
    first = lifted.tensors[chain[0]]
    layers: list[Layer] = []
    places = [chain[0]]
    shape: Shape = first.shape
    for k in chain[1:]:
        for number, layer in enumerate(lifted.tensors[k].layers):
            if layer.reads_flattened and len(shape) == 3:
                layers.append(_VIEW())
                places.append(-1)
                shape = layers[-1].output_shape(shape)
            layers.append(layer)
            places.append(k if number == len(lifted.tensors[k].layers) - 1 else -1)
            shape = layer.output_shape(shape)
    try:
        network = Network(first.shape, tuple(layers))
    except ShapeError:
        return None
    return Model(network, tuple(places), first.sheet)


def tensor_names(found: list[Model]) -> dict[int, str]:
    """Return the name of the layer with parameters, or else of the last, by tensor."""
    names: dict[int, str] = {}
    for model in found:
        start = 0
        for index, place in enumerate(model.places[1:]):
            if place >= 0:
                names.setdefault(place, model.network.names[start])
                start = index + 1
            elif model.network.layers[index].flattens:
                start = index + 1
    return names
