"""ONNX operators are taken as ONNX evaluates them."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from tests.helpers.onnx_models import CONV, FLAT, NORM, F, Node, W, draw, model_of
from tests.helpers.small_network import workbook
from tests.helpers.torch import nn, torch
from xlconv.interop import load_network

TAKEN: dict[str, tuple[list[Node], dict[str, Any], dict[str, Any]]] = {
    "asymmetric pads": ([("Conv", [".", "w"], {"pads": [0, 1, 2, 0]})], {"w": W}, {}),
    "transposed kernels": ([("ConvTranspose", [".", "w"], {"strides": [2, 2], "pads": [1, 1, 1, 1]})], {"w": draw(1, 2, 3, 3)}, {}),
    "transposed, uneven pads": (
        [("ConvTranspose", [".", "w", "b"], {"strides": [2, 2], "pads": [1, 1, 0, 1], "output_padding": [0, 1]})],
        {"w": draw(1, 2, 4, 3), "b": draw(2)}, {},
    ),
    "transposed, batch norm": (
        [("ConvTranspose", [".", "w"], {}), ("BatchNormalization", [".", *"abmv"], {})],
        {"w": draw(1, 2, 2, 2)} | NORM, {},
    ),
    "same upper": ([("Conv", [".", "w"], {"auto_pad": "SAME_UPPER", "strides": [2, 2]})], {"w": W}, {}),
    "same lower": ([("Conv", [".", "w"], {"auto_pad": "SAME_LOWER"})], {"w": draw(2, 1, 2, 2)}, {}),
    "valid": ([("Conv", [".", "w"], {"auto_pad": "VALID"})], {"w": W}, {}),
    "bias of its own": ([CONV, ("Add", [".", "b"], {})], {"w": W, "b": draw(2, 1, 1)}, {}),
    "bias before": ([CONV, ("Add", ["b", "."], {})], {"w": W, "b": draw(1, 2, 1, 1)}, {}),
    "scalar bias": ([CONV, ("Add", [".", "b"], {})], {"w": W, "b": draw()}, {}),
    "norm": ([CONV, ("BatchNormalization", [".", *"abmv"], {"epsilon": 0.1})], {"w": W} | NORM, {}),
    "norm alone": (
        [CONV, ("Relu", ["."], {}), ("BatchNormalization", [".", *"abmv"], {})], {"w": W} | NORM, {},
    ),
    "groups": ([CONV, ("Conv", [".", "g"], {"group": 2})], {"w": W, "g": draw(4, 1, 2, 2)}, {}),
    "norm of groups": (
        [CONV, ("Conv", [".", "g"], {"group": 2}), ("BatchNormalization", [".", *"abmv"], {})],
        {"w": W, "g": draw(2, 1, 2, 2)} | NORM, {},
    ),
    "norm of a dense layer": (
        [FLAT, ("MatMul", [".", "f"], {}), ("BatchNormalization", [".", *"abmv"], {})],
        {"f": draw(30, 2)} | NORM, {},
    ),
    "transposed": ([FLAT, ("Gemm", [".", "f"], {})], {"f": F}, {}),
    "scaled": (
        [FLAT, ("Gemm", [".", "f", "c"], {"alpha": 0.5, "beta": 3.0, "transB": 1})],
        {"f": F.T, "c": draw(1, 3)}, {},
    ),
    "dense bias of one": ([FLAT, ("Gemm", [".", "f", "c"], {})], {"f": F, "c": draw(1)}, {}),
    "matmul and add": (
        [FLAT, ("MatMul", [".", "f"], {}), ("Add", [".", "c"], {})], {"f": F, "c": draw(3)}, {},
    ),
    "max ceil": ([("MaxPool", ["."], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1})], {}, {}),
    "max stride 1": ([("MaxPool", ["."], {"kernel_shape": [2, 3]})], {}, {}),
    "max pads as ceil": (
        [("MaxPool", ["."], {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [0, 0, 1, 0]})], {}, {},
    ),
    "average not counted": (
        [("AveragePool", ["."], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]})], {}, {},
    ),
    "average counted": (
        [("AveragePool", ["."], {"kernel_shape": [3, 3], "pads": [1] * 4, "count_include_pad": 1})], {}, {},
    ),
    "global": ([CONV, ("GlobalAveragePool", ["."], {})], {"w": W}, {}),
    "mean": ([CONV, ("ReduceMean", [".", "a"], {"keepdims": 0})], {"w": W, "a": np.array([-1, 2])}, {}),
    "old mean": ([CONV, ("ReduceMean", ["."], {"axes": [2, 3]})], {"w": W}, {"opset": 13}),
    "squeezed": (
        [CONV, ("GlobalAveragePool", ["."], {}), ("Squeeze", [".", "a"], {})],
        {"w": W, "a": np.array([2, 3])}, {},
    ),
    "pad before": ([("Pad", [".", "p"], {}), CONV], {"w": W, "p": np.array([0, 0, 1, 0, 0, 0, 0, 2])}, {}),
    "crop before": (
        [("Slice", [".", "s", "e", "a"], {}), ("Conv", [".", "w"], {"pads": [0, 1, 0, 0]})],
        {"w": W, "s": np.array([1, 0]), "e": np.array([9, -2]), "a": np.array([2, -1])}, {},
    ),
    "crop channels not": (
        [("Slice", [".", "s", "e"], {}), CONV],
        {"w": W, "s": np.array([0, 0, 0, 2]), "e": np.array([1, 1, 4, 6])}, {},
    ),
    "pad by axes": (
        [("Pad", [".", "p", "", "a"], {}), CONV],
        {"w": W, "p": np.array([1, 2]), "a": np.array([-1])}, {},
    ),
    "old pad": ([("Pad", ["."], {"pads": [0, 0, 1, 1, 0, 0, 0, 0]}), CONV], {"w": W}, {"opset": 10}),
    "pad, then same": (
        [("Pad", [".", "p"], {}), ("Conv", [".", "w"], {"auto_pad": "SAME_UPPER", "strides": [2, 2]})],
        {"w": W, "p": np.array([0, 0, 1, 0, 0, 0, 0, 0])}, {},
    ),
    "activations": (
        [("Relu", ["."], {}), ("Sigmoid", ["."], {}), ("Tanh", ["."], {}), ("LeakyRelu", ["."], {"alpha": 0.3})],
        {}, {},
    ),
    "nothing much": ([("Identity", ["."], {}), CONV, ("Dropout", ["."], {})], {"w": W}, {}),
    "reshape": ([("Reshape", [".", "s"], {})], {"s": np.array([-1, 30])}, {}),
    "reshape by zero": ([("Reshape", [".", "s"], {})], {"s": np.array([0, -1])}, {}),
    "old softmax": ([FLAT, ("Softmax", ["."], {})], {}, {"opset": 11}),
    "double": ([("Conv", [".", "w"], {})], {"w": W}, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_operators_are_taken_as_onnx_evaluates_them(case: str, tmp_path: Path) -> None:
    nodes, constants, more = TAKEN[case]
    model = model_of(nodes, constants, **more)
    path = tmp_path / "m.onnx"
    onnx.save(model, path)
    x = draw(1, 1, 5, 6)
    (expected,) = ReferenceEvaluator(model).run(None, {"x": x})
    found = load_network(path).forward(x[0])
    assert found.shape == np.asarray(expected).shape[1:]
    assert np.allclose(found, expected[0], rtol=1e-5, atol=1e-6)


def test_float32_weights_become_float64_as_they_are(tmp_path: Path) -> None:
    onnx.save(model_of([CONV], {"w": W}), tmp_path / "m.onnx")
    (weight,) = load_network(tmp_path / "m.onnx").state().values()
    assert weight.dtype == np.float64
    assert np.array_equal(weight, W.astype(np.float64))


def test_names_are_those_of_the_parameters_where_they_can_be(tmp_path: Path) -> None:
    nodes: list[Node] = [
        ("Conv", [".", "conv2.weight"], {}), ("Relu", ["."], {}),
        ("Conv", [".", "0.weight"], {}), ("Conv", [".", "Conv2.weight"], {}),
    ]  # fmt: skip
    constants = {"conv2.weight": W, "0.weight": draw(1, 2, 1, 1), "Conv2.weight": draw(1, 1, 1, 1)}
    onnx.save(model_of(nodes, constants), tmp_path / "m.onnx")
    names = load_network(tmp_path / "m.onnx").names
    assert names == ("conv2", "relu1", "conv2_2", "conv3")
    workbook(load_network(tmp_path / "m.onnx"), tmp_path / "m.xlsx")


@pytest.mark.torch
def test_negative_pads_crop(tmp_path: Path) -> None:
    pads = np.array([0, 0, -1, 2, 0, 0, 0, -2])
    onnx.save(model_of([("Pad", [".", "p"], {}), CONV], {"w": W, "p": pads}), tmp_path / "m.onnx")
    x = draw(1, 1, 5, 6)
    padded = nn.functional.pad(torch.from_numpy(x), (2, -2, -1, 0))
    theirs = nn.functional.conv2d(padded, torch.from_numpy(W))[0].numpy()
    assert np.allclose(load_network(tmp_path / "m.onnx").forward(x[0]), theirs, atol=1e-6)
