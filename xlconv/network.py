"""A network: layers in order, their shapes, their weights and a forward pass.

Everything is float64 and without a batch axis; names and layouts are torch's.
Knows no sheet and no file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from xlconv.errors import InputError, ShapeError, WeightsError
from xlconv.layers import Layer, Reach, Shape
from xlconv.layers.base import Array


@dataclass(frozen=True)
class Network:
    """Layers applied one after the other to an input of shape (C, H, W) or (N,).

    `names` are unique, one per layer (by default conv1, relu1, ... as `default_names`
    gives them); `classes` names the outputs of a classifier, or is empty. Raises
    ShapeError where shapes do not chain.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    name: str = "network"
    shapes: tuple[Shape, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        names = self.names or default_names([type(layer) for layer in self.layers])
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "shapes", tuple(self._chain()))
        outputs = self.shapes[-1]
        if self.classes and outputs != (len(self.classes),):
            raise ShapeError(f"{len(self.classes)} classes, but the last layer gives {outputs}")

    def _chain(self) -> Iterator[Shape]:
        shape = self.input_shape
        yield shape
        for number, (name, layer) in enumerate(zip(self.names, self.layers, strict=True), 1):
            try:
                shape = layer.output_shape(shape)
            except ShapeError as error:
                raise error.at(layer_place(number, name)) from None
            yield shape

    def forward(self, x: ArrayLike) -> Array:
        """Return the output for one input of `input_shape`. Raises InputError for another shape."""
        return self.activations(x)[-1]

    def activations(self, x: ArrayLike) -> list[Array]:
        """Return the input and the output of every layer, as float64.

        Raises InputError for another shape, and where a layer's numbers overflow.
        """
        values = [self.checked_input(x)]
        for number, (name, layer) in enumerate(zip(self.names, self.layers, strict=True), 1):
            with np.errstate(over="ignore", invalid="ignore"):
                values.append(layer.forward(values[-1]))
            if not np.isfinite(values[-1]).all():
                place = layer_place(number, name)
                raise InputError(f"{place}: overflows to infinity; expected smaller numbers")
        return values

    def checked_input(self, x: ArrayLike) -> Array:
        """Return the input as float64. Raises InputError for another shape, or NaN."""
        values = np.asarray(x, dtype=np.float64)
        if values.shape != self.input_shape:
            raise InputError(f"shape {values.shape}, but the network takes {self.input_shape}")
        if not np.isfinite(values).all():
            raise InputError("NaN or infinity, but a cell holds finite numbers")
        return values

    # -- weights ---------------------------------------------------------------

    def state(self) -> dict[str, Array]:
        """Return all parameters by torch's names: `conv1.weight`, `conv1.bias`, ..."""
        return {
            f"{name}.{key}": value
            for name, layer in zip(self.names, self.layers, strict=True)
            for key, value in layer.parameters().items()
        }

    def with_state(self, state: Mapping[str, ArrayLike]) -> Network:
        """Return the network with other parameters: all of them, by the names of `state()`.

        Raises WeightsError for names missing or unknown, other shapes, NaN or infinity.
        """
        own = self.state()
        for key in state:
            if key.endswith(".num_batches_tracked"):
                continue  # torch counts batches in a normalisation's state
            if key not in own:
                raise WeightsError(f"{key}: no such parameter; expected {', '.join(own) or 'none'}")
        for key, value in own.items():
            if key not in state:
                raise WeightsError(f"{key}: missing; expected an array of {value.shape}")
            given = np.asarray(state[key])
            if given.shape != value.shape:
                raise WeightsError(f"{key}: shape {given.shape}; expected {value.shape}")
            if given.dtype.kind not in "fiu":
                raise WeightsError(f"{key}: {given.dtype} values; expected real numbers")
            if not np.isfinite(given).all():
                raise WeightsError(f"{key}: NaN or infinity; expected finite numbers")
        layers = [
            layer.with_parameters(
                {key: np.asarray(state[f"{name}.{key}"], np.float64) for key in layer.parameters()}
            )
            for name, layer in zip(self.names, self.layers, strict=True)
        ]
        return replace(self, layers=tuple(layers))

    def fingerprint(self) -> str:
        """Return the SHA-256 of all parameters: names, shapes and float64 bits."""
        import hashlib  # noqa: PLC0415  only for our own files

        digest = hashlib.sha256()
        for key, value in self.state().items():
            digest.update(f"{key}{value.shape}".encode())
            # Adding zero makes -0.0, which a sheet cannot tell apart, 0.0.
            digest.update(np.ascontiguousarray(value + 0.0, "<f8").tobytes())
        return digest.hexdigest()

    # -- other forms of it ------------------------------------------------------

    def folded(self) -> Network:
        """Return the network with every normalisation multiplied into the layer before it."""
        layers: list[Layer] = []
        names: list[str] = []
        for name, layer in zip(self.names, self.layers, strict=True):
            before = layer.folded_into(layers[-1]) if layers else None
            if before is None:
                layers.append(layer)
                names.append(name)
            else:
                layers[-1] = before
        return replace(self, layers=tuple(layers), names=tuple(names))

    def in_training(self, seed: int = 0) -> Network:
        """Return the network as it is in training, with random choices drawn from a seed."""
        generator = np.random.default_rng(seed)
        layers = tuple(
            layer.in_training(shape, generator)
            for layer, shape in zip(self.layers, self.shapes, strict=False)
        )
        return replace(self, layers=layers)

    # -- geometry --------------------------------------------------------------

    def receptive_fields(self, tensor: int) -> dict[int, Reach]:
        """Return what one unit of a tensor sees in each tensor before it, and in itself.

        Tensor 0 is the input, tensor k the output of layer k - 1. Goes back as far
        as layers have windows. A field may reach into the padding; holes between
        the taps of a dilated kernel count as seen.
        """
        fields = {tensor: Reach((1, 1), (1, 1), (0, 0))}
        for index in range(tensor - 1, -1, -1):
            reach = self.layers[index].reach
            if reach is None:
                break
            fields[index] = _seen_through(reach, fields[index + 1])
        return fields


def _seen_through(layer: Reach, later: Reach) -> Reach:
    def axis(k: int) -> tuple[int, int, int]:
        size = (later.size[k] - 1) * layer.stride[k] + layer.size[k]
        start = later.start[k] * layer.stride[k] + layer.start[k]
        return size, later.stride[k] * layer.stride[k], start

    (height, rows, top), (width, columns, left) = axis(0), axis(1)
    return Reach((height, width), (rows, columns), (top, left))


def layer_place(number: int, name: str) -> str:
    """Return how messages name a layer: `layer 3 (conv2)`, counted from 1."""
    return f"layer {number} ({name})"


def default_names(kinds: Sequence[type[Layer]]) -> tuple[str, ...]:
    """Return names such as conv1, relu1, conv2, flatten, softmax."""
    seen: Counter[str] = Counter()
    names = []
    for kind in kinds:
        seen[kind.short] += 1
        plain = not kind.numbered and seen[kind.short] == 1
        names.append(kind.short if plain else f"{kind.short}{seen[kind.short]}")
    return tuple(names)
