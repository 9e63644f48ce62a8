"""Stride-2 convolutions all the way down, as a modern net does without pooling."""

from __future__ import annotations

from typing import Any

from xlconv.network.initialise import initialised
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset

_FILTERS = (4, 8, 16, 32, 2)


def stride2_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    layers: list[dict[str, Any]] = []
    for filters in _FILTERS:
        layers.append(
            {"type": "Conv2d", "out_channels": filters, "kernel_size": 3, "stride": 2, "padding": 1}
        )
        layers.append({"type": "ReLU"})
    layers[-1:] = [{"type": "Flatten"}, {"type": "Softmax"}]  # logits have no ReLU
    return {"name": "stride2", "input": [1, 28, 28], "layers": layers}


def _network() -> Network:
    return initialised(network_of(stride2_spec()), seed=0)


PRESET = Preset(
    "stride2",
    "five stride-2 convolutions, 28 → 14 → 7 → 4 → 2 → 1, filters doubling; seeded weights",
    _network,
    digit=3,
)
