"""Six by six pixels, one kernel, one pool: a network that can be computed by hand."""

from __future__ import annotations

import numpy as np

from xlconv.arrays import Array
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset, image_of, kernels_of

_KERNEL = ((-1, 0, 1), (-1, 0, 1), (-1, 0, 1))
_PICTURE = (
    (0, 0, 0, 2, 2, 2),
    (0, 0, 1, 2, 2, 2),
    (0, 0, 1, 2, 2, 1),
    (0, 1, 2, 2, 1, 0),
    (0, 1, 2, 2, 1, 0),
    (0, 2, 2, 1, 0, 0),
)


def _network() -> Network:
    spec = {
        "name": "first-convolution",
        "input": [1, 6, 6],
        "layers": [
            {"type": "Conv2d", "out_channels": 1, "kernel_size": 3},
            {"type": "ReLU"},
            {"type": "MaxPool2d", "kernel_size": 2},
        ],
    }
    weights = {"conv1.weight": kernels_of(_KERNEL), "conv1.bias": np.array([-1.0])}
    return network_of(spec).with_state(weights)


def _picture() -> Array:
    return image_of(_PICTURE)


PRESET = Preset(
    "first-convolution",
    "six by six pixels, one kernel and one pool, to be computed by hand",
    _network,
    picture=_picture,
)
