"""Reads the attributes of an ONNX operator, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xlconv.errors import ModelError
from xlconv.interop.onnx.graph import word


def shortest(number: float) -> float:
    """Return the decimal with the fewest digits that is the same float32: 0.01, not 0.0099999998.

    For attributes of ONNX operators, which are float32 whatever their author wrote.
    """
    return float(str(np.float32(number)))


class Attributes:
    """The attributes of one operator; each getter names the attribute it expects.

    Raises ModelError with the bare fact: attribute, finding, expectation.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = dict(table)
        self._known: set[str] = set()

    def _get(self, name: str, default: Any) -> Any:
        self._known.add(name)
        return self._table.get(name, default)

    def pair(self, name: str, default: Sequence[int]) -> tuple[int, int]:
        """Return two whole numbers of at least 1, for height and width."""
        found = self._get(name, default)
        values = list(found) if isinstance(found, Sequence) else [found]
        if len(values) != 2 or min(values) < 1:
            raise ModelError(f"{name} = {values}: expected two numbers of at least 1")
        return values[0], values[1]

    def sides(self, name: str) -> tuple[int, int, int, int]:
        """Return padding as ONNX has it: top, left, bottom, right; 0 by default."""
        values = list(self._get(name, [0] * 4))
        if len(values) != 4 or min(values) < 0:
            raise ModelError(f"{name} = {values}: expected four numbers of at least 0")
        return values[0], values[1], values[2], values[3]

    def wholes(self, name: str) -> list[int]:
        """Return whole numbers, none by default."""
        return [int(one) for one in self._get(name, ())]

    def whole(self, name: str, default: int) -> int:
        """Return a whole number."""
        return int(self._get(name, default))

    def number(self, name: str, default: float) -> float:
        """Return a number."""
        return float(self._get(name, default))

    def text(self, name: str, default: str) -> str:
        """Return a text."""
        return str(self._get(name, default))

    def only(self, name: str, allowed: int) -> None:
        """Refuse another value than the one that is allowed."""
        value = self._get(name, allowed)
        if value != allowed:
            raise ModelError(f"{name} = {value}: expected {allowed}")

    def finish(self) -> None:
        """Refuse the attributes that no getter has asked for."""
        for name in self._table:
            if name not in self._known:
                raise ModelError(f"{word(name)}: this attribute is not supported")
