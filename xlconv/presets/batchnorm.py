"""The default preset's network with a batch normalisation after each convolution, trained."""

from __future__ import annotations

from typing import Any

from xlconv.network.network import Network
from xlconv.presets.base import Preset, trained_network
from xlconv.presets.conv_example import variant_of_conv_example


def batchnorm_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    return variant_of_conv_example("batchnorm", _normalised)


def _normalised(layer: dict[str, Any]) -> list[dict[str, Any]]:
    if layer["type"] != "Conv2d":
        return [layer]
    # Without a bias: the normalisation would take it off again with the mean.
    return [layer | {"bias": False}, {"type": "BatchNorm2d"}]


def _network() -> Network:
    return trained_network(batchnorm_spec())


PRESET = Preset(
    "batchnorm",
    "the default network with a batch normalisation after each convolution, trained",
    _network,
    digit=7,
    is_trained=True,
)
