"""Models in and out, against ONNX's own evaluator, PyTorch and LibreOffice."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from click.testing import CliRunner, Result
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import nn

from tests import oracles
from tests.mutations import Fault, Subject, rebuilt
from tests.strategies import at_inference, networks, random_input, random_state
from xlconv.analysis.extraction import extract, extracted
from xlconv.cli import main
from xlconv.errors import FileError, ModelError, WeightsError, XlconvError
from xlconv.interop import load_network, save_network
from xlconv.interop.inputs import read_arrays
from xlconv.interop.onnx.graph import MOST_BYTES
from xlconv.interop.onnx.naming import named_as_described
from xlconv.interop.onnx.write import onnx_model
from xlconv.layers import LAYERS, Layer, MaxPool2d
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import SPEC_PROPERTY, network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.verify import verify

SMALL: dict[str, Any] = {
    "name": "small",
    "input": [2, 6, 7],
    "classes": ["cat", "dog"],
    "layers": [
        {"type": "Conv2d", "name": "edges", "out_channels": 2, "kernel_size": 3, "padding": 1},
        {"type": "ReLU"},
        {"type": "MaxPool2d", "kernel_size": 2},
        {"type": "Flatten"},
        {"type": "Linear", "out_features": 2},
        {"type": "Softmax"},
    ],
}


def small() -> Network:
    network = network_of(SMALL)
    return network.with_state(random_state(network, 1))


def workbook(network: Network, path: Path, shown: Any = None) -> Path:
    shown = random_input(network, 5) if shown is None else shown
    book_of(network, strip(network), shown).write(path)
    return path


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def good(*words: object) -> str:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*words: object) -> str:
    result = run(*words)
    assert result.exit_code == 2, result.output
    (line,) = result.output.splitlines()
    return line.removeprefix("error: ")


# -- there and back ----------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".npz", ".onnx"])
def test_a_workbook_comes_back_from_what_was_extracted(tmp_path: Path, ending: str) -> None:
    path = workbook(small(), tmp_path / "small.xlsx")
    model, again = tmp_path / f"model{ending}", tmp_path / "again.xlsx"
    output = good("extract", path, "-o", model)
    assert "edges.weight  2×2×3×3" in output
    assert f"{model}: 6 layers, 76 parameters" in output
    option = "--weights" if ending == ".npz" else "--model"
    good("generate", again, option, model)
    one, other = verify(path).network, verify(again).network
    assert one is not None and one == other
    assert extract(again).network == small()


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_extracted_as_it_is(name: str, tmp_path: Path) -> None:
    network = PRESETS[name].network()
    path = Path(__file__).parents[1] / "workbooks" / f"{name}.xlsx"
    found = extract(path)
    assert found.network == network
    assert found.remarks == ()
    network = at_inference(network)
    # A skip connection has no operators here.
    for ending in (".npz", ".onnx") if network.is_chain else (".npz",):
        save_network(network, tmp_path / f"m{ending}")
        again = load_network(tmp_path / f"m{ending}")
        assert again.state().keys() == network.state().keys()
        assert again.fingerprint() == network.fingerprint()
    assert load_network(tmp_path / "m.npz") == network


@given(networks())
@settings(max_examples=30)
def test_an_npz_file_gives_any_network_back(
    tmp_path_factory: pytest.TempPathFactory, network: Network
) -> None:
    path = tmp_path_factory.mktemp("npz") / "net.npz"
    save_network(network, path)
    assert load_network(path) == network
    first = path.read_bytes()
    save_network(network, path, replace=True)
    assert path.read_bytes() == first


def test_the_published_workbook_is_extracted_with_its_extra_column(
    wild: Path, tmp_path: Path
) -> None:
    found = extract(wild / "conv-example.relu.xlsx").network
    assert found.shapes[-1] == (1,)
    save_network(found, tmp_path / "m.npz")
    assert load_network(tmp_path / "m.npz") == found
    both = wild / "conv-example.linear.xlsx"
    assert len(extract(both, 2).network.layers) < len(extract(both).network.layers)
    with pytest.raises(ModelError, match=r"no network 3; expected one of 1 on conv-example: conv1"):
        extract(both, 3)


def test_cropping_padding_goes_there_and_back(tmp_path: Path) -> None:
    conv = {"type": "Conv2d", "out_channels": 2, "kernel_size": 2, "padding": [-1, 2, 0, -2]}
    network = network_of({"input": [1, 6, 6], "layers": [conv]})
    network = network.with_state(random_state(network, 1))
    for ending in (".npz", ".onnx"):
        save_network(network, tmp_path / f"m{ending}")
        assert load_network(tmp_path / f"m{ending}").layers == network.layers
    x = random_input(network, 3)
    padded = nn.functional.pad(torch.from_numpy(x), (-1, 2, 0, -2))
    theirs = nn.functional.conv2d(padded[None], *map(torch.from_numpy, network.state().values()))
    assert np.allclose(network.forward(x), theirs[0].numpy())
    assert np.allclose(evaluated(network, x), network.forward(x))
    path = workbook(network, tmp_path / "crop.xlsx")
    assert verify(path).verdict() == "verified"


# -- ONNX out ----------------------------------------------------------------------------


def evaluated(network: Network, x: np.ndarray, *, float32: bool = False) -> np.ndarray:
    model = onnx_model(network, float32=float32)
    onnx.checker.check_model(model, full_check=True)
    kind = np.float32 if float32 else np.float64
    (y,) = ReferenceEvaluator(model).run(None, {"input": x[None].astype(kind)})
    assert y.dtype == kind
    return np.asarray(y)[0]


@pytest.mark.parametrize("name", [one for one in PRESETS if PRESETS[one].network().is_chain])
def test_onnx_evaluates_presets_as_we_do(name: str) -> None:
    network, x = at_inference(PRESETS[name].network()), PRESETS[name].sample()
    expected = network.forward(x)
    assert np.allclose(evaluated(network, x), expected, rtol=1e-6, atol=1e-9)
    single = evaluated(network, x, float32=True)
    assert np.allclose(single, expected, rtol=1e-4, atol=1e-4)


# Borders that repeat the input have no operator here.
with_zeros = networks().filter(
    lambda one: all(layer.padding_mode == "zeros" for layer in one.layers)
)


@given(with_zeros, st.integers(0, 2**31))
def test_onnx_evaluates_any_network_as_we_do(network: Network, seed: int) -> None:
    assume(not any(map(misread, network.layers)))
    x = random_input(network, seed)
    assert np.allclose(evaluated(network, x), network.forward(x), rtol=1e-6, atol=1e-9)


def misread(layer: Layer) -> bool:
    """Whether ONNX's own evaluator swaps its pads: of pools with no stride, top and left."""
    return isinstance(layer, MaxPool2d) and layer.stride == (1, 1) and any(layer.padding)


