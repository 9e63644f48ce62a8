"""The default preset: the published example's network with ten classes, really trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xlconv.network.network import Network
from xlconv.presets.base import Preset, trained_network


def conv_example_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    return {
        "name": "conv-example",
        "input": [1, 28, 28],
        "classes": [str(digit) for digit in range(10)],
        "layers": [
            {"type": "Conv2d", "out_channels": 2, "kernel_size": 3},
            {"type": "ReLU"},
            {"type": "Conv2d", "out_channels": 2, "kernel_size": 3},
            {"type": "ReLU"},
            {"type": "MaxPool2d", "kernel_size": 2},
            {"type": "Flatten"},
            {"type": "Linear", "out_features": 10},
            {"type": "Softmax"},
        ],
    }


def variant_of_conv_example(
    name: str, change: Callable[[dict[str, Any]], list[dict[str, Any]]]
) -> dict[str, Any]:
    """Return the description under another name, with what `change` makes of each layer."""
    spec = conv_example_spec()
    layers = [new for layer in spec["layers"] for new in change(layer)]
    return spec | {"name": name, "layers": layers}


def _network() -> Network:
    return trained_network(conv_example_spec())


PRESET = Preset(
    "conv-example",
    "two convolutions, max-pool, dense and softmax, trained to read handwritten digits",
    _network,
    digit=7,
    is_trained=True,
)
