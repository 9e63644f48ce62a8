"""The default preset's network with a dropout after the pool, as it is in training."""

from __future__ import annotations

from typing import Any

from xlconv.network.network import Network
from xlconv.presets.base import Preset, trained_network
from xlconv.presets.conv_example import variant_of_conv_example


def dropout_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    return variant_of_conv_example("dropout", _dropped_out)


def _dropped_out(layer: dict[str, Any]) -> list[dict[str, Any]]:
    return [layer, {"type": "Dropout", "p": 0.5}] if layer["type"] == "MaxPool2d" else [layer]


def _network() -> Network:
    return trained_network(dropout_spec()).in_training()


PRESET = Preset(
    "dropout",
    "the default network with a dropout after the pool, in training: random cells as masks",
    _network,
    digit=7,
    is_trained=True,
)