@given(with_zeros, st.integers(0, 2**31))
def test_a_runtime_evaluates_any_network_as_we_do(network: Network, seed: int) -> None:
    x = random_input(network, seed)
    session = onnxruntime.InferenceSession(
        onnx_model(network, float32=True).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (y,) = session.run(None, {"input": np.stack([x, x]).astype(np.float32)})
    expected = network.forward(x)
    assert y.shape == (2, *expected.shape)
    assert np.allclose(y[1], expected, rtol=1e-4, atol=1e-5 * max(1, np.abs(expected).max()))


@given(with_zeros, st.integers(0, 2**31))
@settings(max_examples=40)
def test_an_onnx_file_gives_the_function_of_any_network_back(
    tmp_path_factory: pytest.TempPathFactory, network: Network, seed: int
) -> None:
    path = tmp_path_factory.mktemp("onnx") / "net.onnx"
    save_network(network, path)
    again = load_network(path)
    assert again.names == network.names
    assert again.fingerprint() == network.fingerprint()
    x = random_input(network, seed)
    assert np.array_equal(again.forward(x), network.forward(x))


@pytest.mark.parametrize("kind", [name for name, kind in LAYERS.items() if 1 in kind.inputs])
def test_every_layer_has_an_operator(kind: str, tmp_path: Path) -> None:
    for shape, options in LAYERS[kind].EXAMPLES:
        if "padding_mode" in options:
            continue
        network = network_of({"input": list(shape), "layers": [{"type": kind} | options]})
        network = network.with_state(random_state(network, 2))
        x = random_input(network, 3)
        expected = network.forward(x)
        assert np.allclose(evaluated(network, x), expected, rtol=1e-6, atol=1e-8)
        path = tmp_path / "m.onnx"
        save_network(network, path, replace=True)
        assert np.allclose(load_network(path).forward(x), expected, rtol=1e-12)


# -- tables and state dicts --------------------------------------------------------------


def test_tables_hold_every_number_with_its_index(tmp_path: Path) -> None:
    network, folder = small(), tmp_path / "tables"
    save_network(network, folder, "csv")
    state = network.state()
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{key}.csv" for key in state)
    for key, value in state.items():
        with (folder / f"{key}.csv").open(newline="") as file:
            header, *rows = csv.reader(file)
        found, seen = np.full(value.shape, np.nan), 0
        indices = len([one for one in header if one in ("output", "channel", "row")])
        for row in rows:
            place = tuple(int(one) for one in row[:indices])
            values = [float(one) for one in row[indices:]]
            found[place] = values if value.ndim > 1 else values[0]
            seen += len(values)
        assert np.array_equal(found, value), key
        assert seen == value.size
    assert header[0] == "output"


def test_tables_replace_only_themselves(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    save_network(small(), folder, "csv")
    (folder / "mine.txt").write_text("mine")
    (folder / "edges.bias.csv").write_text("old")
    with pytest.raises(FileError, match="exists"):
        save_network(small(), folder, "csv")
    assert (folder / "edges.bias.csv").read_text() == "old"
    save_network(small(), folder, "csv", replace=True)
    assert (folder / "mine.txt").read_text() == "mine"
    assert (folder / "edges.bias.csv").read_text().startswith("output,value\n0,")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_state_dict_loads_without_unpickling_code(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    save_network(small(), path)
    state = torch.load(path, weights_only=True)
    assert list(state) == list(small().state())
    for key, value in small().state().items():
        assert state[key].dtype == torch.float64
        assert np.array_equal(state[key].numpy(), value)
    linear = nn.Linear(18, 2, dtype=torch.float64)
    linear.load_state_dict({key[4:]: value for key, value in state.items() if key[:2] == "fc"})
    save_network(small(), path, float32=True, replace=True)
    single = torch.load(path, weights_only=True)
    assert all(value.dtype == torch.float32 for value in single.values())


# -- from PyTorch ------------------------------------------------------------------------


class Viewed(nn.Module):
    """A classifier that reshapes by hand and is normalised in two places."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4 * 4 * 4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.stem(x)))
        return torch.softmax(self.head(x.view(x.size(0), -1)), 1)


def torch_models() -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    torch.manual_seed(3)
    mixed = nn.Sequential(
        nn.ZeroPad2d((1, 0, 2, 1)), nn.Conv2d(1, 2, 3, stride=2), nn.LeakyReLU(0.2),
        nn.AvgPool2d(2, padding=1), nn.Sigmoid(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(2, 3, bias=False), nn.Tanh(),
    )  # fmt: skip
    plain = nn.Sequential(
        nn.Conv2d(1, 2, 3, dilation=2), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
        nn.Dropout(), nn.Flatten(), nn.Linear(24, 3), nn.BatchNorm1d(3), nn.Softmax(1),
    )  # fmt: skip
    models = {
        "viewed": (Viewed(), (3, 8, 8)),
        "mixed": (mixed, (1, 9, 9)),
        "plain": (plain, (1, 9, 11)),
    }
    for model, _ in models.values():
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d):
                nn.init.uniform_(layer.running_mean)
                nn.init.uniform_(layer.running_var, 0.5, 2)
                nn.init.uniform_(layer.weight)
        model.eval()
    return models


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dynamo", [True, False], ids=["dynamo", "legacy"])
@pytest.mark.parametrize("free", [True, False], ids=["free batch", "one"])
@pytest.mark.parametrize("name", list(torch_models()))
def test_a_torch_model_exported_to_onnx_is_read_as_it_is(
    name: str, free: bool, dynamo: bool, tmp_path: Path
) -> None:
    model, shape = torch_models()[name]
    path = tmp_path / f"{name}.onnx"
    x = torch.randn(2 if free else 1, *shape)
    more: dict[str, Any] = {}
    if free and dynamo:
        more = {"dynamic_shapes": ({0: torch.export.Dim("n", min=1, max=8)},)}
    elif free:
        more = {"input_names": ["x"], "dynamic_axes": {"x": {0: "n"}}}
    torch.onnx.export(model, (x,), path, dynamo=dynamo, verbose=False, **more)
    network = load_network(path)
    with torch.no_grad():
        theirs = model.double()(x.double()).numpy()
    assert network.input_shape == shape
    for one, expected in zip(x.numpy(), theirs, strict=True):
        assert np.allclose(network.forward(one), expected, rtol=1e-5, atol=1e-6)
    if name == "viewed":
        assert {"head"} <= set(network.names)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", list(torch_models()))
def test_libreoffice_computes_what_the_torch_model_does(name: str, tmp_path: Path) -> None:
    model, shape = torch_models()[name]
    x = torch.rand(1, *shape)
    with torch.no_grad():
        expected = model(x)[0].numpy()
    torch.onnx.export(model, (x,), tmp_path / "m.onnx", dynamo=True, verbose=False)
    np.save(tmp_path / "x.npy", x[0].double().numpy())
    path, poisoned = tmp_path / "m.xlsx", tmp_path / "poisoned.xlsx"
    good("generate", path, "--model", tmp_path / "m.onnx", "--input", tmp_path / "x.npy")
    report = verify(path)
    assert report.verdict() == "verified"
    assert oracles.poison(path, poisoned) > 0
    cells = oracles.libreoffice(poisoned, tmp_path)
    place = report.lifted.tensors[report.networks[0].tensors[-1]]
    found = [oracles.number(cells[cell]) for cell in _column(place.planes[0])]
    assert np.allclose(found, expected, rtol=0, atol=1e-5)


def _column(plane: Plane) -> list[tuple[int, int]]:
    return [plane.cell(i, 0) for i in range(plane.shape[0])]


# -- ONNX in, operator by operator -------------------------------------------------------

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


def test_negative_pads_crop(tmp_path: Path) -> None:
    pads = np.array([0, 0, -1, 2, 0, 0, 0, -2])
    onnx.save(model_of([("Pad", [".", "p"], {}), CONV], {"w": W, "p": pads}), tmp_path / "m.onnx")
    x = draw(1, 1, 5, 6)
    padded = nn.functional.pad(torch.from_numpy(x), (2, -2, -1, 0))
    theirs = nn.functional.conv2d(padded, torch.from_numpy(W))[0].numpy()
    assert np.allclose(load_network(tmp_path / "m.onnx").forward(x[0]), theirs, atol=1e-6)


POOL = {"kernel_shape": [2, 2]}
REFUSED: dict[str, tuple[list[Node], dict[str, Any], str]] = {
    "operator": ([("Elu", ["."], {})], {}, r"operator Elu \(n0\): expected one of Conv, Gemm"),
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
    "dense bias": ([FLAT, ("Gemm", [".", "f", "c"], {})], {"f": F, "c": draw(2)}, r"a constant of shape \(2,\); expected \(3,\)"),
    "matmul from the left": ([FLAT, ("MatMul", ["f", "."], {})], {"f": draw(3, 30)}, "it reads f, which is a constant"),
    "bias by pixel": ([CONV, ("Add", [".", "b"], {})], {"w": W, "b": draw(2, 3, 4)}, r"a constant of shape \(2, 3, 4\)"),
    "skip": ([CONV, ("Add", [".", "."], {})], {"w": W}, "skip connections have no layer"),
    "add alone": ([("Add", [".", "b"], {})], {"b": draw()}, "expected it after Conv or Gemm"),
    "norm of a vector": ([FLAT, ("BatchNormalization", [".", *"abmv"], {})],
                         {key: np.ones(30, np.float32) for key in "abmv"}, "BatchNorm2d takes"),
    "norm of other channels": ([CONV, ("BatchNormalization", [".", *"abmv"], {})],
                               {"w": draw(3, 1, 3, 3)} | NORM, r"a: shape \(2,\); expected \(3,\)"),
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
    (_dimension, r"input x has shape \(1, 1, height, 6\); expected \(batch, channels, height"),
    (_flat_input, r"input x has shape \(1, 1, 5\); expected"),
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
    skip = [conv, {"type": "Add", "reads": "input"}]
    with pytest.raises(ModelError, match="a skip connection: expected layers one after"):
        onnx_model(network_of({"input": [1, 4, 4], "layers": skip}))


# -- .npz files --------------------------------------------------------------------------


def test_npz_files_without_a_good_description_are_refused(tmp_path: Path) -> None:
    path, state = tmp_path / "m.npz", small().state()
    for description, message in (
        (None, "no description of the network"),
        (np.array("{"), "not a description; expected a JSON object"),
        (np.array("[" * 100_000), "not a description"),
        (np.array("3"), "not a description"),
        (np.array(3.0), "not a description"),
        (np.array('{"input": [1, 2, 3]}'), "layers are missing"),
    ):
        more = {} if description is None else {SPEC_PROPERTY: description}
        np.savez(path, **state, **more)
        with pytest.raises(XlconvError, match=message) as caught:
            load_network(path)
        assert str(caught.value).startswith(f"{path}: ")
    save_network(small(), path, replace=True)
    arrays = dict(np.load(path))
    del arrays["edges.bias"]
    np.savez(path, **arrays)
    with pytest.raises(WeightsError, match=r"edges\.bias: missing"):
        load_network(path)


def test_npz_files_that_unpack_to_too_much_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "m.npz", a=np.zeros(100_000))
    assert len(read_arrays(tmp_path / "m.npz")["a"]) == 100_000
    monkeypatch.setattr("xlconv.interop.inputs._MOST_BYTES", 1000)
    with pytest.raises(WeightsError, match=r"m\.npz: not an \.npz file of numbers"):
        read_arrays(tmp_path / "m.npz")


def test_weights_without_a_description_still_serve_a_preset(tmp_path: Path) -> None:
    network = PRESETS["edges"].network()
    save_network(network, tmp_path / "m.npz")
    np.savez(tmp_path / "plain.npz", **network.state())
    for name in ("m.npz", "plain.npz"):
        out = tmp_path / f"{name}.xlsx"
        good("generate", out, "--preset", "edges", "--weights", tmp_path / name)
        assert extract(out).network == network
    assert "conv1.weight: shape (4, 1, 3, 3); expected" in refused(
        "generate", "--weights", tmp_path / "plain.npz"
    )
    good("verify", tmp_path / "m.npz.xlsx", "--model", tmp_path / "m.npz", "-q")


# -- the command line --------------------------------------------------------------------


def test_extract_refuses_in_one_line_and_writes_nothing(tmp_path: Path) -> None:
    path = workbook(small(), tmp_path / "small.xlsx")
    (tmp_path / "mine.npz").write_text("mine")
    (tmp_path / "notes.xlsx").write_text("no workbook")
    before = sorted(tmp_path.iterdir())
    for words, message in (
        ((path, "-o", tmp_path / "m.txt"), "expected a name that ends in .npz, .onnx or .pt"),
        ((path, "-o", tmp_path / "m"), "or --format csv for a folder of tables"),
        ((path, "-o", tmp_path / "m.csv"), "or --format csv for a folder of tables"),
        ((path, "-o", tmp_path / "mine.npz"), "exists; to replace it, expected --force"),
        ((path, "-o", tmp_path / "no" / "m.npz"), "No such file or directory"),
        ((path, "-o", tmp_path / "no" / "m", "--format", "csv"), "No such file or directory"),
        ((path, "-o", tmp_path / "m.npz", "--network", "2"), "no network 2; expected one of 1 on network: edges"),
        ((path, "-o", tmp_path / "m.npz", "--network", "0"), "no network 0"),
        ((tmp_path / "notes.xlsx", "-o", tmp_path / "m.npz"), "notes.xlsx: "),
        ((tmp_path / "none.xlsx", "-o", tmp_path / "m.npz"), "none.xlsx: "),
    ):  # fmt: skip
        assert message in refused("extract", *words), words
    assert sorted(tmp_path.iterdir()) == before
    good("extract", path, "-o", tmp_path / "mine.npz", "--force")
    assert load_network(tmp_path / "mine.npz") == small()


def test_missing_extras_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(small(), tmp_path / "small.xlsx")
    save_network(small(), tmp_path / "m.onnx")
    for library, name in (("onnx", "m2.onnx"), ("torch", "m2.pt")):
        with monkeypatch.context() as patch:
            patch.setitem(__import__("sys").modules, library, None)
            said = refused("extract", path, "-o", tmp_path / name)
            assert (
                said == f"{tmp_path / name}: {said.split(': ')[1]}: pip install 'xlconv[{library}]'"
            )
            if library == "onnx":
                said = refused("generate", tmp_path / "x.xlsx", "--model", tmp_path / "m.onnx")
                assert "pip install 'xlconv[onnx]'" in said
        assert not (tmp_path / name).exists()


def test_a_model_is_the_only_source(tmp_path: Path) -> None:
    save_network(small(), tmp_path / "m.npz")
    for option, value in (
        ("--preset", "edges"), ("--spec", "net.toml"), ("--weights", "w.npz"), ("--seed", "1"),
        ("--init", "xavier"),
    ):  # fmt: skip
        said = refused("generate", "--model", tmp_path / "m.npz", option, value)
        assert said.startswith(f"--model and {option}: expected one of them")
    wide = network_of({"input": [1, 3, 17000], "layers": [{"type": "ReLU"}]})
    save_network(wide, tmp_path / "wide.npz")
    assert refused("generate", "--model", tmp_path / "wide.npz").startswith(
        f"{tmp_path}/wide.npz: "
    )


def test_what_the_network_leaves_out_is_told(tmp_path: Path) -> None:
    network = small()
    made = book_of(network, strip(network), random_input(network, 5)).workbook
    cell = verify(workbook(network, tmp_path / "a.xlsx")).lifted.tensors[1].kernels[0][0].origin
    subject = Subject.of("small", made)
    holed = rebuilt(subject, Fault({cell: None}, cell, ()))
    found = extracted(lift_workbook(holed, "small.xlsx"))
    assert found.network.state()["edges.weight"][0, 0, 0, 0] == 0
    (remark,) = found.remarks
    assert re.fullmatch(r"network![A-Z]+[0-9]+: blank in the weights; taken as 0", remark)
    assert parse_a1(remark.split("!")[1].split(":")[0]) == cell
