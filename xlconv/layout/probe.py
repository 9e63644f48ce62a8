"""The probe: two cells that choose a unit of a tensor, whose receptive field is then boxed.

Only where it is and what it chooses; the boxes are formatting.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlconv.spreadsheet.addresses import Cell


@dataclass(frozen=True, slots=True)
class Probe:
    """Two cells that choose a unit (row, column) of a tensor, to see its receptive field."""

    row: Cell
    column: Cell
    tensor: int
    name: str  # the layer with the kernels, where the tensor's own is only fused to it
    unit: tuple[float, float] | None = None  # that is chosen; None for the middle one
    # How many rows and columns may be chosen, where networks that share the cells have more.
    most: tuple[int, int] | None = None
