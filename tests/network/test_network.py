import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.helpers.specs import CONV_LINEAR
from tests.helpers.strategies import (
    networks,
    random_input,
)
from tests.helpers.torch import torch
from xlconv.errors import (
    InputError,
    ShapeError,
    WeightsError,
)
from xlconv.layers import Flatten, Linear, ReceptiveField, ReLU
from xlconv.network.initialise import initialised
from xlconv.network.network import Network, default_names
from xlconv.network.spec import network_of

SPEC = {
    "input": [1, 12, 12],
    "layers": [
        {"type": "Conv2d", "out_channels": 2, "kernel_size": 3},
        {"type": "ReLU"},
        {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "stride": 2},
        {"type": "Flatten"},
        {"type": "Linear", "out_features": 4},
        {"type": "Softmax"},
    ],
}


def test_names_are_numbered_by_kind() -> None:
    names = network_of(SPEC).names
    assert names == ("conv1", "relu1", "conv2", "flatten", "fc1", "softmax")


def test_state_round_trips_and_is_checked() -> None:
    network = initialised(network_of(SPEC), seed=3)
    state = network.state()
    assert network_of(SPEC).with_state(state) == network
    for key, value, message in (
        ("conv1.weight", None, "conv1.weight: missing"),
        ("conv9.weight", np.zeros(3), "conv9.weight: no such parameter"),
        ("fc1.bias", np.zeros(5), r"fc1.bias: shape 5; expected 4"),
        ("fc1.bias", np.array([1, 2, 3, np.nan]), "fc1.bias: NaN or infinity"),
        ("fc1.bias", np.array(["a"] * 4), "fc1.bias: <U1 values; expected real numbers"),
    ):
        changed = {k: v for k, v in (state | {key: value}).items() if v is not None}
        with pytest.raises(WeightsError, match=message):
            network.with_state(changed)


def test_the_fingerprint_changes_with_any_weight() -> None:
    network = initialised(network_of(SPEC), seed=3)
    state = {key: value.copy() for key, value in network.state().items()}
    assert network.with_state(state).fingerprint() == network.fingerprint()
    state["fc1.bias"][2] += 1e-12
    assert network.with_state(state).fingerprint() != network.fingerprint()


def test_shapes_that_do_not_chain_name_the_layer() -> None:
    with pytest.raises(ShapeError, match=r"layer 2 \(softmax\): Softmax takes a vector"):
        network_of({"input": [1, 4, 4], "layers": [{"type": "ReLU"}, {"type": "Softmax"}]})
    with pytest.raises(ShapeError, match="2 classes, but"):
        Network((3,), (ReLU(),), classes=("a", "b"))


def test_inputs_are_checked() -> None:
    network = network_of(SPEC)
    with pytest.raises(InputError, match=r"shape 12×12"):
        network.forward(np.zeros((12, 12)))
    with pytest.raises(InputError, match="NaN"):
        network.forward(np.full((1, 12, 12), np.nan))


def test_two_stride_2_convolutions_see_7x7() -> None:
    conv = {"type": "Conv2d", "out_channels": 1, "kernel_size": 3, "stride": 2, "padding": 1}
    network = network_of({"input": [1, 28, 28], "layers": [conv, conv]})
    fields = network.receptive_fields(2)
    assert fields[0] == ReceptiveField((7, 7), (4, 4), (-3, -3))
    assert fields[1] == ReceptiveField((3, 3), (2, 2), (-1, -1))
    assert fields[2] == ReceptiveField((1, 1), (1, 1), (0, 0))


