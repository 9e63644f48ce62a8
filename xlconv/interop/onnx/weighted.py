"""ONNX operators with weights: Conv, ConvTranspose, Gemm, MatMul, and what is folded into them."""

from __future__ import annotations

from math import prod

import numpy as np

from xlconv.arrays import Array, Shape, by_shape
from xlconv.errors import ModelError
from xlconv.interop.onnx.attributes import Attributes, shortest
from xlconv.interop.onnx.chain import Chain
from xlconv.interop.onnx.graph import PRODUCER, Operator
from xlconv.interop.onnx.windows import joined, sides_of
from xlconv.interop.onnx.written import Written
from xlconv.layers import Conv2d, ConvTranspose2d
from xlconv.layers.base.options import Padding
from xlconv.layers.base.shapes import planes_shape


def conv(chain: Chain, operator: Operator, given: Attributes) -> None:
    planes_shape(chain.shape, "Conv")
    weight, size = _kernels(chain, operator, given)
    outputs, channels, *_ = weight.shape
    stride, dilation = given.pair("strides", (1, 1)), given.pair("dilations", (1, 1))
    groups = given.whole("group", 1)
    window = [d * (k - 1) + 1 for d, k in zip(dilation, size, strict=True)]
    top, left, bottom, right = sides_of(chain, given, window, stride)
    padding = joined(chain.padding, Padding(left, right, top, bottom))
    bias = operator.input(2)
    options: dict[str, object] = {
        "out_channels": outputs,
        "in_channels": channels * groups,
        "groups": groups,
        "kernel_size": list(size),
        "stride": list(stride),
        "padding": list(padding),
        "dilation": list(dilation),
        "bias": bool(bias),
    }
    parameters = {"weight": weight} | ({"bias": chain.constant(bias)} if bias else {})
    chain.take(operator, "Conv2d", options, parameters)


def written_conv(layer: Conv2d, shape: Shape) -> Written:
    """Return the operator of a convolution. Conv takes no negative padding: Slice crops."""
    if layer.padding_mode != "zeros" and any(layer.padding):
        mode = layer.padding_mode
        raise ModelError(f"padding_mode = {mode!r} has no operator here; expected zeros")
    left, right, top, bottom = (max(0, one) for one in layer.padding)
    attributes = {
        "kernel_shape": list(layer.kernel_size),
        "strides": list(layer.stride),
        "pads": [top, left, bottom, right],
        "dilations": list(layer.dilation),
        "group": layer.groups,
    }
    return Written("Conv", attributes, Padding(*(max(0, -one) for one in layer.padding)))


def transposed_conv(chain: Chain, operator: Operator, given: Attributes) -> None:
    planes_shape(chain.shape, "ConvTranspose")
    weight, size = _kernels(chain, operator, given)
    given.only("group", 1)
    if given.pair("dilations", (1, 1)) != (1, 1):
        raise ModelError("dilations: expected 1")
    automatic, pads = given.text("auto_pad", "NOTSET"), given.sides("pads")
    if automatic not in ("NOTSET", "VALID") or given.wholes("output_shape"):
        raise ModelError("auto_pad or output_shape: expected pads instead")
    if automatic == "VALID":
        pads = (0, 0, 0, 0)
    stride, more = given.pair("strides", (1, 1)), given.wholes("output_padding") or [0, 0]
    # What is cut off less after the planes than before them is an output's own padding.
    extra = [
        one + before - after for one, before, after in zip(more, pads[:2], pads[2:], strict=True)
    ]
    if min(extra) < 0:
        raise ModelError(f"pads = {list(pads)}: expected none larger after the planes than before")
    bias = operator.input(2)
    options: dict[str, object] = {
        "out_channels": weight.shape[1],
        "in_channels": weight.shape[0],
        "kernel_size": list(size),
        "stride": list(stride),
        "padding": list(pads[:2]),
        "output_padding": extra,
        "bias": bool(bias),
    }
    parameters = {"weight": weight} | ({"bias": chain.constant(bias)} if bias else {})
    chain.take(operator, "ConvTranspose2d", options, parameters)


def written_transposed_conv(layer: ConvTranspose2d, shape: Shape) -> Written:
    """Return the operator of a transposed convolution."""
    attributes = {
        "kernel_shape": list(layer.weight.shape[2:]),
        "strides": list(layer.stride),
        "pads": [*layer.padding, *layer.padding],
        "output_padding": list(layer.output_padding),
    }
    return Written("ConvTranspose", attributes)


