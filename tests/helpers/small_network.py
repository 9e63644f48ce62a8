"""A small network with names and classes, and its workbook."""

from pathlib import Path
from typing import Any

from tests.helpers.strategies import random_input, random_state
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of

SMALL: dict[str, Any] = {
    "name": "small",
    "input": [2, 6, 7],
    "classes": ["cat", "dog"],
    "layers": [
        {"type": "Conv2d", "name": "edges", "out_channels": 2, "kernel_size": 3, "padding": 1},
        {"type": "ReLU"},
        {"type": "MaxPool2d", "kernel_size": 2},
        {"type": "Flatten"},
        {"type": "Linear", "out_features": 2},
        {"type": "Softmax"},
    ],
}


def small() -> Network:
    network = network_of(SMALL)
    return network.with_state(random_state(network, 1))


def workbook(network: Network, path: Path, shown: Any = None) -> Path:
    shown = random_input(network, 5) if shown is None else shown
    book_of(network, strip(network), shown).write(path)
    return path
