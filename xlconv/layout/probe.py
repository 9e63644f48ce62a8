"""The probe: two cells that choose a unit of a tensor, whose receptive field is then boxed.

Only where it is and what it chooses; the boxes are formatting.
"""

from __future__ import annotations

from msgspec import Struct

from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell

_BEFORE, _AFTER = "what one unit of ", " sees"


class Probe(Struct, frozen=True):
    """Two cells that choose a unit (row, column) of a tensor, to see its receptive field."""

    row: Cell
    column: Cell
    tensor: int
    name: str  # the layer with the kernels, where the tensor's own is only fused to it
    unit: tuple[float, float] | None = None  # that is chosen; None for the middle one
    # How many rows and columns may be chosen, where networks that share the cells have more.
    most: tuple[int, int] | None = None


def probe_words(name: str) -> str:
    """Return what stands above a probe's cells, after its heading's first word."""
    return f"{_BEFORE}{name}{_AFTER}"


def probed_name(heading: str) -> str:
    """Return the layer that a heading above a probe's cells names, "" where it names none."""
    _, _, rest = heading.partition(_BEFORE)
    return rest.removesuffix(_AFTER) if rest.endswith(_AFTER) else ""


def probed_layer(network: Network, name: str | None = None) -> int | None:
    """Return the number of the layer of a name if a probe can choose a unit of its planes.

    Without a name, the last such layer with kernels; None where there is none.
    """
    able = [
        k
        for k, layer in enumerate(network.layers)
        if layer.receptive_field is not None and len(network.shapes[k + 1]) == 3
    ]
    if name is not None:
        return next((k for k in able if network.names[k] == name), None)
    return next((k for k in reversed(able) if network.layers[k].parameters()), None)
