"""ONNX models as networks: a chain of operators becomes a chain of layers."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from xlconv.errors import ModelError, XlconvError
from xlconv.interop.onnx.chain import Chain
from xlconv.interop.onnx.folding import fold_shapes
from xlconv.interop.onnx.graph import PRODUCER, Graph, Operator, read_graph, word
from xlconv.interop.onnx.naming import named_as_described
from xlconv.interop.onnx.operators import apply
from xlconv.network.network import Network
from xlconv.network.spec import SPEC_PROPERTY


def read_onnx(path: Path) -> Network:
    """Read the network that an ONNX model is. Raises ModelError and others, file name first.

    The batch axis is dropped; numbers become float64 as they are.
    """
    try:
        graph = read_graph(path)
        network = network_of_graph(graph)
    except XlconvError as error:
        raise error.at(path) from None
    network = replace(network, name=path.stem or "network")
    if graph.producer == PRODUCER:
        return named_as_described(network, graph.properties.get(SPEC_PROPERTY, ""))
    return network


def network_of_graph(graph: Graph) -> Network:
    """Return the network that a graph spells, or raise an XlconvError that names the operator."""
    chain = Chain(graph, graph.shape, places={graph.source: 0})
    for operator in graph.operators:
        if operator.outputs and operator.outputs[0] in graph.constants:
            continue
        try:
            if not fold_shapes(chain, operator):
                apply(chain, operator)
        except XlconvError as error:
            raise error.at(_place(operator)) from None
    if any(chain.padding):
        raise ModelError("the output is padded or cropped; expected a Conv after Pad or Slice")
    if chain.places.get(graph.target) != len(chain.layers) or not chain.layers:
        raise ModelError(f"output {word(graph.target)} is not what the last layer gives")
    return Network(graph.shape, tuple(chain.layers), chain.names())


def _place(operator: Operator) -> str:
    name = operator.name or (operator.outputs[0] if operator.outputs else "")
    return f"operator {word(operator.kind)} ({word(name)})"
