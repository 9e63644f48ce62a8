"""One picture, one kernel, and a drop-down that says which: blur, sharpen, edges, or your own."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array
from xlconv.layout.labels import Label
from xlconv.layout.layout import Layout
from xlconv.layout.links import KernelMenu, KernelOption
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset, kernels_of
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane

SIDE = 32
KERNELS = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "blur": ((0.0625, 0.125, 0.0625), (0.125, 0.25, 0.125), (0.0625, 0.125, 0.0625)),
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "outline": ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    "emboss": ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
    "top Sobel": ((1, 2, 1), (0, 0, 0), (-1, -2, -1)),
    "bottom Sobel": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "left Sobel": ((1, 0, -1), (2, 0, -2), (1, 0, -1)),
    "right Sobel": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "custom": ((0.5, 0, 0), (0, 0, 0), (0, 0, 0.5)),
}
CUSTOM, CHOSEN = "custom", "emboss"
_PITCH = 4  # rows from one kernel of the table to the next


def image_kernels_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    return {
        "name": "image-kernels",
        "input": [1, SIDE, SIDE],
        "layers": [{"type": "Conv2d", "out_channels": 1, "kernel_size": 3, "bias": False}],
    }


def _network() -> Network:
    weight = kernels_of(KERNELS[CHOSEN])
    return network_of(image_kernels_spec()).with_state({"conv1.weight": weight})


def house() -> Array:
    """Return the picture, (1, 32, 32): a house under a moon, from 0 (black) to 1 (white)."""
    i, j = np.mgrid[0:SIDE, 0:SIDE]
    picture = 0.45 + 0.3 * i / SIDE  # the sky, lighter towards the ground
    picture[(i - 6) ** 2 + (j - 25) ** 2 < 15] = 1.0
    picture[i >= 27] = 0.3
    roof = (i >= 7) & (i < 15) & (np.abs(j - 12.5) <= (i - 6) * 1.2)
    picture[(i >= 4) & (i < 12) & (j >= 17) & (j < 20)] = 0.2  # the chimney
    picture[roof] = 0.1
    walls = (i >= 15) & (i < 28) & (j >= 5) & (j < 21)
    picture[walls] = 0.85
    for left in (7, 15):
        pane = (i >= 17) & (i < 21) & (j >= left) & (j < left + 4)
        picture[pane] = 0.35
    picture[(i >= 21) & (i < 28) & (j >= 11) & (j < 15)] = 0.2  # the door
    picture[(i >= 20) & (i < 28) & (j >= 26) & (j < 28)] = 0.25  # a tree
    picture[(i - 17) ** 2 + (j - 26.5) ** 2 < 17] = 0.4
    picture[(i - 16) ** 2 + (j - 25.5) ** 2 < 4] = 0.55
    shades: Array = np.round(picture, 2)[None]
    return shades


def image_kernels_layout(network: Network) -> Layout:
    """Return the strip with a table of kernels to its right, of which a cell chooses one.

    Weights that are no kernel of the table are its custom one.
    """
    layout = strip(network, sheet="image-kernels")
    ((kernel,),) = layout.places[1].tables["weight"]
    (weight,) = network.state().values()
    table = {name: np.array(entries, np.float64) for name, entries in KERNELS.items()}
    same = (name for name, entries in table.items() if np.array_equal(entries, weight[0, 0]))
    chosen = next(same, CUSTOM)
    if chosen == CUSTOM:
        table[CUSTOM] = weight[0, 0]
    key = kernel.origin[0] - 2, kernel.origin[1]
    column = max(area.right for area in layout.ranges()) + 2  # of the names
    top = layout.places[0].planes[0].origin[0] + 1
    rows = {name: top + k * _PITCH for k, name in enumerate(table)}
    options = tuple(
        KernelOption(
            name, Plane((rows[name], column + 1), kernel.shape), tuple(entries.ravel().tolist())
        )
        for name, entries in table.items()
    )
    names = Range(top, column, rows[CUSTOM], column)
    menu = KernelMenu(kernel, key, names, (top, column + 1), options)
    labels = [label for label in layout.labels if label.text != "kernel 0"]
    labels += [
        Label(key, chosen, "choice"),
        Label((key[0] - 1, key[1]), "choose a kernel ↓"),
        Label((0, column), "kernels", "title"),
        Label((rows[CUSTOM] + 1, column), "change these →", "header"),
    ]
    labels += [Label((row, column), name, "class") for name, row in rows.items()]
    return replace(layout, labels=tuple(labels), links=(menu,))


PRESET = Preset(
    "image-kernels",
    "a picture, and a drop-down of kernels: blur, sharpen, outline, emboss, Sobel, your own",
    _network,
    arrange=image_kernels_layout,
    picture=house,
)
