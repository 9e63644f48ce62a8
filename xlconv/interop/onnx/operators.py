"""ONNX operators as layers: what each of them appends to a chain, or changes in it.

Semantics are those of the operators' specifications, of the releases from 7 on.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from xlconv.errors import ModelError
from xlconv.interop.onnx import weighted as onnx_weighted
from xlconv.interop.onnx import windows as onnx_windows
from xlconv.interop.onnx.attributes import Attributes, shortest
from xlconv.interop.onnx.chain import Chain
from xlconv.interop.onnx.graph import Operator
from xlconv.interop.onnx.write import PRODUCER
from xlconv.layers.base.shapes import planes_shape

_Handler = Callable[[Chain, Operator, Attributes], None]


def apply(chain: Chain, operator: Operator) -> None:
    """Append the layer that an operator is. Raises an XlconvError with the bare fact."""
    handler = OPERATORS.get(operator.kind)
    if handler is None:
        raise ModelError(f"expected one of {', '.join((*OPERATORS, 'Constant'))}")
    if any(chain.padding) and operator.kind not in _TAKE_PADDING:
        raise ModelError("a padded or cropped input; expected a Conv after Pad or Slice")
    attributes = Attributes(operator.attributes)
    if operator.kind != "Add":
        chain.check_source(operator.inputs[0])
    handler(chain, operator, attributes)
    attributes.finish()


def _plain(kind: str) -> _Handler:
    def handler(chain: Chain, operator: Operator, given: Attributes) -> None:
        chain.take(operator, kind, {})

    return handler


def _leaky_relu(chain: Chain, operator: Operator, given: Attributes) -> None:
    slope = shortest(given.number("alpha", 0.01))
    chain.take(operator, "LeakyReLU", {"negative_slope": slope})


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


def _reshape(chain: Chain, operator: Operator, given: Attributes) -> None:
    keeps_zero = not given.whole("allowzero", 0)
    target = chain.whole_numbers(operator.inputs[1])
    own = [chain.graph.batch or 1, *chain.shape]
    shape = [
        own[k] if n == 0 and keeps_zero and k < len(own) else n for k, n in enumerate(target)
    ]  # fmt: skip
    known = prod(n for n in shape if n != -1)
    if shape.count(-1) == 1 and known > 0:
        shape[shape.index(-1)] = prod(own) // known
    if shape == own:
        chain.give(operator, same=True)
    elif shape == [own[0], prod(chain.shape)]:
        chain.flatten(operator)
    else:
        raise ModelError(f"to {target} from {own}: expected a flatten, [-1, {prod(chain.shape)}]")


def _squeeze(chain: Chain, operator: Operator, given: Attributes) -> None:
    _, *size = planes_shape(chain.shape, "Squeeze")
    axes = given.wholes("axes")
    if operator.input(1):  # from release 13 on
        axes = chain.whole_numbers(operator.inputs[1])
    if size != [1, 1] or sorted(axis % 4 for axis in axes) != [2, 3]:
        raise ModelError(f"axes = {axes} of {chain.shape}: expected 2 and 3 of planes of 1×1")
    chain.flatten(operator)


def _same(chain: Chain, operator: Operator, given: Attributes) -> None:
    chain.give(operator, same=True)


def _identity(chain: Chain, operator: Operator, given: Attributes) -> None:
    """Of others' models it goes; in ours it is a layer that takes cells."""
    if chain.graph.producer == PRODUCER:
        chain.take(operator, "Identity", {})
    else:
        _same(chain, operator, given)


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


_PLAIN = {"Relu": "ReLU", "Sigmoid": "Sigmoid", "Tanh": "Tanh"}
_TAKE_PADDING = ("Conv", "Pad", "Identity", "Dropout")
OPERATORS: dict[str, _Handler] = {
    "Conv": onnx_weighted.conv,
    "Gemm": onnx_weighted.gemm,
    "MatMul": onnx_weighted.matmul,
    "ConvTranspose": onnx_weighted.transposed_conv,
    "Add": onnx_weighted.add_constant,
    "BatchNormalization": onnx_weighted.batch_norm,
    "MaxPool": onnx_windows.max_pool,
    "AveragePool": onnx_windows.average_pool,
    "GlobalAveragePool": onnx_windows.global_average,
    "ReduceMean": onnx_windows.reduce_mean,
    "Pad": onnx_windows.pad,
    "Slice": onnx_windows.cut,
    **{name: _plain(kind) for name, kind in _PLAIN.items()},
    "LeakyRelu": _leaky_relu,
    "Softmax": _softmax,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Identity": _identity,
    "Dropout": _dropout,
}
