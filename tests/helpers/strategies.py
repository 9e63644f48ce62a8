"""Drawn layers and networks."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from msgspec.structs import replace

from xlconv.errors import XlconvError
from xlconv.layers import ConvTranspose2d, Dropout
from xlconv.layout.layout import Layout
from xlconv.layout.metric_rows import place_metrics
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.network.network import Network
from xlconv.network.spec import network_of

SMALL = st.integers(1, 3)
GROUPS = st.sampled_from(
    [{}, {}, {"groups": 2, "out_channels": 4}, {"groups": 3, "out_channels": 3}]
)
MODES = st.sampled_from(
    [{}, {}, {}, *({"padding_mode": one} for one in ("reflect", "replicate", "circular"))]
)
PAIRS = st.tuples(SMALL, SMALL).map(list)


@st.composite
def conv_options(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "type": "Conv2d",
        "out_channels": draw(st.integers(1, 3)),
        "kernel_size": draw(st.one_of(SMALL, PAIRS)),
        "stride": draw(st.one_of(SMALL, PAIRS)),
        "padding": draw(
            st.one_of(
                st.integers(0, 2), st.lists(st.integers(0, 2), min_size=4, max_size=4),
                st.lists(st.integers(0, 2), min_size=2, max_size=2),
            )
        ),
        "dilation": draw(st.one_of(SMALL, PAIRS)),
        "bias": draw(st.booleans()),
    } | draw(GROUPS) | draw(MODES)  # fmt: skip


@st.composite
def transposed_options(draw: st.DrawFn) -> dict[str, Any]:
    stride = draw(PAIRS)
    return {
        "type": "ConvTranspose2d",
        "out_channels": draw(st.integers(1, 3)),
        "kernel_size": [draw(st.integers(max(2, step), 4)) for step in stride],
        "stride": stride,
        "padding": [draw(st.integers(0, 2)) for _ in stride],
        "output_padding": [draw(st.integers(0, step - 1)) for step in stride],
        "bias": draw(st.booleans()),
    }


@st.composite
def pool_options(draw: st.DrawFn) -> dict[str, Any]:
    height, width = draw(SMALL), draw(SMALL)
    mean = draw(st.booleans())
    return {
        "type": "AvgPool2d" if mean else "MaxPool2d",
        "kernel_size": [height, width],
        "stride": draw(st.one_of(SMALL, PAIRS)),
        "padding": [draw(st.integers(0, height // 2)), draw(st.integers(0, width // 2))],
        "ceil_mode": draw(st.booleans()),
    } | ({"count_include_pad": draw(st.booleans())} if mean else {})


ELEMENTWISE = st.one_of(
    st.just({"type": "ReLU"}),
    st.just({"type": "Sigmoid"}),
    st.just({"type": "Tanh"}),
    st.just({"type": "Identity"}),
    st.just({"type": "GELU", "approximate": "tanh"}),
    st.sampled_from([1.0, 0.3, -2.0]).map(lambda alpha: {"type": "ELU", "alpha": alpha}),
    st.sampled_from([0.01, 0.25, 1.5, -0.5]).map(
        lambda slope: {"type": "LeakyReLU", "negative_slope": slope}
    ),
)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """A small network of any layers that chain, with short random weights."""
    spec: dict[str, Any] = {
        "input": [draw(st.integers(1, 3)), draw(st.integers(4, 9)), draw(st.integers(4, 9))],
        "layers": [],
    }
    norm = st.sampled_from([{"type": "BatchNorm2d"}, {"type": "Dropout", "p": 0.25}])
    layers = st.one_of(conv_options(), pool_options(), ELEMENTWISE, norm, transposed_options())
    for options in draw(st.lists(layers, min_size=1, max_size=4)):
        _append(spec, options)
    if draw(st.booleans()):
        if draw(st.integers(0, 3)) == 0:
            _append(spec, {"type": "AdaptiveAvgPool2d", "output_size": 1})
        _append(spec, {"type": "Flatten"})
        for _ in range(draw(st.integers(0, 2))):
            _append(spec, {"type": "Linear", "out_features": draw(st.integers(1, 4))})
            if draw(st.booleans()):
                _append(spec, draw(ELEMENTWISE))
        if draw(st.booleans()):
            _append(spec, {"type": "Softmax"})
    if not spec["layers"]:
        spec["layers"] = [{"type": "ReLU"}]
    network = network_of(spec)
    return network.with_state(random_state(network, draw(st.integers(0, 2**32 - 1))))


@st.composite
def tiny_networks(draw: st.DrawFn) -> Network:
    """A network whose planes may have a row, a column or a cell only, with skip connections."""
    spec: dict[str, Any] = {
        "input": [draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.integers(1, 5))],
        "layers": [],
    }
    norm = st.sampled_from([{"type": "BatchNorm2d"}, {"type": "Dropout", "p": 0.25}])
    mean = st.just({"type": "AdaptiveAvgPool2d", "output_size": 1})
    layers = st.one_of(
        conv_options(), pool_options(), ELEMENTWISE, norm, mean, transposed_options()
    )
    for options in draw(st.lists(layers, min_size=1, max_size=4)):
        _append(spec, options)
    if spec["layers"] and draw(st.booleans()):
        kind = draw(st.sampled_from(["Add", "Concat"]))
        _append(spec, {"type": kind, "reads": draw(st.sampled_from(network_of(spec).names))})
        _append(spec, draw(ELEMENTWISE))
    if spec["layers"] and draw(st.booleans()):
        _append(spec, {"type": "Flatten"})
        _append(spec, {"type": "Linear", "out_features": draw(st.integers(1, 3))})
        _append(spec, draw(ELEMENTWISE))
        _append(spec, {"type": "Softmax"})
    if not spec["layers"]:
        spec["layers"] = [{"type": "ReLU"}]
    network = network_of(spec)
    return network.with_state(random_state(network, draw(st.integers(0, 2**32 - 1))))


def _append(spec: dict[str, Any], options: dict[str, Any]) -> None:
    longer = spec | {"layers": [*spec["layers"], options]}
    try:
        network = network_of(longer)
    except XlconvError:
        return  # does not chain: left out
    if not has_phases(network):
        return
    spec["layers"] = longer["layers"]


def has_phases(network: Network) -> bool:
    """Whether planes that are interleaved from blocks have two lines of each, to tell them by."""
    return all(
        n >= 2 * step
        for layer, shape in zip(network.layers, network.shapes[1:], strict=True)
        if isinstance(layer, ConvTranspose2d)
        for n, step in zip(shape[1:], layer.stride, strict=True)
    )


def at_inference(network: Network) -> Network:
    """Return the network without the masks of training."""
    layers = (replace(x, mask=None) if isinstance(x, Dropout) else x for x in network.layers)
    return replace(network, layers=tuple(layers))


def random_state(network: Network, seed: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {
        key: np.round(generator.uniform(0.1 if key.endswith("var") else -1, 1, value.shape), 3)
        for key, value in network.state().items()
    }


def random_input(network: Network, seed: int) -> np.ndarray:
    return np.round(np.random.default_rng(seed).uniform(-1, 1, network.input_shape), 3)


def with_metrics(
    network: Network, layout: Layout, *, statistics: bool = False, sizes: bool = False
) -> Layout:
    """Return the layout of the only network on its sheet, with metrics below it."""
    (found,) = place_metrics([PlacedNetwork(network, layout)], statistics=statistics, sizes=sizes)
    return found.layout


shapes = st.tuples(st.integers(1, 3), st.integers(3, 11), st.integers(3, 11)).map(list)
