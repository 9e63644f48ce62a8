"""A network: layers in order, their shapes, their weights and a forward pass.

Everything is float64 and without a batch axis; names and layouts are torch's.
Knows no sheet and no file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct
from msgspec.structs import force_setattr, replace
from numpy.typing import ArrayLike, NDArray

from xlconv.arrays import Array, Draws, Shape, by_shape
from xlconv.errors import InputError, ShapeError, WeightsError
from xlconv.layers import Layer, ReceptiveField
from xlconv.layers.base.answers import Probabilities
from xlconv.layers.base.geometry import ENTRY
from xlconv.network.frames import tensor_frame
from xlconv.network.shown import Shown

if TYPE_CHECKING:
    import pandas as pd


class Network(Shown, Struct, frozen=True):
    """Layers applied one after the other to an input of shape (C, H, W) or (N,).

    `names` are unique, one per layer (by default conv1, relu1, ... as `default_names`
    gives them); `classes` names the outputs of a classifier, or is empty. `sources`
    has the tensors that each layer reads, 0 for the input and k for the output of layer
    k - 1; by default each reads the one before. Raises ShapeError where shapes do not fit.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    name: str = "network"
    sources: tuple[tuple[int, ...], ...] = ()
    shapes: tuple[Shape, ...] = ()  # told from the layers, whatever is given

    def __post_init__(self) -> None:
        names = self.names or default_names([type(layer) for layer in self.layers])
        force_setattr(self, "names", names)
        chain = tuple((k,) for k in range(len(self.layers)))
        force_setattr(self, "sources", self.sources or chain)
        force_setattr(self, "shapes", tuple(self._chain()))
        outputs = self.shapes[-1]
        if self.classes and outputs != (len(self.classes),):
            raise ShapeError(
                f"{len(self.classes)} classes, but the last layer gives {by_shape(outputs)}"
            )

    def _chain(self) -> Iterator[Shape]:
        shapes = [self.input_shape]
        yield self.input_shape
        for k, (name, layer) in enumerate(zip(self.names, self.layers, strict=True)):
            try:
                read = self._read(k, layer, shapes)
                shapes.append(layer.output_shape(*read))
            except ShapeError as error:
                raise error.at(layer_place(k + 1, name)) from None
            yield shapes[-1]

    def _read(self, k: int, layer: Layer, shapes: list[Shape]) -> tuple[Shape, ...]:
        sources = self.sources[k]
        if len(sources) not in layer.inputs or not all(0 <= one <= k for one in sources):
            raise ShapeError(f"reads tensors {sources}: expected {layer.inputs[0]} from before it")
        return tuple(shapes[one] for one in sources)

    @property
    def is_chain(self) -> bool:
        """Whether every layer reads just the one before."""
        return all(sources == (k,) for k, sources in enumerate(self.sources))

    def shape_read(self, k: int) -> Shape:
        """Return the shape of the (first) tensor that layer k reads."""
        return self.shapes[self.sources[k][0]]

    def readers(self, tensor: int) -> list[int]:
        """Return the layers that read a tensor."""
        return [k for k, sources in enumerate(self.sources) if tensor in sources]

    def forward(self, x: ArrayLike) -> Array:
        """Return the output for one input of `input_shape`. Raises InputError for another shape."""
        return self.activations(x)[-1]

    def activations(self, x: ArrayLike) -> list[Array]:
        """Return the input and the output of every layer, as float64.

        Raises InputError for another shape, and where a layer's numbers overflow.
        """
        values = [self.checked_input(x)]
        for number, (name, layer) in enumerate(zip(self.names, self.layers, strict=True), 1):
            read = tuple(values[one] for one in self.sources[number - 1])
            with np.errstate(over="ignore", invalid="ignore"):
                values.append(layer.forward(*read))
            if not np.isfinite(values[-1]).all():
                place = layer_place(number, name)
                raise InputError(f"{place}: overflows to infinity; expected smaller numbers")
        return values

    def checked_input(self, x: ArrayLike) -> Array:
        """Return the input as float64. Raises InputError for another shape, or NaN."""
        values = np.asarray(x, dtype=np.float64)
        if values.shape != self.input_shape:
            found, wanted = by_shape(values.shape), by_shape(self.input_shape)
            raise InputError(f"shape {found}, but the network takes {wanted}")
        if not np.isfinite(values).all():
            raise InputError("NaN or infinity, but a cell holds finite numbers")
        return values

    def state(self) -> dict[str, Array]:
        """Return all parameters by torch's names: `conv1.weight`, `conv1.bias`, ..."""
        return {
            f"{name}.{key}": value
            for name, layer in zip(self.names, self.layers, strict=True)
            for key, value in layer.parameters().items()
        }

    def to_frame(self, name: str) -> pd.DataFrame:
        """Return a parameter, `conv1.weight`, as a table whose axes have names.

        Raises WeightsError for an unknown name.
        """
        for own, layer in zip(self.names, self.layers, strict=True):
            for key, value in layer.parameters().items():
                if name == f"{own}.{key}":
                    return tensor_frame(value, layer.parameter_axes(key))
        known = ", ".join(self.state()) or "none"
        raise WeightsError(f"{name}: no such parameter; expected one of {known}")

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
                raise WeightsError(f"{key}: missing; expected an array of {by_shape(value.shape)}")
            _check_parameter(key, np.asarray(state[key]), value.shape)
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

    def probabilities(self, tensor: int) -> Probabilities | None:
        """Return which probabilities a tensor holds; those of labels only as the output."""
        found = self.layers[tensor - 1].probabilities if tensor else None
        output = tensor == len(self.layers) and len(self.shapes[-1]) == 1
        return None if found is Probabilities.OF_EACH_LABEL and not output else found

    def passes_on(self, k: int) -> bool:
        """Whether layer k is a view that gives what it reads in the same shape."""
        return self.layers[k].is_view and self.shapes[k + 1] == self.shape_read(k)

    def folded(self) -> Network:
        """Return the network with every normalisation multiplied into the layer before it."""
        layers: list[Layer] = []
        names: list[str] = []
        sources: list[tuple[int, ...]] = []
        at = [0]  # where the tensors are in the folded network
        for k, (name, layer) in enumerate(zip(self.names, self.layers, strict=True)):
            alone = self.sources[k] == (k,) and self.readers(k) == [k]
            before = layer.folded_into(layers[-1]) if layers and alone else None
            if before is None:
                layers.append(layer)
                names.append(name)
                sources.append(tuple(at[one] for one in self.sources[k]))
                at.append(len(layers))
            else:
                layers[-1] = before
                at.append(at[-1])
        return replace(self, layers=tuple(layers), names=tuple(names), sources=tuple(sources))

    def in_training(self, seed: int = 0) -> Network:
        """Return the network as it is in training, with random choices drawn from a seed."""
        generator = _LaterDraws(seed)
        layers = tuple(
            layer.in_training(self.shape_read(k), generator) for k, layer in enumerate(self.layers)
        )
        return replace(self, layers=layers)

    def receptive_fields(self, tensor: int) -> dict[int, ReceptiveField]:
        """Return what one unit of a tensor sees in each tensor before it, and in itself.

        Tensor 0 is the input, tensor k the output of layer k - 1. Goes back as far
        as layers have windows. A field may reach into the padding; holes between
        the taps of a dilated kernel count too. What padding that repeats the input
        shows of it elsewhere is left out.
        """
        fields = {tensor: ENTRY}
        whole: set[int] = set()  # tensors that are seen from end to end
        for index in range(tensor - 1, -1, -1):
            window = self.layers[index].receptive_field
            for source in self.sources[index]:
                if index + 1 in whole or (index + 1 in fields and window is None):
                    whole.add(source)
                elif index + 1 in fields and window is not None:
                    own = _seen_through(window, fields[index + 1])
                    both = _both(fields[source], own) if source in fields else own
                    if both is None:
                        whole.add(source)
                    else:
                        fields[source] = both
        return {one: field for one, field in fields.items() if one not in whole}