def _kernels(chain: Chain, operator: Operator, given: Attributes) -> tuple[Array, tuple[int, int]]:
    """Return the weights of an operator with four dimensions, and the size of its kernels."""
    weight = chain.constant(operator.inputs[1])
    if weight.ndim != 4:
        raise ModelError(f"weights of shape {by_shape(weight.shape)}; expected four dimensions")
    kernel = list(weight.shape[2:])
    size = given.pair("kernel_shape", kernel)
    if list(size) != kernel:
        raise ModelError(
            f"kernel_shape = {list(size)}, but the weights are {by_shape(weight.shape)}"
        )
    return weight, size


def gemm(chain: Chain, operator: Operator, given: Attributes) -> None:
    given.only("transA", 0)
    weight = chain.constant(operator.inputs[1]) * shortest(given.number("alpha", 1.0))
    transposed, beta = given.whole("transB", 0), shortest(given.number("beta", 1.0))
    bias = operator.input(2)
    shift = chain.constant(bias) * beta if bias else None
    _linear(chain, operator, weight if transposed else weight.T, shift)


def matmul(chain: Chain, operator: Operator, given: Attributes) -> None:
    _linear(chain, operator, chain.constant(operator.inputs[1]).T, None)


def _linear(chain: Chain, operator: Operator, weight: Array, bias: Array | None) -> None:
    if weight.ndim != 2:
        raise ModelError(f"weights of shape {by_shape(weight.shape)}; expected two dimensions")
    outputs, features = weight.shape
    options: dict[str, object] = {
        "out_features": outputs, "in_features": features, "bias": bias is not None,
    }  # fmt: skip
    parameters = {"weight": np.ascontiguousarray(weight)}
    if bias is not None:
        parameters["bias"] = _per_unit(bias, (outputs,))
    chain.take(operator, "Linear", options, parameters)


def add_constant(chain: Chain, operator: Operator, given: Attributes) -> None:
    constants = [name for name in operator.inputs if name in chain.graph.constants]
    if len(constants) != 1:
        names = " and ".join(operator.inputs)
        raise ModelError(
            f"it adds {names}; expected a constant, for skip connections have no layer"
        )
    (source,) = (name for name in operator.inputs if name not in constants)
    chain.check_source(source)
    chain.fold(np.ones(1), _per_unit(chain.constant(constants[0]), chain.shape))
    chain.give(operator)


def _per_unit(value: Array, shape: tuple[int, ...]) -> Array:
    """Return a constant as one number per channel or feature of a tensor of `shape`."""
    wanted = (shape[0], *(1 for _ in shape[1:]))
    extra = value.ndim - len(wanted)  # of the batch axis
    if extra > 0 and prod(value.shape[:extra]) == 1:
        value = value.reshape(value.shape[extra:])
    try:
        return np.broadcast_to(value, wanted).reshape(-1)
    except ValueError:
        raise ModelError(
            f"a constant of shape {by_shape(value.shape)}; expected {by_shape(wanted)}"
        ) from None


def batch_norm(chain: Chain, operator: Operator, given: Attributes) -> None:
    given.only("training_mode", 0)
    given.only("spatial", 1)
    given.number("momentum", 0.9)  # of training only
    if any(operator.outputs[1:]):
        raise ModelError("it gives running statistics; expected a model for inference")
    scale, shift, mean, variance = (chain.constant(name) for name in operator.inputs[1:5])
    epsilon = shortest(given.number("epsilon", 1e-5))
    expected = (chain.shape[0],)
    for name, value in zip(operator.inputs[1:5], (scale, shift, mean, variance), strict=True):
        if value.shape != expected:
            raise ModelError(
                f"{name}: shape {by_shape(value.shape)}; expected {by_shape(expected)}"
            )
    if (variance + epsilon <= 0).any():
        raise ModelError(f"{operator.inputs[4]}: negative; expected variances")
    if chain.takes_fold and chain.graph.producer != PRODUCER:  # ours come back as they were
        scale = scale / np.sqrt(variance + epsilon)
        chain.fold(scale, shift - mean * scale)
        chain.give(operator)
        return
    parameters = {"weight": scale, "bias": shift, "running_mean": mean, "running_var": variance}
    chain.take(operator, "BatchNorm2d", {"eps": epsilon}, parameters)
