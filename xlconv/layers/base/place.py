"""Where one layer's cells stand, and how its formulas are spelled: all that a layer is given.

Only geometry, fixed once it is made; never looks at a sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import force_setattr

from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane

Groups = tuple[tuple[Plane, ...], ...]


class Place(Struct, frozen=True):
    """Where one layer lives: its output, its parameters and its helper cells.

    `tables` has, per parameter, a group of planes for each output channel (or one
    group for all of them), as `Layer.tables` has their values.

    A layer without planes has no cells of its own: it is fused into the
    elementwise layer after it, or it is a view of its input. Its mappings
    are copies that nothing changes.
    """

    planes: tuple[Plane, ...] = ()
    halo: Halo = Halo()
    tables: Mapping[str, Groups] = field(default_factory=dict)
    helpers: Mapping[str, Plane] = field(default_factory=dict)

    def __post_init__(self) -> None:
        force_setattr(self, "tables", MappingProxyType(dict(self.tables)))
        force_setattr(self, "helpers", MappingProxyType(dict(self.helpers)))

    def __reduce__(self) -> tuple[type[Place], tuple[object, ...]]:
        # Views of mappings cannot be sent to another process; what they show can.
        return Place, (self.planes, self.halo, dict(self.tables), dict(self.helpers))


class Spelling(Struct, frozen=True):
    """How formulas are spelled.

    `array`: convolutions as array formulas, `{=SUM(window*kernel)}`, as the
    published workbook has them; otherwise plain `SUMPRODUCT(window,kernel)`.
    """

    array: bool = False


def helper_of_plane(kind: str, index: int) -> str:
    """Return the name of a plane's own helper."""
    return f"{kind}_{index}"


def helper_kind(name: str) -> str:
    """Return the kind of a helper: `mask` of `mask_0`, `sum` of `sum_0_0_85`, or its one name."""
    return name.partition("_")[0]
