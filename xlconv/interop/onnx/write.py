"""Networks as ONNX models: an operator per layer, parameters by torch's names.

Writes double by default, so that nothing is lost; runtimes that take only float ask
for float32. The first axis, `batch`, is free.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Array, Shape
from xlconv.errors import ModelError
from xlconv.files import whole_file
from xlconv.layers import Layer
from xlconv.layers.base.options import Padding
from xlconv.network.network import Network, layer_place
from xlconv.network.spec import SPEC_PROPERTY, spec_of
from xlconv.network.stored_state import stored_state

if TYPE_CHECKING:
    import onnx


# Of ONNX 1.16, the oldest release that the extra allows.
OPSET = 21
IR_VERSION = 10
PRODUCER = "xlconv"
INPUT = "input"

# Layers whose operator has no attributes.
_PLAIN = {"Identity": "Identity", "ReLU": "Relu", "Sigmoid": "Sigmoid", "Tanh": "Tanh"}


@dataclass(frozen=True, slots=True)
class Written:
    """The operator that a layer is, and what it takes.

    `crop` are lines to cut off first, `more` are constants beside the layer's parameters.
    """

    operator: str
    attributes: dict[str, Any] = field(default_factory=dict)
    crop: Padding = Padding()
    more: dict[str, Array] = field(default_factory=dict)


def write_onnx(
    network: Network, path: Path, *, float32: bool = False, replace: bool = False
) -> None:
    """Write the network as an ONNX model. Raises ModelError without the library."""
    try:
        model = onnx_model(network, float32=float32)
    except ModelError as error:
        raise error.at(path) from None
    with whole_file(path, replace=replace) as temporary:
        temporary.write_bytes(model.SerializeToString(deterministic=True))


def onnx_model(network: Network, *, float32: bool = False) -> onnx.ModelProto:
    """Return the network as an ONNX model. Raises ModelError for a layer without an operator."""
    try:
        import onnx  # noqa: PLC0415  an extra
    except ImportError:
        raise ModelError("ONNX needs onnx: pip install 'xlconv[onnx]'") from None
    helper, array = onnx.helper, onnx.numpy_helper.from_array
    element = onnx.TensorProto.FLOAT if float32 else onnx.TensorProto.DOUBLE
    constants = [array(value, key) for key, value in stored_state(network, float32=float32).items()]
    nodes, source = [], INPUT
    for name, layer, made in _operators(network):
        if any(made.crop):
            ends = {
                "starts": _starts(made.crop),
                "ends": _ends(made.crop),
                "axes": np.array([2, 3]),
            }
            constants += [array(value, f"{name}.{key}") for key, value in ends.items()]
            inputs, source = [source, *(f"{name}.{key}" for key in ends)], f"{name}.cropped"
            nodes.append(helper.make_node("Slice", inputs, [source], source))
        constants += [array(value, f"{name}.{key}") for key, value in made.more.items()]
        inputs = [source, *(f"{name}.{key}" for key in (*layer.parameters(), *made.more))]
        nodes.append(helper.make_node(made.operator, inputs, [name], name, **made.attributes))
        source = name
    graph = helper.make_graph(
        nodes,
        network.name,
        [helper.make_tensor_value_info(INPUT, element, ["batch", *network.shapes[0]])],
        [helper.make_tensor_value_info(source, element, ["batch", *network.shapes[-1]])],
        constants,
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], producer_name=PRODUCER)
    model.ir_version = IR_VERSION
    helper.set_model_props(model, {SPEC_PROPERTY: json.dumps(spec_of(network))})
    return model


def _operators(network: Network) -> Iterator[tuple[str, Layer, Written]]:
    if not network.is_chain:
        raise ModelError("a skip connection: expected layers one after the other")
    for number, (name, layer) in enumerate(zip(network.names, network.layers, strict=True), 1):
        try:
            yield name, layer, operator_of(layer, network.shapes[number - 1])
        except ModelError as error:
            raise error.at(layer_place(number, name)) from None


def operator_of(layer: Layer, shape: Shape) -> Written:
    """Return the ONNX operator that a layer is for an input of `shape`. Raises ModelError."""
    kind, of = type(layer).__name__, vars(layer)
    if kind in _PLAIN:
        return Written(_PLAIN[kind])
    match kind:
        case "Conv2d":
            return _conv(of)
        case "ConvTranspose2d":
            return _transposed(of)
        case "MaxPool2d":
            return Written("MaxPool", _window(of, _end(layer, shape)))
        case "AvgPool2d":
            return _average(layer, shape)
        case "AdaptiveAvgPool2d":
            return Written("GlobalAveragePool")
        case "BatchNorm2d":
            return Written("BatchNormalization", {"epsilon": of["eps"]})
        case "Dropout" if of["mask"] is None:
            return Written("Dropout", more={"ratio": np.array(of["p"])})
        case "LeakyReLU":
            return Written("LeakyRelu", {"alpha": of["negative_slope"]})
        case "Flatten":
            return Written("Flatten", {"axis": 1})
        case "Linear":
            return Written("Gemm", {"transB": 1})
        case "Softmax":
            return Written("Softmax", {"axis": 1})
    what = f"{kind} in training" if kind == "Dropout" else kind
    raise ModelError(f"{what} has no operator here; expected another format")


def _conv(of: dict[str, Any]) -> Written:
    if of["padding_mode"] != "zeros" and any(of["padding"]):
        mode = of["padding_mode"]
        raise ModelError(f"padding_mode = {mode!r} has no operator here; expected zeros")
    attributes = {
        "kernel_shape": list(of["weight"].shape[2:]),
        "strides": list(of["stride"]),
        "pads": _sides(Padding(*(max(0, one) for one in of["padding"]))),
        "dilations": list(of["dilation"]),
        "group": of["groups"],
    }
    # Conv takes no negative padding: Slice crops.
    return Written("Conv", attributes, Padding(*(max(0, -one) for one in of["padding"])))


def _transposed(of: dict[str, Any]) -> Written:
    attributes = {
        "kernel_shape": list(of["weight"].shape[2:]),
        "strides": list(of["stride"]),
        "pads": [*of["padding"], *of["padding"]],
        "output_padding": list(of["output_padding"]),
    }
    return Written("ConvTranspose", attributes)


def _average(layer: Layer, shape: Shape) -> Written:
    of = vars(layer)
    # Padding that counts is never reached past, so that ceil_mode means nothing there.
    counted = of["count_include_pad"] and any(of["padding"])
    end = tuple(of["padding"]) if counted else _end(layer, shape)
    return Written("AveragePool", _window(of, end) | {"count_include_pad": int(counted)})


def _window(of: dict[str, Any], end: tuple[int, ...]) -> dict[str, Any]:
    return {
        "kernel_shape": list(of["kernel_size"]),
        "strides": list(of["stride"]),
        "pads": [*of["padding"], *end],
    }


def _end(layer: Layer, shape: Shape) -> tuple[int, int]:
    """Return the padding below and to the right with which no ceil_mode is needed.

    That attribute is no common ground: runtimes, and ONNX's own shape inference, differ in
    whether a window may begin in the padding.
    """
    of = vars(layer)
    if not of["ceil_mode"]:
        height, width = of["padding"]
        return height, width
    output = layer.output_shape(shape)
    past = [
        (output[axis + 1] - 1) * of["stride"][axis] + of["kernel_size"][axis]
        - of["padding"][axis] - shape[axis + 1]
        for axis in (0, 1)
    ]  # fmt: skip
    return max(0, past[0]), max(0, past[1])


def _sides(padding: Padding) -> list[int]:
    return [padding.top, padding.left, padding.bottom, padding.right]


def _starts(crop: Padding) -> NDArray[np.int64]:
    return np.array([crop.top, crop.left], np.int64)


def _ends(crop: Padding) -> NDArray[np.int64]:
    whole = np.iinfo(np.int64).max
    return np.array([-crop.bottom or whole, -crop.right or whole], np.int64)
