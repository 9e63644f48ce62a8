"""ONNX files as plain nouns: a graph of operators and constant arrays.

Bounded: no file beyond the limit is read, and data that is kept beside the model only
from its own folder. Knows no layers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.arrays import Shape
from xlconv.errors import ModelError

if TYPE_CHECKING:
    import onnx


# No sheet that opens holds the weights of a larger file.
MOST_BYTES = 1 << 28
_OLDEST_OPSET = 7
_KINDS = {1: "float32", 10: "float16", 11: "float64"}  # onnx.TensorProto.DataType
_LONGEST_WORD = 80


PRODUCER = "xlconv"  # of our own models


class Operator(Struct, frozen=True):
    """A node: what it does, from which tensors to which; `name` is for messages."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    def input(self, index: int) -> str:
        """Return the name of an input that may be left out, "" where it is."""
        return self.inputs[index] if index < len(self.inputs) else ""


class Graph(Struct, frozen=True):
    """The operators in their order, from the tensor `source` to the tensor `target`.

    `shape` is that of `source`, without its batch axis, whose length `batch` is 0 where free.
    """

    producer: str
    properties: dict[str, str]
    opset: int
    source: str
    shape: Shape
    batch: int
    target: str
    operators: tuple[Operator, ...]
    constants: dict[str, NDArray[Any]]


def word(text: str) -> str:
    """Return a name from a file as messages may show it: one short line."""
    shown = "".join(one if one.isprintable() else "?" for one in text)
    return shown if len(shown) <= _LONGEST_WORD else f"{shown[:_LONGEST_WORD]}…"


def read_graph(path: Path) -> Graph:
    """Read an ONNX file. Raises ModelError with the bare fact."""
    try:
        import onnx  # noqa: PLC0415  an extra
        from google.protobuf.message import DecodeError  # noqa: PLC0415  comes with it
    except ImportError:
        raise ModelError("ONNX needs onnx: pip install '.[onnx]'") from None
    try:
        model = onnx.load_model_from_string(_bounded(path, 0, None))
    except DecodeError:
        raise ModelError("not an ONNX model") from None
    except OSError as error:
        raise ModelError(f"{error.strerror or error}; expected an ONNX model") from None
    if not model.graph.node or not model.opset_import:
        raise ModelError("not an ONNX model: it has no operators")
    constants = _constants(model, path.parent)
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ModelError(f"not a valid ONNX model: {word(reason)}") from None
    return _graph(model, constants)


def _bounded(path: Path, offset: int, length: int | None) -> bytes:
    if not path.is_file():
        raise ModelError("No such file; expected an ONNX model")
    most = MOST_BYTES if length is None else length
    if most > MOST_BYTES or (length is None and path.stat().st_size > most):
        raise ModelError(
            f"larger than {MOST_BYTES:,} bytes; expected a model that a sheet can hold"
        )
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(most)


def _graph(model: onnx.ModelProto, constants: dict[str, NDArray[Any]]) -> Graph:
    graph = model.graph
    versions = {one.domain: one.version for one in model.opset_import}
    opset = versions.get("", versions.get("ai.onnx", 0))
    if opset < _OLDEST_OPSET:
        raise ModelError(f"operator set {opset}; expected at least {_OLDEST_OPSET}")
    inputs = [one for one in graph.input if one.name not in constants]
    for what, found in (("inputs", inputs), ("outputs", graph.output)):
        if len(found) != 1:
            names = ", ".join(word(one.name) for one in found) or "none"
            raise ModelError(f"{len(found)} {what} ({names}); expected one")
    batch, *shape = _shape(inputs[0])
    return Graph(
        model.producer_name,
        {one.key: one.value for one in model.metadata_props},
        opset,
        inputs[0].name,
        tuple(shape),
        batch,
        graph.output[0].name,
        tuple(_operator(node) for node in graph.node),
        constants,
    )


def _shape(value: onnx.ValueInfoProto) -> tuple[int, ...]:
    """Return the shape of an input: the batch axis, 0 where it is free, and the others."""
    kind = value.type.tensor_type
    if kind.elem_type not in _KINDS:
        raise ModelError(f"input {word(value.name)} holds no float numbers; expected float32")
    dimensions = [one.dim_value for one in kind.shape.dim]
    texts = [str(one.dim_value or one.dim_param or "?") for one in kind.shape.dim]
    if len(dimensions) not in (2, 4) or any(one < 1 for one in dimensions[1:]):
        raise ModelError(
            f"input {word(value.name)} has shape {word('×'.join(texts))}; expected "
            "batch×channels×height×width or batch×features, known but for the batch"
        )
    return tuple(dimensions)


def _operator(node: onnx.NodeProto) -> Operator:
    import onnx  # noqa: PLC0415  an extra

    attributes = {}
    for one in node.attribute:
        value = onnx.helper.get_attribute_value(one)
        attributes[one.name] = (
            value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        )
    kind = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
    return Operator(kind, node.name, tuple(node.input), tuple(node.output), attributes)


# -- constants ---------------------------------------------------------------------------


def _constants(model: onnx.ModelProto, folder: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays by name: initialisers, what Constant nodes give, and Identity of them."""
    found: dict[str, NDArray[Any]] = {}
    for tensor in model.graph.initializer:
        found[tensor.name] = _array(tensor, tensor.name, folder)
    if model.graph.sparse_initializer:
        raise ModelError("sparse initialisers; expected dense ones")
    for node in model.graph.node:
        if node.domain not in ("", "ai.onnx") or not node.output:
            continue
        if node.op_type == "Constant":
            found[node.output[0]] = _constant(node, folder)
        elif node.op_type == "Identity" and node.input and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]
    return found


def _constant(node: onnx.NodeProto, folder: Path) -> NDArray[Any]:
    for one in node.attribute:
        if one.name == "value":
            return _array(one.t, node.output[0], folder)
        if one.name in ("value_float", "value_int"):
            return np.array(one.f if one.name == "value_float" else one.i)
        if one.name in ("value_floats", "value_ints"):
            return np.array(one.floats if one.name == "value_floats" else one.ints)
    raise ModelError(f"operator Constant ({word(node.output[0])}): expected numbers")


def _array(tensor: onnx.TensorProto, name: str, folder: Path) -> NDArray[Any]:
    import onnx  # noqa: PLC0415  an extra

    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        _take_in(tensor, name, folder)
    try:
        return onnx.numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, NotImplementedError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ModelError(f"tensor {word(name)}: not an array: {word(reason)}") from None


def _take_in(tensor: onnx.TensorProto, name: str, folder: Path) -> None:
    """Put the data that a tensor keeps in another file into the tensor itself."""
    entries = {one.key: one.value for one in tensor.external_data}
    location = entries.get("location", "")
    place = f"tensor {word(name)}: external data {word(location)!r}"
    path = (folder / location).resolve()
    if not location or path.parent != folder.resolve():
        raise ModelError(f"{place}: expected a file beside the model")
    try:
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", -1))
        if offset < 0:
            raise ValueError
        data = _bounded(path, offset, length if length >= 0 else None)
    except ModelError as error:
        raise error.at(place) from None
    except (OSError, ValueError):
        raise ModelError(f"{place}: cannot be read; expected a file beside the model") from None
    tensor.raw_data = data
    tensor.data_location = type(tensor).DEFAULT
    del tensor.external_data[:]
