"""The ONNX operator that a layer is written as."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from xlconv.arrays import Array
from xlconv.layers.base.options import Padding


class Written(Struct, frozen=True):
    """The operator that a layer is, and what it takes.

    `crop` are lines to cut off first, `more` are constants beside the layer's parameters.
    """

    operator: str
    attributes: dict[str, Any] = field(default_factory=dict)
    crop: Padding = Padding()
    more: dict[str, Array] = field(default_factory=dict)
