"""Every layer against PyTorch, in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.specs import RESIDUAL, single
from tests.helpers.strategies import (
    ELEMENTWISE,
    conv_options,
    pool_options,
    random_input,
    random_state,
    shapes,
)
from tests.helpers.torch import nn, torch
from xlconv.errors import XlconvError
from xlconv.layers import (
    AvgPool2d,
    Conv2d,
    Linear,
    MaxPool2d,
    Softmax,
)
from xlconv.network.spec import network_of, spec_of

pytestmark = pytest.mark.torch


def close(ours: np.ndarray, theirs: torch.Tensor) -> None:
    np.testing.assert_allclose(ours, theirs.numpy()[0], rtol=1e-10, atol=1e-10)


def batch(x: np.ndarray) -> torch.Tensor:
    return torch.tensor(x)[None]


@given(conv_options(), shapes, st.integers(0, 2**31))
@examples(200)
def test_conv2d_is_torchs(options: dict, shape: list[int], seed: int) -> None:
    try:
        network = single(options, shape, seed)
    except XlconvError:
        assume(False)
    layer = network.layers[0]
    assert isinstance(layer, Conv2d)
    x = random_input(network, seed)
    bias = None if layer.bias is None else torch.tensor(layer.bias)
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    padded = nn.functional.pad(batch(x), tuple(layer.padding), mode)
    y = nn.functional.conv2d(
        padded, torch.tensor(layer.weight), bias, layer.stride, 0, layer.dilation, layer.groups
    )
    close(network.forward(x), y)
    assert network.shapes[-1] == tuple(y.shape[1:])


@given(pool_options(), shapes, st.integers(0, 2**31))
@examples(400)
def test_pools_are_torchs(options: dict, shape: list[int], seed: int) -> None:
    try:
        network = single(options, shape, seed)
    except XlconvError:
        assume(False)
    layer = network.layers[0]
    windows = layer.kernel_size, layer.stride, layer.padding
    if isinstance(layer, MaxPool2d):
        theirs = nn.MaxPool2d(*windows, ceil_mode=layer.ceil_mode)
    else:
        assert isinstance(layer, AvgPool2d)
        theirs = nn.AvgPool2d(*windows, layer.ceil_mode, layer.count_include_pad)
    x = random_input(network, seed)
    y = theirs(batch(x))
    assert network.shapes[-1] == tuple(y.shape[1:])
    close(network.forward(x), y)


@given(st.integers(1, 12), st.integers(1, 6), st.booleans(), st.integers(0, 2**31))
def test_linear_is_torchs(features: int, outputs: int, bias: bool, seed: int) -> None:
    network = single({"type": "Linear", "out_features": outputs, "bias": bias}, [features], seed)
    layer = network.layers[0]
    assert isinstance(layer, Linear)
    x = random_input(network, seed)
    own_bias = None if layer.bias is None else torch.tensor(layer.bias)
    close(network.forward(x), nn.functional.linear(batch(x), torch.tensor(layer.weight), own_bias))


@given(st.lists(st.floats(-2000, 2000), min_size=1, max_size=12))
def test_softmax_is_torchs_and_does_not_overflow(logits: list[float]) -> None:
    y = Softmax().forward(np.array(logits))
    close(y, nn.Softmax(dim=1)(batch(np.array(logits))))


@given(ELEMENTWISE, shapes, st.integers(0, 2**31))
def test_elementwise_layers_are_torchs(options: dict, shape: list[int], seed: int) -> None:
    network = single(options, shape, seed)
    x = 20 * random_input(network, seed)
    arguments = {key: value for key, value in options.items() if key != "type"}
    close(network.forward(x), getattr(nn, options["type"])(**arguments)(batch(x)))


@given(shapes, st.integers(0, 2**31), st.sampled_from([1e-5, 0.01]))
def test_batch_norm_is_torchs_in_evaluation_mode(shape: list[int], seed: int, eps: float) -> None:
    network = single({"type": "BatchNorm2d", "eps": eps}, shape, seed)
    x = random_input(network, seed)
    theirs = nn.BatchNorm2d(shape[0], eps=eps, dtype=torch.float64).eval()
    state = network.layers[0].parameters()
    theirs.load_state_dict({key: torch.tensor(value) for key, value in state.items()})
    with torch.no_grad():
        close(network.forward(x), theirs(batch(x)))
    # What torch itself saves has one number more, which counts batches.
    torchs = {f"bn1.{key}": value.numpy() for key, value in theirs.state_dict().items()}
    assert network.with_state(torchs) == network


@given(shapes, st.integers(0, 2**31), st.sampled_from([0.0, 0.25, 0.5]))
def test_dropout_is_torchs(shape: list[int], seed: int, p: float) -> None:
    network = single({"type": "Dropout", "p": p}, shape, seed)
    x = random_input(network, seed)
    close(network.forward(x), nn.Dropout(p).eval()(batch(x)))
    training = network.in_training(seed)
    mask = training.layers[0].mask
    assert set(np.unique(mask)) <= {0, 1}
    np.testing.assert_allclose(training.forward(x), x * mask / (1 - p))
    if p == 0:
        assert mask.all()


@pytest.mark.filterwarnings("ignore:Using padding='same'")  # torch says that it is slow
@pytest.mark.parametrize(("size", "dilation"), [(3, 1), (2, 1), ([3, 4], 1), (3, [2, 1]), (2, 3)])
def test_padding_same_is_torchs(size, dilation) -> None:
    options = {"out_channels": 2, "kernel_size": size, "dilation": dilation, "padding": "same"}
    network = single({"type": "Conv2d"} | options, [1, 7, 8])
    layer = network.layers[0]
    x = random_input(network, 0)
    y = nn.functional.conv2d(
        batch(x), torch.tensor(layer.weight), torch.tensor(layer.bias),
        padding="same", dilation=layer.dilation,
    )  # fmt: skip
    close(network.forward(x), y)
    assert network.shapes[-1][1:] == (7, 8)


@given(shapes, st.integers(0, 2**31))
def test_adaptive_average_pooling_to_one_is_torchs(shape: list[int], seed: int) -> None:
    network = single({"type": "AdaptiveAvgPool2d", "output_size": 1}, shape, seed)
    x = random_input(network, seed)
    close(network.forward(x), nn.AdaptiveAvgPool2d(1)(batch(x)))


def test_a_residual_block_is_torchs() -> None:
    network = network_of(RESIDUAL)
    network = network.with_state(random_state(network, 1))
    assert network.sources == ((0,), (1,), (2,), (3,), (2,), (4, 5), (6,))
    assert network_of(spec_of(network)).sources == network.sources
    assert spec_of(network)["layers"][5] == {"type": "Add", "reads": ["bn1", "short"]}
    x, state = random_input(network, 2), network.state()
    weights = {key: torch.tensor(value) for key, value in state.items()}
    functional = nn.functional

    def conv(name: str, y: torch.Tensor, padding: int) -> torch.Tensor:
        return functional.conv2d(y, weights[f"{name}.weight"], weights[f"{name}.bias"], 1, padding)

    before = functional.relu(conv("conv1", batch(x), 1))
    main = functional.batch_norm(
        conv("conv2", before, 1), weights["bn1.running_mean"], weights["bn1.running_var"],
        weights["bn1.weight"], weights["bn1.bias"],
    )  # fmt: skip
    close(network.forward(x), functional.relu(main + conv("short", before, 0)))
    np.testing.assert_allclose(network.folded().forward(x), network.forward(x), rtol=1e-10)
    # Through two convolutions on the one way, one on the other: 5x5 of the input.
    assert network.receptive_fields(6)[0].size == (5, 5)


@given(shapes, st.integers(1, 4), st.integers(0, 2**31))
def test_concat_is_torchs_along_the_channels(shape: list[int], more: int, seed: int) -> None:
    layers = [
        {"type": "Conv2d", "out_channels": more, "kernel_size": 1},
        {"type": "Concat", "reads": ["input", "conv1", "input"]},
    ]
    network = network_of({"input": shape, "layers": layers})
    network = network.with_state(random_state(network, seed))
    x = random_input(network, seed)
    y = network.activations(x)[1]
    close(network.forward(x), torch.cat([batch(x), batch(y), batch(x)], dim=1))


@given(shapes, st.integers(0, 2**31))
def test_relu_and_flatten_are_torchs(shape: list[int], seed: int) -> None:
    network = network_of({"input": shape, "layers": [{"type": "ReLU"}, {"type": "Flatten"}]})
    x = random_input(network, seed)
    close(network.forward(x), nn.Flatten()(nn.ReLU()(batch(x))))
