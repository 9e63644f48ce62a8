"""The arrangement of the published conv-example.xlsx: same addresses, same formulas.

Lessons quote its cells, so that they hold here: the array formulas, the second
convolution that is one column too wide, the pool and the dense weights on every
second cell. The digit, the weights and the remarks are our own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xlconv.layers.base.place import Place, Spelling
from xlconv.layout.labels import Label
from xlconv.layout.layout import Layout
from xlconv.lowering.panel import panel_of
from xlconv.network.initialise import DECIMALS
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset, kernels_of
from xlconv.presets.edges import LEFT_EDGE, TOP_EDGE
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane

_SEED = 2017


def fastai_spec() -> dict[str, Any]:
    """Return the description of the network, without weights.

    The overhanging column is padding on the right, and the pool's is ceil mode.
    """
    return {
        "name": "fastai",
        "input": [1, 28, 28],
        "layers": [
            {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "bias": False},
            {"type": "ReLU"},
            {
                "type": "Conv2d", "out_channels": 2, "kernel_size": 3,
                "padding": [0, 1, 0, 0], "bias": False,
            },
            {"type": "ReLU"},
            {"type": "MaxPool2d", "kernel_size": 2, "ceil_mode": True},
            {"type": "Flatten"},
            {"type": "Linear", "out_features": 1, "bias": False},
        ],
    }  # fmt: skip


def _network() -> Network:
    network = network_of(fastai_spec())
    generator = np.random.default_rng(_SEED)
    state = {
        key: np.round(generator.uniform(-1, 1, value.shape), DECIMALS)
        for key, value in network.state().items()
    }
    state["conv1.weight"] = kernels_of(TOP_EDGE, LEFT_EDGE)
    state["fc1.weight"] = np.abs(state["fc1.weight"])
    return network.with_state(state)


def fastai_layout(network: Network) -> Layout:
    """Return the published arrangement, for the preset's network."""

    def planes(size: tuple[int, int], *cells: str, step: int = 1) -> tuple[Plane, ...]:
        return tuple(Plane(parse_a1(cell), size, (step, step)) for cell in cells)

    kernel = (3, 3)
    conv1 = (planes(kernel, "AD11"), planes(kernel, "AD38"))
    conv2 = (planes(kernel, "BI11", "BI15"), planes(kernel, "BI38", "BI42"))
    dense = (planes((12, 13), "DN4", "DN33", step=2),)
    places = [
        Place(planes((28, 28), "A2")),
        Place(tables={"weight": conv1}),
        # The columns right of both planes are blank: they count as zeros in a
        # product, and not at all in MAX.
        Place(planes((26, 26), "AH3", "AH32"), Halo(right=1)),
        Place(tables={"weight": conv2}),
        Place(planes((24, 25), "BM4", "BM33"), Halo(right=1)),
        Place(planes((12, 13), "CM4", "CM33", step=2)),
        Place(),
        Place(planes((1, 1), "EN4"), tables={"weight": dense}),
    ]
    panel = panel_of(network, places, parse_a1("A31"))
    labels = tuple(Label(parse_a1(cell), text, role) for cell, text, role in _LABELS)
    return Layout(
        "conv-example", tuple(places), Spelling(array=True), labels + panel.labels, panel.probe
    )


_LABELS = (
    ("A1", "Input", "title"),
    ("AH1", "Conv1", "title"),
    ("BM1", "Conv2", "title"),
    ("CM1", "Maxpool", "title"),
    ("DN1", "Dense weights", "title"),
    ("EN1", "Dense activation", "title"),
    ("AD9", "filter 1/1", "caption"),
    ("AD36", "filter 2/1", "caption"),
    ("BI9", "filter 1/2", "caption"),
    ("BI36", "filter 2/2", "caption"),
    ("BM2", "One column too wide, as published: its windows reach past Conv1", "caption"),
    ("DN2", "One set of weights; a classifier of ten digits has ten", "caption"),
    ("EN2", "Ten of these would go into a softmax", "caption"),
)
PRESET = Preset(
    "fastai",
    "the published conv-example.xlsx, cell for cell; own digit and weights",
    _network,
    digit=7,
    arrange=fastai_layout,
)
