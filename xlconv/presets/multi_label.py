"""Two heads on the same logits: of two digits, sigmoid names both, softmax has to choose."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from xlconv.layers import Sigmoid
from xlconv.network.network import Network
from xlconv.presets.base import Preset, trained_network
from xlconv.presets.conv_example import variant_of_conv_example
from xlconv.presets.data import sample_pair

_FILTERS = 4


def multi_label_spec() -> dict[str, Any]:
    """Return the description of the main network, which ends in a softmax, without weights."""
    return variant_of_conv_example("multi-label", _widened)


def _widened(layer: dict[str, Any]) -> list[dict[str, Any]]:
    return [layer | ({"out_channels": _FILTERS} if layer["type"] == "Conv2d" else {})]


def _network() -> Network:
    return trained_network(multi_label_spec())


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
