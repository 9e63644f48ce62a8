"""Place."""

from __future__ import annotations

from dataclasses import dataclass, field

from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane


@dataclass(frozen=True, slots=True)
class Place:
    """Where one layer lives: its output, its parameters and its helper cells.

    `tables` has, per parameter, a group of planes for each output channel (or one
    group for all of them), as `Layer.tables` has their values.

    A layer without planes has no cells of its own: it is fused into the
    elementwise layer after it, or it only looks at its input another way.
    """

    planes: tuple[Plane, ...] = ()
    halo: Halo = Halo()
    tables: dict[str, tuple[tuple[Plane, ...], ...]] = field(default_factory=dict)
    helpers: dict[str, Plane] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How formulas are spelled.

    `array`: convolutions as array formulas, `{=SUM(window*kernel)}`, as the
    published workbook has them; otherwise plain `SUMPRODUCT(window,kernel)`.
    """

    array: bool = False
