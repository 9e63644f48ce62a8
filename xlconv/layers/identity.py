"""Identity: the same numbers once more, in cells that point at the first ones."""

from __future__ import annotations

from xlconv.arrays import Array
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer
from xlconv.layers.base.match import IsActivation, Match, shows_activation
from xlconv.layers.base.place import Place
from xlconv.layers.base.plane_by_plane import EntryByEntry
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Node


class Identity(EntryByEntry, frozen=True):
    """Every number as it is; torch.nn.Identity. Takes cells: `=C4`.

    So that a tensor may stand on the sheet several times, each time with another halo
    around it. A layer after it has cells of its own.
    """

    short = "identity"
    meaning = "the same number"
    EXAMPLES = (((2, 3, 4), {}), ((1, 5, 5), {}))

    @property
    def is_copy(self) -> bool:
        return True

    def forward(self, x: Array) -> Array:
        return x

    def plane_formula(self, planes: tuple[Plane, ...], place: Place, index: int) -> Node:
        (before,) = planes
        return before.entry()

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        return Match(OUTPUT, (tree,)) if shows_activation(tree, is_activation) else None

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        return cls() if geometry.is_entry_by_entry else None
