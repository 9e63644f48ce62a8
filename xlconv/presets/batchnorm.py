"""The default preset's network with a batch normalisation after each convolution, trained."""

from __future__ import annotations

from typing import Any

from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset
from xlconv.presets.conv_example import conv_example_spec
from xlconv.presets.data import load


def batchnorm_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    layers = []
    for layer in conv_example_spec()["layers"]:
        if layer["type"] == "Conv2d":
            # Without a bias: the normalisation would take it off again with the mean.
            layers += [layer | {"bias": False}, {"type": "BatchNorm2d"}]
        else:
            layers.append(layer)
    return conv_example_spec() | {"name": "batchnorm", "layers": layers}


def _network() -> Network:
    return network_of(batchnorm_spec()).with_state(load("batchnorm"))


PRESET = Preset(
    "batchnorm",
    "the default network with a batch normalisation after each convolution, trained",
    _network,
    digit=7,
    is_trained=True,
)