@given(networks(), st.integers(0, 2**31), st.data())
def test_a_unit_depends_on_nothing_outside_its_receptive_field(
    network: Network, seed: int, data: st.DataObject
) -> None:
    assume(
        all(layer.padding_mode == "zeros" for layer in network.layers)
    )  # which repeats what is elsewhere
    planes = (k for k, shape in enumerate(network.shapes) if len(shape) == 3)
    tensor = max(k for k in planes if 0 in network.receptive_fields(k))
    reach = network.receptive_fields(tensor)[0]
    channel, i, j = (data.draw(st.integers(0, n - 1)) for n in network.shapes[tensor])
    x = random_input(network, seed)
    top, left = (reach.start[k] + reach.stride[k] * (i, j)[k] for k in (0, 1))
    outside = np.ones(x.shape, bool)
    rows = slice(max(0, top), max(0, top + reach.size[0]))
    outside[:, rows, max(0, left) : max(0, left + reach.size[1])] = False
    changed = np.where(outside, x + 1, x)
    before, after = network.activations(x)[tensor], network.activations(changed)[tensor]
    assert before[channel, i, j] == pytest.approx(after[channel, i, j])


@pytest.mark.torch
@pytest.mark.parametrize(
    ("method", "reference"),
    [
        ("kaiming", "kaiming_uniform_"),
        ("xavier", "xavier_uniform_"),
        ("uniform", "uniform_"),
        ("kaiming-a-sqrt5", "kaiming_uniform_"),
        ("torch-default", "kaiming_uniform_"),
    ],
)
def test_seeded_weights_have_torchs_bounds(method: str, reference: str) -> None:
    spec = {
        "input": [8, 5, 5],
        "layers": [{"type": "Conv2d", "out_channels": 400, "kernel_size": [2, 3]}],
    }
    state = initialised(network_of(spec), 1, method).state()
    weight = state["conv1.weight"]
    torch.manual_seed(0)
    steep = {"a": 5**0.5} if method in ("kaiming-a-sqrt5", "torch-default") else {}
    drawn = getattr(torch.nn.init, reference)
    theirs = drawn(torch.empty(weight.shape, dtype=torch.float64), **steep).numpy()
    assert weight.min() == pytest.approx(theirs.min(), abs=2e-3)
    assert weight.max() == pytest.approx(theirs.max(), abs=2e-3)
    assert weight.mean() == pytest.approx(theirs.mean(), abs=1e-2)
    default = torch.nn.Conv2d(8, 400, (2, 3)).bias.detach().numpy()
    if steep:
        assert np.abs(state["conv1.bias"]).max() == pytest.approx(np.abs(default).max(), abs=3e-3)
    else:
        assert not state["conv1.bias"].any()


def test_the_same_seed_gives_the_same_weights() -> None:
    network = network_of(SPEC)
    assert initialised(network, 5) == initialised(network, 5)
    assert initialised(network, 5) != initialised(network, 6)


def test_infinity_and_complex_numbers_are_refused() -> None:
    network = network_of(CONV_LINEAR)
    with pytest.raises(InputError, match="NaN or infinity"):
        network.forward(np.full((1, 6, 6), np.inf))
    with pytest.raises(WeightsError, match=r"fc1\.bias: NaN or infinity"):
        network.with_state(network.state() | {"fc1.bias": np.array([1, -np.inf])})
    with pytest.raises(WeightsError, match=r"fc1\.bias: complex128 values"):
        network.with_state(network.state() | {"fc1.bias": np.array([1, 1j])})


def test_the_fingerprint_knows_names_and_shapes() -> None:
    flat = Linear(np.arange(6.0).reshape(2, 3)), Linear(np.arange(6.0).reshape(3, 2))
    prints = {Network((one.weight.shape[1],), (one,)).fingerprint() for one in flat}
    prints.add(Network((3,), (flat[0],), names=("other",)).fingerprint())
    assert len(prints) == 3


def test_a_second_flatten_has_a_number_and_planes_no_classes() -> None:
    assert default_names([Flatten, Flatten]) == ("flatten", "flatten2")
    with pytest.raises(ShapeError, match="2 classes, but"):
        Network((2, 1, 1), (ReLU(),), classes=("a", "b"))


def test_seeded_weights_have_four_decimals_and_seed_0() -> None:
    network = network_of(CONV_LINEAR)
    weights = initialised(network, 3).state()["fc1.weight"]
    assert np.array_equal(weights, np.round(weights, 4))
    assert not np.array_equal(weights, np.round(weights, 3))
    assert initialised(network) == initialised(network, 0, "kaiming")
