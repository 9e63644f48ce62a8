"""Every layer against PyTorch, in float64."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from tests.strategies import ELEMENTWISE, conv_options, pool_options, random_input, random_state
from xlconv.errors import InputError, ShapeError, XlconvError
from xlconv.layers import (
    LAYERS,
    AvgPool2d,
    Conv2d,
    Dropout,
    Linear,
    MaxPool2d,
    Padding,
    Softmax,
)
from xlconv.network.network import Network
from xlconv.network.spec import network_of, spec_of
from xlconv.spreadsheet.formula.parse import parse


def single(options: dict, shape: list[int], seed: int = 0) -> Network:
    network = network_of({"input": shape, "layers": [options]})
    return network.with_state(random_state(network, seed))


def close(ours: np.ndarray, theirs: torch.Tensor) -> None:
    np.testing.assert_allclose(ours, theirs.numpy()[0], rtol=1e-10, atol=1e-10)


def batch(x: np.ndarray) -> torch.Tensor:
    return torch.tensor(x)[None]


shapes = st.tuples(st.integers(1, 3), st.integers(3, 11), st.integers(3, 11)).map(list)


@given(conv_options(), shapes, st.integers(0, 2**31))
@settings(max_examples=200)
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
@settings(max_examples=400)
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


@given(conv_options(), shapes, st.integers(0, 2**31))
@settings(max_examples=50)
def test_a_batch_norm_folded_into_the_convolution_gives_the_same(options, shape, seed) -> None:
    table = {"input": shape, "layers": [options, {"type": "BatchNorm2d"}, {"type": "ReLU"}]}
    try:
        network = network_of(table)
    except XlconvError:
        assume(False)
    network = network.with_state(random_state(network, seed))
    folded = network.folded()
    assert [type(layer).__name__ for layer in folded.layers] == ["Conv2d", "ReLU"]
    x = random_input(network, seed)
    np.testing.assert_allclose(folded.forward(x), network.forward(x), rtol=1e-10, atol=1e-10)


def test_a_batch_norm_without_a_convolution_before_it_stays() -> None:
    layers = [{"type": "BatchNorm2d"}, {"type": "ReLU"}, {"type": "BatchNorm2d"}]
    network = network_of({"input": [2, 3, 3], "layers": layers})
    assert network.folded() == network


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


def test_a_sigmoid_beyond_what_a_spreadsheet_can_compute_is_refused() -> None:
    network = single({"type": "Sigmoid"}, [2])
    np.testing.assert_allclose(network.forward([-700, 1000]), [0, 1], atol=1e-300)
    with pytest.raises(InputError, match="sigmoid1\\): overflows to infinity"):
        network.forward([-710, 0])


@given(shapes, st.integers(0, 2**31))
def test_adaptive_average_pooling_to_one_is_torchs(shape: list[int], seed: int) -> None:
    network = single({"type": "AdaptiveAvgPool2d", "output_size": 1}, shape, seed)
    x = random_input(network, seed)
    close(network.forward(x), nn.AdaptiveAvgPool2d(1)(batch(x)))


RESIDUAL = {
    "input": [2, 5, 6],
    "layers": [
        {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1},
        {"type": "ReLU"},
        {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1},
        {"type": "BatchNorm2d"},
        {"type": "Conv2d", "name": "short", "out_channels": 3, "kernel_size": 1, "reads": "relu1"},
        {"type": "Add", "reads": ["bn1", "short"]},
        {"type": "ReLU"},
    ],
}


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


@pytest.mark.parametrize(
    ("reads", "message"),
    [
        ("nothing", "reads = 'nothing': expected the name of a layer before it, or 'input'"),
        (
            ["conv1", "relu1", "input"],
            "which it reads beside the layer right before; or a list of 2",
        ),
        (3, "reads = 3: expected the name"),
        (None, "reads is missing: expected the name of a layer before it"),
        ("input", r"adds \(3, 5, 6\) and \(2, 5, 6\): expected one shape"),
    ],
)
def test_an_add_that_reads_what_it_cannot_says_why(reads: object, message: str) -> None:
    layers = [*RESIDUAL["layers"][:2], {"type": "Add"} | ({"reads": reads} if reads else {})]
    with pytest.raises(XlconvError, match=message):
        network_of({"input": [2, 5, 6], "layers": layers})


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


@pytest.mark.parametrize(
    ("before", "reads", "message"),
    [
        ({"type": "MaxPool2d", "kernel_size": 2}, "input", "expected planes of one size"),
        ({"type": "Flatten"}, "flatten", "Concat takes"),
        ({"type": "ReLU"}, None, "reads is missing: .* or a list of 2 or more names"),
        ({"type": "ReLU"}, [], r"reads = \[\]: expected the name"),
    ],
)
def test_a_concat_of_what_does_not_fit_says_why(before: dict, reads: str, message: str) -> None:
    concat = {"type": "Concat"} | ({} if reads is None else {"reads": reads})
    with pytest.raises(XlconvError, match=message):
        network_of({"input": [2, 4, 6], "layers": [before, concat]})


def test_an_empty_list_is_nothing_to_read() -> None:
    with pytest.raises(XlconvError, match=r"reads = \[\]: expected the name of a layer before"):
        network_of({"input": [3], "layers": [{"type": "ReLU", "reads": []}]})


@pytest.mark.parametrize("options", [{}, {"approximate": "none"}])
def test_gelu_itself_is_refused_in_a_line(options: dict) -> None:
    with pytest.raises(XlconvError, match=r"\(gelu1\): approximate = 'none': expected 'tanh'$"):
        network_of({"input": [3], "layers": [{"type": "GELU"} | options]})


@pytest.mark.parametrize(
    ("kind", "formula", "fits"),
    [
        ("ELU", "IF(A1>0,A1,EXP(A1)-1)", True),
        ("ELU", "IF(A1>=0,A1,(EXP(A1)-1)*0.5)", True),
        ("ELU", "IF(A1<0,0.5*(EXP(A1)-1),A1)", True),
        ("ELU", "IF(A1>0,EXP(A1)-1,A1)", False),
        ("ELU", "IF(A1>0,A1,EXP(B1)-1)", False),
        ("ELU", "IF(A1>0,A1,EXP(A1)-2)", False),
        ("ELU", "IF(A1>1,A1,EXP(A1)-1)", False),
        ("GELU", "0.5*A1*(1+TANH(SQRT(2/PI())*(A1+0.044715*A1^3)))", True),
        ("GELU", "0.5*A1*(1+TANH(SQRT(2/PI())*(A1+0.04472*A1^3)))", False),
        ("GELU", "0.5*A1*(1+TANH(SQRT(2/PI())*(B1+0.044715*A1^3)))", False),
        ("GELU", "0.5*A1*(1-TANH(SQRT(2/PI())*(A1+0.044715*A1^3)))", False),
    ],
)
def test_what_only_looks_like_a_layer_is_none(kind: str, formula: str, fits: bool) -> None:
    tree = parse(formula)
    found = LAYERS[kind].match_elementwise(tree)
    assert (found is not None) == fits
    assert fits == (
        kind in {name for name, one in LAYERS.items() if one.match(tree, _Everything())}
    )


class _Everything:
    def __call__(self, reference: object) -> bool:
        return True

    def is_random(self, reference: object) -> bool:
        return False


@given(shapes, st.integers(0, 2**31))
def test_relu_and_flatten_are_torchs(shape: list[int], seed: int) -> None:
    network = network_of({"input": shape, "layers": [{"type": "ReLU"}, {"type": "Flatten"}]})
    x = random_input(network, seed)
    close(network.forward(x), nn.Flatten()(nn.ReLU()(batch(x))))


@pytest.mark.parametrize("kind", LAYERS.values())
def test_the_examples_of_a_layer_build_and_describe_themselves(kind: type) -> None:
    assert kind.EXAMPLES
    for shape, options in kind.EXAMPLES:
        reads = {"reads": "input"} if 1 not in kind.inputs else {}
        table = {"input": list(shape), "layers": [{"type": kind.__name__} | options | reads]}
        network = network_of(table)
        network.forward(random_input(network, 0))
        assert network_of(spec_of(network)) == network


def test_asymmetric_padding_is_in_the_order_of_zero_pad_2d() -> None:
    options = {"type": "Conv2d", "out_channels": 1, "kernel_size": 1, "padding": [1, 2, 3, 4]}
    network = single(options, [1, 5, 5])
    assert network.layers[0].padding == Padding(left=1, right=2, top=3, bottom=4)
    assert network.shapes[-1] == (1, 5 + 3 + 4, 5 + 1 + 2)


def test_layers_that_do_not_fit_say_why() -> None:
    conv = Conv2d(np.zeros((2, 3, 3, 3)))
    with pytest.raises(ShapeError, match="3 input channels, but the input has 1"):
        conv.output_shape((1, 8, 8))
    with pytest.raises(ShapeError, match="a kernel of 3×3 is larger than its padded input of 2×8"):
        conv.output_shape((3, 2, 8))
    with pytest.raises(ShapeError, match="put a Flatten before"):
        Softmax().output_shape((2, 1, 1))


def test_layers_compare_by_their_arrays() -> None:
    weight = np.arange(9.0).reshape(1, 1, 3, 3)
    assert Conv2d(weight) == Conv2d(weight.copy())
    assert Conv2d(weight) != Conv2d(weight + 1)
    assert Conv2d(weight) != Conv2d(weight, np.zeros(1))
    assert Conv2d(weight) != Conv2d(weight, stride=(2, 2))
    assert Dropout() != Dropout(mask=np.ones(3)) != Dropout()
