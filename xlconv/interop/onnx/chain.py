"""The chain of layers that an ONNX graph is read into, one operator after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from msgspec import Struct, field

from xlconv.arrays import Array, Shape, by_shape
from xlconv.errors import ModelError, WeightsError
from xlconv.interop.onnx.graph import Graph, Operator, word
from xlconv.layers import LAYERS, Layer, Options
from xlconv.layers.base.options import Padding
from xlconv.network.network import default_names
from xlconv.network.spec import is_layer_name

_SUFFIX = ".weight"


class Chain(Struct):
    """The layers so far, and which tensor is the output of which.

    `places` maps the names of tensors to 0, the input, or k, the output of layer k; so
    far every operator must read the last one. `padding` are zeros put around that
    tensor, which the next layer has to take.
    """

    graph: Graph
    shape: Shape
    layers: list[Layer] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    padding: Padding = Padding()

    def check_source(self, name: str) -> None:
        """Refuse an operator that reads another tensor than the last one."""
        if self.places.get(name) == len(self.layers):
            return
        what = "a constant" if name in self.graph.constants else "not what the one before gives"
        raise ModelError(f"it reads {word(name)}, which is {what}; expected a chain of operators")

    def give(self, operator: Operator, *, same: bool = False) -> None:
        """Note that the operator's output is the last tensor: `same` as its input, or changed.

        The names of what was changed mean nothing that can be read any more.
        """
        last = len(self.layers)
        if not same:
            self.places = {key: place for key, place in self.places.items() if place != last}
        self.places[operator.outputs[0]] = last

    @property
    def takes_fold(self) -> bool:
        """Whether the last layer has weights that a factor and a shift can be folded into."""
        parameters = self.layers[-1].parameters() if self.layers else {}
        return set(parameters) - {"bias"} == {"weight"} and not any(self.padding)

    def fold(self, scale: Array, shift: Array) -> None:
        """Multiply and shift the outputs of the last layer, one with weights, unit by unit."""
        last = self.layers[-1] if self.takes_fold else None
        folded = None if last is None else last.rescaled(np.zeros(1), scale, shift)
        if folded is None:
            raise ModelError("expected it after Conv or Gemm, whose weights can take it in")
        self.layers[-1] = folded

    def take(
        self,
        operator: Operator,
        kind: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Array] | None = None,
    ) -> None:
        """Append the layer that an operator is; padding put around before is then used up."""
        weight = operator.input(1)
        prefix = weight.removesuffix(_SUFFIX) if weight.endswith(_SUFFIX) else ""
        self.add(kind, options, parameters, prefix)
        self.padding = Padding()
        self.give(operator)

    def flatten(self, operator: Operator) -> None:
        """Append a Flatten, where there are still planes."""
        if len(self.shape) == 1:
            self.give(operator, same=True)
        else:
            self.take(operator, "Flatten", {})

    def add(
        self,
        kind: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Array] | None = None,
        prefix: str = "",
    ) -> None:
        """Append a layer as a description spells it, with its parameters."""
        given = Options(options)
        layer = LAYERS[kind].build(given, self.shape)
        given.finish()
        for key, value in (parameters or {}).items():
            expected = layer.parameters()[key].shape
            if value.shape != expected:
                raise WeightsError(
                    f"{key}: shape {by_shape(value.shape)}; expected {by_shape(expected)}"
                )
        self.shape = layer.output_shape(self.shape)
        self.layers.append(layer.with_parameters(parameters or {}))
        self.prefixes.append(prefix)

    def constant(self, name: str) -> Array:
        """Return a constant of real numbers as float64. Raises ModelError for another."""
        if name not in self.graph.constants:
            raise ModelError(f"{word(name)} is computed; expected a constant")
        value = self.graph.constants[name]
        if value.dtype not in (np.float16, np.float32, np.float64):
            raise ModelError(f"{word(name)}: {value.dtype} values; expected float32 or float64")
        if not np.isfinite(value).all():
            raise WeightsError(f"{word(name)}: NaN or infinity; expected finite numbers")
        return value.astype(np.float64)

    def whole_numbers(self, name: str) -> list[int]:
        """Return a constant of whole numbers. Raises ModelError for another."""
        value = self.graph.constants.get(name)
        if value is None or value.dtype.kind != "i" or value.ndim > 1:
            raise ModelError(f"{word(name)}: expected constant whole numbers")
        return [int(one) for one in value.ravel()]

    def names(self) -> tuple[str, ...]:
        """Return names for the layers: those of their parameters, or the default ones."""
        names: list[str] = []
        taken = {"input"} | {one.lower() for one in self.prefixes}
        given: set[str] = set()
        kinds = [type(layer) for layer in self.layers]
        for prefix, default in zip(self.prefixes, default_names(kinds), strict=True):
            if prefix and prefix.lower() not in given and is_layer_name(prefix):
                name = prefix
            else:
                name, number = default, 1
                while name.lower() in taken:
                    number += 1
                    name = f"{default}_{number}"
            given.add(name.lower())
            taken.add(name.lower())
            names.append(name)
        return tuple(names)
