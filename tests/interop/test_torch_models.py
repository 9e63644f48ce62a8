"""Models exported by PyTorch are read and computed as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers import oracles
from tests.helpers.command import good
from tests.helpers.torch import nn, torch
from xlconv.interop import load_network
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.verify import verify

pytestmark = pytest.mark.torch


def viewed() -> nn.Module:
    class Viewed(nn.Module):
        """A classifier that reshapes by hand and is normalised in two places."""

        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)
            self.norm = nn.BatchNorm2d(4)
            self.head = nn.Linear(4 * 4 * 4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = torch.relu(self.norm(self.stem(x)))
            return torch.softmax(self.head(x.view(x.size(0), -1)), 1)

    return Viewed()


TORCH_MODELS = ("viewed", "mixed", "plain")


def torch_models() -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    torch.manual_seed(3)
    mixed = nn.Sequential(
        nn.ZeroPad2d((1, 0, 2, 1)), nn.Conv2d(1, 2, 3, stride=2), nn.LeakyReLU(0.2),
        nn.AvgPool2d(2, padding=1), nn.Sigmoid(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(2, 3, bias=False), nn.Tanh(),
    )  # fmt: skip
    plain = nn.Sequential(
        nn.Conv2d(1, 2, 3, dilation=2), nn.BatchNorm2d(2), nn.ReLU(),
        nn.MaxPool2d(2, ceil_mode=True), nn.Dropout(), nn.Flatten(), nn.Linear(24, 3),
        nn.BatchNorm1d(3), nn.Softmax(1),
    )  # fmt: skip
    models = {
        "viewed": (viewed(), (3, 8, 8)),
        "mixed": (mixed, (1, 9, 9)),
        "plain": (plain, (1, 9, 11)),
    }
    for model, _ in models.values():
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d):
                nn.init.uniform_(layer.running_mean)
                nn.init.uniform_(layer.running_var, 0.5, 2)
                nn.init.uniform_(layer.weight)
        model.eval()
    return models


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dynamo", [True, False], ids=["dynamo", "legacy"])
@pytest.mark.parametrize("free", [True, False], ids=["free batch", "one"])
@pytest.mark.parametrize("name", TORCH_MODELS)
def test_a_torch_model_exported_to_onnx_is_read_as_it_is(
    name: str, free: bool, dynamo: bool, tmp_path: Path
) -> None:
    model, shape = torch_models()[name]
    path = tmp_path / f"{name}.onnx"
    x = torch.randn(2 if free else 1, *shape)
    more: dict[str, Any] = {}
    if free and dynamo:
        more = {"dynamic_shapes": ({0: torch.export.Dim("n", min=1, max=8)},)}
    elif free:
        more = {"input_names": ["x"], "dynamic_axes": {"x": {0: "n"}}}
    torch.onnx.export(model, (x,), path, dynamo=dynamo, verbose=False, **more)
    network = load_network(path)
    with torch.no_grad():
        theirs = model.double()(x.double()).numpy()
    assert network.input_shape == shape
    for one, expected in zip(x.numpy(), theirs, strict=True):
        assert np.allclose(network.forward(one), expected, rtol=1e-5, atol=1e-6)
    if name == "viewed":
        assert {"head"} <= set(network.names)


@pytest.mark.office
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TORCH_MODELS)
def test_libreoffice_computes_what_the_torch_model_does(name: str, tmp_path: Path) -> None:
    model, shape = torch_models()[name]
    x = torch.rand(1, *shape)
    with torch.no_grad():
        expected = model(x)[0].numpy()
    torch.onnx.export(model, (x,), tmp_path / "m.onnx", dynamo=True, verbose=False)
    np.save(tmp_path / "x.npy", x[0].double().numpy())
    path, poisoned = tmp_path / "m.xlsx", tmp_path / "poisoned.xlsx"
    good("generate", path, "--model", tmp_path / "m.onnx", "--input", tmp_path / "x.npy")
    report = verify(path)
    assert report.verdict == "verified"
    assert oracles.poison(path, poisoned) > 0
    cells = oracles.libreoffice(poisoned, tmp_path)
    place = report.lifted.tensors[report.networks[0].tensors[-1]]
    found = [oracles.number(cells[cell]) for cell in _column(place.planes[0])]
    assert np.allclose(found, expected, rtol=0, atol=1e-5)


def _column(plane: Plane) -> list[tuple[int, int]]:
    return [plane.cell(i, 0) for i in range(plane.shape[0])]
