"""The rule by which a layer's window gives the size of its output, for each axis of a network.

The rule itself is `OutputSize`; names no layer and knows no cell.
"""

from __future__ import annotations

from xlconv.layers.base.output_size import OutputSize
from xlconv.network.network import Network


def output_sizes(network: Network, index: int) -> tuple[OutputSize | None, OutputSize | None]:
    """Return the rules of layer `index` for rows and columns, None where it has none."""
    return network.layers[index].output_sizes(network.shape_read(index)) or (None, None)
