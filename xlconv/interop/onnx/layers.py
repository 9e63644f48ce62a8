"""The operator of every layer, both ways: one entry for each in TWINS.

Semantics are those of the operators' specifications, of the releases from 7 on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec import Struct

from xlconv.arrays import Shape
from xlconv.errors import ModelError
from xlconv.interop.onnx import weighted, windows
from xlconv.interop.onnx.attributes import Attributes, shortest
from xlconv.interop.onnx.chain import Chain
from xlconv.interop.onnx.graph import PRODUCER, Operator
from xlconv.interop.onnx.written import Written
from xlconv.layers import (
    ELU,
    GELU,
    AdaptiveAvgPool2d,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    Identity,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)

Read = Callable[[Chain, Operator, Attributes], None]
Write = Callable[[Any, Shape], Written]


class Twin(Struct, frozen=True):
    """An operator that is a layer.

    `read` appends the layer to a chain; `write` gives the operator for an input of a shape.
    Both raise ModelError with the bare fact.
    """

    layer: type[Layer]
    operator: str
    read: Read
    write: Write


def _plain(layer: type[Layer], operator: str) -> Twin:
    """Return the twin of a layer whose operator has no attributes."""

    def read(chain: Chain, given: Operator, attributes: Attributes) -> None:
        chain.take(given, layer.__name__, {})

    return Twin(layer, operator, read, lambda _, shape: Written(operator))


def _with_number(
    layer: type[Layer], operator: str, attribute: str, option: str, default: float
) -> Twin:
    """Return the twin of a layer with an option that is one number; `default` is ONNX's."""

    def read(chain: Chain, given: Operator, attributes: Attributes) -> None:
        number = shortest(attributes.number(attribute, default))
        chain.take(given, layer.__name__, {option: number})

    def write(written: Layer, shape: Shape) -> Written:
        return Written(operator, {attribute: getattr(written, option)})

    return Twin(layer, operator, read, write)


def _gelu(chain: Chain, operator: Operator, given: Attributes) -> None:
    chain.take(operator, "GELU", {"approximate": given.text("approximate", "none")})


def _softmax(chain: Chain, operator: Operator, given: Attributes) -> None:
    axis = given.whole("axis", 1)  # or -1: the same for a vector
    if axis not in (1, -1):
        raise ModelError(f"axis = {axis}: expected 1")
    chain.take(operator, "Softmax", {})


def _flatten(chain: Chain, operator: Operator, given: Attributes) -> None:
    axis, rank = given.whole("axis", 1), len(chain.shape) + 1
    if axis not in (1, 1 - rank):
        raise ModelError(f"axis = {axis}: expected 1")
    chain.flatten(operator)


def _identity(chain: Chain, operator: Operator, given: Attributes) -> None:
    """Of others' models it goes; in ours it is a layer that takes cells."""
    if chain.graph.producer == PRODUCER:
        chain.take(operator, "Identity", {})
    else:
        chain.give(operator, same=True)


def _dropout(chain: Chain, operator: Operator, given: Attributes) -> None:
    training = operator.input(2)
    if training and chain.graph.constants.get(training, np.array(True)).any():
        raise ModelError("in training mode; expected a model for inference")
    ratio, _ = given.number("ratio", 0.5), given.whole("seed", 0)
    if chain.graph.producer != PRODUCER:
        chain.give(operator, same=True)
        return
    share = operator.input(1)
    p = float(chain.constant(share)) if share else ratio
    chain.take(operator, "Dropout", {"p": p})


def _written_dropout(layer: Dropout, shape: Shape) -> Written:
    if layer.mask is not None:
        raise ModelError("Dropout in training has no operator here; expected another format")
    return Written("Dropout", more={"ratio": np.array(layer.p)})


TWINS: tuple[Twin, ...] = (
    Twin(Conv2d, "Conv", weighted.conv, weighted.written_conv),
    Twin(Linear, "Gemm", weighted.gemm, lambda layer, shape: Written("Gemm", {"transB": 1})),
    Twin(
        ConvTranspose2d, "ConvTranspose", weighted.transposed_conv,
        weighted.written_transposed_conv,
    ),
    Twin(
        BatchNorm2d, "BatchNormalization", weighted.batch_norm,
        lambda layer, shape: Written("BatchNormalization", {"epsilon": layer.eps}),
    ),
    Twin(MaxPool2d, "MaxPool", windows.max_pool, windows.written_max_pool),
    Twin(AvgPool2d, "AveragePool", windows.average_pool, windows.written_average_pool),
    Twin(
        AdaptiveAvgPool2d, "GlobalAveragePool", windows.global_average,
        lambda layer, shape: Written("GlobalAveragePool"),
    ),
    _plain(ReLU, "Relu"),
    _plain(Sigmoid, "Sigmoid"),
    _plain(Tanh, "Tanh"),
    _with_number(LeakyReLU, "LeakyRelu", "alpha", "negative_slope", default=0.01),
    _with_number(ELU, "Elu", "alpha", "alpha", default=1.0),
    Twin(GELU, "Gelu", _gelu, lambda layer, shape: Written("Gelu", {"approximate": "tanh"})),
    Twin(Softmax, "Softmax", _softmax, lambda layer, shape: Written("Softmax", {"axis": 1})),
    Twin(Flatten, "Flatten", _flatten, lambda layer, shape: Written("Flatten", {"axis": 1})),
    Twin(Identity, "Identity", _identity, lambda layer, shape: Written("Identity")),
    Twin(Dropout, "Dropout", _dropout, _written_dropout),
)  # fmt: skip
