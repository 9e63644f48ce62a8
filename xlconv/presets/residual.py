"""One residual block: two convolutions, and what they are added to."""

from __future__ import annotations

from typing import Any

from xlconv.network.initialise import initialised
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset, kernels_of
from xlconv.presets.edges import LEFT_EDGE, TOP_EDGE

_SEED = 3


def residual_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    conv = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1, "bias": False}
    return {
        "name": "residual",
        "input": [1, 28, 28],
        "layers": [
            conv | {"name": "stem", "stride": 2},
            {"type": "ReLU"},
            conv,
            {"type": "BatchNorm2d"},
            {"type": "ReLU"},
            conv,
            {"type": "BatchNorm2d"},
            {"type": "Add", "reads": "relu1"},
            {"type": "ReLU"},
        ],
    }


def _network() -> Network:
    network = initialised(network_of(residual_spec()), seed=_SEED)
    edges = {"stem.weight": kernels_of(TOP_EDGE, LEFT_EDGE)}
    return network.with_state(network.state() | edges)


PRESET = Preset(
    "residual",
    "one residual block: two convolutions, added to what they began from; seeded weights",
    _network,
    digit=5,
    remarks=("The skip connection: add1 is bn2 plus relu1, entry by entry. Set every number of",
             "conv2's kernels to 0: the block lets relu1 through as it is.",),
)  # fmt: skip
