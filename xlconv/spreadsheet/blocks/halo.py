"""A halo: how far the cells around a plane go that its reader's windows reach, and their fill.

Sizes only: where the cells stand is for the plane to say, what they hold for the layers.
"""

from __future__ import annotations

from typing import NamedTuple


class Halo(NamedTuple):
    """Cells around a plane that its reader's windows reach: padding, drawn on the sheet.

    `fill` is what they hold: a number, the text that stands for minus infinity
    (MAX skips text), or nothing at all ("blank"). "reflect", "replicate" and "circular"
    are formulas that point at the plane's own entries, in torch's padding modes.
    """

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0
    fill: float | str = "blank"

    @property
    def repeats(self) -> bool:
        """Whether the cells repeat the plane's own entries."""
        return self.fill in ("reflect", "replicate", "circular")

    @property
    def is_empty(self) -> bool:
        """Whether there are no such cells."""
        return not (self.top or self.bottom or self.left or self.right)
