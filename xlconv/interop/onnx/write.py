"""Networks as ONNX models: an operator per layer, parameters by torch's names.

Writes double by default, so that nothing is lost; runtimes that take only float ask
for float32. The first axis, `batch`, is free.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Shape
from xlconv.errors import ModelError
from xlconv.files import whole_file
from xlconv.interop.onnx.graph import PRODUCER
from xlconv.interop.onnx.layers import TWINS
from xlconv.interop.onnx.written import Written
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
INPUT = "input"


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
        raise ModelError("ONNX needs onnx: pip install '.[onnx]'") from None
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
    for twin in TWINS:
        if type(layer) is twin.layer:
            return twin.write(layer, shape)
    raise ModelError(f"{type(layer).__name__} has no operator here; expected another format")


def _starts(crop: Padding) -> NDArray[np.int64]:
    return np.array([crop.top, crop.left], np.int64)


def _ends(crop: Padding) -> NDArray[np.int64]:
    whole = np.iinfo(np.int64).max
    return np.array([-crop.bottom or whole, -crop.right or whole], np.int64)
