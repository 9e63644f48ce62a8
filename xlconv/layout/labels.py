"""Texts on a sheet, and how the headings of a panel begin.

Only data: decides no place, and no formula reads a label.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from xlconv.spreadsheet.addresses import Cell


class Label(Struct, frozen=True):
    """A text on the sheet; its `role`, such as `title`, `caption` or `remark`, has a style."""

    cell: Cell
    text: str
    role: str = "caption"


class Heading(StrEnum):
    """What the headings of a panel, and of the metrics below it, begin with."""

    GUIDE = "How to read this sheet"
    LAYERS = "Layers"
    PROBE = "Probe: "
    STATISTICS = "Statistics"
    SIZES = "Output sizes"
