"""Networks that several tests describe."""

from __future__ import annotations

from tests.helpers.strategies import (
    random_state,
)
from xlconv.network.network import Network
from xlconv.network.spec import network_of

CONV = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}

CONV_LINEAR = {"input": [1, 6, 6], "layers": [CONV, {"type": "Flatten"},
                                       {"type": "Linear", "out_features": 2}]}  # fmt: skip

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

HEAD = "input = [1, 28, 28]\n"
TOML = '[[layers]]\ntype = "Conv2d"\nout_channels = 2\nkernel_size = 3\n'


def single(options: dict, shape: list[int], seed: int = 0) -> Network:
    network = network_of({"input": shape, "layers": [options]})
    return network.with_state(random_state(network, seed))
