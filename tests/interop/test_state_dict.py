"""State dicts of PyTorch."""

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.small_network import small
from tests.helpers.torch import nn, torch
from xlconv.interop import save_network

pytestmark = pytest.mark.torch


def test_a_state_dict_loads_without_unpickling_code(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    save_network(small(), path)
    state = torch.load(path, weights_only=True)
    assert list(state) == list(small().state())
    for key, value in small().state().items():
        assert state[key].dtype == torch.float64
        assert np.array_equal(state[key].numpy(), value)
    linear = nn.Linear(18, 2, dtype=torch.float64)
    linear.load_state_dict({key[4:]: value for key, value in state.items() if key[:2] == "fc"})
    save_network(small(), path, float32=True, replace=True)
    single = torch.load(path, weights_only=True)
    assert all(value.dtype == torch.float32 for value in single.values())
