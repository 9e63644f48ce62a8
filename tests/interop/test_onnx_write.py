"""ONNX files evaluate as our networks do, by the reference and by a runtime."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.onnx_models import evaluated
from tests.helpers.small_network import workbook
from tests.helpers.strategies import at_inference, networks, random_input, random_state
from tests.helpers.torch import nn, torch
from xlconv.interop import load_network, save_network
from xlconv.interop.onnx.write import onnx_model
from xlconv.layers import LAYERS, Layer, MaxPool2d
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.verification.verify import verify


@pytest.mark.torch
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
    assert verify(path).verdict == "verified"


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
    # The constants of ONNX's reference GELU are of single precision.
    assert np.allclose(evaluated(network, x), network.forward(x), rtol=1e-6, atol=1e-7)


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
@examples(40)
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


@pytest.mark.many
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
