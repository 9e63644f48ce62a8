"""What a workbook's formulas may cost: a stranger's gets so much work and no more."""

from __future__ import annotations

from msgspec import Struct

from xlconv.spreadsheet.values import Unsupported


class Meter(Struct):
    """What a workbook's formulas may still cost, in cells that they read and work on.

    A million convolutions of 3x3x16 take half of it.
    """

    left: int = 600_000_000

    def spend(self, cost: int) -> None:
        """Take a cost off. Raises Unsupported where nothing is left."""
        self.left -= cost
        if self.left < 0:
            raise Unsupported("more to calculate in the workbook than is allowed")
