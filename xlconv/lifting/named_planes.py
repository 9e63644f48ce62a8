"""The planes of a lifted tensor by name and index: its own, its helpers', its parameters'.

The one place where these names are made: `conv1[0]`, `softmax.exp`, `conv2.weight[1, 0]`,
`fc1.bias[3]`. Knows no cell but by its plane.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from xlconv.lifting.matching.tensors import Tensor
from xlconv.spreadsheet.blocks.plane import Plane


class NamedPlane(Struct, frozen=True):
    """A plane on a sheet: of a tensor, of its weights or biases, or of a helper.

    `kind` is "input", "activation", "helper", "weight" or "bias"; `tensor` is the lifted
    tensor that it belongs to, of parameters the one they make. `index` leads to the plane.
    Where the entries go on by one index, as those of a vector do, `first` is that of the
    plane's first entry; None where they have a row and a column.
    """

    kind: str
    name: str  # conv2, conv2.weight, softmax.exp
    sheet: int
    plane: Plane
    index: tuple[int, ...]
    first: int | None
    tensor: int


def named_planes(number: int, name: str, tensor: Tensor) -> Iterator[NamedPlane]:
    """Yield the planes of a tensor: first its own, then helpers, weights, biases and scalars.

    All of one name follow each other, in torch's order.
    """
    kind = "input" if tensor.source < 0 else "activation"
    for k, plane in enumerate(tensor.planes):
        index, first = ((), 0) if tensor.is_vector else ((k,), None)
        yield NamedPlane(kind, name, tensor.sheet, plane, index, first, number)
    for helper, (_, plane) in tensor.helpers.items():
        first = 0 if 1 in plane.shape else None
        yield NamedPlane("helper", f"{name}.{helper}", tensor.sheet, plane, (), first, number)
    yield from _parameters(number, name, tensor)


def _parameters(number: int, name: str, tensor: Tensor) -> Iterator[NamedPlane]:
    sheet = tensor.parameters_sheet
    for output, planes in enumerate(tensor.kernels):
        for k, plane in enumerate(planes):
            first = k * plane.shape[0] * plane.shape[1] if tensor.is_vector else None
            index = (output,) if tensor.is_vector else (output, k)
            yield NamedPlane("weight", f"{name}.weight", sheet, plane, index, first, number)
    for scalar, cells in {"bias": tensor.biases, **tensor.scalars}.items():
        kind = "bias" if scalar == "bias" else "weight"
        for output, plane in enumerate(cells):
            yield NamedPlane(kind, f"{name}.{scalar}", sheet, plane, (output,), None, number)
