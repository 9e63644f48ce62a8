"""Two heads on the same logits: of two digits, sigmoid names both, softmax has to choose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xlconv.layers import Sigmoid
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset
from xlconv.presets.conv_example import conv_example_spec
from xlconv.presets.data import load, sample_pair

_FILTERS = 4


def multi_label_spec() -> dict[str, Any]:
    """Return the description of the main network, which ends in a softmax, without weights."""
    layers = [
        layer | ({"out_channels": _FILTERS} if layer["type"] == "Conv2d" else {})
        for layer in conv_example_spec()["layers"]
    ]
    return conv_example_spec() | {"name": "multi-label", "layers": layers}


def _network() -> Network:
    return network_of(multi_label_spec()).with_state(load("multi_label"))


def _heads(network: Network) -> tuple[Network, ...]:
    """Return the network with a sigmoid in place of the softmax."""
    *names, _ = network.names
    return (replace(network, layers=(*network.layers[:-1], Sigmoid()), names=(*names, "sigmoid1")),)


PRESET = Preset(
    "multi-label",
    "two digits in one picture: a sigmoid head beside the softmax, on the same logits",
    _network,
    picture=sample_pair,
    remarks=(
        "On the far right, softmax and sigmoid read the same logits of fc1, in two ways:",
        "softmax shares out 100% and has to choose; sigmoid asks of each class if it is there.",
        "Blank out one of the two digits (type 0 over it): softmax gets surer of the other one.",
    ),
    heads=_heads,
    is_trained=True,
)
