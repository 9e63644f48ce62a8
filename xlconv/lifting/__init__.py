"""Blocks -> network + layout + what does not fit: the inverse of `lower`.

Layers say what a formula spells (`Layer.sight`) and whether the geometry makes one of
them (`Layer.lifted`); this finds out what references point at, joins planes to
tensors and tensors to networks. Names no layer; never reads a file; never writes a
cell.
"""

from __future__ import annotations

from xlconv.lifting.rounds import lift

__all__ = ["lift"]
