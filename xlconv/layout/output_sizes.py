"""The rule by which a layer's window gives the size of its output, for each axis of a network.

The rule itself is `OutputSize`; names no layer and knows no cell.
"""

from __future__ import annotations

from xlconv.arrays import Shape
from xlconv.layers import Layer
from xlconv.layers.base.output_size import OutputSize
from xlconv.network.network import Network


def output_sizes(network: Network, index: int) -> tuple[OutputSize | None, OutputSize | None]:
    """Return the rules of layer `index` for rows and columns, None where it has none."""
    layer, shape = network.layers[index], network.shape_read(index)
    return _output_size(layer, shape, 0), _output_size(layer, shape, 1)


def _output_size(layer: Layer, shape: Shape, axis: int) -> OutputSize | None:
    """Return the rule of a layer with windows, None for any other."""
    sizes = layer.output_sizes(shape)
    return None if sizes is None else sizes[axis]
