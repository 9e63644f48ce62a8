"""ONNX files that are no chain of our layers, broken or hostile are refused in one line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.helpers.onnx_models import CONV, FLAT, NORM, F, Node, W, draw, model_of
from xlconv.errors import ModelError, XlconvError
from xlconv.interop import load_network
from xlconv.interop.onnx.graph import MOST_BYTES
from xlconv.interop.onnx.naming import named_as_described
from xlconv.interop.onnx.write import onnx_model
from xlconv.network.spec import network_of

POOL = {"kernel_shape": [2, 2]}
REFUSED: dict[str, tuple[list[Node], dict[str, Any], str]] = {
    "operator": ([("Celu", ["."], {})], {}, r"operator Celu \(n0\): expected one of Conv, Gemm"),
    "group": ([("Conv", [".", "w"], {"group": 2})], {"w": draw(2, 1, 1, 1)}, "in_channels = 2, but the input has 1"),
    "transposed groups": ([("ConvTranspose", [".", "w"], {"group": 2})], {"w": draw(1, 1, 2, 2)}, "group = 2: expected 1"),
    "transposed dilation": ([("ConvTranspose", [".", "w"], {"dilations": [2, 2]})], {"w": draw(1, 1, 2, 2)}, "dilations: expected 1"),
    "transposed output": ([("ConvTranspose", [".", "w"], {"output_shape": [9, 9]})], {"w": draw(1, 1, 2, 2)}, "expected pads instead"),
    "one dimension": ([("Conv", [".", "w"], {})], {"w": draw(2, 1, 3)}, "expected four dimensions"),
    "kernel_shape": ([("Conv", [".", "w"], {"kernel_shape": [2, 2]})], {"w": W}, r"kernel_shape = \[2, 2\], but"),
    "channels": ([CONV], {"w": draw(2, 3, 1, 1)}, "in_channels = 3, but the input has 1"),
    "too large": ([CONV], {"w": draw(1, 1, 7, 7)}, "a kernel of 7×7 is larger than its padded input"),
    "nan": ([CONV], {"w": W * np.float32("nan")}, "w: NaN or infinity"),
    "weights of integers": ([CONV], {"w": W.astype(np.int64)}, "w: int64 values; expected float32"),
    "negative pads": ([("Conv", [".", "w"], {"pads": [0, -1, 0, 0]})], {"w": W}, r"pads = \[0, -1, 0, 0\]: expected"),
    "auto_pad": ([("Conv", [".", "w"], {"auto_pad": "SAME"})], {"w": W}, "auto_pad = 'SAME': expected"),
    "strides": ([("Conv", [".", "w"], {"strides": [1]})], {"w": W}, r"strides = \[1\]: expected two"),
    "computed weights": ([("Relu", ["."], {}), ("Conv", [".", "x"], {})], {}, "x is computed; expected a constant"),
    "transA": ([FLAT, ("Gemm", [".", "f"], {"transA": 1})], {"f": F}, "transA = 1: expected 0"),
    "dense on planes": ([("Gemm", [".", "f"], {})], {"f": F}, "Linear takes a vector"),
    "dense features": ([FLAT, ("Gemm", [".", "f"], {})], {"f": draw(29, 3)}, "in_features = 29, but the input has 30"),
    "dense bias": ([FLAT, ("Gemm", [".", "f", "c"], {})], {"f": F, "c": draw(2)}, r"a constant of shape 2; expected 3"),
    "matmul from the left": ([FLAT, ("MatMul", ["f", "."], {})], {"f": draw(3, 30)}, "it reads f, which is a constant"),
    "bias by pixel": ([CONV, ("Add", [".", "b"], {})], {"w": W, "b": draw(2, 3, 4)}, r"a constant of shape 2×3×4"),
    "skip": ([CONV, ("Add", [".", "."], {})], {"w": W}, "skip connections have no layer"),
    "add alone": ([("Add", [".", "b"], {})], {"b": draw()}, "expected it after Conv or Gemm"),
    "norm of a vector": ([FLAT, ("BatchNormalization", [".", *"abmv"], {})],
                         {key: np.ones(30, np.float32) for key in "abmv"}, "BatchNorm2d takes"),
    "norm of other channels": ([CONV, ("BatchNormalization", [".", *"abmv"], {})],
                               {"w": draw(3, 1, 3, 3)} | NORM, r"a: shape 2; expected 3"),
    "negative variance": ([CONV, ("BatchNormalization", [".", *"abmv"], {})],
                          {"w": W} | NORM | {"v": -NORM["v"]}, "v: negative; expected variances"),
    "training": ([CONV, ("BatchNormalization", [".", *"abmv"], {"training_mode": 1})], {"w": W} | NORM, "training_mode = 1"),
    "dropout in training": ([("Dropout", [".", "", "t"], {})], {"t": np.array(True)}, "in training mode"),
    "pool dilations": ([("MaxPool", ["."], POOL | {"dilations": [2, 2]})], {}, "dilations: expected 1"),
    "storage_order": ([("MaxPool", ["."], POOL | {"storage_order": 1})], {}, "storage_order = 1: expected 0"),
    "pool pads": ([("MaxPool", ["."], {"kernel_shape": [3, 3], "pads": [0, 1, 2, 1]})], {}, r"pads = \[0, 1, 2, 1\]: expected"),
    "pool of three": ([("MaxPool", ["."], {"kernel_shape": [2]})], {}, r"kernel_shape = \[2\]: expected two"),
    "counted pads": ([("AveragePool", ["."], POOL | {"pads": [0, 0, 1, 1], "count_include_pad": 1})], {}, "the same all round"),
    "mean of channels": ([("ReduceMean", [".", "a"], {})], {"a": np.array([1])}, r"axes = \[1\]: expected 2 and 3"),
    "squeeze": ([("Squeeze", [".", "a"], {})], {"a": np.array([1])}, r"axes = \[1\]"),
    "flatten": ([("Flatten", ["."], {"axis": 2})], {}, "axis = 2: expected 1"),
    "reshape": ([("Reshape", [".", "s"], {})], {"s": np.array([1, 6, 5])}, r"to \[1, 6, 5\] from \[1, 1, 5, 6\]: expected a flatten"),
    "transposing reshape": ([("Reshape", [".", "s"], {})], {"s": np.array([1, 1, 6, 5])}, "expected a flatten"),
    "reshape of a batch": ([("Reshape", [".", "s"], {})], {"s": np.array([2, 15])}, "expected a flatten"),
    "softmax axis": ([FLAT, ("Softmax", ["."], {"axis": 0})], {}, "axis = 0: expected 1"),
    "softmax of planes": ([("Softmax", ["."], {"axis": 1})], {}, "Softmax takes a vector"),
    "pad mode": ([("Pad", [".", "p"], {"mode": "edge"}), CONV], {"w": W, "p": np.zeros(8, np.int64)}, "mode = 'edge'"),
    "pad of channels": ([("Pad", [".", "p"], {}), CONV], {"w": W, "p": np.eye(8, dtype=np.int64)[1]}, "along height and width only"),
    "pad of ones": ([("Pad", [".", "p", "v"], {}), CONV], {"w": W, "p": np.zeros(8, np.int64), "v": np.float32(1)}, "of 1.0: expected zeros"),
    "pad alone": ([("Pad", [".", "p"], {})], {"p": np.array([0, 0, 1, 0, 0, 0, 0, 0])}, "the output is padded or cropped"),
    "pad before a pool": ([("Pad", [".", "p"], {}), ("MaxPool", ["."], POOL)],
                          {"p": np.array([0, 0, 1, 0, 0, 0, 0, 0])}, "expected a Conv after Pad or Slice"),
    "zeros for the cropped": ([("Pad", [".", "p"], {}), ("Conv", [".", "w"], {"pads": [1, 0, 0, 0]})],
                              {"w": W, "p": np.array([0, 0, -1, 0, 0, 0, 0, 0])}, "zeros where Pad crops"),
    "slice of channels": ([CONV, ("Slice", [".", "s", "e", "a"], {})],
                          {"w": W, "s": np.array([1]), "e": np.array([2]), "a": np.array([1])}, r"axes = \[1\]"),
    "slice with steps": ([("Slice", [".", "s", "e", "a", "t"], {}), CONV],
                         {"w": W, "s": np.array([0]), "e": np.array([5]), "a": np.array([2]), "t": np.array([2])}, r"steps = \[2\]"),
    "concat": ([CONV, ("Concat", [".", "x"], {"axis": 1})], {"w": W}, "it joins .* and x; expected a chain, for skip connections"),
    "gelu by erf": ([("Gelu", ["."], {})], {}, "approximate = 'none': expected 'tanh'"),
    "no layer": ([("Identity", ["."], {})], {}, "is not what the last layer gives"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_layer_is_refused_by_name(case: str, tmp_path: Path) -> None:
    nodes, constants, message = REFUSED[case]
    path = tmp_path / "m.onnx"
    path.write_bytes(model_of(nodes, constants).SerializeToString())
    with pytest.raises(XlconvError, match=message) as caught:
        load_network(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said


def _two_inputs(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("y", TensorProto.FLOAT, [1]))


def _two_outputs(model: onnx.ModelProto) -> None:
    model.graph.output.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, [1]))


def _dimension(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "height"


def _flat_input(model: onnx.ModelProto) -> None:
    del model.graph.input[0].type.tensor_type.shape.dim[3]


def _integers(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64


def _branch(model: onnx.ModelProto) -> None:
    model.graph.node[1].input[0] = "x"


def _early_output(model: onnx.ModelProto) -> None:
    model.graph.output[0].name = "t0"


def _old(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 6


def _foreign(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))


def _external(location: str) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        tensor = model.graph.initializer[0]
        onnx.external_data_helper.set_external_data(tensor, location)
        tensor.ClearField("raw_data")

    return change


def _half_a_tensor(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].raw_data = b"\0" * 7


def _no_node(model: onnx.ModelProto) -> None:
    del model.graph.node[:]


def _undefined(model: onnx.ModelProto) -> None:
    model.graph.node[1].input[0] = "nothing\nat all"


BROKEN = [
    (_two_inputs, r"2 inputs \(x, y\); expected one"),
    (_two_outputs, r"2 outputs \(t1, x\); expected one"),
    (_dimension, r"input x has shape 1×1×height×6; expected batch×channels×height"),
    (_flat_input, r"input x has shape 1×1×5; expected"),
    (_integers, "input x holds no float numbers"),
    (_branch, "it reads x, which is not what the one before gives; expected a chain"),
    (_early_output, "output t0 is not what the last layer gives"),
    (_old, "operator set 6; expected at least 7"),
    (_foreign, r"operator com\.example\.Conv \(n0\): expected one of"),
    (_external("../secret"), r"external data '\.\./secret': expected a file beside the model"),
    (_external("/etc/passwd"), "expected a file beside the model"),
    (_external("deep/er"), "expected a file beside the model"),
    (_external("link"), "expected a file beside the model"),
    (_external("missing"), "No such file"),
    (_half_a_tensor, "tensor w: not an array"),
    (_no_node, "not an ONNX model: it has no operators"),
    (_undefined, "not a valid ONNX model"),
]


@pytest.mark.parametrize(("change", "message"), BROKEN)
def test_broken_and_hostile_models_are_one_clear_line(
    change: Callable[[onnx.ModelProto], None], message: str, tmp_path: Path
) -> None:
    model = model_of([CONV, ("Relu", ["."], {})], {"w": W})
    change(model)
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(W.tobytes())
    (folder / "link").symlink_to(tmp_path / "secret")
    path = folder / "m.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(XlconvError, match=message) as caught:
        load_network(path)
    assert "\n" not in str(caught.value)


def test_data_beside_the_model_is_read(tmp_path: Path) -> None:
    model = model_of([CONV], {"w": W})
    _external("w.bin")(model)
    (tmp_path / "w.bin").write_bytes(W.tobytes())
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    assert np.array_equal(load_network(tmp_path / "m.onnx").state()["conv1.weight"], W)


def test_files_that_are_no_models_are_refused(tmp_path: Path) -> None:
    for data in (b"", b"hello", b"PK\x03\x04" * 9, bytes(range(256))):
        (tmp_path / "m.onnx").write_bytes(data)
        with pytest.raises(ModelError, match=r"m\.onnx: not an ONNX model"):
            load_network(tmp_path / "m.onnx")
    with (tmp_path / "m.onnx").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(ModelError, match="larger than"):
        load_network(tmp_path / "m.onnx")
    for name in ("none.onnx", "."):
        with pytest.raises(ModelError, match="expected"):
            load_network(tmp_path / name)
    with pytest.raises(ModelError, match=r"expected a name that ends in \.npz or \.onnx"):
        load_network(tmp_path / "m.pt")


def test_what_was_folded_cannot_be_read_any_more(tmp_path: Path) -> None:
    nodes: list[Node] = [CONV, ("Add", [".", "b"], {}), ("Relu", ["t0"], {})]
    model = model_of(nodes, {"w": W, "b": draw(2, 1, 1)})
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"operator Relu \(n2\): it reads t0, which is not what"):
        load_network(tmp_path / "m.onnx")


def test_only_small_arrays_are_shape_arithmetic(tmp_path: Path) -> None:
    nodes: list[Node] = [("Gather", ["s", "i"], {}), ("Reshape", ["x", "."], {})]
    path = tmp_path / "m.onnx"
    for size in (64, 65):
        shape = np.full(size, -1)
        shape[1] = 30
        model = model_of(nodes, {"s": shape, "i": np.array([0, 1])})
        path.write_bytes(model.SerializeToString())
        if size == 64:
            assert load_network(path).shapes[-1] == (30,)
        else:
            with pytest.raises(ModelError, match=r"operator Gather \(n0\): expected one of"):
                load_network(path)


def test_a_description_of_other_layers_names_nothing() -> None:
    other = {"input": [2, 3, 3], "layers": [{"type": "Tanh", "name": "mine"}]}
    network = network_of({"input": [2, 3, 3], "layers": [{"type": "ReLU"}]})
    assert named_as_described(network, json.dumps(other)) == network
    same = json.dumps(other | {"layers": [{"type": "ReLU", "name": "mine"}]})
    assert named_as_described(network, same).names == ("mine",)
    for text in ("", "{", "[]", '{"input": 3}', "[" * 100_000):
        assert named_as_described(network, text) == network


@pytest.mark.parametrize("shape", [[2**32, 2**32], [2**40], [65]])
def test_shape_arithmetic_is_bounded(shape: list[int], tmp_path: Path) -> None:
    nodes: list[Node] = [("ConstantOfShape", ["s"], {}), ("Reshape", ["x", "."], {})]
    path = tmp_path / "m.onnx"
    path.write_bytes(model_of(nodes, {"s": np.array(shape)}).SerializeToString())
    with pytest.raises(ModelError, match="expected at most 64 numbers"):
        load_network(path)


def test_a_border_that_repeats_the_input_is_refused_by_its_name() -> None:
    conv = {"type": "Conv2d", "out_channels": 1, "kernel_size": 3, "padding": 1}
    network = network_of({"input": [1, 4, 4], "layers": [conv | {"padding_mode": "circular"}]})
    with pytest.raises(ModelError, match=r"layer 1 \(conv1\): padding_mode = 'circular' has no"):
        onnx_model(network)
    for kind in ("Add", "Concat"):
        skip = [conv, {"type": kind, "reads": "input"}]
        with pytest.raises(ModelError, match="a skip connection: expected layers one after"):
            onnx_model(network_of({"input": [1, 4, 4], "layers": skip}))
