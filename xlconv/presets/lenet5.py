"""LeNet-5 as it is usually taught: tanh, average pools, three dense layers, 61,706 weights."""

from __future__ import annotations

from typing import Any

from xlconv.network.network import Network
from xlconv.presets.base import Preset, trained_network
from xlconv.presets.data import sample_digit


def lenet5_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    tanh = {"type": "Tanh"}
    return {
        "name": "lenet5",
        "input": [1, 32, 32],
        "classes": [str(digit) for digit in range(10)],
        "layers": [
            {"type": "Conv2d", "out_channels": 6, "kernel_size": 5},
            tanh,
            {"type": "AvgPool2d", "kernel_size": 2},
            {"type": "Conv2d", "out_channels": 16, "kernel_size": 5},
            tanh,
            {"type": "AvgPool2d", "kernel_size": 2},
            {"type": "Flatten"},
            {"type": "Linear", "out_features": 120},
            tanh,
            {"type": "Linear", "out_features": 84},
            tanh,
            {"type": "Linear", "out_features": 10},
            {"type": "Softmax"},
        ],
    }


def _network() -> Network:
    return trained_network(lenet5_spec())


PRESET = Preset(
    "lenet5",
    "LeNet-5 on a digit of 32×32: tanh, average pools and 61,706 trained parameters",
    _network,
    picture=lambda: sample_digit(7, 32),
    is_trained=True,
)
