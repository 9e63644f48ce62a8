"""The default preset: the published example's network with ten classes, really trained."""

from __future__ import annotations

from typing import Any

from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset
from xlconv.presets.data import load


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


def _network() -> Network:
    return network_of(conv_example_spec()).with_state(load("conv_example"))


PRESET = Preset(
    "conv-example",
    "two convolutions, max-pool, dense and softmax, trained to read handwritten digits",
    _network,
    digit=7,
    is_trained=True,
)
