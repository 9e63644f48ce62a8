"""The default preset's network with a dropout after the pool, as it is in training."""

from __future__ import annotations

from typing import Any

from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset
from xlconv.presets.conv_example import conv_example_spec
from xlconv.presets.data import load


def dropout_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    layers = []
    for layer in conv_example_spec()["layers"]:
        layers.append(layer)
        if layer["type"] == "MaxPool2d":
            layers.append({"type": "Dropout", "p": 0.5})
    return conv_example_spec() | {"name": "dropout", "layers": layers}


def _network() -> Network:
    return network_of(dropout_spec()).with_state(load("dropout")).in_training()


PRESET = Preset(
    "dropout",
    "the default network with a dropout after the pool, in training: random cells as masks",
    _network,
    digit=7,
    is_trained=True,
)
