"""PyTorch, imported by the test that first uses it and never by collecting tests."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tests.helpers import marks


class _OnFirstUse:
    """A module that is imported when something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        marks.expect("torch")
        return getattr(import_module(self._name), attribute)


torch, nn = _OnFirstUse("torch"), _OnFirstUse("torch.nn")
