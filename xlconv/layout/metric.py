"""One row of live cells that tell of a tensor or a layer, and which of its cells is what.

Only geometry: the formulas are in `metric_cells`, the names in `metric_names`.
"""

from __future__ import annotations

from msgspec import Struct

from xlconv.layout.naming_convention import SIZE, STATISTICS
from xlconv.spreadsheet.addresses import Cell, Range

STATISTICS_HEADERS = ("mean", "std", "≈ 0")
SIZE_HEADERS = ("n", "p", "p", "k", "s", "d", "out")

# The rule as a sentence: names of its numbers, their columns, and the signs between.
SENTENCE_NUMBERS = {0: "n", 2: "p", 4: "d", 6: "k", 10: "s", 12: "size"}
SENTENCE_SIGNS = {-1: "(", 1: "+ 2·", 3: "−", 5: "·(", 7: "− 1) − 1) //", 11: "+ 1 ="}
SENTENCE_WIDTH = max(SENTENCE_NUMBERS) + 1
WIDTHS = {STATISTICS: (len(STATISTICS_HEADERS),), SIZE: (len(SIZE_HEADERS), SENTENCE_WIDTH)}


class Metric(Struct, frozen=True):
    """A row of cells that tell the statistics of a tensor, or the output size of a layer.

    `kind` is STATISTICS or SIZE. `index` is the tensor's or the layer's; `axis` is that of
    a size, None where both axes have the same. A size may be a `sentence`, its numbers
    between the signs of the rule. `stem` is the name by which the workbook knows the tensor
    or layer, where another network on the sheet has its own.
    """

    kind: str
    index: int
    cell: Cell  # the first one
    axis: int | None = None
    sentence: bool = False
    stem: str = ""

    @property
    def range(self) -> Range:
        """All its cells."""
        row, column = self.cell
        return Range(row, column, row, column + WIDTHS[self.kind][self.sentence] - 1)

    @property
    def result(self) -> Range:
        """The cell with what it comes to: the share near zero, or the size of the output."""
        area = self.range
        return Range(area.top, area.right, area.bottom, area.right)

    def size_cells(self) -> list[Cell]:
        """Return the cells of the numbers of a size; the last is that of the output."""
        row, column = self.cell
        steps = SENTENCE_NUMBERS if self.sentence else range(len(SIZE_HEADERS))
        return [(row, column + step) for step in steps]

    def number_ranges(self) -> list[Range]:
        """Return the cells that hold numbers or formulas, the result too."""
        if self.kind == SIZE and self.sentence:
            return [Range(*cell, *cell) for cell in self.size_cells()]
        return [self.range]
