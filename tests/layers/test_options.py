"""Options of layers: what is taken, refused as torch refuses it, and described."""

from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.specs import CONV
from tests.helpers.strategies import (
    conv_options,
    pool_options,
)
from tests.helpers.torch import nn, torch
from xlconv.errors import (
    ShapeError,
    XlconvError,
)
from xlconv.layers import Linear, Padding
from xlconv.network.spec import network_of

REFUSED = [
    ({"type": "Conv2d", "out_channels": 1, "kernel_size": 1, "in_channels": 1}, [3, 4, 4],
     "in_channels = 1, but the input has 3"),
    ({"type": "Conv2d", "out_channels": 1, "kernel_size": 1, "in_channels": 4}, [3, 4, 4],
     "in_channels = 4, but the input has 3"),
    ({"type": "Linear", "out_features": 1, "in_features": 2}, [3], "in_features = 2, but"),
    ({"type": "Linear", "out_features": 1, "in_features": 4}, [3], "in_features = 4, but"),
    ({"type": "Softmax", "dim": 0}, [3], "dim = 0: expected 1 or -1"),
    ({"type": "Softmax", "dim": True}, [3], "dim = True: expected 1 or -1"),
    ({"type": "MaxPool2d", "kernel_size": [2, 5]}, [1, 3, 4],
     "a window of 2×5 is larger than its padded input of 3×4"),
    ({"type": "MaxPool2d", "kernel_size": [4, 2]}, [1, 3, 4],
     "a window of 4×2 is larger than its padded input of 3×4"),
    ({"type": "Conv2d", "out_channels": 4_194_305, "kernel_size": 1}, [1, 1, 1],
     "4,194,305 weights; expected at most 4,194,304"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "shape", "message"), REFUSED)
def test_options_that_torch_would_refuse_are_refused(options, shape, message) -> None:
    with pytest.raises(XlconvError) as caught:
        network_of({"input": shape, "layers": [options]})
    assert message in str(caught.value)


shapes = st.tuples(st.integers(1, 3), st.integers(2, 9), st.integers(2, 9)).map(list)


@pytest.mark.torch
@given(st.one_of(conv_options(), pool_options()), shapes)
@examples(200)
def test_a_layer_is_refused_where_torch_refuses_it_and_nowhere_else(options, shape) -> None:
    given_ = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items() if k != "type"}
    if options["type"] == "Conv2d":
        padding = given_.pop("padding")
        padding = (padding,) * 2 if isinstance(padding, int) else padding
        if len(padding) == 2:  # (height, width) -> (left, right, top, bottom)
            padding = (padding[1],) * 2 + (padding[0],) * 2
        kind = partial(nn.Conv2d, shape[0])
    else:
        kind, padding = getattr(nn, options["type"]), (0, 0, 0, 0)
    border = {
        "reflect": nn.ReflectionPad2d, "replicate": nn.ReplicationPad2d,
        "circular": nn.CircularPad2d,
    }.get(given_.pop("padding_mode", ""), nn.ZeroPad2d)  # fmt: skip
    # One frame of cells cannot hold zeros that count and others that do not.
    assume(not (options.get("ceil_mode") and options.get("count_include_pad")))
    try:
        twin = nn.Sequential(border(padding), kind(**given_))
        theirs = tuple(twin(torch.zeros(1, *shape)).shape[1:])
    except (RuntimeError, ValueError):
        with pytest.raises(XlconvError):
            network_of({"input": shape, "layers": [options]})
    else:
        # With ceil_mode torch takes a window that is a little larger than its padded input.
        if not (options.get("ceil_mode") and larger(options, shape)):
            assert network_of({"input": shape, "layers": [options]}).shapes[-1] == theirs


def larger(pool: dict, shape: list[int]) -> bool:
    return any(
        k > n + 2 * p
        for k, n, p in zip(pool["kernel_size"], shape[1:], pool["padding"], strict=True)
    )


def test_a_pair_of_paddings_is_height_and_width() -> None:
    table = {"input": [1, 5, 5], "layers": [CONV | {"padding": [1, 2]}]}
    assert network_of(table).layers[0].padding == Padding(left=2, right=2, top=1, bottom=1)


DESCRIBED = [
    (CONV, "3×3"),
    (CONV | {"kernel_size": [2, 3], "stride": [2, 1], "padding": [1, 0], "dilation": [1, 2]},
     "2×3, stride [2, 1], padding [0, 0, 1, 1], dilation [1, 2]"),
    (CONV | {"stride": 2, "padding": 1, "dilation": 2}, "3×3, stride 2, padding 1, dilation 2"),
    ({"type": "MaxPool2d", "kernel_size": 2}, "2×2"),
    ({"type": "MaxPool2d", "kernel_size": [2, 3], "stride": [1, 2], "padding": [1, 0],
      "ceil_mode": True}, "2×3, stride [1, 2], padding [1, 0], ceil mode"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "words"), DESCRIBED)
def test_layers_are_described_in_a_few_words(options, words) -> None:
    assert network_of({"input": [1, 9, 9], "layers": [options]}).layers[0].describe() == words


def test_a_linear_layer_takes_exactly_its_features() -> None:
    for features in (2, 4):
        with pytest.raises(ShapeError, match=f"3 input features, but the input has {features}"):
            Linear(np.zeros((2, 3))).output_shape((features,))
