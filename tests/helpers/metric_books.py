"""Sheets with statistics and output sizes beside their layers."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
from msgspec.structs import replace

from tests.helpers.strategies import random_input, with_metrics
from xlconv.layers.base.place import Place
from xlconv.layout.labels import Label
from xlconv.layout.layout import Layout
from xlconv.layout.metric_rows import place_metrics
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lowering.book import Book, book_of
from xlconv.lowering.strip import strip
from xlconv.network.initialise import initialised
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.blocks.plane import Plane

MIXED = {
    "name": "mixed",
    "input": [2, 11, 9],
    "layers": [
        {"type": "Conv2d", "out_channels": 3, "kernel_size": [3, 2], "padding": [1, 0, 2, 1]},
        {"type": "ReLU"},
        {"type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
        {"type": "Conv2d", "out_channels": 2, "kernel_size": 2, "dilation": [2, 1]},
        {"type": "AdaptiveAvgPool2d"},
        {"type": "Flatten"},
        {"type": "Linear", "out_features": 3},
        {"type": "Softmax"},
    ],
}

METRIC_CASES = (*PRESETS, "mixed")


@cache
def metric_case(name: str) -> tuple[Network, Layout, np.ndarray]:
    """Return a network, its layout with every metric, and an input."""
    if name == "mixed":
        network = initialised(network_of(MIXED), seed=3)
        layout, x = strip(network), random_input(network, 2)
    else:
        preset = PRESETS[name]
        network, x = preset.network(), preset.sample()
        layout = preset.layout(network)
    return network, with_metrics(network, layout, statistics=True, sizes=True), x


@cache
def metric_book(name: str) -> Book:
    """Return the workbook of such a network, made once: no test may change what it gets."""
    return book_of(*metric_case(name))


SHARED_SHEETS = ("multi-label", "matmul", "padding", "one name")


@cache
def shared_sheet(name: str) -> tuple[list[PlacedNetwork], np.ndarray]:
    """Return networks that share a sheet, all with metrics, and their input."""
    if name == "one name":
        return place_metrics(same_names(), statistics=True, sizes=True), IMAGE
    preset = PRESETS[name]
    network = preset.network()
    layout = preset.layout(network)
    every = [PlacedNetwork(network, layout), *preset.heads_of(network, layout)]
    return place_metrics(every, statistics=True, sizes=True), preset.sample()


IMAGE = np.arange(49.0).reshape(1, 7, 7) / 10


def same_names() -> list[PlacedNetwork]:
    """Three networks of one input, whose layers have the same names."""
    heads: list[PlacedNetwork] = []
    for k, size in enumerate((2, 3, 4)):
        layers = [{"type": "Conv2d", "out_channels": 1, "kernel_size": size}, {"type": "ReLU"}]
        network = initialised(network_of({"input": [1, 7, 7], "layers": layers}), seed=k)
        first, conv, relu = strip(network, fuse=False).places
        if heads:
            first = heads[0].layout.places[0]
        move = partial(moved, down=20 * k)
        places = (first, *map(move, (conv, relu))) if k else (first, conv, relu)
        # Gnumeric leaves out a first row that is empty.
        labels = () if heads else (Label((0, 0), "three networks", "title"),)
        heads.append(PlacedNetwork(network, Layout("network", places, labels=labels)))
    return heads


def moved(place: Place, down: int) -> Place:
    def lower(plane: Plane) -> Plane:
        return replace(plane, origin=(plane.origin[0] + down, plane.origin[1]))

    tables = {
        name: tuple(tuple(map(lower, group)) for group in groups)
        for name, groups in place.tables.items()
    }
    return replace(place, planes=tuple(map(lower, place.planes)), tables=tables)


def book_of_all(heads: list[PlacedNetwork], x: np.ndarray) -> Book:
    first, *others = heads
    return book_of(first.network, first.layout, x, others)


@cache
def shared_book(name: str) -> Book:
    """Return the workbook of networks that share a sheet, made once."""
    heads, x = shared_sheet(name)
    return book_of_all(heads, x)


def measured_book() -> Book:
    return metric_book("conv-example")
