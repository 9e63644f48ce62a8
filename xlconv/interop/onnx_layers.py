"""ONNX operators as layers: what each of them appends to a chain, or changes in it.

Semantics are those of the operators' specifications, of the releases from 7 on.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from xlconv.errors import ModelError
from xlconv.interop.numbers import shortest
from xlconv.interop.onnx_attributes import Attributes
from xlconv.interop.onnx_chain import Chain
from xlconv.interop.onnx_graph import Operator
from xlconv.layers import LAYERS, Padding
from xlconv.layers.base import Array, planes_shape

_Handler = Callable[[Chain, Operator, Attributes], None]
_SUFFIX = ".weight"


def apply(chain: Chain, operator: Operator) -> None:
    """Append the layer that an operator is. Raises an XlconvError with the bare fact."""
    handler = OPERATORS.get(operator.kind)
    if handler is None:
        raise ModelError(f"expected one of {', '.join((*OPERATORS, 'Constant'))}")
    if any(chain.padding) and operator.kind not in _TAKE_PADDING:
        raise ModelError("zeros around its input; expected a Conv after Pad")
    attributes = Attributes(operator.attributes)
    if operator.kind != "Add":
        chain.check_source(operator.inputs[0])
    handler(chain, operator, attributes)
    attributes.finish()


def _optional(operator: Operator, index: int) -> str:
    """Return the name of an input that may be left out, "" where it is."""
    return operator.inputs[index] if index < len(operator.inputs) else ""


def _add(
    chain: Chain,
    operator: Operator,
    kind: str,
    options: dict[str, object],
    parameters: dict[str, Array] | None = None,
) -> None:
    weight = _optional(operator, 1)
    prefix = weight.removesuffix(_SUFFIX) if weight.endswith(_SUFFIX) else ""
    chain.add(kind, options, parameters, prefix)
    chain.padding = Padding()
    chain.give(operator)


# -- with weights ------------------------------------------------------------------------


def _conv(chain: Chain, operator: Operator, given: Attributes) -> None:
    planes_shape(chain.shape, "Conv")
    weight = chain.constant(operator.inputs[1])
    if weight.ndim != 4:
        raise ModelError(f"weights of shape {weight.shape}; expected four dimensions")
    outputs, channels, *kernel = weight.shape
    size = given.pair("kernel_shape", kernel)
    if list(size) != kernel:
        raise ModelError(f"kernel_shape = {list(size)}, but the weights are {weight.shape}")
    stride, dilation = given.pair("strides", (1, 1)), given.pair("dilations", (1, 1))
    given.only("group", 1)
    window = [d * (k - 1) + 1 for d, k in zip(dilation, size, strict=True)]
    top, left, bottom, right = _sides(chain, given, window, stride)
    more = chain.padding
    bias = _optional(operator, 2)
    options: dict[str, object] = {
        "out_channels": outputs,
        "in_channels": channels,
        "kernel_size": list(size),
        "stride": list(stride),
        "padding": [left + more.left, right + more.right, top + more.top, bottom + more.bottom],
        "dilation": list(dilation),
        "bias": bool(bias),
    }
    parameters = {"weight": weight} | ({"bias": chain.constant(bias)} if bias else {})
    _add(chain, operator, "Conv2d", options, parameters)


def _gemm(chain: Chain, operator: Operator, given: Attributes) -> None:
    given.only("transA", 0)
    weight = chain.constant(operator.inputs[1]) * shortest(given.number("alpha", 1.0))
    transposed, beta = given.whole("transB", 0), shortest(given.number("beta", 1.0))
    bias = _optional(operator, 2)
    shift = chain.constant(bias) * beta if bias else None
    _linear(chain, operator, weight if transposed else weight.T, shift)


def _matmul(chain: Chain, operator: Operator, given: Attributes) -> None:
    _linear(chain, operator, chain.constant(operator.inputs[1]).T, None)


def _linear(chain: Chain, operator: Operator, weight: Array, bias: Array | None) -> None:
    if weight.ndim != 2:
        raise ModelError(f"weights of shape {weight.shape}; expected two dimensions")
    outputs, features = weight.shape
    options: dict[str, object] = {
        "out_features": outputs, "in_features": features, "bias": bias is not None,
    }  # fmt: skip
    parameters = {"weight": np.ascontiguousarray(weight)}
    if bias is not None:
        parameters["bias"] = _per_unit(bias, (outputs,))
    _add(chain, operator, "Linear", options, parameters)


def _add_constant(chain: Chain, operator: Operator, given: Attributes) -> None:
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
        raise ModelError(f"a constant of shape {value.shape}; expected {wanted}") from None


def _batch_norm(chain: Chain, operator: Operator, given: Attributes) -> None:
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
            raise ModelError(f"{name}: shape {value.shape}; expected {expected}")
    if (variance + epsilon <= 0).any():
        raise ModelError(f"{operator.inputs[4]}: negative; expected variances")
    scale = scale / np.sqrt(variance + epsilon)
    chain.fold(scale, shift - mean * scale)
    chain.give(operator)


# -- windows -----------------------------------------------------------------------------


def _sides(
    chain: Chain, given: Attributes, window: list[int], stride: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Return the padding, top, left, bottom, right, whether it is told or automatic."""
    automatic, told = given.text("auto_pad", "NOTSET"), given.sides("pads")
    if automatic == "NOTSET":
        return told
    if automatic == "VALID":
        return 0, 0, 0, 0
    if automatic not in ("SAME_UPPER", "SAME_LOWER"):
        raise ModelError(f"auto_pad = {automatic!r}: expected NOTSET, VALID or SAME_UPPER")
    begin, end = [], []
    for size, width, step in zip(chain.shape[1:], window, stride, strict=True):
        total = max(0, (-(-size // step) - 1) * step + width - size)
        less, more = total // 2, total - total // 2
        begin.append(less if automatic == "SAME_UPPER" else more)
        end.append(more if automatic == "SAME_UPPER" else less)
    return begin[0], begin[1], end[0], end[1]


def _max_pool(chain: Chain, operator: Operator, given: Attributes) -> None:
    planes_shape(chain.shape, "MaxPool")
    given.only("storage_order", 0)
    if given.pair("dilations", (1, 1)) != (1, 1):
        raise ModelError("dilations: expected 1")
    _pool(chain, operator, given, "MaxPool2d", {})


def _average_pool(chain: Chain, operator: Operator, given: Attributes) -> None:
    planes_shape(chain.shape, "AveragePool")
    if given.pair("dilations", (1, 1)) != (1, 1):
        raise ModelError("dilations: expected 1")
    counted = bool(given.whole("count_include_pad", 0))
    _pool(chain, operator, given, "AvgPool2d", {"count_include_pad": counted})


def _pool(
    chain: Chain, operator: Operator, given: Attributes, kind: str, more: dict[str, object]
) -> None:
    """Append a pool: padding before the plane as told, after it as `ceil_mode` has it."""
    size = given.pair("kernel_shape", ())
    stride = given.pair("strides", (1, 1))
    sides = _sides(chain, given, list(size), stride)
    up = bool(given.whole("ceil_mode", 0))
    put, counted = chain.padding, more.get("count_include_pad", False)
    if any(put):  # zeros that the mean counts, as zeros of its own would be
        if counted or any(sides[:2]) or put[0] != put[1] or put[2] != put[3]:
            raise ModelError("zeros around its input; expected a Conv after Pad")
        sides = (put.top, put.left, put.bottom + sides[2], put.right + sides[3])
        more = more | {"count_include_pad": True}
    elif counted and sides[:2] != sides[2:]:
        raise ModelError(
            f"pads = {list(sides)} with count_include_pad: expected the same all round"
        )
    wanted = [
        _count(n, k, s, before, after, up=up)
        for n, k, s, before, after in zip(
            chain.shape[1:], size, stride, sides[:2], sides[2:], strict=True
        )
    ]
    for ceil_mode in (up, not up):
        options = {
            "kernel_size": list(size), "stride": list(stride), "padding": list(sides[:2]),
            "ceil_mode": ceil_mode,
        }  # fmt: skip
        trial = Chain(chain.graph, chain.shape)
        trial.add(kind, options | more)
        if list(trial.shape[1:]) == wanted:
            _add(chain, operator, kind, options | more)
            return
    raise ModelError(f"pads = {list(sides)}: expected the same all round")


def _count(n: int, window: int, stride: int, before: int, after: int, *, up: bool) -> int:
    free = n + before + after - window
    count = (-(-free // stride) if up else free // stride) + 1
    # A window that would begin in the padding after the plane is left out.
    return count - 1 if up and (count - 1) * stride >= n + before else count


def _global_average(chain: Chain, operator: Operator, given: Attributes) -> None:
    _, height, width = planes_shape(chain.shape, "GlobalAveragePool")
    _add(chain, operator, "AvgPool2d", {"kernel_size": [height, width]})


def _pad(chain: Chain, operator: Operator, given: Attributes) -> None:
    planes_shape(chain.shape, "Pad")
    mode = given.text("mode", "constant")
    if mode != "constant":
        raise ModelError(f"mode = {mode!r}: expected constant")
    pads, value = given.wholes("pads"), given.number("value", 0.0)
    if len(operator.inputs) > 1:  # from release 11 on
        pads, fill = chain.whole_numbers(operator.inputs[1]), _optional(operator, 2)
        value = float(chain.constant(fill).sum()) if fill else 0.0
    axes = _optional(operator, 3)
    order = [one % 4 for one in chain.whole_numbers(axes)] if axes else [0, 1, 2, 3]
    if value != 0 or len(pads) != 2 * len(order):
        raise ModelError(f"pads = {pads} of {value}: expected zeros, twice as many as axes")
    begin = dict(zip(order, pads, strict=False))
    end = dict(zip(order, pads[len(order) :], strict=True))
    if any(side.get(axis, 0) for side in (begin, end) for axis in (0, 1)):
        raise ModelError(f"pads = {pads}: expected them along height and width only")
    old = chain.padding
    chain.padding = Padding(
        old.left + begin.get(3, 0), old.right + end.get(3, 0),
        old.top + begin.get(2, 0), old.bottom + end.get(2, 0),
    )  # fmt: skip
    chain.give(operator)


# -- the others --------------------------------------------------------------------------


def _plain(kind: str) -> _Handler:
    def handler(chain: Chain, operator: Operator, given: Attributes) -> None:
        _add(chain, operator, kind, {})

    return handler


def _leaky_relu(chain: Chain, operator: Operator, given: Attributes) -> None:
    slope = shortest(given.number("alpha", 0.01))
    _add(chain, operator, "LeakyReLU", {"negative_slope": slope})


def _softmax(chain: Chain, operator: Operator, given: Attributes) -> None:
    axis = given.whole("axis", -1 if chain.graph.opset >= 13 else 1)
    if axis not in (1, -1):
        raise ModelError(f"axis = {axis}: expected 1")
    _add(chain, operator, "Softmax", {})


def _flatten(chain: Chain, operator: Operator, given: Attributes) -> None:
    axis, rank = given.whole("axis", 1), len(chain.shape) + 1
    if axis not in (1, 1 - rank):
        raise ModelError(f"axis = {axis}: expected 1")
    _flattened(chain, operator)


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
        _flattened(chain, operator)
    else:
        raise ModelError(f"to {target} from {own}: expected a flatten, [-1, {prod(chain.shape)}]")


def _flattened(chain: Chain, operator: Operator) -> None:
    if len(chain.shape) == 1:
        chain.give(operator, same=True)
    else:
        chain.add("Flatten", {})
        chain.give(operator)


def _same(chain: Chain, operator: Operator, given: Attributes) -> None:
    chain.give(operator, same=True)


def _dropout(chain: Chain, operator: Operator, given: Attributes) -> None:
    training = _optional(operator, 2)
    if training and chain.graph.constants.get(training, np.array(True)).any():
        raise ModelError("in training mode; expected a model for inference")
    given.number("ratio", 0.5)
    given.whole("seed", 0)
    chain.give(operator, same=True)


_PLAIN = {"Relu": "ReLU", "Sigmoid": "Sigmoid", "Tanh": "Tanh"}
# The layers that operators need, where they are others than those that were always there.
_NEEDS = {
    "AveragePool": "AvgPool2d", "GlobalAveragePool": "AvgPool2d", "LeakyRelu": "LeakyReLU",
} | _PLAIN  # fmt: skip
_TAKE_PADDING = ("Conv", "AveragePool", "Pad", "Identity", "Dropout")

OPERATORS: dict[str, _Handler] = {
    name: handler
    for name, handler in {
        "Conv": _conv,
        "Gemm": _gemm,
        "MatMul": _matmul,
        "Add": _add_constant,
        "BatchNormalization": _batch_norm,
        "MaxPool": _max_pool,
        "AveragePool": _average_pool,
        "GlobalAveragePool": _global_average,
        "Pad": _pad,
        **{name: _plain(kind) for name, kind in _PLAIN.items()},
        "LeakyRelu": _leaky_relu,
        "Softmax": _softmax,
        "Flatten": _flatten,
        "Reshape": _reshape,
        "Identity": _same,
        "Dropout": _dropout,
    }.items()
    if _NEEDS.get(name, "Conv2d") in LAYERS
}
