"""The workbooks that are edited: presets, and a small network with average pools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.helpers.strategies import random_input, random_state
from xlconv.lowering.book import Book, book_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS

AVERAGES: dict[str, Any] = {
    "name": "averages",
    "input": [1, 12, 12],
    "classes": ["cat", "dog", "owl"],
    "layers": [
        {"type": "Conv2d", "out_channels": 2, "kernel_size": 3},
        {"type": "Tanh"},
        {"type": "AvgPool2d", "kernel_size": 2},
        {"type": "Flatten"},
        {"type": "Linear", "out_features": 3},
        {"type": "Softmax"},
    ],
}

# The tensors that a network ends with: an edit that leaves them alone leaves it right.
FINALS = {
    "conv-example": ("fc1_0", "softmax_0", "softmax_prediction"),
    "averages": ("fc1_0", "softmax_0", "softmax_prediction"),
    "batchnorm": ("fc1_0", "softmax_0", "softmax_prediction"),
    "multi-label": ("fc1_0", "softmax_0", "sigmoid1_0", "softmax_prediction"),
    "residual": ("relu3_0", "relu3_1"),
    "rgb": ("relu1_0", "relu1_1", "relu1_2", "relu1_3"),
}


def base(name: str, folder: Path) -> Path:
    """Return the path of a base in a folder; it is written if it is not there."""
    path = folder / f"{name}.xlsx"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _book(name).write(path)
    return path


def _book(name: str) -> Book:
    if name in PRESETS:
        return PRESETS[name].book()
    bare = network_of(AVERAGES)
    network = bare.with_state(random_state(bare, 3))
    return book_of(network, strip(network), random_input(network, 4))
