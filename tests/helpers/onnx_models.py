"""ONNX models of a few nodes."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from xlconv.interop.onnx.write import onnx_model
from xlconv.network.network import Network


def evaluated(network: Network, x: np.ndarray, *, float32: bool = False) -> np.ndarray:
    model = onnx_model(network, float32=float32)
    onnx.checker.check_model(model, full_check=True)
    kind = np.float32 if float32 else np.float64
    (y,) = ReferenceEvaluator(model).run(None, {"input": x[None].astype(kind)})
    assert y.dtype == kind
    return np.asarray(y)[0]


Node = tuple[str, list[str], dict[str, Any]]


def model_of(
    nodes: list[Node],
    constants: dict[str, Any] | None = None,
    shape: tuple[Any, ...] = (1, 1, 5, 6),
    opset: int = 21,
) -> onnx.ModelProto:
    made, source = [], "x"
    for number, (kind, inputs, attributes) in enumerate(nodes):
        names = [source if one == "." else one for one in inputs]
        source = f"t{number}"
        made.append(helper.make_node(kind, names, [source], f"n{number}", **attributes))
    element = TensorProto.FLOAT
    graph = helper.make_graph(
        made, "g",
        [helper.make_tensor_value_info("x", element, shape)],
        [helper.make_tensor_value_info(source, element, [None] * 4)],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    return model


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).uniform(-1, 1, shape).astype(np.float32)


W, CONV = draw(2, 1, 3, 3), ("Conv", [".", "w"], {})
F, FLAT = draw(30, 3), ("Flatten", ["."], {})
NORM = {key: np.abs(draw(2)) + np.float32(k) for k, key in enumerate("abmv")}
