"""A colour picture: three input planes, and kernels that read all three at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from xlconv.arrange import strip
from xlconv.layers.base import Array
from xlconv.layout import Layout
from xlconv.network import Network
from xlconv.plane import Label
from xlconv.presets.base import Preset
from xlconv.spec import network_of

SIDE = 16
COLOURS = ("red", "green", "blue")
_CROSS = ((0, 1, 0), (1, 1, 1), (0, 1, 0))
_CENTRE = ((0, 0, 0), (0, 1, 0), (0, 0, 0))
_OUTLINE = ((0, -1, 0), (-1, 4, -1), (0, -1, 0))
# What each kernel answers to, and how often it takes which pattern in red, green and blue.
KERNELS = (
    ("green and nothing else", _CROSS, (-0.2, 0.2, -0.2)),
    ("edges in brightness", _OUTLINE, (0.3, 0.6, 0.1)),
    ("red minus green", _CENTRE, (1, -1, 0)),
    ("yellow: red and green, no blue", _CROSS, (0.1, 0.1, -0.2)),
)

_SKY, _GRASS, _STEM = (0.55, 0.8, 1.0), (0.45, 0.8, 0.3), (0.1, 0.5, 0.15)
_PETAL, _HEART, _SUN = (0.9, 0.15, 0.25), (1.0, 0.85, 0.2), (1.0, 0.9, 0.35)


def rgb_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    return {
        "name": "rgb",
        "input": [3, SIDE, SIDE],
        "layers": [
            {"type": "Conv2d", "out_channels": len(KERNELS), "kernel_size": 3, "bias": False},
            {"type": "ReLU"},
        ],
    }


def _network() -> Network:
    # (O, C, H, W): one pattern, as often in every colour as the kernel says
    kernels = [
        np.multiply.outer(shares, np.array(pattern, np.float64)) for _, pattern, shares in KERNELS
    ]
    return network_of(rgb_spec()).with_state({"conv1.weight": np.round(kernels, 4)})


def flower() -> Array:
    """Return the picture, (3, 16, 16): a red flower on green grass, sky and sun."""
    i, j = np.mgrid[0:SIDE, 0:SIDE]
    picture = np.empty((SIDE, SIDE, 3))
    picture[:] = _SKY
    picture[12:] = _GRASS
    picture[(i - 1.5) ** 2 + (j - 13) ** 2 < 5.5] = _SUN
    picture[(j == 7) & (i >= 8)] = _STEM
    leaves = [(11, 6), (10, 5), (10, 4), (9, 4), (12, 8), (11, 9), (11, 10), (10, 10)]
    picture[tuple(np.transpose(leaves))] = _STEM
    for row, column in ((2, 7), (8, 7), (5, 4), (5, 10), (3, 5), (3, 9), (7, 5), (7, 9)):
        picture[(i - row) ** 2 + (j - column) ** 2 < 2.5] = _PETAL
    picture[(i - 5) ** 2 + (j - 7) ** 2 < 5] = _HEART
    return picture.transpose(2, 0, 1)


def rgb_layout(network: Network) -> Layout:
    """Return the strip with the picture before its planes, and captions that say what is what."""
    layout = strip(network, sheet="rgb", picture=True)
    told = {f"input[{k}]": f"{colour} · input[{k}]" for k, colour in enumerate(COLOURS)}
    told |= {f"relu1[{k}]": f"relu1[{k}] · {name}" for k, (name, _, _) in enumerate(KERNELS)}
    told["picture[0]"] = "the picture that red, green and blue make (colours only)"
    labels = [replace(label, text=told.get(label.text, label.text)) for label in layout.labels]
    labels += [
        Label((plane.origin[0] - 1, plane.origin[1]), colour)
        for kernels in layout.places[1].tables["weight"]
        for plane, colour in zip(kernels, COLOURS, strict=True)
    ]
    return replace(layout, labels=tuple(labels))


PRESET = Preset(
    "rgb",
    "a colour picture in three planes, and 3×3×3 kernels: one answers to green alone",
    _network,
    arrange=rgb_layout,
    picture=flower,
)