def _both(one: ReceptiveField, other: ReceptiveField) -> ReceptiveField | None:
    """Return the window that holds two; None where they do not move alike."""
    if one.stride != other.stride:
        return None
    pairs = list(zip(one.start, one.size, other.start, other.size, strict=True))
    starts = [min(a, b) for a, _, b, _ in pairs]
    ends = [max(a + m, b + n) for a, m, b, n in pairs]
    (top, left), (bottom, right) = starts, ends
    return ReceptiveField((bottom - top, right - left), one.stride, (top, left))


def _seen_through(layer: ReceptiveField, later: ReceptiveField) -> ReceptiveField:
    def axis(k: int) -> tuple[int, int, int]:
        size = (later.size[k] - 1) * layer.stride[k] + layer.size[k]
        start = later.start[k] * layer.stride[k] + layer.start[k]
        return size, later.stride[k] * layer.stride[k], start

    (height, rows, top), (width, columns, left) = axis(0), axis(1)
    return ReceptiveField((height, width), (rows, columns), (top, left))


def _check_parameter(key: str, given: NDArray[Any], shape: Shape) -> None:
    if given.shape != shape:
        raise WeightsError(f"{key}: shape {by_shape(given.shape)}; expected {by_shape(shape)}")
    if given.dtype.kind not in "fiu":
        raise WeightsError(f"{key}: {given.dtype} values; expected real numbers")
    if not np.isfinite(given).all():
        raise WeightsError(f"{key}: NaN or infinity; expected finite numbers")


def layer_place(number: int, name: str) -> str:
    """Return how messages name a layer: `layer 3 (conv2)`, counted from 1."""
    return f"layer {number} ({name})"


def default_names(kinds: Sequence[type[Layer]]) -> tuple[str, ...]:
    """Return names such as conv1, relu1, conv2, flatten, softmax."""
    counts: Counter[str] = Counter()
    names = []
    for kind in kinds:
        counts[kind.short] += 1
        names.append(kind.default_name(counts[kind.short]))
    return tuple(names)


class _LaterDraws:
    """NumPy's generator, loaded when the first number is drawn: most networks draw none."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._generator: Draws | None = None

    def uniform(self, low: float = 0.0, high: float = 1.0, size: Any = None) -> Any:
        self._generator = self._generator or np.random.default_rng(self._seed)
        return self._generator.uniform(low, high, size)
