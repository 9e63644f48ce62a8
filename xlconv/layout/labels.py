"""Labels."""

from __future__ import annotations

from dataclasses import dataclass

from xlconv.spreadsheet.addresses import Cell


@dataclass(frozen=True, slots=True)
class Label:
    """A text on the sheet: a `title`, a plane's `caption`, or a `remark`."""

    cell: Cell
    text: str
    role: str = "caption"


_GUIDE, _LAYERS, _PROBE = "How to read this sheet", "Layers", "Probe: "
HEADINGS = (_GUIDE, _LAYERS, _PROBE)  # what the headings of a panel begin with
