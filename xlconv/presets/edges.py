"""Four edge kernels over a digit: what a convolution sees, before anything is learnt."""

from __future__ import annotations

from typing import Any

from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset, kernels_of

TOP_EDGE = ((-1, -1, -1), (0, 0, 0), (1, 1, 1))
LEFT_EDGE = ((-1, 1, 0), (-1, 1, 0), (-1, 1, 0))
DIAG1_EDGE = ((0, -1, 1), (-1, 1, 0), (1, 0, 0))
DIAG2_EDGE = ((1, -1, 0), (0, 1, -1), (0, 0, 1))


def edges_spec() -> dict[str, Any]:
    """Return the description of the network, without weights."""
    return {
        "name": "edges",
        "input": [1, 28, 28],
        "layers": [{"type": "Conv2d", "out_channels": 4, "kernel_size": 3, "bias": False}],
    }


def _network() -> Network:
    kernels = kernels_of(TOP_EDGE, LEFT_EDGE, DIAG1_EDGE, DIAG2_EDGE)
    return network_of(edges_spec()).with_state({"conv1.weight": kernels})


PRESET = Preset(
    "edges",
    "the four edge kernels of the fastbook chapter: top, left and both diagonals",
    _network,
    digit=7,
)
