"""A colour picture: three input planes, and kernels that read all three at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array
from xlconv.layout.labels import Label
from xlconv.layout.layout import Layout
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset

SIDE = 16
COLOURS = ("red", "green", "blue")
Pattern = tuple[tuple[int, ...], ...]
_CROSS: Pattern = ((0, 1, 0), (1, 1, 1), (0, 1, 0))
_CENTRE: Pattern = ((0, 0, 0), (0, 1, 0), (0, 0, 0))
_OUTLINE: Pattern = ((0, -1, 0), (-1, 4, -1), (0, -1, 0))

# What each kernel answers to, how often it takes a pattern in red, green and blue, its bias.
KERNELS: tuple[tuple[str, Pattern, tuple[float, ...], float], ...] = (
    ("green and nothing else", _CROSS, (-0.5, 0.5, -0.5), 0),
    ("edges in brightness", _OUTLINE, (0.3, 0.6, 0.1), 0),
    ("red minus green", _CENTRE, (1, -1, 0), 0),
    ("yellow: red and green, no blue", _CROSS, (0.2, 0.2, -0.4), -0.7),
)
_SKY, _GRASS, _STEM = (0.55, 0.8, 1.0), (0.2, 0.8, 0.2), (0.1, 0.5, 0.15)
_PETAL, _HEART, _SUN = (0.9, 0.15, 0.25), (1.0, 0.85, 0.2), (1.0, 0.9, 0.35)


def rgb_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    return {
        "name": "rgb",
        "input": [3, SIDE, SIDE],
        "layers": [
            {"type": "Conv2d", "out_channels": len(KERNELS), "kernel_size": 3},
            {"type": "ReLU"},
        ],
    }


def _network() -> Network:
    # (O, C, H, W): one pattern, as often in every colour as the kernel says
    kernels = [
        np.multiply.outer(shares, np.array(pattern, np.float64))
        for _, pattern, shares, _ in KERNELS
    ]
    biases = np.array([bias for *_, bias in KERNELS], np.float64)
    state: dict[str, Array] = {"conv1.weight": np.array(kernels), "conv1.bias": biases}
    return network_of(rgb_spec()).with_state(state)


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
    captions = {f"input[{k}]": f"{colour} · input[{k}]" for k, colour in enumerate(COLOURS)}
    captions |= {f"relu1[{k}]": f"relu1[{k}] · {name}" for k, (name, *_) in enumerate(KERNELS)}
    captions["picture[0]"] = "the picture that red, green and blue make (colours only)"
    labels = [replace(label, text=captions.get(label.text, label.text)) for label in layout.labels]
    named = {label.cell: label for label in labels}
    for kernels in layout.places[1].tables["weight"]:
        for plane, colour in zip(kernels, COLOURS, strict=True):
            cell = plane.origin[0] - 1, plane.origin[1]
            above = f"{named[cell].text} · {colour}" if cell in named else colour
            named[cell] = Label(cell, above)
    return replace(layout, labels=tuple(named.values()))


PRESET = Preset(
    "rgb",
    "a colour picture in three planes, and 3×3×3 kernels: one answers to green alone",
    _network,
    arrange=rgb_layout,
    picture=flower,
)
