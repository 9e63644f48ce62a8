"""Tensors as DataFrames: every number at its place, every axis by its name."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tests.helpers.paths import ROOT
from tests.helpers.shipped import opened
from tests.helpers.strategies import random_input, random_state
from xlconv.analysis.diff import diff
from xlconv.analysis.inspection import inspect_workbook
from xlconv.errors import CellError, WeightsError
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.frames import tensor_frame
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS

TRANSPOSED = {
    "input": [2, 4, 5],
    "layers": [
        {"type": "ConvTranspose2d", "name": "up", "out_channels": 3, "kernel_size": 2},
        {"type": "ReLU"},
        {"type": "BatchNorm2d", "name": "norm"},
        {"type": "Flatten"},
        {"type": "Linear", "name": "fc", "out_features": 2},
    ],
}
AXES = {
    "up.weight": ["input channel", "output channel", "row", "column"],
    "up.bias": ["output"], "fc.weight": ["output", "input"], "fc.bias": ["output"],
    "norm.weight": ["output"],
}  # fmt: skip


def transposed() -> Network:
    network = network_of(TRANSPOSED)
    return network.with_state(random_state(network, 3))


def axes_of(frame) -> list[str]:
    inner = [] if frame.columns.name is None else [frame.columns.name]
    return [*frame.index.names, *inner]


def test_every_parameter_is_a_table_with_the_names_of_its_axes() -> None:
    for network in (transposed(), PRESETS["conv-example"].network()):
        for name, value in network.state().items():
            frame = network.to_frame(name)
            assert np.array_equal(frame.to_numpy().reshape(value.shape), value)
            if network.name == "network":
                assert axes_of(frame) == AXES.get(name, axes_of(frame))
            assert len(axes_of(frame)) == value.ndim


def test_an_entry_is_found_by_its_axes() -> None:
    network = PRESETS["conv-example"].network()
    frame, weight = network.to_frame("conv2.weight"), network.state()["conv2.weight"]
    assert frame.loc[(1, 0, 2), 1] == weight[1, 0, 2, 1]
    one = frame.xs(0, level="input channel").xs(1, level="output channel")
    assert np.array_equal(one, weight[1, 0])


def test_the_tensors_of_a_workbook_are_tables_of_what_its_cells_give() -> None:
    network = transposed()
    x = random_input(network, 0)
    book = lift_workbook(book_of(network, strip(network), x).workbook)
    values = dict(zip(("input", *network.names), network.activations(x), strict=True))
    for name in ("input", "relu1", "norm", "fc"):
        frame = book.to_frame(name)
        assert np.allclose(frame.to_numpy().reshape(values[name].shape), values[name], rtol=1e-12)
        expected = ["channel", "row", "column"] if values[name].ndim == 3 else ["unit"]
        assert axes_of(frame) == expected
    for name, axes in AXES.items():
        if not name.startswith("norm"):
            frame, value = book.to_frame(name), network.state()[name]
            assert np.array_equal(frame.to_numpy().reshape(value.shape), value), name
            assert axes_of(frame) == axes


def test_an_unknown_tensor_is_told_with_those_that_there_are() -> None:
    with pytest.raises(CellError, match=r"no tensor 'conv3'.*did you mean conv"):
        opened("conv-example").to_frame("conv3")
    with pytest.raises(WeightsError, match=r"conv3.weight: no such parameter; .*conv1.weight"):
        PRESETS["conv-example"].network().to_frame("conv3.weight")


def test_axes_without_names_are_numbered() -> None:
    assert axes_of(tensor_frame(np.zeros((2, 3, 4)), ())) == ["axis 0", "axis 1", "axis 2"]


def test_layers_and_changes_are_tables_too() -> None:
    book = opened("conv-example")
    layers = inspect_workbook(book).to_frame()
    assert layers["name"].tolist() == ["input", *book.networks[0].network.names]
    assert layers["parameters"].sum() == 2948
    changes = diff(book, opened("edges"))
    assert changes.to_frame()["where"].tolist() == [one.where for one in changes]
    assert diff(book, book).to_frame().columns.tolist() == ["kind", "where", "message", "cells"]
    empty = inspect_workbook(lift_workbook(opened("conv-example").workbook.__class__(())))
    assert empty.to_frame().empty


@pytest.mark.slow
def test_pandas_is_imported_when_a_table_is_made() -> None:
    code = (
        "import sys, xlconv\n"
        "network = xlconv.PRESETS['edges'].network()\n"
        "print('pandas' in sys.modules)\n"
        "network.to_frame('conv1.weight')\n"
        "print('pandas' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
